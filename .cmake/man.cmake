# Man pages come from the same pages and option tables as `help`: the program writes them itself ("ninja man"; installed when they are there).
set(man_commands "")
foreach(page ${page_sources})
  get_filename_component(name ${page} NAME_WE)
  string(REPLACE "_" "-" name ${name})
  list(APPEND man_commands COMMAND sh -c "$<TARGET_FILE:ntsh> help --man ${name} > man/ntsh-${name}.1")
endforeach()
add_custom_target(man COMMAND ${CMAKE_COMMAND} -E make_directory man ${man_commands} DEPENDS ntsh
                  WORKING_DIRECTORY ${CMAKE_BINARY_DIR} VERBATIM)
install(DIRECTORY ${CMAKE_BINARY_DIR}/man/ DESTINATION share/man/man1 OPTIONAL)
