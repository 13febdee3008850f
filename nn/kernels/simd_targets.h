// Which instruction sets the kernels are compiled for. Include before any header of Highway.
#pragma once

#ifndef HWY_DISABLED_TARGETS
// SSSE3 hardly differs from SSE4, SVE has vectors without a fixed size.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
#endif
