#include "nn/train/train_step.h"

#include "nn/base/text.h"
#include "nn/kernels/elementwise.h"

#include <algorithm>
#include <cmath>

namespace nn {
namespace {

std::int64_t outputWidth(const NetworkLayer& layer) {
    return layer.output.rank() == 0 ? 1 : layer.output.back();
}

std::vector<std::unique_ptr<const Loss>> madeLosses(const std::vector<OutputPlan>& outputs) {
    std::vector<std::unique_ptr<const Loss>> losses;
    for (const OutputPlan& output : outputs) {
        losses.push_back(output.loss->make(output.lossParams));
    }
    return losses;
}

} // namespace

Expected<const LossDef*> chosenLoss(const TrainSettings& settings, const Inference& inference) {
    TrainSettings shared = settings;
    shared.outputLosses.clear();
    const auto plans = plannedOutputs(shared, Graph(), inference);
    return plans ? Expected<const LossDef*>(plans->front().loss) : tl::unexpected(plans.error());
}

OutputForm outputFormFor(const Network& network, const Loss& loss) {
    return network.outputIsSoftmax() && loss.takesLogits() ? OutputForm::Logits
                                                           : OutputForm::Activated;
}

ExecutorOptions trainingOptions(const Network& network, const TrainSettings& settings,
                                const Loss& loss, const Optimizer& optimizer) {
    return {.batchCapacity = settings.batchSize,
            .mode = RunMode::Training,
            .output = outputFormFor(network, loss),
            .leavesProducts = optimizer.takesProducts()};
}

Outputs outputsOf(const Executor& executor, std::size_t output) {
    const Network& network = executor.network();
    const NetworkLayer& layer = network.layers()[network.outputs()[output]];
    return {.values = executor.output(output),
            .width = outputWidth(layer),
            .logits = executor.options().output == OutputForm::Logits,
            .extents = layer.output.extents()};
}

TrainStep::TrainStep(std::shared_ptr<const Network> network, const TrainSettings& settings,
                     const LossDef& loss, Parallel& parallel)
    : TrainStep(std::move(network), settings,
                std::vector<OutputPlan>{{.loss = &loss, .lossParams = settings.lossParams}},
                parallel) {}

TrainStep::TrainStep(std::shared_ptr<const Network> network, const TrainSettings& settings,
                     const std::vector<OutputPlan>& outputs, Parallel& parallel)
    : m_network(std::move(network)), m_parallel(parallel), m_losses(madeLosses(outputs)),
      m_optimizer(findOptimizerDef(settings.optimizer)->make(settings.optimizerParams)),
      m_executor(m_network, trainingOptions(*m_network, settings, *m_losses.front(), *m_optimizer),
                 parallel),
      m_rules(m_network->variables()) {
    for (const OutputPlan& output : outputs) {
        m_lossWeights.push_back(output.weight);
    }
    m_optimizer->build(m_network->variables());
    for (std::size_t i = 0; i < m_network->variables().size(); ++i) {
        const Variable& variable = m_network->variables()[i];
        if (!variable.spec.trainable) {
            m_statistics.emplace_back(i, Tensor(variable.spec.shape));
        }
    }
    m_gradients.resize(m_network->variables().size());
}

const StepResult& TrainStep::run(Weights& weights, std::span<const std::span<const float>> inputs,
                                 std::int64_t batch, std::span<const Targets> targets,
                                 const StepKey& key) {
    rememberStatistics(weights);
    m_executor.forwardTraining(inputs, batch, weights, key);

    StepResult& result = m_result;
    result.loss = 0.0;
    result.outputLosses.clear();
    result.notFinite.clear();
    for (std::size_t o = 0; o < m_losses.size(); ++o) {
        const Outputs said = outputsOf(m_executor, o);
        const Targets& wanted = targets.size() == 1 ? targets.front() : targets[o];
        const double loss = m_losses[o]->valueAndGradient(
            m_parallel, m_lossMemory, said, wanted, m_executor.outputGradient(o), m_lossWeights[o]);
        result.outputLosses.push_back(loss);
        result.loss += m_lossWeights[o] * loss;
        if (m_observer) {
            m_observer(o, said, wanted);
        }
    }
    result.loss += m_executor.penalty() + m_rules.penalty(m_parallel, weights);
    bool finite = std::isfinite(result.loss);
    if (finite) {
        m_executor.backward(weights);
        m_rules.addGradients(m_parallel, weights, m_executor);
        finite = update(weights);
    }
    if (!finite) {
        result.notFinite = firstNotFinite(std::isfinite(result.loss));
        restoreStatistics(weights);
    }
    return result;
}

bool TrainStep::update(Weights& weights) {
    m_products.clear();
    for (std::size_t i = 0; i < m_gradients.size(); ++i) {
        m_gradients[i] = m_executor.gradient(i);
        if (const auto product = m_executor.gradientProduct(i)) {
            m_products.push_back({i, *product});
        }
    }
    if (!m_optimizer->apply(m_parallel, m_gradients, weights, m_products)) {
        return false;
    }
    m_rules.constrain(weights);
    return true;
}

std::string TrainStep::firstNotFinite(bool hasGradients) {
    const std::vector<NetworkLayer>& layers = m_network->layers();
    for (std::size_t i = 0; i < layers.size(); ++i) {
        if (!sumOfSquares(m_parallel, m_executor.activation(i)).finite) {
            return "the output of layer \"" + layers[i].name + "\"";
        }
    }
    for (std::size_t i = m_network->variables().size(); hasGradients && i-- > 0;) {
        const std::span<const float> gradient = m_executor.gradient(i);
        const std::optional<GradientProduct> product = m_executor.gradientProduct(i);
        const bool finite = product ? sumOfSquares(m_parallel, *product).finite
                                    : sumOfSquares(m_parallel, gradient).finite;
        if (!finite) {
            const Variable& variable = m_network->variables()[i];
            return "the gradient of " + variable.spec.name + " in layer \"" + variable.layer + "\"";
        }
    }
    return "the loss";
}

void TrainStep::rememberStatistics(const Weights& weights) {
    for (auto& [index, copy] : m_statistics) {
        copy = weights.tensors[index];
    }
}

void TrainStep::restoreStatistics(Weights& weights) const {
    for (const auto& [index, copy] : m_statistics) {
        weights.tensors[index] = copy;
    }
}

} // namespace nn
