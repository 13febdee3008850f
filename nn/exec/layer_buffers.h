#pragma once

#include "nn/exec/executor.h"
#include "nn/tensor/tensor.h"

namespace nn {

/// What a kernel call needs, laid out once; only lengths and weights change from run to run.
struct Executor::LayerBuffers {
    std::vector<std::span<const float>> inputs;
    std::vector<std::span<const float>> weights;
    std::vector<std::span<float>> updatedWeights;
    std::vector<std::span<float>> inputGradients;
    std::vector<std::span<float>> weightGradients;
    std::span<float> value;          ///< In the arena; unused for input layers.
    std::span<const float> external; ///< The caller's memory, for input layers.
    std::span<float> gradient;
    std::span<std::byte> saved;
    std::span<float> moments; ///< Of the last run's output; empty: they are not gathered.
    std::span<float> forwardScratch;
    std::span<float> backwardScratch;
    Tensor spareScratch; ///< For a batch that takes more than was planned.
    std::int64_t rowFloats = 0;
};

/// The rows that a kernel call is for, and their buffers by layer.
struct Executor::Part {
    std::vector<LayerBuffers>& buffers;
    std::int64_t firstRow = 0, rows = 0;
    Parallel& parallel;
    Phase phase = Phase::Inference;
    bool isSlice = false; ///< `parallel` is that of a task.
};

/// A piece of the sums of a stretch's tasks, and where it is added up.
struct Executor::SumBlock {
    std::int64_t offset = 0, count = 0;
    float* total = nullptr;
};

} // namespace nn
