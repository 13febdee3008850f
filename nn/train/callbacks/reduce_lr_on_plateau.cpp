#include "nn/train/callbacks/define_callback.h"
#include "nn/train/callbacks/monitor.h"

#include <algorithm>

namespace nn {
namespace {

struct Options {
    std::string monitor = "val_loss";
    double factor = 0.1;
    std::int64_t patience = 10;
    std::int64_t verbose = 0;
    MonitorMode mode = MonitorMode::Auto;
    double minDelta = 1e-4;
    std::int64_t cooldown = 0;
    double minLr = 0.0;
};

/// Lowers the learning rate when a figure has not improved for some epochs.
class ReduceLROnPlateau final : public Callback {
public:
    explicit ReduceLROnPlateau(const Options& options)
        : m_options(options), m_monitor(options.monitor, options.mode, options.minDelta) {}

    Expected<void> check(const TrainingRun& run) const override {
        if (!run.hasFixedLearningRate()) {
            return failure(ErrorCode::Usage,
                           "ReduceLROnPlateau needs an optimizer whose learning rate is a number, "
                           "but it follows a schedule. Set the learning rate to a number, or leave "
                           "the callback out.");
        }
        return m_monitor.check("ReduceLROnPlateau", run);
    }

    Expected<void> trainBegin(TrainingRun& run) override {
        m_monitor.begin(run);
        m_best = m_monitor.worst();
        m_wait = 0;
        m_coolsFor = 0;
        return {};
    }

    /// Logs the rate the epoch was trained with.
    Expected<void> epochEnd(std::int64_t /*epoch*/, Logs& logs, TrainingRun& run) override {
        setLogged(logs, "learning_rate", run.learningRate());
        const std::optional<double> current = m_monitor.value(logs);
        if (!current) {
            return {};
        }
        if (m_coolsFor > 0) {
            --m_coolsFor;
            m_wait = 0;
        }
        if (m_monitor.isImprovement(*current, m_best)) {
            m_best = *current;
            m_wait = 0;
        } else if (m_coolsFor == 0 && ++m_wait >= m_options.patience) {
            lower(run);
        }
        return {};
    }

    [[nodiscard]] CallbackState state() const override {
        return {.values = {{"best", m_best}, {"wait", m_wait}, {"cooldown", m_coolsFor}},
                .weights = {}};
    }

    void restore(const CallbackState& state) override {
        m_best = numberIn(state, "best").value_or(m_best);
        m_wait = state.values.value("wait", m_wait);
        m_coolsFor = state.values.value("cooldown", m_coolsFor);
    }

private:
    void lower(TrainingRun& run) {
        const double rate = run.learningRate();
        if (rate > m_options.minLr) {
            run.setLearningRate(std::max(rate * m_options.factor, m_options.minLr));
            m_coolsFor = m_options.cooldown;
            m_wait = 0;
        }
    }

    Options m_options;
    Monitor m_monitor;
    double m_best = 0.0;
    std::int64_t m_wait = 0;
    std::int64_t m_coolsFor = 0; ///< Epochs left in which nothing is counted.
};

} // namespace

void addReduceLROnPlateau(CallbackTable& table) {
    ParamTable<Options> params;
    params.add(&Options::monitor, "monitor", {.help = kMonitorHelp});
    params.add(&Options::factor, "factor",
               {.min = 0.0,
                .max = 1.0,
                .minExclusive = true,
                .maxExclusive = true,
                .step = 0.1,
                .help = "The new learning rate is the old one times this."});
    params.add(&Options::patience, "patience",
               {.min = 0,
                .max = 1'000'000,
                .help = "How many epochs without improvement are borne before the rate falls."});
    params.add(&Options::verbose, "verbose", {.min = 0, .max = 2, .help = kVerboseHelp});
    params.add(&Options::mode, "mode", {.help = kModeHelp});
    params.add(&Options::minDelta, "min_delta",
               {.step = 1e-4, .help = "A smaller change than this is no improvement."});
    params.add(
        &Options::cooldown, "cooldown",
        {.min = 0, .max = 1'000'000, .help = "How many epochs after a fall are not counted."});
    params.add(&Options::minLr, "min_lr",
               {.min = 0.0, .step = 1e-5, .help = "The rate never falls below this."});
    table.add<Options>({.type = "ReduceLROnPlateau",
                        .aliases = {},
                        .title = "Lower the rate on a plateau",
                        .help = "Multiplies the learning rate by a factor when a figure no longer "
                                "improves: the network then settles with smaller steps."},
                       std::move(params), [](const Options& options) -> std::unique_ptr<Callback> {
                           return std::make_unique<ReduceLROnPlateau>(options);
                       });
}

} // namespace nn
