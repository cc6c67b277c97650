# Heavy libraries are compiled against, but loaded only by what uses them (base/dynlib.h): linking them would make every start pay
# for them. Their sonames come from the libraries that the headers belong to.
function(dynlib variable library)
  find_library(${variable}_FILE ${library} REQUIRED)
  file(REAL_PATH ${${variable}_FILE} file)
  execute_process(COMMAND ${CMAKE_OBJDUMP} -p ${file} OUTPUT_VARIABLE headers COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCH "SONAME +([^ \n]+)" found "${headers}")
  add_compile_definitions(NTSH_SONAME_${variable}="${CMAKE_MATCH_1}")
endfunction()

dynlib(CURL curl)
dynlib(SSL ssl)
dynlib(CRYPTO crypto)
dynlib(CARES cares)
dynlib(EDIT edit)
dynlib(PCAP pcap)
