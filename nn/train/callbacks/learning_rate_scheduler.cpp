#include "nn/train/callbacks/define_callback.h"
#include "nn/train/schedule.h"

namespace nn {
namespace {

struct Options {
    ParamObject schedule =
        ParamObject("ExponentialDecay",
                    {{"initial_learning_rate", 0.01}, {"decay_steps", 10.0}, {"decay_rate", 0.5}});
    std::int64_t verbose = 0;
};

/// Sets the learning rate of every epoch from a schedule that counts epochs.
class LearningRateScheduler final : public Callback {
public:
    explicit LearningRateScheduler(const Options& options)
        : m_options(options), m_schedule(scheduleOf(options.schedule)) {}

    Expected<void> check(const TrainingRun& run) const override {
        if (!run.hasFixedLearningRate()) {
            return failure(ErrorCode::Usage,
                           "LearningRateScheduler needs an optimizer whose learning rate is a "
                           "number, but it follows a schedule already. Set the learning rate to a "
                           "number, or leave the callback out.");
        }
        return checkSchedule(m_options.schedule);
    }
    void epochBegin(std::int64_t epoch, TrainingRun& run) override {
        run.setLearningRate(m_schedule(epoch));
    }
    Expected<void> epochEnd(std::int64_t /*epoch*/, Logs& logs, TrainingRun& run) override {
        setLogged(logs, "learning_rate", run.learningRate());
        return {};
    }

private:
    Options m_options;
    Schedule m_schedule;
};

} // namespace

void addLearningRateScheduler(CallbackTable& table) {
    ParamTable<Options> params;
    params.add(&Options::schedule, "schedule",
               {.family = &scheduleFamily(),
                .help = "The learning rate as a function of the epoch, counted from 0: its steps "
                        "are epochs here.",
                .required = true});
    params.add(&Options::verbose, "verbose", {.min = 0, .max = 2, .help = kVerboseHelp});
    table.add<Options>({.type = "LearningRateScheduler",
                        .aliases = {},
                        .title = "Rate by epoch",
                        .help = "Sets the learning rate at the beginning of every epoch from a "
                                "schedule that counts epochs instead of steps."},
                       std::move(params), [](const Options& options) -> std::unique_ptr<Callback> {
                           return std::make_unique<LearningRateScheduler>(options);
                       });
}

} // namespace nn
