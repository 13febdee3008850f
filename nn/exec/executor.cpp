#include "nn/exec/executor.h"

#include "nn/exec/layer_buffers.h"
#include "nn/exec/part_kernel.h"
#include "nn/exec/product_kernel.h"
#include "nn/kernels/elementwise.h"

#include <cassert>
#include <new>

namespace nn {

namespace {

/// The size of the arena; throws instead of asking the system for absurd amounts.
std::size_t arenaBytes(const MemoryPlan& plan) {
    if (plan.bytes > (std::int64_t{1} << 62)) {
        throw std::bad_alloc();
    }
    return static_cast<std::size_t>(plan.bytes);
}

std::size_t sized(std::int64_t count) {
    return static_cast<std::size_t>(count);
}

/// How many floats of scratch a batch takes beyond what was planned: the plan asks about every
/// batch up to a few hundred rows and about the capacity, and one between them may be cut in
/// another way. 0: it fits.
std::int64_t unplannedScratch(const LayerPlan& plan, const NetworkLayer& layer, RunMode mode,
                              std::int64_t batch) {
    if (!plan.runsForward || plan.stretch >= 0) {
        return 0;
    }
    const Kernel& kernel = plan.fused ? *plan.fused : *layer.kernel;
    const std::int64_t wanted = kernel.memory(batch, plannedPhase(mode)).scratchFloats;
    return wanted * std::int64_t{sizeof(float)} > plan.forwardScratch.bytes ? wanted : 0;
}

} // namespace

Executor::Executor(std::shared_ptr<const Network> network, const ExecutorOptions& options,
                   Parallel& parallel)
    : m_network(std::move(network)), m_options(options), m_parallel(parallel),
      m_plan(memoryPlan(*m_network, options)), m_arena(arenaBytes(m_plan)) {
    bindBuffers();
    bindStretches();
}

Executor::~Executor() = default;

std::span<float> Executor::floats(const MemoryBlock& block, std::int64_t count) const {
    assert(count * static_cast<std::int64_t>(sizeof(float)) <= block.bytes);
    return {reinterpret_cast<float*>(m_arena.data() + block.offset), sized(count)};
}

std::span<std::byte> Executor::bytes(const MemoryBlock& block) const {
    return {m_arena.data() + block.offset, sized(block.bytes)};
}

OutputForm Executor::formOf(std::size_t layer) const {
    const NetworkLayer& described = m_network->layers()[layer];
    const bool isEnd = described.isOutput && described.readers.empty();
    return isEnd && described.kernel->endsInSoftmax() ? m_options.output : OutputForm::Activated;
}

void Executor::bindBuffers() {
    const auto& layers = m_network->layers();
    m_buffers.resize(layers.size());
    for (std::size_t i = 0; i < layers.size(); ++i) {
        LayerBuffers& buffers = m_buffers[i];
        buffers.rowFloats = layers[i].output.count();
        buffers.inputs.resize(layers[i].inputs.size());
        buffers.weights.resize(layers[i].variables.size());
        buffers.updatedWeights.resize(layers[i].variables.size());
        buffers.inputGradients.resize(layers[i].inputs.size());
        buffers.weightGradients.resize(layers[i].variables.size());
        const LayerPlan& plan = m_plan.layers[i];
        if (plan.stretch < 0) {
            buffers.saved = bytes(plan.saved);
            buffers.forwardScratch = floats(plan.forwardScratch, plan.forwardScratch.bytes / 4);
            buffers.backwardScratch = floats(plan.backwardScratch, plan.backwardScratch.bytes / 4);
        }
        if (m_options.mode != RunMode::Training) {
            continue;
        }
        for (std::size_t j = 0; j < layers[i].variables.size(); ++j) {
            const MemoryBlock& added = m_plan.layers[i].addedVariableGradients[j];
            const MemoryBlock& block =
                added.bytes > 0 ? added : m_plan.variableGradients[layers[i].variables[j]];
            if (block.bytes > 0) {
                const Variable& variable = m_network->variables()[layers[i].variables[j]];
                buffers.weightGradients[j] = floats(block, variable.spec.shape.count());
            }
        }
    }
}

void Executor::bindInputs(std::span<const std::span<const float>> inputs, std::int64_t batch) {
    assert(inputs.size() == m_network->inputs().size());
    assert(batch >= 1 && batch <= m_options.batchCapacity);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        LayerBuffers& buffers = m_buffers[m_network->inputs()[i]];
        assert(inputs[i].size() >= sized(batch * buffers.rowFloats));
        buffers.external = inputs[i].first(sized(batch * buffers.rowFloats));
    }
    const bool resized = batch != m_batch;
    m_batch = batch;
    const auto& layers = m_network->layers();
    for (std::size_t i = 0; i < layers.size(); ++i) {
        LayerBuffers& buffers = m_buffers[i];
        const LayerPlan& plan = m_plan.layers[i];
        if (layers[i].kernel != nullptr) {
            const LayerBuffers& owner = m_buffers[plan.valueOwner];
            if (plan.fused) {
                buffers.external = {}; // never stored
            } else if (layers[plan.valueOwner].kernel == nullptr) {
                buffers.external = owner.external;
            } else if (m_plan.layers[plan.valueOwner].valueIsLocal) {
                buffers.external = {};
            } else if (resized) {
                const MemoryBlock& block = m_plan.layers[plan.valueOwner].value;
                buffers.value = floats(block, batch * buffers.rowFloats);
                buffers.external = buffers.value;
            }
        }
        if (resized && plan.moments.bytes > 0) {
            // A batch between those of the plan may be cut into more blocks: then without.
            const std::int64_t wanted = layers[i].kernel->momentFloats(batch);
            const bool fits = wanted * std::int64_t{sizeof(float)} <= plan.moments.bytes;
            buffers.moments = floats(plan.moments, fits ? wanted : 0);
        }
        const std::int64_t unplanned =
            resized ? unplannedScratch(plan, layers[i], m_options.mode, batch) : 0;
        if (unplanned > 0) {
            if (buffers.spareScratch.size() < unplanned) {
                buffers.spareScratch = Tensor(Shape{unplanned});
            }
            buffers.forwardScratch = buffers.spareScratch.values();
            buffers.backwardScratch = buffers.spareScratch.values();
        }
        for (std::size_t port = 0; port < layers[i].inputs.size(); ++port) {
            buffers.inputs[port] = m_buffers[layers[i].inputs[port]].external;
        }
        if (resized && m_options.mode == RunMode::Training) {
            const LayerPlan& owner = m_plan.layers[plan.gradientOwner];
            const bool exists = owner.gradient.bytes > 0 && !owner.gradientIsLocal;
            buffers.gradient =
                exists ? floats(owner.gradient, batch * buffers.rowFloats) : std::span<float>{};
        }
    }
}

