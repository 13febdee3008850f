#include "nn/train/trainer.h"

#include "nn/base/text.h"
#include "nn/data/split.h"
#include "nn/train/adapt.h"
#include "nn/train/batch_feeder.h"
#include "nn/train/epoch_meters.h"
#include "nn/train/evaluator.h"
#include "nn/train/history_recorder.h"
#include "nn/train/run_checks.h"
#include "nn/train/sample_order.h"
#include "nn/train/train_step.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

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

/// The samples to learn from and those to check with.
struct Parts {
    TrainData training;
    std::optional<TrainData> validation;
};

bool isSchedule(const TrainSettings& settings) {
    const auto rate = settings.optimizerParams.find("learning_rate");
    return rate != settings.optimizerParams.end() &&
           std::holds_alternative<ParamObject>(rate->second);
}

/// The accuracy of single batches, where the figures have one.
std::unique_ptr<Metric> batchAccuracy(const TrainSettings& settings,
                                      const std::vector<OutputPlan>& outputs) {
    const bool wanted = std::ranges::any_of(settings.metrics, [](const ParamObject& metric) {
        return metricName(metric) == "accuracy";
    });
    return wanted && outputs.size() == 1 ? makeMetric(ParamObject("accuracy"), outputs[0].kind())
                                         : nullptr;
}

/// The classes of the samples; empty where they have none.
std::span<const std::int32_t> classesOf(const TrainData& data) {
    if (data.images() != nullptr) {
        return data.images()->labels();
    }
    const std::vector<TargetArray>& targets = data.arrays()->targets;
    return targets.empty() ? std::span<const std::int32_t>{} : targets.front().labels;
}

Expected<data::Split> splitOf(const TrainJob& job) {
    const double fraction = job.settings.validationSplit;
    if (!job.settings.stratified) {
        return data::lastFraction(job.training.size(), fraction);
    }
    const std::span<const std::int32_t> classes = classesOf(job.training);
    if (static_cast<std::int64_t>(classes.size()) != job.training.size()) {
        return failure(ErrorCode::Usage,
                       "A stratified validation split needs a class for every sample, but these "
                       "data have none. Take the last part of them instead.");
    }
    return data::stratifiedSplit(classes, fraction, job.settings.seed);
}

Expected<Parts> partsOf(const TrainJob& job) {
    if (job.settings.validationSplit <= 0.0) {
        return Parts{job.training, job.validation};
    }
    const Expected<data::Split> split = splitOf(job);
    if (!split) {
        return tl::unexpected(split.error());
    }
    return Parts{job.training.subset(split->train), job.training.subset(split->validation)};
}

std::vector<CallbackRecord> callbackRecords(const CallbackList& callbacks) {
    std::vector<CallbackRecord> records;
    for (const CallbackState& state : callbacks.states()) {
        records.push_back({.values = state.values.dump(), .weights = state.weights});
    }
    return records;
}

/// False when the records are not those of these callbacks.
bool restoreCallbacks(const std::vector<CallbackRecord>& records, CallbackList& callbacks) {
    std::vector<CallbackState> states;
    for (const CallbackRecord& record : records) {
        CallbackState state{.values = nlohmann::ordered_json::parse(record.values, nullptr, false),
                            .weights = record.weights};
        if (!state.values.is_object()) {
            return false;
        }
        states.push_back(std::move(state));
    }
    if (states.size() != callbacks.states().size()) {
        return false;
    }
    try {
        callbacks.restore(states);
    } catch (const nlohmann::json::exception&) {
        return false; // a value of another type: the file was changed
    }
    return true;
}

