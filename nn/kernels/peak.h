#pragma once

#include "nn/base/parallel.h"

namespace nn {

/// The rate at which this machine multiplies and adds now, measured with independent FMA chains in
/// registers on all threads of `parallel` for one or two milliseconds. GFLOP/s, where one
/// multiply-add counts as two.
[[nodiscard]] double peakGflopsNow(Parallel& parallel);

/// The best of the rounds of about `seconds`.
[[nodiscard]] double bestPeakGflops(Parallel& parallel, double seconds);

} // namespace nn
