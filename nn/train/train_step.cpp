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

} // namespace

Expected<const LossDef*> chosenLoss(const TrainSettings& settings, const Inference& inference) {
    if (inference.outputs.size() != 1) {
        return failure(ErrorCode::Unsupported,
                       "Training needs a network with one output, but this one has " +
                           std::to_string(inference.outputs.size()) +
                           ". Connect or remove the layers whose output nobody reads.");
    }
    if (settings.loss != "auto") {
        if (const LossDef* def = findLossDef(settings.loss)) {
            return def;
        }
        std::vector<std::string> names;
        for (const LossDef& def : lossDefs()) {
            names.push_back(def.name);
        }
        return failure(ErrorCode::Usage, "Expected a loss (auto, " + join(names, ", ") +
                                             "), but received \"" + settings.loss + "\".");
    }
    const NodeInference* known = inference.find(inference.outputs.front());
    const bool oneNumber = known != nullptr && known->output && known->output->rank() > 0 &&
                           known->output->back() == 1;
    return findLossDef(oneNumber ? "mean_squared_error" : "sparse_categorical_crossentropy");
}

OutputForm outputFormFor(const Network& network, const Loss& loss) {
    return network.outputIsSoftmax() && loss.takesLogits() ? OutputForm::Logits
                                                           : OutputForm::Activated;
}

Outputs outputsOf(const Executor& executor) {
    const Network& network = executor.network();
    const NetworkLayer& layer = network.layers()[network.outputs().front()];
    return {.values = executor.output(),
            .width = outputWidth(layer),
            .logits = executor.options().output == OutputForm::Logits,
            .extents = layer.output.extents()};
}

TrainStep::TrainStep(std::shared_ptr<const Network> network, const TrainSettings& settings,
                     const LossDef& loss, Parallel& parallel)
    : m_network(std::move(network)), m_parallel(parallel), m_loss(loss.make(settings.lossParams)),
      m_executor(m_network,
                 {.batchCapacity = settings.batchSize,
                  .mode = RunMode::Training,
                  .output = outputFormFor(*m_network, *m_loss)},
                 parallel),
      m_optimizer(findOptimizerDef(settings.optimizer)->make(settings.optimizerParams)),
      m_rules(m_network->variables()) {
    m_optimizer->build(m_network->variables());
    for (std::size_t i = 0; i < m_network->variables().size(); ++i) {
        const Variable& variable = m_network->variables()[i];
        if (!variable.spec.trainable) {
            m_statistics.emplace_back(i, Tensor(variable.spec.shape));
        }
    }
    m_gradients.resize(m_network->variables().size());
}

StepResult TrainStep::run(Weights& weights, std::span<const std::span<const float>> inputs,
                          std::int64_t batch, const Targets& targets, const StepKey& key) {
    rememberStatistics(weights);
    m_executor.forwardTraining(inputs, batch, weights, key);

    const Outputs said = outputsOf(m_executor);
    StepResult result;
    result.loss = m_loss->valueAndGradient(said, targets, m_executor.outputGradient());
    result.loss += m_executor.penalty() + m_rules.penalty(m_parallel, weights);
    result.correct = correctRows(said, targets);
    result.rows = said.rows();
    bool finite = std::isfinite(result.loss);
    if (finite) {
        m_executor.backward(weights);
        m_rules.addGradients(m_parallel, weights, m_executor);
        finite = update(weights);
    }
    if (!finite) {
        result.notFinite = firstNotFinite();
        restoreStatistics(weights);
    }
    return result;
}

bool TrainStep::update(Weights& weights) {
    for (std::size_t i = 0; i < m_gradients.size(); ++i) {
        m_gradients[i] = m_executor.gradient(i);
    }
    if (!m_optimizer->apply(m_parallel, m_gradients, weights)) {
        return false;
    }
    m_rules.constrain(weights);
    return true;
}

std::string TrainStep::firstNotFinite() {
    const std::vector<NetworkLayer>& layers = m_network->layers();
    for (std::size_t i = 0; i < layers.size(); ++i) {
        if (!sumOfSquares(m_parallel, m_executor.activation(i)).finite) {
            return "the output of layer \"" + layers[i].name + "\"";
        }
    }
    for (std::size_t i = m_network->variables().size(); i-- > 0;) {
        const std::span<const float> gradient = m_executor.gradient(i);
        if (!gradient.empty() && !sumOfSquares(m_parallel, gradient).finite) {
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
