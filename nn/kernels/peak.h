#pragma once

#include "nn/base/parallel.h"

namespace nn {

/// The rate at which this machine multiplies and adds now, measured with independent FMA chains in
/// registers on all threads of `parallel` for about `seconds`: the best of several rounds. GFLOP/s,
/// where one multiply-add counts as two.
[[nodiscard]] double measuredPeakGflops(Parallel& parallel, double seconds = 0.05);

} // namespace nn
