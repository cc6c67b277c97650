# Man pages come from the same pages and option tables as `help`: the program writes them itself ("ninja man"; installed when they are there).
set(man_commands "")
foreach(page ${page_sources})
  get_filename_component(name ${page} NAME_WE)
  string(REPLACE "_" "-" name ${name})
  set(section 1)
  if(page MATCHES "/topics/")
    set(section 7)
  endif()
  list(APPEND man_commands COMMAND sh -c "$<TARGET_FILE:ntsh> help --man ${name} > man/man${section}/ntsh-${name}.${section}")
endforeach()
add_custom_target(man COMMAND ${CMAKE_COMMAND} -E make_directory man/man1 man/man7 ${man_commands} DEPENDS ntsh
                  WORKING_DIRECTORY ${CMAKE_BINARY_DIR} VERBATIM)
install(DIRECTORY ${CMAKE_BINARY_DIR}/man/ DESTINATION share/man OPTIONAL)
