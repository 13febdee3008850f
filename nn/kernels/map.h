#pragma once

#include "nn/base/parallel.h"

#include <algorithm>
#include <cstdint>

namespace nn {

/// Values per task of kernels that go through a span once.
inline constexpr std::int64_t mapBlock = 16 * 1024;

/// Calls body(first, count) for the blocks of [0, total) in parallel.
template <typename Body>
void forEachBlock(Parallel& parallel, std::int64_t total, const Body& body,
                  std::int64_t block = mapBlock) {
    parallel.run((total + block - 1) / block, [&](std::int64_t task, int) {
        const std::int64_t first = task * block;
        body(first, std::min(block, total - first));
    });
}

} // namespace nn
