#pragma once

#include "nn/layers/support/augmentation.h"

#include <memory>

namespace nn {

/// A picture between itself blurred and itself sharpened: with f from 0 to 1, x + (1 − 2f) ·
/// (blurred − x), cut off at the ends of the range.
[[nodiscard]] std::shared_ptr<const Augmentation>
sharpnessChange(const FactorRange& factor, const ValueRange& range, const Shape& image);
/// Keeps only so many of the eight bits of each value: a whole number from `least` to before
/// `most`, or `least` where both are the same. Passes no gradient.
[[nodiscard]] std::shared_ptr<const Augmentation>
posterization(std::int64_t least, std::int64_t most, const ValueRange& range);
/// Adds a part of the range, then replaces what is not below a threshold by its negative.
[[nodiscard]] std::shared_ptr<const Augmentation>
solarization(const FactorRange& addition, const FactorRange& threshold, const ValueRange& range);
/// Stretches every channel of an image over the whole range. Also when predicting.
[[nodiscard]] std::shared_ptr<const Augmentation> contrastStretch(const ValueRange& range,
                                                                  std::int64_t channels);
/// Spreads the values of every channel so that all are about equally frequent. Passes no gradient.
[[nodiscard]] std::shared_ptr<const Augmentation>
histogramEqualization(const ValueRange& range, std::int64_t bins, std::int64_t channels);

} // namespace nn