void Executor::bindWeights(const Weights& weights) {
    assert(weights.tensors.size() == m_network->variables().size());
    const auto& layers = m_network->layers();
    for (std::size_t i = 0; i < layers.size(); ++i) {
        for (std::size_t j = 0; j < layers[i].variables.size(); ++j) {
            m_buffers[i].weights[j] = weights.tensors[layers[i].variables[j]].values();
        }
    }
}

void Executor::bindUpdatedWeights(Weights& weights) {
    const auto& layers = m_network->layers();
    for (std::size_t i = 0; i < layers.size(); ++i) {
        for (std::size_t j = 0; j < layers[i].variables.size(); ++j) {
            m_buffers[i].updatedWeights[j] = weights.tensors[layers[i].variables[j]].values();
        }
    }
}

void Executor::forward(std::span<const std::span<const float>> inputs, std::int64_t batch,
                       const Weights& weights) {
    bindInputs(inputs, batch);
    bindWeights(weights);
    runForward(Phase::Inference);
}

void Executor::forwardTraining(std::span<const std::span<const float>> inputs, std::int64_t batch,
                               Weights& weights, const StepKey& key) {
    assert(m_options.mode == RunMode::Training);
    m_key = key;
    bindInputs(inputs, batch);
    bindWeights(weights);
    bindUpdatedWeights(weights);
    runForward(Phase::Training);
}

