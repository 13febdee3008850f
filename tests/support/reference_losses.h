#pragma once

#include "nn/model/param.h"

#include <string>
#include <vector>

namespace tests::reference {

/// Outputs and targets of a batch in double: [rows][width].
struct LossInput {
    std::vector<double> y;
    std::vector<double> t; ///< As many as y; classes are one-hot rows.
    std::size_t width = 1;
    std::size_t rowsPerSample = 1;
    bool logits = false; ///< y are scores before a softmax the loss includes.
};

/// The loss of every row (or group) by Keras' formulas, written down again in double.
[[nodiscard]] std::vector<double> lossValues(const std::string& name, const nn::ParamMap& params,
                                             const LossInput& input);

} // namespace tests::reference
