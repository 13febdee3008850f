#pragma once

#include "nn/data/dataset.h"
#include "nn/model/edit.h"
#include "nn/model/infer.h"

#include <vector>

namespace app {

/// The edits that give a network the input shape and the number of classes of a data set; empty
/// when it has them or has no single input and output to change.
[[nodiscard]] std::vector<nn::Edit> editsToFit(const nn::Graph& graph,
                                               const nn::Inference& inference,
                                               const nn::data::Dataset& dataset);

} // namespace app
