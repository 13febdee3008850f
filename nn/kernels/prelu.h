#pragma once

#include "nn/base/parallel.h"

#include <span>

namespace nn {

/// y = x, or alpha x for negative x. `alpha` has the values of one sample, x of a whole batch; y
/// may be x.
void preluForward(Parallel& parallel, std::span<const float> x, std::span<const float> alpha,
                  std::span<float> y);

struct PreluBackwardArgs {
    std::span<const float> x;
    std::span<const float> alpha;
    std::span<const float> dy;
    std::span<float> dx; ///< May be dy.
};
void preluBackward(Parallel& parallel, const PreluBackwardArgs& args);

/// dalpha = Σ over the batch of dy x where x is negative. `dalpha` has the values of one sample.
void preluSlopeGradient(Parallel& parallel, std::span<const float> x, std::span<const float> dy,
                        std::span<float> dalpha);

} // namespace nn
