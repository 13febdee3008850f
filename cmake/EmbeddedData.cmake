# Puts the bytes of resources/data/*.gz into `target`, found through nn/data/embedded.h.
# The assembler copies them (.incbin), so a few megabytes cost no compile time.
function(receptive_embed_data target)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/resources/data/*.gz)
  list(SORT files)
  set(assembly ".section .rodata\n")
  set(table "")
  foreach(file IN LISTS files)
    cmake_path(GET file FILENAME name)
    string(MAKE_C_IDENTIFIER "nn_embedded_${name}" symbol)
    string(APPEND assembly
           ".global ${symbol}\n.global ${symbol}_end\n.balign 64\n"
           "${symbol}:\n.incbin \"${file}\"\n${symbol}_end:\n.byte 0\n")
    string(APPEND table "NN_EMBEDDED_FILE(${symbol}, \"${name}\")\n")
  endforeach()
  string(APPEND assembly ".section .note.GNU-stack,\"\",%progbits\n")
  set(assembly_file ${CMAKE_CURRENT_BINARY_DIR}/embedded_data.S)
  file(CONFIGURE OUTPUT ${assembly_file} CONTENT "${assembly}" @ONLY)
  file(CONFIGURE OUTPUT ${RECEPTIVE_GENERATED_DIR}/nn/data/embedded_files.inc
       CONTENT "${table}" @ONLY)
  set_source_files_properties(${assembly_file} PROPERTIES OBJECT_DEPENDS "${files}")
  target_sources(${target} PRIVATE ${assembly_file})
endfunction()
