#include "nn/train/callbacks/define_callback.h"

namespace nn {
namespace {

struct Options {
    bool raiseError = false;
};

/// Ends the run in good order at the first loss that is not a number.
class TerminateOnNaN final : public Callback {
public:
    explicit TerminateOnNaN(const Options& options) : m_options(options) {}

    bool notFinite(std::int64_t batch, TrainingRun& run) override {
        if (m_options.raiseError) {
            return false;
        }
        run.stop("TerminateOnNaN ended the training in batch " + std::to_string(batch + 1) +
                 ": the loss is not finite. The weights from before this batch are kept.");
        return true;
    }

private:
    Options m_options;
};

} // namespace

void addTerminateOnNaN(CallbackTable& table) {
    ParamTable<Options> params;
    params.add(&Options::raiseError, "raise_error",
               {.help = "End with an error instead of in good order; other callbacks then do not "
                        "finish."});
    table.add<Options>({.type = "TerminateOnNaN",
                        .aliases = {},
                        .title = "Stop when not a number",
                        .help = "Ends the training when the loss becomes infinite or not a number. "
                                "Without it such a run ends with an error."},
                       std::move(params), [](const Options& options) -> std::unique_ptr<Callback> {
                           return std::make_unique<TerminateOnNaN>(options);
                       });
}

} // namespace nn
