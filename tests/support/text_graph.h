#pragma once

#include "nn/model/text_graph.h"

#include <string_view>

namespace tests {

/// The graph a text stands for (see nn/model/text_graph.h); ends the program when it is wrong.
[[nodiscard]] nn::Graph graph(std::string_view text);

/// The node with this name, which must exist.
[[nodiscard]] nn::NodeId node(const nn::Graph& graph, std::string_view name);

} // namespace tests
