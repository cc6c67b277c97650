# Adding a command edits no existing file: what lies in commands/ is a command, and a command has a page and a test.
file(GLOB command_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/commands/*.c)
file(GLOB page_sources CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/help ${CMAKE_SOURCE_DIR}/help/*.md
     ${CMAKE_SOURCE_DIR}/help/topics/*.md)
list(SORT page_sources)

set(externs "")
set(entries "")
foreach(source ${command_sources})
  get_filename_component(name ${source} NAME_WE)
  if(NOT EXISTS ${CMAKE_SOURCE_DIR}/help/${name}.md)
    message(FATAL_ERROR "commands/${name}.c has no page: write help/${name}.md")
  endif()
  file(GLOB tests ${CMAKE_SOURCE_DIR}/tests/cli/${name}/*)
  if(NOT tests)
    message(FATAL_ERROR "commands/${name}.c has no test: write tests/cli/${name}/")
  endif()
  string(APPEND externs "extern const struct command command_${name};\n")
  string(APPEND entries "\t&command_${name},\n")
endforeach()
file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/generated/command_registry.c CONTENT
"#include \"ntsh/command.h\"

${externs}
const struct command *const command_registry[] = {
${entries}\tNULL,
};
")

set(assembler "\t.section .rodata\n")
set(externs "")
set(entries "")
set(index 0)
foreach(page ${page_sources})
  string(REGEX REPLACE "\\.md$" "" name ${page})
  set(symbol page_${index})
  string(APPEND assembler "\t.globl ${symbol}_begin, ${symbol}_end\n${symbol}_begin:\n\t.incbin \"${CMAKE_SOURCE_DIR}/help/${page}\"\n${symbol}_end:\n\t.byte 0\n")
  string(APPEND externs "extern const char ${symbol}_begin[], ${symbol}_end[];\n")
  string(APPEND entries "\t{ \"${name}\", ${symbol}_begin, ${symbol}_end },\n")
  math(EXPR index "${index} + 1")
endforeach()
file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/generated/page_bytes.S CONTENT
     "${assembler}\t.section .note.GNU-stack,\"\",%progbits\n")
file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/generated/page_registry.c CONTENT
"#include \"ntsh/pages.h\"

${externs}
const struct page page_registry[] = {
${entries}\t{ NULL, NULL, NULL },
};
const size_t page_count = ${index};
")
list(TRANSFORM page_sources PREPEND ${CMAKE_SOURCE_DIR}/help/)
set_source_files_properties(${CMAKE_BINARY_DIR}/generated/page_bytes.S PROPERTIES OBJECT_DEPENDS "${page_sources}")

add_library(commands STATIC ${command_sources} ${CMAKE_BINARY_DIR}/generated/command_registry.c
            ${CMAKE_BINARY_DIR}/generated/page_registry.c ${CMAKE_BINARY_DIR}/generated/page_bytes.S)
target_include_directories(commands PRIVATE ${CMAKE_SOURCE_DIR}/include)
set_property(GLOBAL APPEND PROPERTY ROOMS commands)
