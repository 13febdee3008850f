#include "nn/base/text.h"
#include "nn/train/callbacks/define_callback.h"
#include "nn/train/callbacks/monitor.h"
#include "nn/train/callbacks/path_template.h"

namespace nn {
namespace {

constexpr std::string_view kEveryEpoch = "epoch";
constexpr std::string_view kEnding = ".receptive";

struct Options {
    std::string filepath = "model-{epoch:02d}.receptive";
    std::string monitor = "val_loss";
    std::int64_t verbose = 0;
    bool saveBestOnly = false;
    bool saveWeightsOnly = false;
    MonitorMode mode = MonitorMode::Auto;
    std::string saveFreq = std::string(kEveryEpoch);
    std::optional<double> initialValueThreshold;
};

/// Saves the model while it is trained, always or when it is the best so far.
class ModelCheckpoint final : public Callback {
public:
    explicit ModelCheckpoint(const Options& options)
        : m_options(options), m_monitor(options.monitor, options.mode, 0.0),
          m_everyBatches(parseInteger(options.saveFreq)) {}

    [[nodiscard]] bool writesFiles() const override { return true; }

    Expected<void> check(const TrainingRun& run) const override {
        if (!m_options.filepath.ends_with(kEnding)) {
            return failure(ErrorCode::Usage, "ModelCheckpoint saves projects: its path has to end "
                                             "in .receptive, but received \"" +
                                                 m_options.filepath + "\".");
        }
        if (m_options.saveFreq != kEveryEpoch && m_everyBatches.value_or(0) < 1) {
            return failure(ErrorCode::Usage,
                           "ModelCheckpoint: expected 'epoch' or a number of batches from 1 as "
                           "save_freq, but received \"" +
                               m_options.saveFreq + "\".");
        }
        return m_options.saveBestOnly ? m_monitor.check("ModelCheckpoint", run) : Expected<void>{};
    }

    Expected<void> trainBegin(TrainingRun& run) override {
        m_monitor.begin(run);
        m_best = m_options.initialValueThreshold.value_or(m_monitor.worst());
        return {};
    }

    Expected<void> batchEnd(std::int64_t epoch, std::int64_t batch, const Logs& logs,
                            TrainingRun& run) override {
        if (!m_everyBatches || ++m_batches < *m_everyBatches) {
            return {};
        }
        m_batches = 0;
        return save(epoch, batch, logs, run);
    }

    Expected<void> epochEnd(std::int64_t epoch, Logs& logs, TrainingRun& run) override {
        return m_everyBatches ? Expected<void>{} : save(epoch, std::nullopt, logs, run);
    }

    [[nodiscard]] CallbackState state() const override {
        return {.values = {{"best", m_best}, {"batches", m_batches}}, .weights = {}};
    }

    void restore(const CallbackState& state) override {
        m_best = nn::numberIn(state, "best").value_or(m_best);
        m_batches = state.values.value("batches", m_batches);
    }

private:
    Expected<void> save(std::int64_t epoch, std::optional<std::int64_t> batch, const Logs& logs,
                        TrainingRun& run) {
        if (m_options.saveBestOnly) {
            const std::optional<double> current = m_monitor.value(logs);
            if (current && !m_monitor.isImprovement(*current, m_best)) {
                return {};
            }
            m_best = current.value_or(m_best);
        }
        return filledPath(m_options.filepath, epoch, batch, logs)
            .and_then([&](const std::string& path) { return run.saveModel(run.pathOf(path)); })
            .map_error([](Error error) {
                error.message.insert(0, "ModelCheckpoint: ");
                return error;
            });
    }

    Options m_options;
    Monitor m_monitor;
    std::optional<std::int64_t> m_everyBatches;
    double m_best = 0.0;
    std::int64_t m_batches = 0; ///< Since the last time it was saved.
};

} // namespace

void addModelCheckpoint(CallbackTable& table) {
    ParamTable<Options> params;
    params.add(&Options::filepath, "filepath",
               {.help = "Where to save, ending in .receptive; beside the project unless it begins "
                        "with /. {epoch:02d} and figures like {val_loss:.2f} are filled in.",
                .required = true});
    params.add(&Options::monitor, "monitor", {.help = kMonitorHelp});
    params.add(&Options::verbose, "verbose", {.min = 0, .max = 2, .help = kVerboseHelp});
    params.add(&Options::saveBestOnly, "save_best_only",
               {.help = "Save only when the figure is the best so far."});
    params.add(&Options::saveWeightsOnly, "save_weights_only",
               {.help = "Taken over from Keras; a project always holds the network as well."});
    params.add(&Options::mode, "mode", {.help = kModeHelp});
    params.add(&Options::saveFreq, "save_freq",
               {.help = "'epoch', or after how many batches the model is saved."});
    params.add(&Options::initialValueThreshold, "initial_value_threshold",
               {.help = "What the first model has to beat to be saved. None: any is saved."});
    table.add<Options>({.type = "ModelCheckpoint",
                        .aliases = {},
                        .title = "Save while training",
                        .help = "Saves the project after every epoch or whenever a figure is the "
                                "best so far."},
                       std::move(params), [](const Options& options) -> std::unique_ptr<Callback> {
                           return std::make_unique<ModelCheckpoint>(options);
                       });
}

} // namespace nn
