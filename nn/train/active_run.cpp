#include "nn/train/active_run.h"

#include "nn/base/text.h"
#include "nn/train/sample_order.h"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace nn {
namespace {

bool isSchedule(const TrainSettings& settings) {
    const auto rate = settings.optimizerParams.find("learning_rate");
    return rate != settings.optimizerParams.end() &&
           std::holds_alternative<ParamObject>(rate->second);
}

std::unique_ptr<Metric> batchAccuracy(const TrainSettings& settings,
                                      const std::vector<OutputPlan>& outputs) {
    const bool wanted = std::ranges::any_of(settings.metrics, [](const ParamObject& metric) {
        return metricName(metric) == "accuracy";
    });
    return wanted && outputs.size() == 1 ? makeMetric(ParamObject("accuracy"), outputs[0].kind())
                                         : nullptr;
}

} // namespace

ActiveRun::ActiveRun(const TrainJob& job, const CheckedJob& checked, RunData data,
                     std::shared_ptr<const Network> network, TrainControl& control,
                     const TrainSink& sink)
    : m_job(job), m_data(std::move(data)), m_network(std::move(network)),
      m_outputs(checked.outputs), m_control(control), m_sink(sink),
      m_parallel(job.settings.threads), m_step(m_network, job.settings, m_outputs, m_parallel),
      m_feeder(m_data.training, job.settings.batchSize, m_parallel, job.settings.classWeights),
      m_meters(m_outputs, job.settings.metrics),
      m_batchAccuracy(batchAccuracy(job.settings, m_outputs)), m_callbacks(job.settings.callbacks),
      m_from(job.resume) {
    m_step.setObserver([this](std::size_t output, const Outputs& said, const Targets& wanted) {
        observe(output, said, wanted);
    });
    if (job.resume != nullptr) {
        m_result.weights.variables = m_network->variables();
        m_result.weights.tensors = job.resume->weights->tensors;
        return;
    }
    Weights fresh = initialWeights(m_network->variables(), job.settings.seed);
    m_result.weights =
        job.weights == nullptr ? std::move(fresh) : carriedOver(*job.weights, std::move(fresh));
    adaptNormalizations(
        {.graph = job.graph, .network = m_network, .batchSize = job.settings.batchSize},
        [this](const BatchVisitor& visit) { visitTraining(visit); }, m_result.weights, m_parallel);
}

Expected<TrainResult> ActiveRun::finished() {
    if (auto ready = m_callbacks.check(*this); !ready) {
        return tl::unexpected(ready.error());
    }
    if (auto ready = m_callbacks.trainBegin(*this); !ready) {
        return tl::unexpected(ready.error());
    }
    if (auto taken = takeUp(); !taken) {
        return tl::unexpected(taken.error());
    }
    while (m_place.epoch < m_job.settings.epochs && !m_ended && trainEpoch(m_place.epoch)) {
    }
    // A run that a callback ended is over.
    if (m_job.keepsCheckpoint && !m_ended) {
        keepCheckpoint();
    }
    if (m_result.outcome == TrainOutcome::Finished) {
        m_step.optimizer().finish(m_parallel, m_result.weights);
        m_callbacks.trainEnd(*this);
    }
    m_result.history = m_history.history();
    return std::move(m_result);
}

/// Keras keeps the rate in float32.
void ActiveRun::setLearningRate(double rate) {
    m_step.optimizer().setLearningRate(static_cast<double>(static_cast<float>(rate)));
}

bool ActiveRun::hasFixedLearningRate() const {
    return !isSchedule(m_job.settings);
}

void ActiveRun::swapAverages() {
    if (m_trained) {
        m_result.weights = *std::exchange(m_trained, std::nullopt);
        return;
    }
    m_trained = m_result.weights;
    for (std::size_t i = 0; i < m_result.weights.tensors.size(); ++i) {
        const std::span<const float> average = m_step.optimizer().average(i);
        std::ranges::copy(average, m_result.weights.tensors[i].values().begin());
    }
}

