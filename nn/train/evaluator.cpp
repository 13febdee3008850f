#include "nn/train/evaluator.h"

#include "nn/train/batch_feeder.h"
#include "nn/train/losses/target_values.h"
#include "nn/train/run_checks.h"
#include "nn/train/sample_order.h"
#include "nn/train/train_step.h"

#include <algorithm>

namespace nn {
namespace {

std::vector<std::unique_ptr<const Loss>> madeLosses(const std::vector<OutputPlan>& outputs) {
    std::vector<std::unique_ptr<const Loss>> losses;
    for (const OutputPlan& output : outputs) {
        losses.push_back(output.loss->make(output.lossParams));
    }
    return losses;
}

Evaluation evaluationOf(const Logs& logs) {
    const EpochResult epoch = epochResult(logs);
    return {.loss = epoch.loss,
            .accuracy = epoch.accuracy,
            .images = 0,
            .values = epoch.values,
            .confusion = {}};
}

double quotient(std::int64_t above, std::int64_t below) {
    return below == 0 ? kNotMeasured : static_cast<double>(above) / static_cast<double>(below);
}

} // namespace

std::vector<ClassFigures> classFigures(const Confusion& confusion) {
    std::vector<ClassFigures> figures;
    for (std::int64_t k = 0; k < confusion.classes; ++k) {
        std::int64_t wanted = 0;
        std::int64_t said = 0;
        for (std::int64_t other = 0; other < confusion.classes; ++other) {
            wanted += confusion.count(k, other);
            said += confusion.count(other, k);
        }
        const std::int64_t right = confusion.count(k, k);
        figures.push_back({.images = wanted,
                           .precision = quotient(right, said),
                           .recall = quotient(right, wanted),
                           .f1 = wanted + said == 0 ? 0.0
                                                    : 2.0 * static_cast<double>(right) /
                                                          static_cast<double>(wanted + said)});
    }
    return figures;
}

Evaluator::Evaluator(std::shared_ptr<const Network> network, const std::vector<OutputPlan>& outputs,
                     const TrainSettings& settings, Parallel& parallel)
    : m_network(std::move(network)), m_plans(outputs), m_losses(madeLosses(outputs)),
      m_batchSize(settings.batchSize), m_parallel(parallel),
      m_executor(m_network,
                 {.batchCapacity = settings.batchSize,
                  .mode = RunMode::Inference,
                  .output = outputFormFor(*m_network, *m_losses.front())},
                 parallel),
      m_meters(outputs, settings.metrics) {}

std::optional<Logs> Evaluator::over(const TrainData& data, const Weights& weights,
                                    const std::function<bool()>& cancelled) {
    BatchFeeder feeder(data, m_batchSize, m_parallel);
    feeder.begin(orderAsGiven(data.size()));
    m_meters.reset();
    m_confusion = {};
    const double penalty = WeightRules(m_network->variables()).penalty(m_parallel, weights);
    for (std::int64_t b = 0; b < feeder.batches(); ++b) {
        if (cancelled && cancelled()) {
            return std::nullopt;
        }
        const Batch batch = feeder.batch(b);
        m_executor.forward(batch.inputs, batch.size, weights);
        std::vector<double> losses;
        double total = m_executor.penalty() + penalty;
        for (std::size_t o = 0; o < m_losses.size(); ++o) {
            const Outputs said = outputsOf(m_executor, o);
            losses.push_back(m_losses[o]->value(said, batch.targetsOf(o)));
            total += m_plans[o].weight * losses.back();
            m_meters.observe(o, said, batch.targetsOf(o));
        }
        countConfusion(outputsOf(m_executor), batch.targetsOf(0));
        m_meters.add(total, losses, batch.size);
    }
    return m_meters.logs();
}

/// For one row of classes per sample, as images with labels have.
void Evaluator::countConfusion(const Outputs& outputs, const Targets& targets) {
    const bool countable = m_losses.size() == 1 && outputs.width > 1 && targets.values.empty() &&
                           outputs.rows() == outputs.samples();
    if (!countable) {
        return;
    }
    const auto width = static_cast<std::size_t>(outputs.width);
    m_confusion.classes = outputs.width;
    m_confusion.counts.resize(width * width);
    for (std::size_t r = 0; r < static_cast<std::size_t>(outputs.rows()); ++r) {
        const std::span<const float> y = outputs.values.subspan(r * width, width);
        const auto said = static_cast<std::size_t>(std::ranges::max_element(y) - y.begin());
        const auto truth = static_cast<std::size_t>(classOf(targets, r));
        if (truth < width) {
            ++m_confusion.counts[truth * width + said];
        }
    }
}

Expected<Evaluation> evaluate(const Graph& graph, const Weights& weights, const TrainData& data,
                              const EvaluateOptions& options) {
    if (auto checked = checkSettings(options.settings); !checked) {
        return tl::unexpected(checked.error());
    }
    const Inference inference = infer(graph);
    const Expected<std::shared_ptr<const Network>> network = Network::compile(graph, inference);
    if (!network) {
        return tl::unexpected(network.error());
    }
    const auto plans = plannedOutputs(options.settings, graph, inference);
    if (!plans) {
        return tl::unexpected(plans.error());
    }
    if (auto checked = checkData(graph, inference, *plans, data); !checked) {
        return tl::unexpected(checked.error());
    }
    Parallel parallel(options.settings.threads);
    Evaluator evaluator(*network, *plans, options.settings, parallel);
    const std::optional<Logs> logs = evaluator.over(data, weights, options.cancelled);
    if (!logs) {
        return failure(ErrorCode::Cancelled, "The evaluation was stopped.");
    }
    Evaluation result = evaluationOf(*logs);
    result.images = data.size();
    result.confusion = evaluator.confusion();
    return result;
}

} // namespace nn
