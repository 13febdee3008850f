#pragma once

#include "nn/kernels/elementwise.h"

namespace nn {

enum class NoiseUse { Add, Multiply };

struct NoiseGeometry {
    std::int64_t batch = 1;
    std::int64_t sampleFloats = 1;
};

/// y = x + deviation n or x (1 + deviation n), n normally distributed by Box and Muller: values
/// 32 k + j and 32 k + 16 + j of a sample (j < 16) share the words 32 k + j and 32 k + 16 + j of
/// row firstRow + sample. y may be x.
struct NoiseArgs {
    NoiseUse use = NoiseUse::Add;
    float deviation = 0.1F;
    DropoutKey key;
    std::span<const float> x;
    std::span<float> y;
};
void normalNoise(Parallel& parallel, const NoiseGeometry& g, const NoiseArgs& args);

} // namespace nn
