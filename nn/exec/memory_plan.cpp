#include "nn/exec/memory_plan.h"

#include "nn/base/saturated.h"
#include "nn/exec/fusion.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace nn {

namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

std::int64_t floatBytes(std::int64_t floats) {
    return alignedBytes(checkedProduct(floats, sizeof(float)).value_or(kMost));
}

std::int64_t floatBytes(const Shape& shape, std::int64_t batch) {
    return floatBytes(checkedProduct(shape.elements().value_or(kMost), batch).value_or(kMost));
}

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
          m_phase(options.mode == RunMode::Training ? Phase::Training : Phase::Inference),
          m_end(2 * static_cast<std::int64_t>(m_layers.size())) {
        m_plan.layers.resize(m_layers.size());
    }

    MemoryPlan plan() {
        planFusions();
        for (std::size_t i = 0; i < m_layers.size(); ++i) {
            planRuns(i);
        }
        planStretches();
        planValues();
        for (std::size_t i = 0; i < m_layers.size(); ++i) {
            planKernelMemory(i);
        }
        if (m_phase == Phase::Training) {
            planRoutes();
            planGradients();
            planVariables();
        }
        return finished();
    }

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
    [[nodiscard]] std::int64_t together(std::int64_t step, bool first) {
        if (step == m_end) {
            return step;
        }
        const bool forward = step < static_cast<std::int64_t>(m_layers.size());
        const StretchPlan* const plan =
            stretchOf(static_cast<std::size_t>(forward ? step : m_end - 1 - step));
        if (plan == nullptr) {
            return step;
        }
        const std::size_t layer = first == forward ? plan->stretch.first : plan->stretch.last;
        return forward ? forwardStep(layer) : backwardStep(layer);
    }

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
    void planFusions() {
        for (std::size_t i = 0; i < m_layers.size(); ++i) {
            LayerPlan& plan = m_plan.layers[i];
            plan.result = i;
            const auto* const fusing = dynamic_cast<const FusingKernel*>(m_layers[i].kernel.get());
            if (fusing == nullptr || m_options.mode == RunMode::Inspection ||
                m_layers[i].readers.size() != 1 || m_layers[i].isOutput) {
                continue;
            }
            const NetworkLayer& reader = m_layers[m_layers[i].readers[0]];
            plan.fused = reader.inputs.size() == 1 ? fusing->fusedWith(*reader.kernel) : nullptr;
            plan.result = plan.fused ? m_layers[i].readers[0] : i;
        }
    }

    void planRuns(std::size_t i) {
        const NetworkLayer& layer = m_layers[i];
        LayerPlan& plan = m_plan.layers[i];
        plan.runsForward = !isInput(i) && !isIdentity(i) && !isAbsorbed(i);
        plan.runsBackward = m_phase == Phase::Training && layer.needsGradient && plan.runsForward;
        plan.routes.assign(layer.inputs.size(), GradientRoute::None);
        plan.addedGradients.resize(layer.inputs.size());
    }

    void planStretches() {
        if (m_options.mode == RunMode::Inspection || !m_options.depthFirst) {
            return;
        }
        for (const Stretch& stretch : findStretches(m_network, m_phase, m_plan.layers)) {
            for (std::size_t i = stretch.first; i <= stretch.last; ++i) {
                m_plan.layers[i].stretch = static_cast<int>(m_plan.stretches.size());
            }
            const std::int64_t slices = stretch.mostSlices(m_options.batchCapacity);
            const std::int64_t workers = std::min<std::int64_t>(slices, Parallel::maxThreads);
            m_plan.stretches.push_back({.stretch = stretch, .workers = workers});
        }
        m_forward.resize(m_plan.stretches.size());
        m_backward.resize(m_plan.stretches.size());
    }

    void planValues() {
        // Whether the only reader of a layer may write over its activation.
        std::vector<char> replaceable(m_layers.size(), 0);
        for (std::size_t i = 0; i < m_layers.size(); ++i) {
            const std::size_t owner = ownerOfValue(i, replaceable);
            const bool chainReplaceable =
                owner == i ? !isInput(i) : replaceable[m_layers[i].inputs[0]] != 0;
            m_plan.layers[i].valueOwner = owner;
            replaceable[i] =
                static_cast<char>(chainReplaceable && !isOutput(i) &&
                                  m_layers[i].readers.size() == 1 && !readsOutputLater(i));
        }
        planValueLives();
    }

    [[nodiscard]] std::size_t ownerOfValue(std::size_t i,
                                           const std::vector<char>& replaceable) const {
        if (isInput(i)) {
            return i;
        }
        const std::size_t source = m_layers[i].inputs[0];
        const bool inPlace = m_options.mode != RunMode::Inspection && kernel(i).runsInPlace() &&
                             m_layers[i].inputs.size() == 1 &&
                             m_layers[i].output == m_layers[source].output &&
                             replaceable[source] != 0 && !readsInputsLater(i);
        return inPlace || isIdentity(i) ? m_plan.layers[source].valueOwner : i;
    }

    void planValueLives() {
        std::vector<std::int64_t> last(m_layers.size());
        std::vector<std::size_t> lastWriter(m_layers.size());
        for (std::size_t i = 0; i < m_layers.size(); ++i) {
            const std::size_t owner = m_plan.layers[i].valueOwner;
            last[owner] = std::max(last[owner], lastUse(i));
            if (!isIdentity(i)) {
                lastWriter[owner] = i;
            }
        }
        for (std::size_t i = 0; i < m_layers.size(); ++i) {
            const std::size_t owner = m_plan.layers[i].valueOwner;
            // A value that a later layer has written over is not kept.
            m_plan.layers[i].keepsValue =
                !isFused(i) && (isInput(owner) || (last[owner] == m_end && lastWriter[owner] <= i));
            if (owner != i || isInput(i) || isFused(i)) {
                continue;
            }
            LayerPlan& plan = m_plan.layers[i];
            const StretchPlan* const within = stretchOf(i);
            plan.valueIsLocal = within != nullptr && last[i] <= forwardStep(within->stretch.last);
            if (plan.valueIsLocal) {
                requestLocal(plan.value, i,
                             {floatBytes(m_layers[i].output, rowsOf(*within)),
                              forwardStep(writer(i)), last[i]});
            } else {
                request(plan.value, i,
                        {floatBytes(m_layers[i].output, m_options.batchCapacity),
                         forwardStep(writer(i)), last[i]});
            }
        }
    }

    [[nodiscard]] std::int64_t lastUse(std::size_t i) const {
        if (m_options.mode == RunMode::Inspection || isOutput(i)) {
            return m_end;
        }
        std::int64_t last = readsOutputLater(i) ? backwardStep(writer(i)) : forwardStep(i);
        for (const std::size_t reader : m_layers[i].readers) {
            last = std::max(last,
                            readsInputsLater(reader) ? backwardStep(reader) : forwardStep(reader));
        }
        return last;
    }

    void planKernelMemory(std::size_t i) {
        LayerPlan& plan = m_plan.layers[i];
        if (!plan.runsForward) {
            return;
        }
        if (const StretchPlan* const within = stretchOf(i)) {
            planPartMemory(i, *within);
            return;
        }
        const KernelMemory memory = kernel(i).memory(m_options.batchCapacity, m_phase);
        request(&LayerPlan::saved, i,
                {alignedBytes(memory.savedBytes), forwardStep(i),
                 plan.runsBackward ? backwardStep(i) : forwardStep(i)});
        const std::int64_t scratch = floatBytes(memory.scratchFloats);
        request(&LayerPlan::forwardScratch, i, {scratch, forwardStep(i), forwardStep(i)});
        if (plan.runsBackward) {
            request(&LayerPlan::backwardScratch, i, {scratch, backwardStep(i), backwardStep(i)});
        }
    }

    void planPartMemory(std::size_t i, const StretchPlan& within) {
        LayerPlan& plan = m_plan.layers[i];
        const KernelMemory memory = partKernel(kernel(i))->partMemory(rowsOf(within), m_phase);
        plan.sliceSavedBytes = alignedBytes(memory.savedBytes);
        request(plan.saved, i,
                {plan.sliceSavedBytes * within.stretch.mostSlices(m_options.batchCapacity),
                 forwardStep(i), plan.runsBackward ? backwardStep(i) : forwardStep(i)});
        const std::int64_t scratch = floatBytes(memory.scratchFloats);
        requestLocal(plan.forwardScratch, i, {scratch, forwardStep(i), forwardStep(i)});
        if (plan.runsBackward) {
            requestLocal(plan.backwardScratch, i, {scratch, backwardStep(i), backwardStep(i)});
        }
    }

    /// Rows of the largest slice.
    [[nodiscard]] std::int64_t rowsOf(const StretchPlan& plan) const {
        return plan.stretch.rows(m_options.batchCapacity);
    }

    /// Whether the gradient of a layer's only input can be the memory of its own gradient.
    [[nodiscard]] bool sharesGradient(std::size_t i) const {
        const NetworkLayer& layer = m_layers[i];
        const std::size_t source = layer.inputs[0];
        return layer.inputs.size() == 1 && m_layers[source].readers.size() == 1 &&
               !isOutput(source) &&
               (isIdentity(i) ||
                (kernel(i).runsInPlace() && layer.output == m_layers[source].output));
    }

    void planRoutes() {
        // The caller has written the gradients of outputs before anything runs.
        std::vector<char> written(m_layers.size(), 0);
        for (std::size_t i = 0; i < m_layers.size(); ++i) {
            written[i] = static_cast<char>(isOutput(i));
        }
        for (std::size_t i = m_layers.size(); i-- > 0;) {
            const NetworkLayer& layer = m_layers[i];
            for (std::size_t port = 0; port < layer.inputs.size(); ++port) {
                const std::size_t source = layer.inputs[port];
                if (!layer.needsGradient || !m_layers[source].needsGradient || isAbsorbed(i)) {
                    continue;
                }
                GradientRoute& route = m_plan.layers[i].routes[port];
                if (sharesGradient(i)) {
                    route = GradientRoute::Shared;
                } else {
                    route = written[source] != 0 ? GradientRoute::Added : GradientRoute::Direct;
                    // Identity layers that cannot share pass their gradient on by a copy.
                    m_plan.layers[i].runsBackward = true;
                }
                written[source] = 1;
            }
        }
    }

    void planGradients() {
        const std::int64_t batch = m_options.batchCapacity;
        std::vector<std::int64_t> first(m_layers.size(), m_end);
        for (std::size_t i = 0; i < m_layers.size(); ++i) {
            LayerPlan& plan = m_plan.layers[i];
            const bool shares = !plan.routes.empty() && plan.routes[0] == GradientRoute::Shared;
            plan.gradientOwner = shares ? m_plan.layers[m_layers[i].inputs[0]].gradientOwner : i;
            std::int64_t begin = isOutput(i) ? backwardStep(m_layers.size() - 1) : m_end;
            for (const std::size_t reader : m_layers[i].readers) {
                begin = std::min(begin, backwardStep(reader));
            }
            first[plan.gradientOwner] = std::min(first[plan.gradientOwner], begin);
        }
        for (std::size_t i = 0; i < m_layers.size(); ++i) {
            LayerPlan& plan = m_plan.layers[i];
            if (plan.gradientOwner == i && (m_layers[i].needsGradient || isOutput(i)) &&
                !isFused(i)) {
                planGradient(i, first[i]);
            }
            for (std::size_t port = 0; port < plan.routes.size(); ++port) {
                if (plan.routes[port] == GradientRoute::Added) {
                    const Shape& shape = m_layers[m_layers[i].inputs[port]].output;
                    request(plan.addedGradients[port], i,
                            {floatBytes(shape, batch), backwardStep(i), backwardStep(i)});
                }
            }
        }
    }

    /// Only the layers of a stretch see a gradient that none of the others writes.
    void planGradient(std::size_t i, std::int64_t first) {
        LayerPlan& plan = m_plan.layers[i];
        const StretchPlan* const within = stretchOf(i);
        plan.gradientIsLocal = within != nullptr && first > backwardStep(within->stretch.last);
        const std::int64_t rows = plan.gradientIsLocal ? rowsOf(*within) : m_options.batchCapacity;
        const MemoryRequest wanted{floatBytes(m_layers[i].output, rows), first,
                                   backwardStep(writer(i))};
        if (plan.gradientIsLocal) {
            requestLocal(plan.gradient, i, wanted);
        } else {
            request(plan.gradient, i, wanted);
        }
    }

    /// The last call of a layer is the first to have its gradients; those of the calls before it
    /// are added one after the other.
    void planVariables() {
        m_plan.variableGradients.resize(m_network.variables().size());
        std::vector<char> planned(m_network.variables().size(), 0);
        for (std::size_t i = m_layers.size(); i-- > 0;) {
            const std::vector<std::size_t>& variables = m_layers[i].variables;
            m_plan.layers[i].addedVariableGradients.resize(variables.size());
            for (std::size_t j = 0; j < variables.size(); ++j) {
                const Variable& described = m_network.variables()[variables[j]];
                if (!described.trainable || !m_layers[i].needsGradient) {
                    continue;
                }
                const bool isAdded = planned[variables[j]] != 0;
                planned[variables[j]] = 1;
                request(isAdded ? m_plan.layers[i].addedVariableGradients[j]
                                : m_plan.variableGradients[variables[j]],
                        i,
                        {floatBytes(described.spec.shape, 1), backwardStep(i),
                         isAdded ? backwardStep(i) : m_end});
            }
        }
        for (StretchPlan& plan : m_plan.stretches) {
            planSums(plan);
        }
    }

    /// Every task of a stretch sums the gradients of its slices by itself.
    void planSums(StretchPlan& plan) {
        std::int64_t offset = 0;
        for (std::size_t i = plan.stretch.first; i <= plan.stretch.last; ++i) {
            const std::vector<std::size_t>& variables = m_layers[i].variables;
            LayerPlan& layer = m_plan.layers[i];
            layer.sumOffsets.resize(variables.size());
            layer.sliceGradients.resize(variables.size());
            for (std::size_t j = 0; j < variables.size(); ++j) {
                const Variable& variable = m_network.variables()[variables[j]];
                if (variable.trainable) {
                    layer.sumOffsets[j] = std::exchange(offset, offset + paddedFloats(variable));
                    requestLocal(
                        layer.sliceGradients[j], i,
                        {floatBytes(variable.spec.shape, 1), backwardStep(i), backwardStep(i)});
                }
            }
        }
        const std::int64_t tasks = plan.stretch.tasks(m_options.batchCapacity);
        request(plan.sums, plan.stretch.first,
                {floatBytes(std::max(tasks, plan.workers) * plan.stretch.weightFloats),
                 backwardStep(plan.stretch.last), backwardStep(plan.stretch.first)});
    }

    MemoryPlan finished() {
        for (std::size_t s = 0; s < m_plan.stretches.size(); ++s) {
            StretchPlan& plan = m_plan.stretches[s];
            plan.forwardBytes = m_forward[s].layOut();
            plan.backwardBytes = m_backward[s].layOut();
            request(plan.forwardLocal, plan.stretch.first,
                    {plan.workers * plan.forwardBytes, forwardStep(plan.stretch.first),
                     forwardStep(plan.stretch.last)});
            request(plan.backwardLocal, plan.stretch.first,
                    {plan.workers * plan.backwardBytes, backwardStep(plan.stretch.last),
                     backwardStep(plan.stretch.first)});
        }
        m_plan.bytes = m_global.layOut();
        return std::move(m_plan);
    }

    const Network& m_network;
    const std::vector<NetworkLayer>& m_layers;
    const ExecutorOptions& m_options;
    Phase m_phase;
    std::int64_t m_end;
    MemoryPlan m_plan;
    Requests m_global;
    std::vector<Requests> m_forward; ///< By stretch: in the memory of each of its workers.
    std::vector<Requests> m_backward;
};

} // namespace

MemoryPlan memoryPlan(const Network& network, const ExecutorOptions& options) {
    return Planner(network, options).plan();
}

std::int64_t plannedBytes(const Network& network, const ExecutorOptions& options) {
    return memoryPlan(network, options).bytes;
}

} // namespace nn
