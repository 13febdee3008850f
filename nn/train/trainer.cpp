#include "nn/train/trainer.h"

#include "nn/base/text.h"
#include "nn/data/split.h"
#include "nn/train/batch_feeder.h"
#include "nn/train/evaluator.h"
#include "nn/train/history_recorder.h"
#include "nn/train/run_checks.h"
#include "nn/train/sample_order.h"
#include "nn/train/train_step.h"

#include <array>
#include <chrono>
#include <cmath>

namespace nn {
namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Images per second over about the last second.
class Speed {
public:
    double add(std::int64_t images) {
        m_images += images;
        const double seconds = secondsSince(m_since);
        if (seconds >= 0.5 || m_speed == 0.0) {
            const double now = static_cast<double>(m_images) / std::max(seconds, 1e-9);
            m_speed = m_speed == 0.0 || seconds >= 1.0 ? now : 0.5 * (m_speed + now);
            if (seconds >= 0.5) {
                m_since = Clock::now();
                m_images = 0;
            }
        }
        return m_speed;
    }
    void restart() {
        m_since = Clock::now();
        m_images = 0;
    }

private:
    Clock::time_point m_since = Clock::now();
    std::int64_t m_images = 0;
    double m_speed = 0.0;
};

/// Mean over an epoch's batches so far, weighted by their size, as Keras logs it.
struct RunningMean {
    double lossSum = 0.0;
    std::int64_t correct = 0;
    std::int64_t rows = 0;

    void add(const StepResult& step) {
        lossSum += step.loss * static_cast<double>(step.rows);
        correct += step.correct;
        rows += step.rows;
    }
    [[nodiscard]] double loss() const { return lossSum / static_cast<double>(rows); }
    [[nodiscard]] double accuracy() const {
        return static_cast<double>(correct) / static_cast<double>(rows);
    }
};

/// The images to learn from and those to check with.
struct Parts {
    data::Dataset training;
    std::optional<data::Dataset> validation;
};

Expected<Parts> partsOf(const TrainJob& job) {
    if (job.settings.validationSplit <= 0.0) {
        return Parts{job.training, job.validation};
    }
    const Expected<data::Split> split =
        data::lastFraction(job.training.size(), job.settings.validationSplit);
    if (!split) {
        return tl::unexpected(split.error());
    }
    return Parts{job.training.subset(split->train), job.training.subset(split->validation)};
}

/// One run: everything that lives from the first batch to the last.
class Run {
public:
    Run(const TrainJob& job, const CheckedJob& checked, Parts parts,
        std::shared_ptr<const Network> network, TrainControl& control, const TrainSink& sink)
        : m_job(job), m_parts(std::move(parts)), m_network(std::move(network)), m_control(control),
          m_sink(sink), m_parallel(job.settings.threads),
          m_accuracyMeasured(
              checked.inference.find(checked.inference.outputs.front())->output->back() > 1),
          m_step(m_network, job.settings, *checked.loss, m_parallel),
          m_feeder(m_parts.training, job.settings.batchSize, m_parallel) {
        Weights fresh = initialWeights(m_network->variables(), job.settings.seed);
        m_result.weights =
            job.weights == nullptr ? std::move(fresh) : carriedOver(*job.weights, std::move(fresh));
    }

    TrainResult finished() {
        for (std::int64_t epoch = 0; epoch < m_job.settings.epochs; ++epoch) {
            if (!trainEpoch(epoch)) {
                break;
            }
        }
        m_result.history = m_history.history();
        return std::move(m_result);
    }

private:
    bool trainEpoch(std::int64_t epoch) {
        const Clock::time_point start = Clock::now();
        const std::int64_t count = m_parts.training.size();
        m_feeder.begin(m_job.settings.shuffle ? sampleOrder(count, m_job.settings.seed, epoch)
                                              : orderAsGiven(count));
        RunningMean mean;
        double trained = 0.0;
        for (std::int64_t b = 0; b < m_feeder.batches(); ++b) {
            const Clock::time_point before = Clock::now();
            if (!m_control.mayContinue(m_sink.pausedChanged)) {
                m_result.outcome = TrainOutcome::Stopped;
                return false;
            }
            const Clock::time_point resumed = Clock::now();
            if (std::chrono::duration<double>(resumed - before).count() > 0.1) {
                m_speed.restart();
            }
            if (!trainBatch(epoch, b, mean)) {
                return false;
            }
            trained += secondsSince(resumed);
        }
        return finishEpoch({.epoch = epoch + 1,
                            .loss = mean.loss(),
                            .accuracy = m_accuracyMeasured ? mean.accuracy() : kNotMeasured,
                            .valLoss = kNotMeasured,
                            .valAccuracy = kNotMeasured,
                            .seconds = secondsSince(start),
                            .imagesPerSecond = static_cast<double>(count) / trained},
                           start);
    }

