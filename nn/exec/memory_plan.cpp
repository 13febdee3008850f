#include "nn/exec/planner.h"

#include "nn/exec/fusion.h"

#include <algorithm>
#include <limits>

namespace nn {

namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
// Batches up to this size are asked for their scratch one by one.
constexpr std::int64_t kCutRows = 512;

} // namespace

std::int64_t floatBytes(std::int64_t floats) {
    return alignedBytes(checkedProduct(floats, sizeof(float)).value_or(kMost));
}

std::int64_t floatBytes(const Shape& shape, std::int64_t batch) {
    return floatBytes(checkedProduct(shape.elements().value_or(kMost), batch).value_or(kMost));
}

MemoryPlan Planner::plan() {
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
        planActivations();
        planGradients();
        planVariables();
    }
    return finished();
}

std::int64_t Planner::together(std::int64_t step, bool first) {
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

void Planner::planFusions() {
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

void Planner::planRuns(std::size_t i) {
    const NetworkLayer& layer = m_layers[i];
    LayerPlan& plan = m_plan.layers[i];
    plan.runsForward = !isInput(i) && !isIdentity(i) && !isAbsorbed(i);
    plan.runsBackward = m_phase == Phase::Training && layer.needsGradient && plan.runsForward;
    plan.routes.assign(layer.inputs.size(), GradientRoute::None);
    plan.addedGradients.resize(layer.inputs.size());
}

void Planner::planStretches() {
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

void Planner::planValues() {
    // Whether the only reader of a layer may write over its activation.
    std::vector<char> replaceable(m_layers.size(), 0);
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        const std::size_t owner = ownerOfValue(i, replaceable);
        const bool chainReplaceable =
            owner == i ? !isInput(i) : replaceable[m_layers[i].inputs[0]] != 0;
        m_plan.layers[i].valueOwner = owner;
        replaceable[i] = static_cast<char>(chainReplaceable && !isOutput(i) &&
                                           m_layers[i].readers.size() == 1 && !readsOutputLater(i));
    }
    planValueLives();
}

std::size_t Planner::ownerOfValue(std::size_t i, const std::vector<char>& replaceable) const {
    if (isInput(i) || isFused(i)) {
        return i;
    }
    const std::size_t from = writer(i);
    const std::size_t source = m_layers[from].inputs[0];
    const bool inPlace = m_options.mode != RunMode::Inspection && kernel(from).runsInPlace() &&
                         m_layers[from].inputs.size() == 1 &&
                         m_layers[i].output == m_layers[source].output &&
                         replaceable[source] != 0 && !readsInputsLater(from);
    return inPlace || isIdentity(i) ? m_plan.layers[source].valueOwner : i;
}

void Planner::planValueLives() {
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
            requestLocal(
                plan.value, i,
                {floatBytes(m_layers[i].output, rowsOf(*within)), forwardStep(writer(i)), last[i]});
        } else {
            request(plan.value, i,
                    {floatBytes(m_layers[i].output, m_options.batchCapacity),
                     forwardStep(writer(i)), last[i]});
        }
    }
}

std::int64_t Planner::lastUse(std::size_t i) const {
    if (m_options.mode == RunMode::Inspection || isOutput(i)) {
        return m_end;
    }
    std::int64_t last = readsOutputLater(i) ? backwardStep(writer(i)) : forwardStep(i);
    for (const std::size_t reader : m_layers[i].readers) {
        if (m_products.leavesProduct(m_network, reader)) {
            return m_end;
        }
        last =
            std::max(last, readsInputsLater(reader) ? backwardStep(reader) : forwardStep(reader));
    }
    return last;
}

void Planner::planKernelMemory(std::size_t i) {
    LayerPlan& plan = m_plan.layers[i];
    if (!plan.runsForward) {
        return;
    }
    if (const StretchPlan* const within = stretchOf(i)) {
        planPartMemory(i, *within);
        return;
    }
    KernelMemory memory = kernel(i).memory(m_options.batchCapacity, m_phase);
    // A smaller batch, like the last of an epoch, may be cut in another way that takes more.
    const bool cuts = memory.scratchFloats > 0;
    for (std::int64_t rows = std::min(m_options.batchCapacity, kCutRows); cuts && rows > 0;
         --rows) {
        memory.scratchFloats =
            std::max(memory.scratchFloats, kernel(i).memory(rows, m_phase).scratchFloats);
    }
    planMoments(i);
    request(&LayerPlan::saved, i,
            {alignedBytes(memory.savedBytes), forwardStep(i),
             plan.runsBackward ? backwardStep(i) : forwardStep(i)});
    const std::int64_t scratch = floatBytes(memory.scratchFloats);
    request(&LayerPlan::forwardScratch, i, {scratch, forwardStep(i), forwardStep(i)});
    if (plan.runsBackward) {
        request(&LayerPlan::backwardScratch, i, {scratch, backwardStep(i), backwardStep(i)});
    }
}

void Planner::planMoments(std::size_t i) {
    if (m_phase != Phase::Training || isFused(i)) {
        return;
    }
    std::int64_t last = -1;
    for (const std::size_t reader : m_layers[i].readers) {
        const bool reads = m_layers[reader].trainable && !isIdentity(reader) &&
                           !isAbsorbed(reader) && kernel(reader).readsMoments();
        last = reads ? std::max(last, forwardStep(reader)) : last;
    }
    if (last >= 0) {
        const std::int64_t floats = kernel(i).momentFloats(m_options.batchCapacity);
        request(&LayerPlan::moments, i, {floatBytes(floats), forwardStep(i), last});
    }
}

void Planner::planPartMemory(std::size_t i, const StretchPlan& within) {
    LayerPlan& plan = m_plan.layers[i];
    // The last slice has fewer rows, for which a kernel may cut its work in larger blocks.
    KernelMemory memory;
    for (std::int64_t rows = 1; rows <= rowsOf(within); ++rows) {
        const KernelMemory part = partKernel(kernel(i), m_phase)->partMemory(rows, m_phase);
        memory.savedBytes = std::max(memory.savedBytes, part.savedBytes);
        memory.scratchFloats = std::max(memory.scratchFloats, part.scratchFloats);
    }
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

MemoryPlan Planner::finished() {
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
    if (m_products.scratchFloats > 0) {
        m_global.add(m_plan.productScratch, {floatBytes(m_products.scratchFloats), m_end, m_end});
    }
    m_plan.productLayers = std::move(m_products.layers);
    m_plan.bytes = m_global.layOut();
    return std::move(m_plan);
}

MemoryPlan memoryPlan(const Network& network, const ExecutorOptions& options) {
    return Planner(network, options).plan();
}

std::int64_t plannedBytes(const Network& network, const ExecutorOptions& options) {
    return memoryPlan(network, options).bytes;
}

} // namespace nn
