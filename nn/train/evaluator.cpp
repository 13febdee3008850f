#include "nn/train/evaluator.h"

#include "nn/train/batch_feeder.h"
#include "nn/train/run_checks.h"
#include "nn/train/sample_order.h"
#include "nn/train/train_step.h"

namespace nn {

Evaluator::Evaluator(std::shared_ptr<const Network> network, const Loss& loss,
                     std::int64_t batchSize, Parallel& parallel)
    : m_network(std::move(network)), m_loss(loss), m_batchSize(batchSize), m_parallel(parallel),
      m_executor(m_network,
                 {.batchCapacity = batchSize,
                  .mode = RunMode::Inference,
                  .output = outputFormFor(*m_network, loss)},
                 parallel) {}

std::optional<Evaluation> Evaluator::over(const data::Dataset& dataset, const Weights& weights,
                                          const std::function<bool()>& cancelled) {
    BatchFeeder feeder(dataset, m_batchSize, m_parallel);
    feeder.begin(orderAsGiven(dataset.size()));
    const double penalty = WeightRules(m_network->variables()).penalty(m_parallel, weights);
    double lossSum = 0.0;
    std::int64_t correct = 0;
    std::int64_t rows = 0;
    std::int64_t width = 1;
    for (std::int64_t b = 0; b < feeder.batches(); ++b) {
        if (cancelled && cancelled()) {
            return std::nullopt;
        }
        const Batch batch = feeder.batch(b);
        const std::span<const float> inputs[] = {batch.images};
        m_executor.forward(inputs, batch.size, weights);
        const Outputs said = outputsOf(m_executor);
        const Targets targets{.labels = batch.labels};
        const double loss = m_loss.value(said, targets) + m_executor.penalty() + penalty;
        lossSum += loss * static_cast<double>(said.rows());
        correct += correctRows(said, targets);
        rows += said.rows();
        width = said.width;
    }
    return Evaluation{.loss = lossSum / static_cast<double>(rows),
                      .accuracy = width > 1
                                      ? static_cast<double>(correct) / static_cast<double>(rows)
                                      : kNotMeasured,
                      .images = dataset.size()};
}

Expected<Evaluation> evaluate(const Graph& graph, const Weights& weights,
                              const data::Dataset& dataset, const EvaluateOptions& options) {
    if (auto checked = checkSettings(options.settings); !checked) {
        return tl::unexpected(checked.error());
    }
    const Inference inference = infer(graph);
    const Expected<std::shared_ptr<const Network>> network = Network::compile(graph, inference);
    if (!network) {
        return tl::unexpected(network.error());
    }
    const Expected<const LossDef*> def = chosenLoss(options.settings, inference);
    if (!def) {
        return tl::unexpected(def.error());
    }
    if (auto checked = checkData(graph, inference, **def, dataset); !checked) {
        return tl::unexpected(checked.error());
    }
    const std::unique_ptr<const Loss> loss = (*def)->make(options.settings.lossParams);
    Parallel parallel(options.settings.threads);
    Evaluator evaluator(*network, *loss, options.settings.batchSize, parallel);
    const std::optional<Evaluation> result = evaluator.over(dataset, weights, options.cancelled);
    if (!result) {
        return failure(ErrorCode::Cancelled, "The evaluation was stopped.");
    }
    return *result;
}

} // namespace nn
