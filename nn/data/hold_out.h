#pragma once

#include "nn/base/error.h"
#include "nn/data/dataset.h"

#include <cstdint>

namespace nn::data {

/// Makes a source of data without a test set: keeps `fraction` of every class apart, none for 0.
[[nodiscard]] Expected<DataSource> heldOut(const Dataset& all, double fraction, std::uint64_t seed);

} // namespace nn::data