void ActiveRun::stop(std::string reason) {
    m_ended = true;
    m_result.message = std::move(reason);
}

std::string ActiveRun::pathOf(const std::string& given) const {
    return (std::filesystem::path(m_job.folder) / given).string();
}

Expected<void> ActiveRun::saveModel(const std::string& path) {
    if (!m_job.saveModel) {
        return failure(ErrorCode::Unsupported, "Whoever started this run saves no projects.");
    }
    return m_job.saveModel(path, m_result.weights, m_history.history());
}

std::vector<TrainingRun::Column> ActiveRun::columns() const {
    std::vector<Column> columns = m_meters.columns();
    if (m_data.validation) {
        for (const Column& column : m_meters.columns()) {
            columns.push_back({"val_" + column.name, column.direction});
        }
    }
    return columns;
}

void ActiveRun::visitTraining(const BatchVisitor& visit) {
    m_feeder.begin(orderAsGiven(m_data.training.size()));
    for (std::int64_t b = 0; b < m_feeder.batches(); ++b) {
        const Batch batch = m_feeder.batch(b);
        visit(batch.inputs, batch.size);
    }
}

bool ActiveRun::trainEpoch(std::int64_t epoch) {
    const Clock::time_point start = Clock::now();
    m_began = start;
    const std::int64_t count = m_data.training.size();
    m_feeder.begin(m_job.settings.shuffle ? sampleOrder(count, m_job.settings.seed, epoch)
                                          : orderAsGiven(count));
    if (m_place.batch == 0) {
        m_meters.reset();
        m_callbacks.epochBegin(epoch, *this);
    }
    const std::int64_t before = m_place.batch * m_job.settings.batchSize;
    double trained = 0.0;
    for (std::int64_t b = m_place.batch; b < m_feeder.batches() && !m_ended; ++b) {
        const Clock::time_point asked = Clock::now();
        if (!m_control.mayContinue(m_sink.pausedChanged)) {
            m_result.outcome = TrainOutcome::Stopped;
            return false;
        }
        const Clock::time_point resumed = Clock::now();
        if (std::chrono::duration<double>(resumed - asked).count() > 0.1) {
            m_speed.restart();
        }
        if (!trainBatch(epoch, b)) {
            return false;
        }
        trained += secondsSince(resumed);
    }
    const auto images = static_cast<double>(std::max<std::int64_t>(count - before, 0));
    return finishEpoch(epoch, trained > 0.0 ? images / trained : 0.0, start);
}

bool ActiveRun::trainBatch(std::int64_t epoch, std::int64_t b) {
    const Batch batch = m_feeder.batch(b);
    const StepKey key{.seed = m_job.settings.seed,
                      .step = static_cast<std::uint64_t>(m_result.steps),
                      .firstSample = static_cast<std::uint64_t>(b * m_job.settings.batchSize)};
    const StepResult& step =
        m_step.run(m_result.weights, batch.inputs, batch.size, batch.targets, key);
    if (!step.notFinite.empty() && !m_callbacks.notFinite(b, *this)) {
        diverge(epoch, b, step.notFinite);
        return false;
    }
    m_meters.add(step.loss, step.outputLosses, batch.size);
    m_place.batch = b + 1;
    if (!step.notFinite.empty()) {
        return true;
    }
    ++m_result.steps;
    report({.step = m_result.steps,
            .epoch = epoch,
            .batch = b + 1,
            .batchesPerEpoch = m_feeder.batches(),
            .loss = step.loss,
            .accuracy = m_batchAccuracy == nullptr ? kNotMeasured : m_batchAccuracy->result(),
            .imagesPerSecond = m_speed.add(batch.size)});
    const bool on =
        m_callbacks.isEmpty() ||
        (goesOn(m_callbacks.batchEnd(epoch, b, m_meters.logs(), *this)) && goesOn(writeBackups()));
    if (on && !m_ended && m_sink.checkpoint && m_control.takeCheckpointRequest()) {
        lendCheckpoint(m_sink.checkpoint);
    }
    return on;
}