void Executor::runForward(Phase phase) {
    m_penalty = 0.0;
    const Part whole{.buffers = m_buffers, .rows = m_batch, .parallel = m_parallel, .phase = phase};
    for (std::size_t i = 0; i < m_network->layers().size(); ++i) {
        const LayerPlan& plan = m_plan.layers[i];
        if (plan.stretch >= 0) {
            const auto index = static_cast<std::size_t>(plan.stretch);
            if (m_plan.stretches[index].stretch.first == i) {
                runForwardStretch(index, phase);
            }
        } else if (plan.runsForward) {
            m_penalty += forwardLayer(i, whole);
        }
    }
}

/// Returns what the layer adds to the loss for its output.
double Executor::forwardLayer(std::size_t layer, const Part& part) const {
    const NetworkLayer& described = m_network->layers()[layer];
    const LayerPlan& plan = m_plan.layers[layer];
    const LayerBuffers& buffers = part.buffers[layer];
    ForwardArgs args{.batch = part.rows,
                     .phase = part.phase,
                     .form = formOf(layer),
                     .frozen = !described.trainable,
                     .key = keyOf(layer, part),
                     .inputs = buffers.inputs,
                     .weights = m_buffers[layer].weights,
                     .output = part.buffers[plan.result].value,
                     .saved = buffers.saved,
                     .scratch = buffers.forwardScratch,
                     .parallel = &part.parallel};
    const Kernel& kernel = plan.fused ? *plan.fused : *described.kernel;
    if (part.phase == Phase::Training) {
        args.moments = buffers.moments;
    }
    if (part.phase == Phase::Training && described.trainable) {
        args.updatedWeights = m_buffers[layer].updatedWeights;
        args.inputMoments = kernel.readsMoments() ? m_buffers[described.inputs[0]].moments
                                                  : std::span<const float>{};
    }
    if (part.isSlice) {
        partKernel(kernel, plannedPhase(m_options.mode))->forwardPart(args);
        return 0.0;
    }
    kernel.forward(args);
    return kernel.penalty(args);
}

StepKey Executor::keyOf(std::size_t layer, const Part& part) const {
    StepKey key = m_key;
    key.layer = static_cast<std::uint32_t>(layer);
    key.firstSample += static_cast<std::uint64_t>(part.firstRow);
    return key;
}

std::span<float> Executor::outputGradient(std::size_t output) {
    return m_buffers[m_network->outputs()[output]].gradient;
}

void Executor::backward(const Weights& weights) {
    assert(m_options.mode == RunMode::Training);
    bindWeights(weights);
    for (std::size_t i = m_network->layers().size(); i-- > 0;) {
        const LayerPlan& plan = m_plan.layers[i];
        if (plan.stretch >= 0) {
            const auto index = static_cast<std::size_t>(plan.stretch);
            if (m_plan.stretches[index].stretch.last == i) {
                runBackwardStretch(index);
            }
        } else if (plan.runsBackward) {
            runBackward(i);
        }
    }
}

void Executor::bindInputGradients(std::size_t layer) {
    const NetworkLayer& described = m_network->layers()[layer];
    const LayerPlan& plan = m_plan.layers[layer];
    LayerBuffers& buffers = m_buffers[layer];
    for (std::size_t port = 0; port < described.inputs.size(); ++port) {
        const LayerBuffers& source = m_buffers[described.inputs[port]];
        switch (plan.routes[port]) {
        case GradientRoute::None:
            buffers.inputGradients[port] = {};
            break;
        case GradientRoute::Direct:
        case GradientRoute::Shared:
        case GradientRoute::Onto:
            buffers.inputGradients[port] = source.gradient;
            break;
        case GradientRoute::Added:
            buffers.inputGradients[port] =
                floats(plan.addedGradients[port], m_batch * source.rowFloats);
            break;
        }
    }
}

