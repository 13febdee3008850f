#pragma once

#include "nn/base/parallel.h"

#include <cstdint>
#include <span>
#include <vector>

namespace nn {

enum class Interpolation : std::uint8_t { Nearest, Bilinear, Bicubic, Lanczos3, Lanczos5 };

/// How one axis of an image is resampled.
struct ResampleSpan {
    std::int64_t sources = 1; ///< Cells of the image.
    std::int64_t targets = 1; ///< Cells of the result.
    /// The part of the image that is stretched over the result; it may reach beyond the image.
    std::int64_t begin = 0, length = 1;
    Interpolation interpolation = Interpolation::Bilinear;
    bool antialias = false; ///< Widens the filter when shrinking.
};

/// One axis as sparse weights: target t is Σ_i weights[t · taps + i] source[first[t] + i] over
/// count[t] cells.
struct ResampleAxis {
    std::int64_t sources = 1, targets = 1, taps = 1;
    std::vector<std::int64_t> first = {}, count = {};
    std::vector<float> weights = {};
    /// Sum of the weights; what is missing to 1 fell outside the image.
    std::vector<float> coverage = {};
};

/// Half-pixel centres; weights outside the stretched part are left out and the others normalised;
/// cubic: Keys' a = -0.5 (as TensorFlow and JAX).
[[nodiscard]] ResampleAxis resampleAxis(const ResampleSpan& span);
/// The gradient's axis: from targets back to sources.
[[nodiscard]] ResampleAxis transposedAxis(const ResampleAxis& axis);

/// Images [batch][y.sources][x.sources][channels] to [batch][y.targets][x.targets][channels].
struct ResampleArgs {
    std::int64_t batch = 1, channels = 1;
    std::span<const float> source;
    std::span<float> target;
    float fill = 0.0F; ///< The value outside the image.
    std::span<float> scratch;
};
[[nodiscard]] std::int64_t resampleScratchFloats(const ResampleAxis& x, std::int64_t channels);
void resample(Parallel& parallel, const ResampleAxis& y, const ResampleAxis& x,
              const ResampleArgs& args);

} // namespace nn
