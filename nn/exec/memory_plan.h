#pragma once

#include "nn/exec/network.h"

#include <cstdint>
#include <vector>

namespace nn {

/// What an executor is for; decides what must be kept.
enum class RunMode {
    Inference,  ///< Only the outputs.
    Inspection, ///< Every activation, to look at.
    Training,   ///< What the backward pass reads, and gradients.
};

/// What an executor is built for.
struct ExecutorOptions {
    std::int64_t batchCapacity = 1; ///< Largest batch it will run.
    RunMode mode = RunMode::Inference;
    OutputForm output = OutputForm::Activated;
    bool operator==(const ExecutorOptions&) const = default;
};

/// A piece of the arena. Pieces whose lives do not overlap may share memory.
struct MemoryBlock {
    std::int64_t offset = 0; ///< In bytes, a multiple of 64.
    std::int64_t bytes = 0;
    bool operator==(const MemoryBlock&) const = default;
};

/// Where the gradient of one input of a layer goes.
enum class GradientRoute {
    None,   ///< Nothing before that input is trained.
    Direct, ///< Into the gradient of the source.
    Shared, ///< The gradient of the source is the memory of this layer's own.
    Added,  ///< Into a block of its own, then added to what other readers gave.
};

/// The memory of one layer.
struct LayerPlan {
    /// The layer whose block holds the activation; input layers live in the caller's memory.
    std::size_t valueOwner = 0;
    MemoryBlock value;
    bool keepsValue = false; ///< The activation can be read after the run.
    /// The layer whose block holds the gradient of the activation.
    std::size_t gradientOwner = 0;
    MemoryBlock gradient;
    MemoryBlock saved;
    MemoryBlock forwardScratch;
    MemoryBlock backwardScratch;
    bool runsForward = false;
    bool runsBackward = false;
    /// Not null: does the layer and its only reader in one pass; the activation of the layer is
    /// never stored, the reader does not run.
    std::shared_ptr<const Kernel> fused{};
    /// The layer whose activation the layer writes: its reader's if `fused`, else its own.
    std::size_t result = 0;
    std::vector<GradientRoute> routes;       ///< By port.
    std::vector<MemoryBlock> addedGradients; ///< By port; for `Added`.
    /// By variable of the layer: where its gradient goes before it is added to that of the calls
    /// behind this one. Empty: it goes straight to the variable's own block.
    std::vector<MemoryBlock> addedVariableGradients;
    /// All its blocks together, as if nothing were shared: what it asks for.
    std::int64_t bytes = 0;
};

/// Where everything lies that a run needs besides weights and input: one arena, laid out so that
/// buffers with separate lives overlap. Made without allocating what it describes.
struct MemoryPlan {
    std::vector<LayerPlan> layers;
    std::vector<MemoryBlock> variableGradients; ///< Empty blocks for what is not trained.
    std::int64_t bytes = 0; ///< Of the arena. The largest number when it exceeds 63 bits.
};

/// The plan of an executor. Sizes beyond 63 bits saturate, so this is safe for any network.
[[nodiscard]] MemoryPlan memoryPlan(const Network& network, const ExecutorOptions& options);

/// Bytes an executor will allocate: for refusing what does not fit before anything is allocated.
[[nodiscard]] std::int64_t plannedBytes(const Network& network, const ExecutorOptions& options);

/// A block wanted from step `first` to step `last`, both included.
struct MemoryRequest {
    std::int64_t bytes = 0;
    std::int64_t first = 0;
    std::int64_t last = 0;
};
/// Places requests so that those alive at the same step do not overlap: largest first, each at the
/// lowest free offset. Returns the blocks in the order of the requests and the size of the arena.
struct MemoryLayout {
    std::vector<MemoryBlock> blocks;
    std::int64_t bytes = 0;
};
[[nodiscard]] MemoryLayout memoryLayout(const std::vector<MemoryRequest>& requests);

} // namespace nn
