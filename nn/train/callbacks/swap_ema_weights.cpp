#include "nn/train/callbacks/define_callback.h"

namespace nn {
namespace {

struct Options {
    bool swapOnEpoch = false;
};

/// Validates with the moving averages of the weights.
class SwapEmaWeights final : public Callback {
public:
    explicit SwapEmaWeights(const Options& options) : m_options(options) {}

    Expected<void> check(const TrainingRun& run) const override {
        if (!run.keepsAverages()) {
            return failure(ErrorCode::Usage,
                           "SwapEMAWeights needs an optimizer that keeps moving averages of the "
                           "weights. Set use_ema of the optimizer to True.");
        }
        return {};
    }
    Expected<void> trainBegin(TrainingRun& /*run*/) override {
        m_swapped = false;
        return {};
    }
    void epochBegin(std::int64_t /*epoch*/, TrainingRun& run) override {
        become(m_options.swapOnEpoch ? false : m_swapped, run);
    }
    void testBegin(TrainingRun& run) override { become(true, run); }
    void testEnd(TrainingRun& run) override { become(false, run); }
    Expected<void> epochEnd(std::int64_t /*epoch*/, Logs& /*logs*/, TrainingRun& run) override {
        become(m_options.swapOnEpoch || m_swapped, run);
        return {};
    }

private:
    void become(bool swapped, TrainingRun& run) {
        if (swapped != m_swapped) {
            run.swapAverages();
            m_swapped = swapped;
        }
    }

    Options m_options;
    bool m_swapped = false;
};

} // namespace

void addSwapEmaWeights(CallbackTable& table) {
    ParamTable<Options> params;
    params.add(&Options::swapOnEpoch, "swap_on_epoch",
               {.help = "Keep the averages in place until the next epoch begins, so that a "
                        "ModelCheckpoint after this callback saves them."});
    table.add<Options>({.type = "SwapEMAWeights",
                        .aliases = {},
                        .title = "Validate with averages",
                        .help = "Validates with the moving averages of the weights, which are "
                                "calmer than the weights themselves. Needs use_ema of the "
                                "optimizer."},
                       std::move(params), [](const Options& options) -> std::unique_ptr<Callback> {
                           return std::make_unique<SwapEmaWeights>(options);
                       });
}

} // namespace nn
