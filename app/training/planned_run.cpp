#include "app/training/planned_run.h"

#include "nn/train/callback.h"
#include "nn/train/epoch_meters.h"
#include "nn/train/optimizer.h"
#include "nn/train/output_plan.h"

namespace app {

namespace {

/// A run that is only planned: what callbacks may ask before anything is trained.
class PlannedRun final : public nn::TrainingRun {
public:
    PlannedRun(const nn::TrainSettings& settings, std::vector<Column> columns)
        : m_columns(std::move(columns)) {
        const auto rate = settings.optimizerParams.find("learning_rate");
        m_isFixed = rate == settings.optimizerParams.end() ||
                    !std::holds_alternative<nn::ParamObject>(rate->second);
        const auto averages = settings.optimizerParams.find("use_ema");
        m_keepsAverages =
            averages != settings.optimizerParams.end() && averages->second == nn::ParamValue(true);
    }

    [[nodiscard]] double learningRate() const override { return 0.0; }
    void setLearningRate(double /*rate*/) override {}
    [[nodiscard]] bool hasFixedLearningRate() const override { return m_isFixed; }
    [[nodiscard]] const nn::Weights& weights() const override { return m_weights; }
    void setWeights(const nn::Weights& /*weights*/) override {}
    [[nodiscard]] bool keepsAverages() const override { return m_keepsAverages; }
    void swapAverages() override {}
    void stop(std::string /*reason*/) override {}
    [[nodiscard]] nn::Expected<void> saveModel(const std::string& /*path*/) override { return {}; }
    void backUp(std::string /*path*/) override {}
    [[nodiscard]] nn::Expected<void> goOnFrom(const std::string& /*path*/) override { return {}; }
    [[nodiscard]] std::vector<Column> columns() const override { return m_columns; }

private:
    std::vector<Column> m_columns;
    nn::Weights m_weights;
    bool m_isFixed = true;
    bool m_keepsAverages = false;
};

using Column = nn::TrainingRun::Column;

/// Nothing when the network is not complete.
std::vector<Column> columnsOf(const nn::TrainSettings& settings, const nn::Graph& graph,
                              const nn::Inference& inference, bool hasValidation) {
    if (!inference.isRunnable()) {
        return {};
    }
    const auto outputs = nn::plannedOutputs(settings, graph, inference);
    if (!outputs) {
        return {};
    }
    std::vector<Column> columns = nn::EpochMeters(*outputs, settings.metrics).columns();
    if (hasValidation) {
        for (std::size_t i = 0, count = columns.size(); i < count; ++i) {
            columns.push_back({"val_" + columns[i].name, columns[i].direction});
        }
    }
    return columns;
}

} // namespace

std::vector<std::string> plannedColumns(const nn::TrainSettings& settings, const nn::Graph& graph,
                                        const nn::Inference& inference, bool hasValidation) {
    std::vector<std::string> names;
    for (const Column& column : columnsOf(settings, graph, inference, hasValidation)) {
        names.push_back(column.name);
    }
    return names;
}

std::vector<std::string> callbackProblems(const nn::TrainSettings& settings, const nn::Graph& graph,
                                          const nn::Inference& inference, bool hasValidation) {
    std::vector<std::string> problems(settings.callbacks.size());
    std::vector<Column> columns = columnsOf(settings, graph, inference, hasValidation);
    if (columns.empty()) {
        return problems; // the network says itself what is wrong
    }
    const PlannedRun run(settings, std::move(columns));
    for (std::size_t i = 0; i < problems.size(); ++i) {
        const auto callback = nn::checkedObject(nn::callbackFamily(), settings.callbacks[i]);
        if (!callback) {
            problems[i] = callback.error().message;
        } else if (const auto ready = nn::makeCallback(*callback)->check(run); !ready) {
            problems[i] = ready.error().message;
        }
    }
    return problems;
}

} // namespace app