void Executor::backwardLayer(std::size_t layer, const Part& part) const {
    const NetworkLayer& described = m_network->layers()[layer];
    const LayerPlan& plan = m_plan.layers[layer];
    const LayerBuffers& buffers = part.buffers[layer];
    const BackwardArgs args{.batch = part.rows,
                            .form = formOf(layer),
                            .frozen = !described.trainable,
                            .key = keyOf(layer, part),
                            .inputs = buffers.inputs,
                            .weights = m_buffers[layer].weights,
                            .output = part.buffers[plan.result].external,
                            .outputGradient = part.buffers[plan.result].gradient,
                            .saved = buffers.saved,
                            .inputGradients = buffers.inputGradients,
                            .addsInputGradient =
                                !plan.routes.empty() && plan.routes[0] == GradientRoute::Onto,
                            .inputActivation = plan.inputActivation,
                            .activationDone = plan.activationDone,
                            .weightGradients = buffers.weightGradients,
                            .scratch = buffers.backwardScratch,
                            .parallel = &part.parallel};
    const Kernel& kernel = plan.fused ? *plan.fused : *described.kernel;
    if (part.isSlice) {
        partKernel(kernel, Phase::Training)->backwardPart(args);
    } else {
        kernel.backward(args);
    }
}

void Executor::runBackward(std::size_t layer) {
    const NetworkLayer& described = m_network->layers()[layer];
    bindInputGradients(layer);
    backwardLayer(layer, {.buffers = m_buffers, .rows = m_batch, .parallel = m_parallel});
    for (std::size_t port = 0; port < described.inputs.size(); ++port) {
        if (m_plan.layers[layer].routes[port] == GradientRoute::Added) {
            accumulate(m_parallel, m_buffers[layer].inputGradients[port],
                       m_buffers[described.inputs[port]].gradient);
        }
    }
    addSharedGradients(layer);
}

void Executor::addSharedGradients(std::size_t layer) {
    const std::vector<std::size_t>& variables = m_network->layers()[layer].variables;
    for (std::size_t j = 0; j < variables.size(); ++j) {
        if (m_plan.layers[layer].addedVariableGradients[j].bytes > 0) {
            const std::int64_t count = m_network->variables()[variables[j]].spec.shape.count();
            accumulate(m_parallel, m_buffers[layer].weightGradients[j],
                       floats(m_plan.variableGradients[variables[j]], count));
        }
    }
}

std::span<const float> Executor::output(std::size_t output) const {
    return m_buffers[m_network->outputs()[output]].external;
}

std::span<const float> Executor::activation(std::size_t layer) const {
    return m_plan.layers[layer].keepsValue ? m_buffers[layer].external : std::span<const float>{};
}

std::span<const float> Executor::gradient(std::size_t variable) const {
    return variableGradient(variable);
}

std::optional<GradientProduct> Executor::gradientProduct(std::size_t variable) const {
    const std::optional<std::size_t> layer = m_plan.productLayers[variable];
    if (!layer) {
        return std::nullopt;
    }
    const auto& kernel = dynamic_cast<const ProductKernel&>(*m_network->layers()[*layer].kernel);
    return GradientProduct{.geometry = kernel.weightProduct(m_batch),
                           .x = m_buffers[*layer].inputs[0],
                           .dy = m_buffers[*layer].gradient,
                           .scratch =
                               floats(m_plan.productScratch, m_plan.productScratch.bytes / 4)};
}

std::span<float> Executor::mutableGradient(std::size_t variable) {
    return variableGradient(variable);
}

std::span<float> Executor::variableGradient(std::size_t variable) const {
    const MemoryBlock& block = m_plan.variableGradients[variable];
    return block.bytes == 0 ? std::span<float>{}
                            : floats(block, m_network->variables()[variable].spec.shape.count());
}

} // namespace nn
