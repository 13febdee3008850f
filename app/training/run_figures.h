#pragma once

#include "nn/train/progress.h"

#include <QString>
#include <vector>

namespace app {

/// A measurement of one output: of the batch or epoch last trained, and of the last validation.
struct OutputFigures {
    QString output = {}; ///< Empty for a network with one output.
    double training = nn::kNotMeasured;
    double validation = nn::kNotMeasured;
    bool operator==(const OutputFigures&) const = default;
};

/// The metric that says most about how a run goes.
struct RunFigures {
    QString metric; ///< "accuracy", or else the first that was measured; empty: there is none.
    std::vector<OutputFigures> outputs;

    [[nodiscard]] bool isEmpty() const { return metric.isEmpty(); }
    /// "accuracy", for several outputs "accuracy of digit · parity".
    [[nodiscard]] QString caption() const;
    /// "91.2 % · 88.0 %"
    [[nodiscard]] QString trainingText() const;
    [[nodiscard]] QString validationText() const;
};

/// The accuracy of the batch where it is measured; otherwise figures of the last epoch.
[[nodiscard]] RunFigures runFigures(const nn::BatchProgress& batch, const nn::EpochResult& epoch);

} // namespace app
