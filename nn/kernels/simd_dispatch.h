#pragma once

#include "nn/kernels/simd_targets.h"

#include <hwy/targets.h>

namespace nn {

/// Reads RECEPTIVE_SIMD once.
void limitSimdFromEnvironment();

} // namespace nn

/// The best version of a function exported by HWY_EXPORT.
#define NN_SIMD(function) (::nn::limitSimdFromEnvironment(), HWY_DYNAMIC_DISPATCH(function))
