#pragma once

#include "nn/model/infer.h"
#include "nn/train/settings.h"

#include <string>
#include <vector>

namespace app {

/// What each callback of the settings lacks in a run of this network, by its place in the list;
/// empty: nothing. The same that the run itself would refuse.
[[nodiscard]] std::vector<std::string> callbackProblems(const nn::TrainSettings& settings,
                                                        const nn::Graph& graph,
                                                        const nn::Inference& inference,
                                                        bool hasValidation);

/// The names that an epoch's figures will have.
[[nodiscard]] std::vector<std::string> plannedColumns(const nn::TrainSettings& settings,
                                                      const nn::Graph& graph,
                                                      const nn::Inference& inference,
                                                      bool hasValidation);

} // namespace app
