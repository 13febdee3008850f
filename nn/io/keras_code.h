#pragma once

#include "nn/io/project.h"

#include <string>

namespace nn::io {

/// A Python program for Keras 3 that builds, compiles and fits the project's network with its
/// training settings. A network with problems is written as far as it is known, and the program
/// says so.
[[nodiscard]] std::string kerasCode(const Project& project);

/// The line that makes one layer: "layers.Conv2D(filters=8, kernel_size=(3, 3), name='conv2d')".
[[nodiscard]] std::string kerasLayerCode(const Node& node);

} // namespace nn::io
