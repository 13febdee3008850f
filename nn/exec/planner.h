#pragma once

// How a memory plan is made: memory_plan.cpp plans activations and kernels, gradient_plan.cpp the
// backward pass.

#include "nn/base/saturated.h"
#include "nn/exec/memory_plan.h"
#include "nn/exec/product_plan.h"

namespace nn {

[[nodiscard]] std::int64_t floatBytes(std::int64_t floats);
[[nodiscard]] std::int64_t floatBytes(const Shape& shape, std::int64_t batch);

/// What is asked for in one piece of memory.
class Requests {
public:
    void add(MemoryBlock& target, const MemoryRequest& wanted) {
        m_wanted.push_back(wanted);
        m_targets.push_back(&target);
    }
    /// Writes the targets and returns the size of the whole.
    std::int64_t layOut() const {
        const MemoryLayout layout = memoryLayout(m_wanted);
        for (std::size_t i = 0; i < m_targets.size(); ++i) {
            *m_targets[i] = layout.blocks[i];
        }
        return layout.bytes;
    }

private:
    std::vector<MemoryRequest> m_wanted;
    std::vector<MemoryBlock*> m_targets; ///< Where the block of each request goes.
};

/// Finds out who needs what, and when. Step i is the forward pass of layer i of n; its backward
/// pass is step 2n - 1 - i; what is alive at step 2n is kept after the run.
class Planner {
public:
    Planner(const Network& network, const ExecutorOptions& options)
        : m_network(network), m_layers(network.layers()), m_options(options),
          m_phase(plannedPhase(options.mode)),
          m_end(2 * static_cast<std::int64_t>(m_layers.size())),
          m_products(productPlan(network, options)) {
        m_plan.layers.resize(m_layers.size());
    }

    MemoryPlan plan();

private:
    [[nodiscard]] bool isInput(std::size_t i) const { return m_layers[i].kernel == nullptr; }
    [[nodiscard]] bool isOutput(std::size_t i) const { return m_layers[i].isOutput; }
    [[nodiscard]] bool isIdentity(std::size_t i) const {
        return !isInput(i) && kernel(i).isIdentity(m_phase);
    }
    /// What runs for a layer.
    [[nodiscard]] const Kernel& kernel(std::size_t i) const {
        return m_plan.layers[i].fused ? *m_plan.layers[i].fused : *m_layers[i].kernel;
    }
    [[nodiscard]] bool isFused(std::size_t i) const { return m_plan.layers[i].fused != nullptr; }
    /// Whether the layer before it does the work.
    [[nodiscard]] bool isAbsorbed(std::size_t i) const { return writer(i) != i; }
    /// The layer that writes the activation of this one.
    [[nodiscard]] std::size_t writer(std::size_t i) const {
        const bool absorbed = !isInput(i) && isFused(m_layers[i].inputs[0]);
        return absorbed ? m_layers[i].inputs[0] : i;
    }
    [[nodiscard]] std::int64_t forwardStep(std::size_t i) const {
        return static_cast<std::int64_t>(i);
    }
    [[nodiscard]] std::int64_t backwardStep(std::size_t i) const {
        return m_end - 1 - static_cast<std::int64_t>(i);
    }
    /// Whether the backward pass of a layer reads what the layer gave or was given.
    [[nodiscard]] bool readsOutputLater(std::size_t i) const {
        const std::size_t from = writer(i);
        return m_plan.layers[from].runsBackward && kernel(from).backwardReadsOutput();
    }
    [[nodiscard]] bool readsInputsLater(std::size_t i) const {
        return m_plan.layers[i].runsBackward && kernel(i).backwardReadsInputs();
    }

    [[nodiscard]] StretchPlan* stretchOf(std::size_t i) {
        const int index = m_plan.layers[i].stretch;
        return index < 0 ? nullptr : &m_plan.stretches[static_cast<std::size_t>(index)];
    }
    /// The first or last step that may run at the same time as this one: those of a stretch do.
    [[nodiscard]] std::int64_t beginOf(std::int64_t step) { return together(step, true); }
    [[nodiscard]] std::int64_t endOf(std::int64_t step) { return together(step, false); }
    [[nodiscard]] std::int64_t together(std::int64_t step, bool first);

    void request(MemoryBlock LayerPlan::*member, std::size_t layer, MemoryRequest wanted) {
        request(m_plan.layers[layer].*member, layer, wanted);
    }
    void request(MemoryBlock& target, std::size_t layer, MemoryRequest wanted) {
        if (wanted.bytes > 0) {
            m_plan.layers[layer].bytes = saturatedSum(m_plan.layers[layer].bytes, wanted.bytes);
            m_global.add(target, {wanted.bytes, beginOf(wanted.first), endOf(wanted.last)});
        }
    }
    /// In the memory of each worker of the layer's stretch.
    void requestLocal(MemoryBlock& target, std::size_t layer, MemoryRequest wanted) {
        if (wanted.bytes > 0) {
            const bool forward = wanted.first < static_cast<std::int64_t>(m_layers.size());
            const auto index = static_cast<std::size_t>(m_plan.layers[layer].stretch);
            (forward ? m_forward : m_backward)[index].add(target, wanted);
        }
    }

    /// Fuses layers with their readers wherever the kernels can; not for looking inside.
    void planFusions();
    void planRuns(std::size_t i);
    void planStretches();
    void planValues();
    [[nodiscard]] std::size_t ownerOfValue(std::size_t i,
                                           const std::vector<char>& replaceable) const;
    void planValueLives();
    [[nodiscard]] std::int64_t lastUse(std::size_t i) const;
    void planKernelMemory(std::size_t i);
    void planMoments(std::size_t i);
    void planPartMemory(std::size_t i, const StretchPlan& within);

    /// Rows of the largest slice.
    [[nodiscard]] std::int64_t rowsOf(const StretchPlan& plan) const {
        return plan.stretch.rows(m_options.batchCapacity);
    }

    /// Whether the gradient of a layer's only input can be the memory of its own gradient.
    [[nodiscard]] bool sharesGradient(std::size_t i) const;
    void planRoutes();
    /// Which layers do the gradient of the function at the end of the layer before them.
    void planActivations();
    void planGradients();

    /// The last step that reads the gradient of a layer's output.
    [[nodiscard]] std::int64_t lastGradientUse(std::size_t i) const {
        return m_products.leavesProduct(m_network, i) ? m_end : backwardStep(writer(i));
    }

    /// Only the layers of a stretch see a gradient that none of the others writes.
    void planGradient(std::size_t i, std::int64_t first);

    /// The last call of a layer is the first to have its gradients; those of the calls before it
    /// are added one after the other.
    void planVariables();

    /// Every task of a stretch sums the gradients of its slices by itself.
    void planSums(StretchPlan& plan);
    MemoryPlan finished();

    const Network& m_network;
    const std::vector<NetworkLayer>& m_layers;
    const ExecutorOptions& m_options;
    Phase m_phase;
    std::int64_t m_end;
    ProductPlan m_products;
    MemoryPlan m_plan;
    Requests m_global;
    std::vector<Requests> m_forward; ///< By stretch: in the memory of each of its workers.
    std::vector<Requests> m_backward;
};

} // namespace nn
