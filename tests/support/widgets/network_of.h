#pragma once

#include "nn/model/text_graph.h"
#include "widgets/edit_wish.h"

#include <stdexcept>

namespace testing {

/// A network of a text (see nn::textGraph) with its inference.
inline widgets::NetworkValues networkOf(std::string_view text) {
    const nn::Expected<nn::Graph> graph = nn::textGraph(text);
    if (!graph) {
        throw std::runtime_error(graph.error().message);
    }
    widgets::NetworkValues values;
    values.graph = std::make_shared<const nn::Graph>(*graph);
    values.inference = std::make_shared<const nn::Inference>(nn::infer(*values.graph));
    return values;
}

/// What an application does with a wish: the network afterwards; throws when it cannot be granted.
inline widgets::NetworkValues granted(const widgets::NetworkValues& before,
                                      const widgets::EditWish& wish) {
    const nn::Expected<nn::Graph> graph = nn::applyAll(*before.graph, wish.edits);
    if (!graph) {
        throw std::runtime_error(graph.error().message);
    }
    widgets::NetworkValues values;
    values.graph = std::make_shared<const nn::Graph>(*graph);
    values.inference = std::make_shared<const nn::Inference>(nn::infer(*values.graph));
    return values;
}

inline nn::NodeId idOf(const widgets::NetworkValues& network, std::string_view name) {
    const nn::Node* node = nn::findNode(*network.graph, name);
    return node == nullptr ? nn::kNoNode : node->id;
}

/// A chain of layers: Input, then Conv2D, BatchNormalization and ReLU in turn, Flatten, Dense.
inline std::string longChain(int layers) {
    std::string text = "16x16x3";
    for (int i = 0; i + 3 < layers; ++i) {
        text += i % 3 == 0   ? " -> Conv2D(4, kernel_size=3, padding=same)"
                : i % 3 == 1 ? " -> BatchNormalization"
                             : " -> ReLU";
    }
    return text + " -> Flatten -> Dense(10)";
}

} // namespace testing
