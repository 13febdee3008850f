#pragma once

#include "tests/support/reference_layers.h"

#include <functional>
#include <map>

namespace reference {

using Inputs = std::vector<Values>;
using LayerReference = std::function<Values(const LayerRun&, const Inputs&, const Inputs&)>;

/// Poolings, resampling and borders over images and sequences, by class name.
[[nodiscard]] const std::map<std::string, LayerReference>& spatialLayers();

/// An argument of a layer: the one given or the default.
[[nodiscard]] const nn::ParamValue& argument(const LayerRun& run, std::string_view name);
/// A size, or a number for a sequence as (1, number).
[[nodiscard]] nn::Size2 sizeArgument(const LayerRun& run, std::string_view name);
/// (length, channels) as (1, length, channels).
[[nodiscard]] nn::Shape image(const nn::Shape& shape);

} // namespace reference
