#include "nn/inspect/activations.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace nn {

namespace {

/// Rows of a tensor that holds samples of a shape; nothing when it does not fit.
std::optional<std::int64_t> rowsOf(const Shape& tensor, const Shape& sample) {
    if (tensor == sample) {
        return 1;
    }
    if (tensor.rank() == sample.rank() + 1 && tensor[0] > 0 &&
        tensor == sample.withBatch(tensor[0])) {
        return tensor[0];
    }
    return std::nullopt;
}

std::vector<float> softmaxOf(std::span<const float> scores) {
    std::vector<float> result(scores.begin(), scores.end());
    const float largest = std::ranges::max(result);
    for (float& value : result) {
        value = std::exp(value - largest);
    }
    const float sum = std::accumulate(result.begin(), result.end(), 0.0F);
    for (float& value : result) {
        value /= sum;
    }
    return result;
}

Prediction predictionOf(std::span<const float> output, bool isSoftmax) {
    Prediction prediction{.output = {output.begin(), output.end()}, .probabilities = {}};
    if (output.size() > 1) {
        prediction.probabilities = isSoftmax ? prediction.output : softmaxOf(output);
        prediction.best =
            std::ranges::max_element(prediction.probabilities) - prediction.probabilities.begin();
    }
    return prediction;
}

} // namespace

Inspector::Inspector(std::shared_ptr<const Network> network, int threads)
    : m_network(std::move(network)), m_parallel(threads) {}

Inspector::~Inspector() = default;

Expected<std::int64_t> Inspector::batchOf(std::span<const Tensor> inputs) const {
    const auto& wanted = m_network->inputs();
    if (inputs.size() != wanted.size()) {
        return failure(ErrorCode::Usage, "The network has " + std::to_string(wanted.size()) +
                                             " inputs, but " + std::to_string(inputs.size()) +
                                             " were given. Give one tensor per Input layer.");
    }
    std::int64_t batch = 0;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const NetworkLayer& layer = m_network->layers()[wanted[i]];
        const auto rows = rowsOf(inputs[i].shape(), layer.output);
        if (!rows) {
            return failure(ErrorCode::Usage, layer.name + " takes samples of " +
                                                 shapeText(layer.output) + ", but was given " +
                                                 shapeText(inputs[i].shape()) +
                                                 ". Resize the image or change the Input layer.");
        }
        if (i > 0 && *rows != batch) {
            return failure(ErrorCode::Usage, layer.name + " was given " + std::to_string(*rows) +
                                                 " samples, but the first input has " +
                                                 std::to_string(batch) +
                                                 ". Give all inputs the same number.");
        }
        batch = *rows;
    }
    return batch;
}

Expected<void> Inspector::run(const Weights& weights, std::span<const Tensor> inputs) {
    if (weights.variables != m_network->variables()) {
        return failure(ErrorCode::Usage, "The weights given do not belong to this network: names "
                                         "or shapes differ. Make new weights for it.");
    }
    const auto batch = batchOf(inputs);
    if (!batch) {
        return tl::unexpected(batch.error());
    }
    if (!m_executor || m_executor->options().batchCapacity < *batch) {
        m_executor = std::make_unique<Executor>(
            m_network, ExecutorOptions{.batchCapacity = *batch, .mode = RunMode::Inspection},
            m_parallel);
    }
    std::vector<std::span<const float>> spans;
    for (const Tensor& input : inputs) {
        spans.push_back(input.values());
    }
    m_executor->forward(spans, *batch, weights);
    return {};
}

Expected<std::vector<Tensor>> Inspector::activations(const Weights& weights,
                                                     std::span<const Tensor> inputs,
                                                     std::span<const NodeId> layers) {
    if (const auto done = run(weights, inputs); !done) {
        return tl::unexpected(done.error());
    }
    std::vector<Tensor> results;
    for (const NodeId id : layers) {
        const auto index = m_network->indexOf(id);
        if (!index) {
            return failure(ErrorCode::Usage, "The network has no layer with number " +
                                                 std::to_string(id) +
                                                 ". Choose a layer of the network shown.");
        }
        const Shape shape = m_network->layers()[*index].output.withBatch(m_executor->batch());
        results.emplace_back(shape, m_executor->activation(*index));
    }
    return results;
}

Expected<std::vector<Prediction>> Inspector::predictions(const Weights& weights,
                                                         std::span<const Tensor> inputs) {
    if (const auto done = run(weights, inputs); !done) {
        return tl::unexpected(done.error());
    }
    const std::span<const float> output = m_executor->output();
    const std::size_t row = output.size() / static_cast<std::size_t>(m_executor->batch());
    std::vector<Prediction> results;
    for (std::size_t first = 0; first < output.size(); first += row) {
        results.push_back(predictionOf(output.subspan(first, row), m_network->outputIsSoftmax()));
    }
    return results;
}

Expected<std::vector<Tensor>> activations(std::shared_ptr<const Network> network,
                                          const Weights& weights, std::span<const Tensor> inputs,
                                          std::span<const NodeId> layers) {
    Inspector inspector(std::move(network));
    return inspector.activations(weights, inputs, layers);
}

} // namespace nn
