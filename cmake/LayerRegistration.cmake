# Writes one line NN_LAYER(<file stem>) per file nn/layers/*.cpp: adding a layer is adding a file.
function(receptive_register_layers)
  file(GLOB layers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/nn/layers/*.cpp)
  list(SORT layers)
  set(content "")
  foreach(layer IN LISTS layers)
    cmake_path(GET layer STEM stem)
    string(APPEND content "NN_LAYER(${stem})\n")
  endforeach()
  # file(CONFIGURE) leaves a file alone whose content stays the same.
  file(CONFIGURE OUTPUT ${RECEPTIVE_GENERATED_DIR}/nn/layers/registered_layers.inc
       CONTENT "${content}" @ONLY)
endfunction()
