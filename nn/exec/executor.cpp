#include "nn/exec/executor.h"

#include "nn/kernels/elementwise.h"

#include <cassert>
#include <new>

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
    std::int64_t rowFloats = 0;
};

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

} // namespace

Executor::Executor(std::shared_ptr<const Network> network, const ExecutorOptions& options,
                   Parallel& parallel)
    : m_network(std::move(network)), m_options(options), m_parallel(parallel),
      m_plan(memoryPlan(*m_network, options)), m_arena(arenaBytes(m_plan)) {
    bindBuffers();
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
            } else if (resized) {
                const MemoryBlock& block = m_plan.layers[plan.valueOwner].value;
                buffers.value = floats(block, batch * buffers.rowFloats);
                buffers.external = buffers.value;
            }
        }
        for (std::size_t port = 0; port < layers[i].inputs.size(); ++port) {
            buffers.inputs[port] = m_buffers[layers[i].inputs[port]].external;
        }
        if (resized && m_options.mode == RunMode::Training) {
            const MemoryBlock& block = m_plan.layers[plan.gradientOwner].gradient;
            buffers.gradient =
                block.bytes > 0 ? floats(block, batch * buffers.rowFloats) : std::span<float>{};
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
    const auto& layers = m_network->layers();
    m_penalty = 0.0;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const LayerPlan& plan = m_plan.layers[i];
        if (!plan.runsForward) {
            continue;
        }
        const LayerBuffers& buffers = m_buffers[i];
        ForwardArgs args{.batch = m_batch,
                         .phase = phase,
                         .form = formOf(i),
                         .frozen = !layers[i].trainable,
                         .key = m_key,
                         .inputs = buffers.inputs,
                         .weights = buffers.weights,
                         .output = m_buffers[plan.result].value,
                         .saved = bytes(plan.saved),
                         .scratch = floats(plan.forwardScratch, plan.forwardScratch.bytes / 4),
                         .parallel = &m_parallel};
        args.key.layer = static_cast<std::uint32_t>(i);
        if (phase == Phase::Training && layers[i].trainable) {
            args.updatedWeights = buffers.updatedWeights;
        }
        const Kernel& kernel = plan.fused ? *plan.fused : *layers[i].kernel;
        kernel.forward(args);
        m_penalty += kernel.penalty(args);
    }
}

std::span<float> Executor::outputGradient(std::size_t output) {
    return m_buffers[m_network->outputs()[output]].gradient;
}

void Executor::backward(const Weights& weights) {
    assert(m_options.mode == RunMode::Training);
    bindWeights(weights);
    for (std::size_t i = m_network->layers().size(); i-- > 0;) {
        if (m_plan.layers[i].runsBackward) {
            runBackward(i);
        }
    }
}

void Executor::runBackward(std::size_t layer) {
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
            buffers.inputGradients[port] = source.gradient;
            break;
        case GradientRoute::Added:
            buffers.inputGradients[port] =
                floats(plan.addedGradients[port], m_batch * source.rowFloats);
            break;
        }
    }
    BackwardArgs args{.batch = m_batch,
                      .form = formOf(layer),
                      .frozen = !described.trainable,
                      .key = m_key,
                      .inputs = buffers.inputs,
                      .weights = buffers.weights,
                      .output = m_buffers[plan.result].external,
                      .outputGradient = m_buffers[plan.result].gradient,
                      .saved = bytes(plan.saved),
                      .inputGradients = buffers.inputGradients,
                      .weightGradients = buffers.weightGradients,
                      .scratch = floats(plan.backwardScratch, plan.backwardScratch.bytes / 4),
                      .parallel = &m_parallel};
    args.key.layer = static_cast<std::uint32_t>(layer);
    (plan.fused ? plan.fused : described.kernel)->backward(args);
    for (std::size_t port = 0; port < described.inputs.size(); ++port) {
        if (plan.routes[port] == GradientRoute::Added) {
            accumulate(m_parallel, buffers.inputGradients[port],
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

std::span<float> Executor::mutableGradient(std::size_t variable) {
    return variableGradient(variable);
}

std::span<float> Executor::variableGradient(std::size_t variable) const {
    const MemoryBlock& block = m_plan.variableGradients[variable];
    return block.bytes == 0 ? std::span<float>{}
                            : floats(block, m_network->variables()[variable].spec.shape.count());
}

} // namespace nn
