#pragma once

#include "nn/model/edit.h"

namespace tests {

/// The graph after an edit that must be allowed.
[[nodiscard]] nn::Graph changed(const nn::Graph& graph, const nn::Edit& edit);

/// a: 6 and b: 6, both through the same d: Dense(4, tanh), added, then e: Dense(3).
[[nodiscard]] nn::Graph sharedDense();

/// An Input followed by a node "inside" that holds a model.
[[nodiscard]] nn::Graph withModel(std::string_view shape, const nn::Graph& model);

/// Two images through the same Sequential model "tower" (Conv2D, Flatten, Dense), added.
[[nodiscard]] nn::Graph siamese();

} // namespace tests
