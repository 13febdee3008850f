#pragma once

#include "nn/model/infer.h"
#include "nn/train/loss.h"
#include "nn/train/metric.h"
#include "nn/train/settings.h"

namespace nn {

/// How one output of a network is trained.
struct OutputPlan {
    std::string name = {}; ///< Of the layer.
    const LossDef* loss = nullptr;
    ParamMap lossParams = {};
    double weight = 1.0; ///< Of its loss in the sum.
    std::int64_t width = 1;

    [[nodiscard]] OutputKind kind() const { return {.width = width, .loss = loss->family}; }
};

/// Whether `loss` of the settings may be this: auto, crossentropy, or the name of a loss.
[[nodiscard]] bool isLossName(std::string_view name);

/// The loss of every output, in the order of the outputs: the one named for it or for all, or for
/// "auto" the one that fits it.
[[nodiscard]] Expected<std::vector<OutputPlan>>
plannedOutputs(const TrainSettings& settings, const Graph& graph, const Inference& inference);

} // namespace nn
