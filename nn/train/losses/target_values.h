#pragma once

#include "nn/train/loss.h"

namespace nn {

/// Keras' epsilon(): probabilities are kept inside [1e-7, 1 - 1e-7], in float32 as Keras does.
inline constexpr double kLossEpsilon = static_cast<double>(1e-7F);
inline constexpr double kLossOne = static_cast<double>(1.0F - 1e-7F);

/// Whether the targets of rows wider than one number are numbers of classes.
[[nodiscard]] inline bool areClasses(const Outputs& outputs, const Targets& targets) {
    return targets.values.empty() ||
           (outputs.width > 1 &&
            static_cast<std::int64_t>(targets.values.size()) == outputs.rows());
}

/// The class of a row whose targets `areClasses`.
[[nodiscard]] inline std::int64_t classOf(const Targets& targets, std::size_t row) {
    return targets.values.empty() ? targets.labels[row]
                                  : static_cast<std::int64_t>(targets.values[row]);
}

/// Calls `body` with a function from the index of an output to its target: the value given, or 1
/// at the class of the row and 0 elsewhere, or for outputs of one number the class's own number.
template <typename Body>
void withTargets(const Outputs& outputs, const Targets& targets, Body&& body) {
    const auto width = static_cast<std::size_t>(outputs.width);
    if (!areClasses(outputs, targets)) {
        body([values = targets.values](std::size_t i) { return static_cast<double>(values[i]); });
    } else if (width == 1) {
        body([labels = targets.labels](std::size_t i) { return static_cast<double>(labels[i]); });
    } else {
        body([&targets, width](std::size_t i) {
            return classOf(targets, i / width) == static_cast<std::int64_t>(i % width) ? 1.0 : 0.0;
        });
    }
}

} // namespace nn
