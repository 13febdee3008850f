#pragma once

#include "nn/exec/memory_layout.h"
#include "nn/exec/network.h"
#include "nn/exec/stretches.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace nn {

/// What an executor is for; decides what must be kept.
enum class RunMode {
    Inference,  ///< Only the outputs.
    Inspection, ///< Every activation, to look at.
    Training,   ///< What the backward pass reads, and gradients.
};

/// The phase that memory, fusions and stretches are planned for.
[[nodiscard]] constexpr Phase plannedPhase(RunMode mode) {
    return mode == RunMode::Training ? Phase::Training : Phase::Inference;
}

/// What an executor is built for.
struct ExecutorOptions {
    std::int64_t batchCapacity = 1; ///< Largest batch it will run.
    RunMode mode = RunMode::Inference;
    OutputForm output = OutputForm::Activated;
    bool depthFirst = true; ///< Where it pays; false: layer by layer, the same but for rounding.
    /// Gradients of large Dense layers are left as products (`Executor::gradientProduct`).
    bool leavesProducts = false;
    bool operator==(const ExecutorOptions&) const = default;
};

/// Where the gradient of one input of a layer goes.
enum class GradientRoute {
    None,   ///< Nothing before that input is trained.
    Direct, ///< Into the gradient of the source.
    Shared, ///< The gradient of the source is the memory of this layer's own.
    Added,  ///< Into a block of its own, then added to what other readers gave.
    Onto,   ///< Added by the kernel itself to what other readers gave.
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
    std::vector<GradientRoute> routes; ///< By port.
    /// Not linear: its backward pass does the gradient of this function at the end of the layer
    /// before it, which leaves it out then.
    Activation inputActivation{};
    bool activationDone = false;
    MemoryBlock moments{}; ///< Of its output, for the readers that `readsMoments`; empty: for none.
    std::vector<MemoryBlock> addedGradients; ///< By port; for `Added`.
    /// By variable of the layer: where its gradient goes before it is added to that of the calls
    /// behind this one. Empty: it goes straight to the variable's own block.
    std::vector<MemoryBlock> addedVariableGradients;
    /// The stretch it belongs to, in `MemoryPlan::stretches`; -1: none. Scratch, and what is marked
    /// here, then lie in the memory of a worker and hold a slice; `saved` holds all slices.
    int stretch = -1;
    bool valueIsLocal = false;
    bool gradientIsLocal = false;
    /// By variable, in a stretch: where in the sums of a task its gradient is (in floats), and
    /// where that of a slice is before it is added to them.
    std::vector<std::int64_t> sumOffsets;
    std::vector<MemoryBlock> sliceGradients;
    std::int64_t sliceSavedBytes = 0;
    /// All its blocks together, as if nothing were shared: what it asks for.
    std::int64_t bytes = 0;
};

/// The memory of a stretch besides that of its layers.
struct StretchPlan {
    Stretch stretch;
    std::int64_t workers = 1;   ///< Most tasks at the same time.
    MemoryBlock forwardLocal{}; ///< One piece of `forwardBytes` for each worker.
    std::int64_t forwardBytes = 0;
    MemoryBlock backwardLocal{};
    std::int64_t backwardBytes = 0;
    MemoryBlock sums{}; ///< [task][weightFloats]
};

/// Where everything lies that a run needs besides weights and input: one arena, laid out so that
/// buffers with separate lives overlap. Made without allocating what it describes.
struct MemoryPlan {
    std::vector<LayerPlan> layers;
    std::vector<StretchPlan> stretches;
    /// Empty blocks for what is not trained, and for gradients that are left as products.
    std::vector<MemoryBlock> variableGradients;
    /// By variable: the layer whose input and output gradient make its gradient, if it is left as a
    /// product. Both are kept to the end of the run.
    std::vector<std::optional<std::size_t>> productLayers;
    MemoryBlock productScratch; ///< To make one such product piece by piece.
    std::int64_t bytes = 0;     ///< Of the arena. The largest number when it exceeds 63 bits.
};

/// The plan of an executor. Sizes beyond 63 bits saturate, so this is safe for any network.
[[nodiscard]] MemoryPlan memoryPlan(const Network& network, const ExecutorOptions& options);

/// Bytes an executor will allocate: for refusing what does not fit before anything is allocated.
[[nodiscard]] std::int64_t plannedBytes(const Network& network, const ExecutorOptions& options);

} // namespace nn
