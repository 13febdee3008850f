#pragma once

#include "nn/train/trainer.h"

namespace tests {

/// A data set that can be learnt: class k has a bright square in its own corner, plus noise.
[[nodiscard]] nn::data::Dataset corners(std::int64_t images, std::uint64_t seed = 1);

/// A job for `corners`: a small CNN, 64 images to learn from and 32 to check with.
[[nodiscard]] nn::TrainJob cornerJob();

} // namespace tests
