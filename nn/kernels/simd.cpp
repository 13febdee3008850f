#include "nn/kernels/simd.h"

#include "nn/kernels/simd_dispatch.h"

#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace nn {
namespace {

struct NamedTarget {
    std::string_view name;
    std::int64_t bit;
};

// Best first.
constexpr NamedTarget kTargets[] = {
    {"avx3", HWY_AVX3}, {"avx2", HWY_AVX2},     {"sse4", HWY_SSE4},
    {"neon", HWY_NEON}, {"scalar", HWY_EMU128}, {"scalar", HWY_SCALAR},
};

/// All bits that this build and this processor have, whatever limit is set.
std::int64_t usableTargets() {
    hwy::SetSupportedTargetsForTest(0);
    return hwy::SupportedTargets() & HWY_TARGETS;
}

void select(std::int64_t targets) {
    hwy::SetSupportedTargetsForTest(targets);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

} // namespace

std::vector<std::string> simdNames() {
    const std::int64_t chosen = hwy::SupportedTargets();
    const std::int64_t usable = usableTargets();
    select(chosen);
    std::vector<std::string> names;
    for (const NamedTarget& target : kTargets) {
        if ((usable & target.bit) != 0) {
            names.emplace_back(target.name);
        }
    }
    return names;
}

std::string simdName() {
    limitSimdFromEnvironment();
    const std::int64_t chosen = hwy::SupportedTargets() & HWY_TARGETS;
    const auto* const best =
        std::find_if(std::begin(kTargets), std::end(kTargets),
                     [chosen](const NamedTarget& target) { return (chosen & target.bit) != 0; });
    return std::string(best == std::end(kTargets) ? "scalar" : best->name);
}

bool limitSimd(std::string_view name) {
    limitSimdFromEnvironment();
    const std::string_view wanted = name == "sse2" ? "scalar" : name;
    const std::int64_t before = hwy::SupportedTargets();
    const std::int64_t usable = usableTargets();
    for (const NamedTarget& target : kTargets) {
        if (target.name == wanted && (usable & target.bit) != 0) {
            select(target.bit);
            return true;
        }
    }
    select(name.empty() ? usable : before);
    return name.empty();
}

void limitSimdFromEnvironment() {
    [[maybe_unused]] static const bool once = [] {
        const char* const value = std::getenv("RECEPTIVE_SIMD");
        const std::string_view name = value == nullptr ? "" : value;
        const std::int64_t usable = usableTargets();
        select(usable);
        for (const NamedTarget& target : kTargets) {
            const bool named = target.name == (name == "sse2" ? "scalar" : name);
            if (named && (usable & target.bit) != 0) {
                select(target.bit);
            }
        }
        return true;
    }();
}

} // namespace nn
