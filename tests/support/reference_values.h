#pragma once

#include "tests/support/reference_layers.h"

#include <functional>
#include <map>
#include <string>

namespace reference {

using LayerFunction = std::function<Values(const LayerRun&, const std::vector<Values>& inputs,
                                           const std::vector<Values>& weights)>;

/// Normalizations, merging, reshaping, noise and activation layers, by Keras' class name.
[[nodiscard]] const std::map<std::string, LayerFunction>& valueLayers();

} // namespace reference