    bool trainBatch(std::int64_t epoch, std::int64_t b, RunningMean& mean) {
        const Batch batch = m_feeder.batch(b);
        const std::span<const float> inputs[] = {batch.images};
        const StepKey key{.seed = m_job.settings.seed,
                          .step = static_cast<std::uint64_t>(m_result.steps),
                          .firstSample = static_cast<std::uint64_t>(b * m_job.settings.batchSize)};
        const StepResult step =
            m_step.run(m_result.weights, inputs, batch.size, {.labels = batch.labels}, key);
        if (!step.notFinite.empty()) {
            diverge(epoch, b, step.notFinite);
            return false;
        }
        ++m_result.steps;
        mean.add(step);
        report({.step = m_result.steps,
                .epoch = epoch,
                .batch = b + 1,
                .batchesPerEpoch = m_feeder.batches(),
                .loss = step.loss,
                .accuracy = m_accuracyMeasured
                                ? static_cast<double>(step.correct) / static_cast<double>(step.rows)
                                : kNotMeasured,
                .imagesPerSecond = m_speed.add(batch.size)});
        return true;
    }

    void report(const BatchProgress& progress) {
        m_history.add(progress);
        if (m_sink.batchDone) {
            m_sink.batchDone(progress);
        }
        if (m_sink.snapshot && m_control.takeSnapshotRequest()) {
            m_sink.snapshot(freshSnapshot(), progress.step);
        }
    }

    /// A copy of the weights, in a buffer nobody holds any more where there is one.
    std::shared_ptr<const Weights> freshSnapshot() {
        for (std::shared_ptr<Weights>& buffer : m_snapshots) {
            if (buffer == nullptr || buffer.use_count() == 1) {
                if (buffer == nullptr) {
                    buffer = std::make_shared<Weights>(m_result.weights);
                } else {
                    buffer->tensors = m_result.weights.tensors;
                }
                return buffer;
            }
        }
        return std::make_shared<const Weights>(m_result.weights);
    }

    bool finishEpoch(EpochResult epoch, Clock::time_point start) {
        if (m_parts.validation) {
            const std::optional<Evaluation> checked = validation();
            if (!checked) {
                m_result.outcome = TrainOutcome::Stopped;
                return false;
            }
            epoch.valLoss = checked->loss;
            epoch.valAccuracy = checked->accuracy;
        }
        epoch.seconds = secondsSince(start);
        m_speed.restart();
        m_history.add(epoch);
        if (m_sink.epochDone) {
            m_sink.epochDone(epoch);
        }
        return true;
    }

    /// Over the validation images with the weights as they are; nothing when stopped meanwhile.
    std::optional<Evaluation> validation() {
        if (!m_evaluator) {
            m_evaluator = std::make_unique<Evaluator>(m_network, m_step.loss(),
                                                      m_job.settings.batchSize, m_parallel);
        }
        return m_evaluator->over(*m_parts.validation, m_result.weights,
                                 [this] { return !m_control.mayContinue(m_sink.pausedChanged); });
    }

    void diverge(std::int64_t epoch, std::int64_t b, const std::string& where) {
        m_result.outcome = TrainOutcome::Diverged;
        m_result.message =
            "Training diverged in epoch " + std::to_string(epoch + 1) + ", batch " +
            std::to_string(b + 1) + ": " + where +
            " is not finite (NaN or infinite). The weights from before this batch are kept. Try a "
            "smaller learning rate (now " +
            numberText(m_step.optimizer().learningRate()) +
            "), clipnorm = 1, or BatchNormalization after the convolutions.";
    }

    const TrainJob& m_job;
    Parts m_parts;
    std::shared_ptr<const Network> m_network;
    TrainControl& m_control;
    const TrainSink& m_sink;
    Parallel m_parallel;
    bool m_accuracyMeasured;
    TrainStep m_step;
    BatchFeeder m_feeder;
    std::unique_ptr<Evaluator> m_evaluator;
    HistoryRecorder m_history;
    Speed m_speed;
    std::array<std::shared_ptr<Weights>, 3> m_snapshots;
    TrainResult m_result;
};

} // namespace

Expected<TrainResult> train(const TrainJob& job, TrainControl& control, const TrainSink& sink) {
    const Expected<CheckedJob> checked = checkedJob(job, machineMemory());
    if (!checked) {
        return tl::unexpected(checked.error());
    }
    Expected<Parts> parts = partsOf(job);
    if (!parts) {
        return tl::unexpected(parts.error());
    }
    Expected<std::shared_ptr<const Network>> network =
        Network::compile(job.graph, checked->inference);
    if (!network) {
        return tl::unexpected(network.error());
    }
    return Run(job, *checked, *std::move(parts), *std::move(network), control, sink).finished();
}

} // namespace nn
