#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nn {

/// Names of the instruction sets this build has and this processor can run, best first: "avx3"
/// (AVX-512), "avx2", "sse4", "scalar"; "neon" on ARM.
[[nodiscard]] std::vector<std::string> simdNames();

/// Name of the instruction set the kernels use now.
[[nodiscard]] std::string simdName();

/// Limits the kernels to the named instruction set; false if it is not one of `simdNames()`. "sse2"
/// stands for "scalar". An empty name takes the limit off. Not while kernels run.
/// The environment variable RECEPTIVE_SIMD does the same at the first kernel call.
bool limitSimd(std::string_view name);

} // namespace nn
