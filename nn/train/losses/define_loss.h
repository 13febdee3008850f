#pragma once

#include "nn/train/loss.h"

namespace nn {

/// Arguments every loss has; the options of each loss derive from it.
struct LossOptions {
    LossReduction reduction = LossReduction::SumOverBatchSize;
};

/// Builds a `LossDef` from a plain options struct, as `DefineLayer` does for layers.
template <typename Options>
class DefineLoss {
public:
    DefineLoss(std::string name, std::string className, std::string title) {
        m_def.name = std::move(name);
        m_def.className = std::move(className);
        m_def.title = std::move(title);
    }

    template <typename T>
    DefineLoss& param(T Options::*member, std::string name, ParamDetail detail) {
        m_table->add(member, std::move(name), std::move(detail));
        return *this;
    }
    DefineLoss& aliases(std::vector<std::string> names) {
        m_def.aliases = std::move(names);
        return *this;
    }
    DefineLoss& help(std::string text) {
        m_def.help = std::move(text);
        return *this;
    }
    DefineLoss& family(LossFamily family) {
        m_def.family = family;
        return *this;
    }
    DefineLoss& wantsLabels() {
        m_def.wantsLabels = true;
        return *this;
    }
    DefineLoss& terms(std::function<std::unique_ptr<const UnreducedLoss>(const Options&)> make) {
        m_def.make = [table = m_table, make = std::move(make)](const ParamMap& params) {
            const Options options = table->options(params);
            return std::make_unique<const Loss>(make(options), options.reduction);
        };
        return *this;
    }

    // NOLINTNEXTLINE(google-explicit-constructor): the definition is the value of the expression.
    operator LossDef() const {
        m_table->add(static_cast<LossReduction Options::*>(&Options::reduction), "reduction",
                     {.help = "How the losses of a batch become one number: their mean, their sum, "
                              "or the mean weighted by the samples' weights."});
        LossDef def = m_def;
        def.params = m_table->specs();
        return def;
    }

private:
    LossDef m_def;
    std::shared_ptr<ParamTable<Options>> m_table = std::make_shared<ParamTable<Options>>();
};

/// Help for an argument most cross-entropies share.
inline constexpr const char* kFromLogitsHelp =
    "On when the network ends without softmax or sigmoid and its outputs are raw scores (logits). "
    "Leave it off after a softmax or sigmoid.";

/// The families; each file of this folder defines one.
[[nodiscard]] std::vector<LossDef> categoricalLosses();
[[nodiscard]] std::vector<LossDef> binaryLosses();
[[nodiscard]] std::vector<LossDef> regressionLosses();
[[nodiscard]] std::vector<LossDef> hingeLosses();
[[nodiscard]] std::vector<LossDef> divergenceLosses();
[[nodiscard]] std::vector<LossDef> overlapLosses();
[[nodiscard]] std::vector<LossDef> similarityLosses();

} // namespace nn
