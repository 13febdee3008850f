#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace nn {

inline constexpr double kNotMeasured = std::numeric_limits<double>::quiet_NaN();

/// After one optimizer step. `loss` and `accuracy` are those of this batch alone.
struct BatchProgress {
    std::int64_t step = 0;  ///< Optimizer steps done, over the whole run.
    std::int64_t epoch = 0; ///< Counted from 0.
    std::int64_t batch = 0; ///< Batches done in this epoch.
    std::int64_t batchesPerEpoch = 0;
    double loss = kNotMeasured;
    double accuracy = kNotMeasured;
    double imagesPerSecond = 0.0; ///< Smoothed over the last second.
};

/// A value by its name in Keras' logs: "val_accuracy".
struct NamedValue {
    std::string name = {};
    double value = kNotMeasured;
    bool operator==(const NamedValue&) const = default;
};

/// After one epoch; the names are those of Keras' logs.
struct EpochResult {
    std::int64_t epoch = 0;     ///< Counted from 1.
    double loss = kNotMeasured; ///< Running mean over the batches, weighted by their size.
    double accuracy = kNotMeasured;
    double valLoss = kNotMeasured;
    double valAccuracy = kNotMeasured;
    double seconds = 0.0;
    double imagesPerSecond = 0.0; ///< Of training alone, without validation.
    /// What else was logged, by Keras' names: further metrics, "val_mae", "learning_rate", losses
    /// of several outputs.
    std::vector<NamedValue> values = {};
};

/// What a run has measured so far; saved with the project.
struct History {
    std::vector<BatchProgress> batches; ///< Thinned to at most 20,000 points.
    std::vector<EpochResult> epochs;
};

} // namespace nn
