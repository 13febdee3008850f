#pragma once

#include "nn/base/parallel.h"
#include "nn/kernels/normalization.h"
#include "nn/kernels/scratch.h"

#include <algorithm>
#include <cstdint>

namespace nn {

/// Rows of x that fit into the first-level cache and are summed in floats.
struct RowBlock {
    const float* x = nullptr;
    std::int64_t rows = 0;
    std::int64_t channels = 0;
};

[[nodiscard]] inline std::int64_t batchNormTasks(const BatchNormGeometry& g) {
    constexpr std::int64_t taskFloats = 16 * 1024;
    constexpr std::int64_t maxTasks = 64;
    return std::clamp<std::int64_t>(g.rows * g.channels / taskFloats, 1,
                                    std::min(g.rows, maxTasks));
}

/// Two sums per channel and task, in double precision, and what one task needs besides.
struct BatchNormMemory {
    double* first = nullptr;
    double* second = nullptr;
    float* workers = nullptr;      ///< Two values per channel for each task.
    float* coefficients = nullptr; ///< Four values per channel.
};

[[nodiscard]] inline BatchNormMemory takeMemory(const BatchNormGeometry& g, Scratch& scratch) {
    const std::int64_t values = batchNormTasks(g) * g.channels;
    BatchNormMemory memory;
    memory.first = scratch.doubles(values);
    memory.second = scratch.doubles(values);
    memory.workers = scratch.floats(2 * values);
    memory.coefficients = scratch.floats(4 * g.channels);
    return memory;
}

/// Calls body(task, block, firstRow) for the rows in blocks, tasks in parallel, blocks in order.
template <typename Body>
void forEachRowBlock(Parallel& parallel, const BatchNormGeometry& g, const float* x,
                     const Body& body) {
    constexpr std::int64_t blockFloats = 8 * 1024;
    const std::int64_t tasks = batchNormTasks(g);
    const std::int64_t blockRows = std::clamp<std::int64_t>(blockFloats / g.channels, 16, 256);
    parallel.run(tasks, [&](std::int64_t task, int) {
        const std::int64_t last = g.rows * (task + 1) / tasks;
        for (std::int64_t row = g.rows * task / tasks; row < last; row += blockRows) {
            const RowBlock block{x + row * g.channels, std::min(blockRows, last - row), g.channels};
            body(task, block, row);
        }
    });
}

/// The value of a channel, or `otherwise` if there are none.
[[nodiscard]] inline float orElse(std::span<const float> values, std::int64_t at, float otherwise) {
    return values.empty() ? otherwise : values[static_cast<std::size_t>(at)];
}

} // namespace nn