/// One run: everything that lives from the first batch to the last.
class Run final : public TrainingRun {
public:
    Run(const TrainJob& job, const CheckedJob& checked, Parts parts,
        std::shared_ptr<const Network> network, TrainControl& control, const TrainSink& sink)
        : m_job(job), m_parts(std::move(parts)), m_network(std::move(network)),
          m_outputs(checked.outputs), m_control(control), m_sink(sink),
          m_parallel(job.settings.threads), m_step(m_network, job.settings, m_outputs, m_parallel),
          m_feeder(m_parts.training, job.settings.batchSize, m_parallel, job.settings.classWeights),
          m_meters(m_outputs, job.settings.metrics),
          m_batchAccuracy(batchAccuracy(job.settings, m_outputs)),
          m_callbacks(job.settings.callbacks), m_from(job.resume) {
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
            [this](const BatchVisitor& visit) { visitTraining(visit); }, m_result.weights,
            m_parallel);
    }

    Expected<TrainResult> finished() {
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

    [[nodiscard]] double learningRate() const override { return m_step.optimizer().learningRate(); }
    /// Keras keeps the rate in float32.
    void setLearningRate(double rate) override {
        m_step.optimizer().setLearningRate(static_cast<double>(static_cast<float>(rate)));
    }
    [[nodiscard]] bool hasFixedLearningRate() const override { return !isSchedule(m_job.settings); }
    [[nodiscard]] const Weights& weights() const override { return m_result.weights; }
    void setWeights(const Weights& weights) override { m_result.weights = weights; }

    [[nodiscard]] bool keepsAverages() const override {
        return m_step.optimizer().options().useEma;
    }
    void swapAverages() override {
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

    void stop(std::string reason) override {
        m_ended = true;
        m_result.message = std::move(reason);
    }

    [[nodiscard]] Expected<void> saveModel(const std::string& path) override {
        if (!m_job.saveModel) {
            return failure(ErrorCode::Unsupported, "Whoever started this run saves no projects.");
        }
        return m_job.saveModel(path, m_result.weights, m_history.history());
    }

    void backUp(std::string path) override { m_backups.push_back(std::move(path)); }

    [[nodiscard]] Expected<void> goOnFrom(const std::string& path) override {
        if (!m_job.loadRun) {
            return failure(ErrorCode::Unsupported, "Whoever started this run reads no files.");
        }
        const auto loaded = m_job.loadRun(path);
        if (!loaded) {
            return tl::unexpected(loaded.error());
        }
        if (auto same =
                checkCheckpoint(**loaded, *m_network, m_job.settings, m_parts.training.size());
            !same) {
            return same;
        }
        m_from = *loaded;
        m_fromFile = path;
        return {};
    }

    [[nodiscard]] std::vector<Column> columns() const override {
        std::vector<Column> columns = m_meters.columns();
        if (m_parts.validation) {
            for (const Column& column : m_meters.columns()) {
                columns.push_back({"val_" + column.name, column.direction});
            }
        }
        return columns;
    }

private:
    void visitTraining(const BatchVisitor& visit) {
        m_feeder.begin(orderAsGiven(m_parts.training.size()));
        for (std::int64_t b = 0; b < m_feeder.batches(); ++b) {
            const Batch batch = m_feeder.batch(b);
            visit(batch.inputs, batch.size);
        }
    }

    /// Goes on where a checkpoint is, which must have passed `checkCheckpoint`.
    [[nodiscard]] Expected<void> takeUp() {
        if (m_from == nullptr) {
            return {};
        }
        const Checkpoint& from = *m_from;
        m_result.weights.tensors = from.weights->tensors;
        if (auto restored = m_step.optimizer().restore(from.optimizer); !restored) {
            return restored;
        }
        if (!m_meters.restore(from.sums) || !restoreCallbacks(from.callbacks, m_callbacks)) {
            return failure(ErrorCode::InvalidFile,
                           "The last run cannot be continued: the figures or callbacks it kept are "
                           "not those of these settings. Begin a new run.");
        }
        m_place = {.epoch = from.epoch, .batch = from.batch};
        m_result.steps = from.steps;
        m_history.restore(from.history, {.every = from.historyEvery, .seen = from.historySeen});
        m_secondsBefore = from.seconds;
        if (from.averagesInPlace && keepsAverages()) {
            swapAverages();
        }
        if (!m_fromFile.empty() && m_sink.wentOn) {
            m_sink.wentOn(from, m_fromFile);
        }
        m_from = nullptr;
        return {};
    }

    /// Writes the run where callbacks asked for it since the last time.
    [[nodiscard]] Expected<void> writeBackups() {
        for (const std::string& path : std::exchange(m_backups, {})) {
            if (!m_job.saveRun) {
                return failure(ErrorCode::Unsupported, "Whoever started this run writes no files.");
            }
            Expected<void> saved;
            lendCheckpoint([&](const Checkpoint& run) { saved = m_job.saveRun(path, run); });
            if (!saved) {
                return saved;
            }
        }
        return {};
    }

    [[nodiscard]] bool endChangesWeights() const {
        return m_result.outcome == TrainOutcome::Finished &&
               (m_step.optimizer().finishChangesWeights() || !m_callbacks.isEmpty());
    }

    /// Where the run is, but for the weights: what `takeUp` needs.
    [[nodiscard]] Checkpoint place(OptimizerState optimizer) const {
        return {.settings = m_job.settings,
                .images = m_parts.training.size(),
                .epoch = m_place.epoch,
                .batch = m_place.batch,
                .steps = m_result.steps,
                .averagesInPlace = m_trained.has_value(),
                .optimizer = std::move(optimizer),
                .history = m_history.history(),
                .historyEvery = m_history.place().every,
                .historySeen = m_history.place().seen,
                .sums = m_meters.state(),
                .seconds = m_place.batch == 0 ? 0.0 : m_secondsBefore + secondsSince(m_began),
                .callbacks = callbackRecords(m_callbacks)};
    }

    /// At the end, with copies only of what the end of the run is still to change.
    void keepCheckpoint() {
        const bool changes = endChangesWeights();
        Optimizer& optimizer = m_step.optimizer();
        m_result.checkpoint = place(changes ? optimizer.state() : optimizer.takenState());
        if (changes || m_trained) {
            m_result.checkpoint->weights =
                std::make_shared<const Weights>(m_trained ? *m_trained : m_result.weights);
        }
    }

    /// Calls use(checkpoint) with one that holds the numbers of the run itself, which are put back
    /// afterwards: a copy would double what a run needs.
    template <typename Use>
    void lendCheckpoint(const Use& use) {
        Weights& weights = m_trained ? *m_trained : m_result.weights;
        auto lent = std::make_shared<Weights>(std::move(weights));
        Checkpoint now = place(m_step.optimizer().takenState());
        now.weights = lent;
        use(std::as_const(now));
        now.weights.reset();
        weights = lent.use_count() == 1 ? std::move(*lent) : *lent;
        m_step.optimizer().giveBack(std::move(now.optimizer));
    }

    bool trainEpoch(std::int64_t epoch) {
        const Clock::time_point start = Clock::now();
        m_began = start;
        const std::int64_t count = m_parts.training.size();
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

    bool trainBatch(std::int64_t epoch, std::int64_t b) {
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
        const bool on = m_callbacks.isEmpty() ||
                        (goesOn(m_callbacks.batchEnd(epoch, b, m_meters.logs(), *this)) &&
                         goesOn(writeBackups()));
        if (on && !m_ended && m_sink.checkpoint && m_control.takeCheckpointRequest()) {
            lendCheckpoint(m_sink.checkpoint);
        }
        return on;
    }

    void observe(std::size_t output, const Outputs& said, const Targets& wanted) {
        m_meters.observe(output, said, wanted);
        if (m_batchAccuracy != nullptr) {
            m_batchAccuracy->reset();
            m_batchAccuracy->add(said, {.labels = wanted.labels, .values = wanted.values});
        }
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

    bool finishEpoch(std::int64_t number, double imagesPerSecond, Clock::time_point start) {
        Logs logs = m_meters.logs();
        if (m_parts.validation) {
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
    std::optional<Logs> validation() {
        if (!m_evaluator) {
            m_evaluator =
                std::make_unique<Evaluator>(m_network, m_outputs, m_job.settings, m_parallel);
        }
        m_callbacks.testBegin(*this);
        std::optional<Logs> logs = m_evaluator->over(*m_parts.validation, m_result.weights, [this] {
            return !m_control.mayContinue(m_sink.pausedChanged);
        });
        m_callbacks.testEnd(*this);
        return logs;
    }

    /// What a callback could not do ends the run with what was learnt so far.
    bool goesOn(const Expected<void>& done) {
        if (!done) {
            m_result.outcome = TrainOutcome::Stopped;
            m_result.message = done.error().message;
        }
        return done.has_value();
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
    std::vector<OutputPlan> m_outputs;
    TrainControl& m_control;
    const TrainSink& m_sink;
    Parallel m_parallel;
    TrainStep m_step;
    BatchFeeder m_feeder;
    EpochMeters m_meters;
    std::unique_ptr<Metric> m_batchAccuracy;
    CallbackList m_callbacks;
    std::shared_ptr<const Checkpoint> m_from; ///< To go on with; nullptr once it is taken up.
    std::string m_fromFile;                   ///< Of `m_from`, where a callback found it.
    std::vector<std::string> m_backups;       ///< Files that callbacks want the run in.
    std::unique_ptr<Evaluator> m_evaluator;
    HistoryRecorder m_history;
    /// Epochs finished and batches done of the next one.
    struct Place {
        std::int64_t epoch = 0;
        std::int64_t batch = 0;
    };
    Place m_place;
    Clock::time_point m_began = Clock::now(); ///< Of the epoch, or of the part gone on with.
    double m_secondsBefore = 0.0;             ///< Of an epoch gone on with.
    Speed m_speed;
    std::array<std::shared_ptr<Weights>, 3> m_snapshots;
    std::optional<Weights> m_trained; ///< While the averages are in their place.
    bool m_ended = false;             ///< By a callback.
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
    if (job.resume != nullptr) {
        const auto same =
            checkCheckpoint(*job.resume, **network, job.settings, parts->training.size());
        if (!same) {
            return tl::unexpected(same.error());
        }
    }
    Run run(job, *checked, *std::move(parts), *std::move(network), control, sink);
    return run.finished();
}

} // namespace nn
