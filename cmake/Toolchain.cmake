# Warnings, compiler cache and helpers shared by all targets.

find_program(RECEPTIVE_CCACHE ccache)
if(RECEPTIVE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Precompiled headers are cached only with these two checks relaxed.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      env CCACHE_SLOPPINESS=pch_defines,time_macros ${RECEPTIVE_CCACHE})
endif()

# Headers of the standard library that nearly every source reads, for precompiled headers.
set(receptive_std_headers
    <algorithm> <array> <cmath> <cstdint> <functional> <map> <memory> <numeric> <optional> <ranges>
    <span> <string> <tl/expected.hpp> <unordered_map> <variant> <vector>)

# Links hundreds of tests several times as fast as the default linker.
include(CheckLinkerFlag)
check_linker_flag(CXX -fuse-ld=gold RECEPTIVE_HAS_GOLD)
if(RECEPTIVE_HAS_GOLD)
  add_link_options(-fuse-ld=gold)
endif()

add_library(receptive_options INTERFACE)
target_include_directories(receptive_options
                           INTERFACE ${CMAKE_SOURCE_DIR} ${RECEPTIVE_GENERATED_DIR})
target_compile_options(receptive_options
                       INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                                 $<$<BOOL:${RECEPTIVE_WERROR}>:-Werror>)

# All C++ sources below `folder`, sorted; the build looks for new files by itself.
function(receptive_sources out folder)
  file(GLOB_RECURSE found CONFIGURE_DEPENDS ${folder}/*.cpp ${folder}/*.h)
  list(SORT found)
  set(${out} ${found} PARENT_SCOPE)
endfunction()

# A library of Receptive, static unless BUILD_SHARED_LIBS says otherwise (tests under sanitizers link
# in a third of the time with it); a folder that has no source file yet makes an empty one.
function(receptive_library name)
  set(sources ${ARGN})
  if(NOT sources MATCHES "\\.(cpp|S)(;|$)")
    file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${name}_empty.cpp CONTENT "// no source file yet\n")
    list(APPEND sources ${CMAKE_CURRENT_BINARY_DIR}/${name}_empty.cpp)
  endif()
  # CMake 3.25 runs moc again when a file it knows changes, but not when a file joins the target;
  # this header is such a known file and changes with the list.
  set(source_list ${CMAKE_CURRENT_BINARY_DIR}/${name}_sources.h)
  string(REPLACE ";" "\n// " lines "${sources}")
  file(CONFIGURE OUTPUT ${source_list} CONTENT "#pragma once\n// ${lines}\n" @ONLY)
  add_library(${name} ${sources} ${source_list})
  target_link_libraries(${name} PUBLIC receptive_options)
  if(RECEPTIVE_UNITY)
    receptive_unite(${name} ${sources})
  endif()
endfunction()

# Compiles the sources of a folder up to eight at a time: what they include and what they make of the
# same templates is compiled once. Kernels include themselves once for each instruction set; in the
# other folders and sources named here names of their own would meet those of a neighbour. New ones
# that do so join them.
set(RECEPTIVE_ALONE_FOLDERS nn_exec nn_kernels nn_layers nn_train_callbacks nn_train_losses
                            nn_train_optimizers tests_support widgets_canvas app_cli)
set(RECEPTIVE_ALONE app_summary_text nn_io_graph_json nn_io_keras_classes nn_io_project_json
                    nn_io_safetensors nn_model_keras3_table nn_model_param_parse
                    widgets_images_tile_grid widgets_summary_view)
function(receptive_unite name)
  set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  set(folders "")
  foreach(source IN LISTS ARGN)
    if(source MATCHES "\\.cpp$")
      cmake_path(ABSOLUTE_PATH source)
      cmake_path(GET source PARENT_PATH folder)
      cmake_path(RELATIVE_PATH folder BASE_DIRECTORY ${CMAKE_SOURCE_DIR})
      cmake_path(GET source STEM stem)
      string(MAKE_C_IDENTIFIER "${folder}" folder)
      if(NOT folder IN_LIST RECEPTIVE_ALONE_FOLDERS AND NOT "${folder}_${stem}" IN_LIST RECEPTIVE_ALONE)
        list(APPEND folders ${folder})
        list(APPEND in_${folder} ${source})
      endif()
    endif()
  endforeach()
  list(REMOVE_DUPLICATES folders)
  foreach(folder IN LISTS folders)
    set(count 0)
    foreach(source IN LISTS in_${folder})
      math(EXPR batch "${count} / 8")
      set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${folder}_${batch})
      math(EXPR count "${count} + 1")
    endforeach()
  endforeach()
endfunction()