void ActiveRun::observe(std::size_t output, const Outputs& said, const Targets& wanted) {
    m_meters.observe(output, said, wanted);
    if (m_batchAccuracy != nullptr) {
        m_batchAccuracy->reset();
        m_batchAccuracy->add(said, {.labels = wanted.labels, .values = wanted.values});
    }
}

void ActiveRun::report(const BatchProgress& progress) {
    m_history.add(progress);
    if (m_sink.batchDone) {
        m_sink.batchDone(progress);
    }
    if (m_sink.snapshot && m_control.takeSnapshotRequest()) {
        m_sink.snapshot(freshSnapshot(), progress.step);
    }
}

/// A copy of the weights, in a buffer nobody holds any more where there is one.
std::shared_ptr<const Weights> ActiveRun::freshSnapshot() {
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

bool ActiveRun::finishEpoch(std::int64_t number, double imagesPerSecond, Clock::time_point start) {
    Logs logs = m_meters.logs();
    if (m_data.validation) {
        const std::optional<Logs> checked = validation();
        if (!checked) {
            m_result.outcome = TrainOutcome::Stopped;
            return false;
        }
        for (const NamedValue& value : *checked) {
            logs.push_back({"val_" + value.name, value.value});
        }
    }
    const Expected<void> looked = m_callbacks.epochEnd(number, logs, *this);
    EpochResult epoch = epochResult(logs);
    if (m_step.optimizer().hasSchedule() && !logged(logs, "learning_rate")) {
        epoch.values.push_back({"learning_rate", learningRate()});
    }
    epoch.epoch = number + 1;
    epoch.imagesPerSecond = imagesPerSecond;
    epoch.seconds = m_secondsBefore + secondsSince(start);
    m_secondsBefore = 0.0;
    m_speed.restart();
    m_history.add(epoch);
    m_place = {.epoch = number + 1, .batch = 0};
    m_meters.reset();
    if (m_sink.epochDone) {
        m_sink.epochDone(epoch);
    }
    if (looked && !m_ended && m_sink.checkpoint &&
        (m_control.takeCheckpointRequest() || m_sink.checkpointsEveryEpoch)) {
        lendCheckpoint(m_sink.checkpoint);
    }
    return goesOn(looked) && goesOn(writeBackups());
}

/// Over the validation samples with the weights as they are; nothing when stopped meanwhile.
std::optional<Logs> ActiveRun::validation() {
    if (!m_evaluator) {
        m_evaluator = std::make_unique<Evaluator>(m_network, m_outputs, m_job.settings, m_parallel);
    }
    m_callbacks.testBegin(*this);
    std::optional<Logs> logs = m_evaluator->over(*m_data.validation, m_result.weights, [this] {
        return !m_control.mayContinue(m_sink.pausedChanged);
    });
    m_callbacks.testEnd(*this);
    return logs;
}

/// What a callback could not do ends the run with what was learnt so far.
bool ActiveRun::goesOn(const Expected<void>& done) {
    if (!done) {
        m_result.outcome = TrainOutcome::Stopped;
        m_result.message = done.error().message;
    }
    return done.has_value();
}

void ActiveRun::diverge(std::int64_t epoch, std::int64_t b, const std::string& where) {
    m_result.outcome = TrainOutcome::Diverged;
    m_result.message =
        "Training diverged in epoch " + std::to_string(epoch + 1) + ", batch " +
        std::to_string(b + 1) + ": " + where +
        " is not finite (NaN or infinite). The weights from before this batch are kept. Try a "
        "smaller learning rate (now " +
        numberText(m_step.optimizer().learningRate()) +
        "), clipnorm = 1, or BatchNormalization after the convolutions.";
}

} // namespace nn
