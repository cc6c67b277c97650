# A room is one static library. Its sources see include/ and, under their room's name, the headers of the rooms it may use
# - nothing else: an include that goes up or sideways does not compile.
#
#   room(net USES sys wire base)      in src/net: #include "wire/ip.h" works, #include "out/json.h" does not
function(room name)
  cmake_parse_arguments(ROOM "" "" "USES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.c)
  list(FILTER sources EXCLUDE REGEX "/src/shell/main\\.c$")
  if(NOT sources)
    return()
  endif()
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/include)
  foreach(used ${name} ${ROOM_USES})
    room_view(${used} view)
    target_compile_options(${name} PRIVATE "SHELL:-iquote ${view}")
  endforeach()
  set_property(GLOBAL APPEND PROPERTY ROOMS ${name})
endfunction()

# A folder that contains nothing but a link to the room, so that "ROOM/header.h" can be given to one target at a time. It is
# searched for "..." only (-iquote): our "sys/socket.h" must not hide the system's <sys/socket.h>.
function(room_view name out)
  set(view ${CMAKE_BINARY_DIR}/rooms/${name})
  file(MAKE_DIRECTORY ${view})
  if(NOT EXISTS ${view}/${name})
    file(CREATE_LINK ${CMAKE_SOURCE_DIR}/src/${name} ${view}/${name} SYMBOLIC)
  endif()
  set(${out} ${view} PARENT_SCOPE)
endfunction()

# For tests: all rooms, all headers.
function(use_rooms target)
  get_property(rooms GLOBAL PROPERTY ROOMS)
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/include)
  foreach(used ${rooms})
    room_view(${used} view)
    target_compile_options(${target} PRIVATE "SHELL:-iquote ${view}")
  endforeach()
  target_link_libraries(${target} PRIVATE -Wl,--start-group ${rooms} -Wl,--end-group PkgConfig::MNL m dl)
endfunction()
