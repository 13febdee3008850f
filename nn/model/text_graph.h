#pragma once

#include "nn/base/error.h"
#include "nn/model/graph.h"

namespace nn {

/// A network written as text. Layers follow each other by "->", chains are separated by ";" or line
/// breaks. A chain starts with the shape of an Input, or with names of layers made before:
///     28x28x1 -> Conv2D(8, kernel_size=3, activation=relu) -> Flatten -> Dense(10)
///     8x8x3 -> a: Conv2D(4, padding=same) -> b: ReLU; [a, b] -> Add -> Flatten
/// Arguments come in the order of the definition or by name; "name:" names a layer; "?" is an open
/// extent.
[[nodiscard]] Expected<Graph> textGraph(std::string_view text);

} // namespace nn
