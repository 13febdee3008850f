#pragma once

#include "nn/train/adapt.h"
#include "nn/train/batch_feeder.h"
#include "nn/train/epoch_meters.h"
#include "nn/train/evaluator.h"
#include "nn/train/history_recorder.h"
#include "nn/train/image_speed.h"
#include "nn/train/run_checks.h"
#include "nn/train/run_data.h"
#include "nn/train/train_step.h"

#include <array>
#include <chrono>

namespace nn {

/// One run: everything that lives from the first batch to the last.
class ActiveRun final : public TrainingRun {
public:
    /// All but the data and the network must outlive it.
    ActiveRun(const TrainJob& job, const CheckedJob& checked, RunData data,
              std::shared_ptr<const Network> network, TrainControl& control, const TrainSink& sink);

    /// Trains until done, stopped or diverged; once.
    [[nodiscard]] Expected<TrainResult> finished();

    [[nodiscard]] double learningRate() const override { return m_step.optimizer().learningRate(); }
    void setLearningRate(double rate) override;
    [[nodiscard]] bool hasFixedLearningRate() const override;
    [[nodiscard]] const Weights& weights() const override { return m_result.weights; }
    void setWeights(const Weights& weights) override { m_result.weights = weights; }
    [[nodiscard]] bool keepsAverages() const override {
        return m_step.optimizer().options().useEma;
    }
    void swapAverages() override;
    void stop(std::string reason) override;
    [[nodiscard]] std::string pathOf(const std::string& given) const override;
    [[nodiscard]] Expected<void> saveModel(const std::string& path) override;
    void backUp(std::string path) override { m_backups.push_back(std::move(path)); }
    [[nodiscard]] Expected<void> goOnFrom(const std::string& path) override;
    [[nodiscard]] std::vector<Column> columns() const override;

private:
    using Clock = std::chrono::steady_clock;

    bool trainEpoch(std::int64_t epoch);
    bool trainBatch(std::int64_t epoch, std::int64_t b);
    bool finishEpoch(std::int64_t number, double imagesPerSecond, Clock::time_point start);
    [[nodiscard]] std::optional<Logs> validation();
    void visitTraining(const BatchVisitor& visit);
    void observe(std::size_t output, const Outputs& said, const Targets& wanted);
    void report(const BatchProgress& progress);
    [[nodiscard]] std::shared_ptr<const Weights> freshSnapshot();
    void diverge(std::int64_t epoch, std::int64_t b, const std::string& where);
    [[nodiscard]] bool goesOn(const Expected<void>& done);

    // active_run_checkpoint.cpp
    [[nodiscard]] Expected<void> takeUp();
    [[nodiscard]] Expected<void> writeBackups();
    [[nodiscard]] bool endChangesWeights() const;
    [[nodiscard]] Checkpoint place(OptimizerState optimizer) const;
    void keepCheckpoint();
    void lendCheckpoint(const std::function<void(const Checkpoint&)>& use);

    const TrainJob& m_job;
    RunData m_data;
    std::shared_ptr<const Network> m_network;
    std::vector<OutputPlan> m_outputs;
    TrainControl& m_control;
    const TrainSink& m_sink;
    Parallel m_parallel;
    TrainStep m_step;
    BatchFeeder m_feeder;
    EpochMeters m_meters;
    std::unique_ptr<Metric> m_batchAccuracy; ///< Of single batches, where the figures have one.
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
    ImageSpeed m_speed;
    std::array<std::shared_ptr<Weights>, 3> m_snapshots;
    std::optional<Weights> m_trained; ///< While the averages are in their place.
    bool m_ended = false;             ///< By a callback.
    TrainResult m_result;
};

} // namespace nn
