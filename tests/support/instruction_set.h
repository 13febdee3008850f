#pragma once

#include "nn/kernels/simd.h"
#include "tests/support/sanitized.h"

#include <cstdlib>
#include <string>

namespace tests {

/// Why a test need not run with the instruction set that RECEPTIVE_SIMD names; empty: it is to.
[[nodiscard]] inline std::string missingInstructionSet() {
    const char* const name = std::getenv("RECEPTIVE_SIMD");
    if (name == nullptr) {
        return {};
    }
    const std::string setting = "RECEPTIVE_SIMD=" + std::string(name) + ": ";
    if (kIsSanitized) {
        return setting + "sanitizers see the best instruction set only";
    }
    return nn::simdName() == name ? "" : setting + "this build or this processor does not have it";
}

} // namespace tests
