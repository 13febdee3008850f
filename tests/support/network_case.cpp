#include "tests/support/network_case.h"

#include "tests/support/kernel_cases.h"
#include "tests/support/text_graph.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace tests {
namespace {

using reference::Values;

const nn::StepKey kKey{.seed = 11, .step = 4, .firstSample = 6};

std::vector<Values> doubled(const std::vector<std::vector<float>>& values) {
    std::vector<Values> result;
    for (const std::vector<float>& value : values) {
        result.push_back(kernel_cases::doubles(value));
    }
    return result;
}

std::vector<Values> doubled(const nn::Weights& weights) {
    std::vector<Values> result;
    for (const nn::Tensor& tensor : weights.tensors) {
        result.push_back(kernel_cases::doubles(tensor.values()));
    }
    return result;
}

/// The loss of the outputs and, in float, its gradient.
struct Loss {
    TestLoss kind = TestLoss::WeightedSum;
    std::vector<std::vector<float>> factors; ///< By output; for cross-entropy one-hot rows.

    [[nodiscard]] double value(const std::vector<Values>& outputs, std::int64_t batch) const {
        double sum = 0.0;
        for (std::size_t i = 0; i < outputs.size(); ++i) {
            for (std::size_t j = 0; j < outputs[i].size(); ++j) {
                const auto factor = static_cast<double>(factors[i][j]);
                if (kind == TestLoss::WeightedSum) {
                    sum += factor * outputs[i][j];
                } else if (factor > 0.0) {
                    sum -= std::log(outputs[i][j]) / static_cast<double>(batch);
                }
            }
        }
        return sum;
    }

    void writeGradient(std::size_t output, std::span<const float> y, std::int64_t batch,
                       std::span<float> gradient) const {
        const std::vector<float>& factor = factors[output];
        const auto rows = static_cast<float>(batch);
        switch (kind) {
        case TestLoss::WeightedSum:
            std::ranges::copy(factor, gradient.begin());
            return;
        case TestLoss::CrossEntropy:
            for (std::size_t i = 0; i < y.size(); ++i) {
                gradient[i] = -factor[i] / (y[i] * rows);
            }
            return;
        case TestLoss::CrossEntropyFromLogits:
            break;
        }
        const std::size_t classes = y.size() / static_cast<std::size_t>(batch);
        for (std::size_t row = 0; row < y.size(); row += classes) {
            double sum = 0.0;
            for (std::size_t i = row; i < row + classes; ++i) {
                sum += std::exp(static_cast<double>(y[i]));
            }
            for (std::size_t i = row; i < row + classes; ++i) {
                const double probability = std::exp(static_cast<double>(y[i])) / sum;
                gradient[i] = (static_cast<float>(probability) - factor[i]) / rows;
            }
        }
    }
};

Loss madeLoss(const NetworkCase& net, TestLoss kind) {
    Loss loss{kind, {}};
    kernel_cases::Dice dice(99);
    for (const std::size_t output : net.network->outputs()) {
        const std::int64_t row = net.network->layers()[output].output.count();
        std::vector<float> factors = dice.values(row * net.batch);
        if (kind != TestLoss::WeightedSum) {
            std::ranges::fill(factors, 0.0F);
            for (std::int64_t i = 0; i < net.batch; ++i) {
                factors[static_cast<std::size_t>(i * row + dice.number(0, row - 1))] = 1.0F;
            }
        }
        loss.factors.push_back(std::move(factors));
    }
    return loss;
}

double referenceLoss(const NetworkCase& net, const Loss& loss, const std::vector<Values>& inputs,
                     const std::vector<Values>& weights) {
    const std::vector<Values> all = reference::networkForward({.graph = &net.graph,
                                                               .network = net.network.get(),
                                                               .batch = net.batch,
                                                               .phase = nn::Phase::Training,
                                                               .key = kKey},
                                                              inputs, weights);
    std::vector<Values> outputs;
    for (const std::size_t output : net.network->outputs()) {
        outputs.push_back(all[output]);
    }
    return loss.value(outputs, net.batch);
}

} // namespace

NetworkCase networkCase(const nn::Graph& graph, std::int64_t batch, std::uint64_t seed) {
    const auto network = nn::Network::compile(graph);
    if (!network) {
        throw std::runtime_error(network.error().message);
    }
    NetworkCase net{
        .graph = graph, .network = *network, .weights = {}, .inputs = {}, .batch = batch};
    net.weights = nn::initialWeights(net.network->variables(), seed);
    kernel_cases::Dice dice(seed);
    for (nn::Tensor& tensor : net.weights.tensors) {
        if (tensor.shape().rank() == 1) {
            // Biases and statistics away from zero, so that each of them matters.
            for (float& value : tensor.values()) {
                value += 0.2F * std::abs(dice.values(1)[0]);
            }
        }
    }
    for (const std::size_t input : net.network->inputs()) {
        net.inputs.push_back(dice.values(batch * net.network->layers()[input].output.count()));
    }
    return net;
}

NetworkCase networkCase(std::string_view text, std::int64_t batch, std::uint64_t seed) {
    return networkCase(tests::graph(text), batch, seed);
}

std::vector<Values> referenceActivations(const NetworkCase& net, nn::Phase phase,
                                         const nn::StepKey& key) {
    return reference::networkForward({.graph = &net.graph,
                                      .network = net.network.get(),
                                      .batch = net.batch,
                                      .phase = phase,
                                      .key = key},
                                     doubled(net.inputs), doubled(net.weights));
}

GradientError gradientError(NetworkCase& net, TestLoss kind, nn::Parallel& parallel) {
    const Loss loss = madeLoss(net, kind);
    const std::vector<Values> inputs = doubled(net.inputs);
    std::vector<Values> weights = doubled(net.weights);
    nn::Executor executor(net.network,
                          {.batchCapacity = net.batch,
                           .mode = nn::RunMode::Training,
                           .output = kind == TestLoss::CrossEntropyFromLogits
                                         ? nn::OutputForm::Logits
                                         : nn::OutputForm::Activated},
                          parallel);
    nn::Weights updated = net.weights;
    executor.forwardTraining(net.inputSpans(), net.batch, updated, kKey);
    for (std::size_t i = 0; i < net.network->outputs().size(); ++i) {
        loss.writeGradient(i, executor.output(i), net.batch, executor.outputGradient(i));
    }
    executor.backward(net.weights);
    GradientError worst;
    std::vector<float> actual;
    Values wanted;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        if (!net.network->variables()[i].trainable) {
            continue;
        }
        const Values expected = reference::centralDifferences(
            weights[i], [&] { return referenceLoss(net, loss, inputs, weights); });
        const std::span<const float> gradient = executor.gradient(i);
        actual.insert(actual.end(), gradient.begin(), gradient.end());
        wanted.insert(wanted.end(), expected.begin(), expected.end());
        const double error = reference::normError(gradient, expected);
        if (error > worst.variable) {
            const nn::Variable& variable = net.network->variables()[i];
            worst = {0.0, error, variable.layer + "/" + variable.spec.name};
        }
    }
    worst.whole = reference::normError(actual, wanted);
    return worst;
}

} // namespace tests
