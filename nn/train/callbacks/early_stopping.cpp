#include "nn/base/text.h"
#include "nn/train/callbacks/define_callback.h"
#include "nn/train/callbacks/monitor.h"

namespace nn {
namespace {

struct Options {
    std::string monitor = "val_loss";
    double minDelta = 0.0;
    std::int64_t patience = 0;
    std::int64_t verbose = 0;
    MonitorMode mode = MonitorMode::Auto;
    std::optional<double> baseline;
    bool restoreBestWeights = false;
    std::int64_t startFromEpoch = 0;
};

/// Ends the run when a figure has not improved for some epochs.
class EarlyStopping final : public Callback {
public:
    explicit EarlyStopping(const Options& options)
        : m_options(options), m_monitor(options.monitor, options.mode, options.minDelta) {}

    Expected<void> check(const TrainingRun& run) const override {
        return m_monitor.check("EarlyStopping", run);
    }

    Expected<void> trainBegin(TrainingRun& run) override {
        m_monitor.begin(run);
        m_best = m_monitor.worst();
        m_wait = 0;
        m_bestWeights = nullptr;
        m_bestEpoch = 0;
        return {};
    }

    /// The wait counts first and starts anew with an improvement, also over the baseline.
    Expected<void> epochEnd(std::int64_t epoch, Logs& logs, TrainingRun& run) override {
        const std::optional<double> current = m_monitor.value(logs);
        if (!current || epoch < m_options.startFromEpoch) {
            return {};
        }
        if (m_options.restoreBestWeights && m_bestWeights == nullptr) {
            keep(epoch, run);
        }
        ++m_wait;
        if (m_monitor.isImprovement(*current, m_best)) {
            m_best = *current;
            m_bestEpoch = epoch;
            if (m_options.restoreBestWeights) {
                keep(epoch, run);
            }
            if (!m_options.baseline || m_monitor.isImprovement(*current, *m_options.baseline)) {
                m_wait = 0;
            }
            return {};
        }
        if (m_wait >= m_options.patience && epoch > 0) {
            run.stop("EarlyStopping ended the training after epoch " + std::to_string(epoch + 1) +
                     ": " + m_monitor.name() + " was best in epoch " +
                     std::to_string(m_bestEpoch + 1) + " (" + numberText(m_best) + ")." +
                     (m_options.restoreBestWeights ? " Its weights were restored." : ""));
        }
        return {};
    }

    void trainEnd(TrainingRun& run) override {
        if (m_options.restoreBestWeights && m_bestWeights != nullptr) {
            run.setWeights(*m_bestWeights);
        }
    }

    [[nodiscard]] CallbackState state() const override {
        return {.values = {{"best", m_best}, {"wait", m_wait}, {"best_epoch", m_bestEpoch}},
                .weights = m_bestWeights};
    }

    void restore(const CallbackState& state) override {
        m_best = numberIn(state, "best").value_or(m_best);
        m_wait = state.values.value("wait", m_wait);
        m_bestEpoch = state.values.value("best_epoch", m_bestEpoch);
        m_bestWeights = state.weights;
    }

private:
    void keep(std::int64_t epoch, const TrainingRun& run) {
        m_bestWeights = std::make_shared<const Weights>(run.weights());
        m_bestEpoch = epoch;
    }

    Options m_options;
    Monitor m_monitor;
    double m_best = 0.0;
    std::int64_t m_wait = 0;
    std::int64_t m_bestEpoch = 0;
    std::shared_ptr<const Weights> m_bestWeights;
};

} // namespace

void addEarlyStopping(CallbackTable& table) {
    ParamTable<Options> params;
    params.add(&Options::monitor, "monitor", {.help = kMonitorHelp});
    params.add(&Options::minDelta, "min_delta",
               {.step = 0.001, .help = "A smaller change than this is no improvement."});
    params.add(&Options::patience, "patience",
               {.min = 0,
                .max = 1'000'000,
                .help = "How many epochs without improvement are borne before the run ends."});
    params.add(&Options::verbose, "verbose", {.min = 0, .max = 2, .help = kVerboseHelp});
    params.add(&Options::mode, "mode", {.help = kModeHelp});
    params.add(&Options::baseline, "baseline",
               {.help = "A figure the run has to beat within its patience. None: any start will "
                        "do."});
    params.add(&Options::restoreBestWeights, "restore_best_weights",
               {.help = "At the end go back to the weights of the best epoch."});
    params.add(&Options::startFromEpoch, "start_from_epoch",
               {.min = 0,
                .max = 1'000'000,
                .help = "Epochs before this one, counted from 0, are not looked at."});
    table.add<Options>({.type = "EarlyStopping",
                        .aliases = {},
                        .title = "Early stopping",
                        .help = "Ends the training when a figure no longer improves, and can bring "
                                "back the best weights: saves time and keeps from overfitting."},
                       std::move(params), [](const Options& options) -> std::unique_ptr<Callback> {
                           return std::make_unique<EarlyStopping>(options);
                       });
}

} // namespace nn
