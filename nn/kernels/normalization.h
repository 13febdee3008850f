#pragma once

#include "nn/base/parallel.h"

#include <cstdint>
#include <span>

namespace nn {

/// Sizes of a batch normalization over the last axis: x is [rows][channels], where rows is the
/// batch times all axes in between.
struct BatchNormGeometry {
    std::int64_t rows = 1;
    std::int64_t channels = 1;

    bool operator==(const BatchNormGeometry&) const = default;
};

/// Floats of scratch that the training forward pass and the backward pass need.
[[nodiscard]] std::int64_t batchNormScratchFloats(const BatchNormGeometry& g);

struct BatchNormTrainingArgs {
    float epsilon = 1e-3F;
    std::span<const float> x;
    std::span<const float> gamma; ///< Empty: ones.
    std::span<const float> beta;  ///< Empty: zeros.
    std::span<float> y;           ///< May be x.
    std::span<float> mean;        ///< Of the batch, per channel; read by the backward pass.
    std::span<float> inverseStd;  ///< 1 / sqrt(variance + epsilon); read by the backward pass.
    std::span<float> variance;    ///< Biased variance of the batch; empty: not wanted.
    std::span<float> scratch;
    bool relu = false;         ///< With a ReLU behind it.
    std::span<float> factor{}; ///< gamma / sqrt(variance + epsilon) as used; empty: not wanted.
    /// Of x, in blocks of rows (`MomentBlocks`), if they are known already; empty: they are not.
    std::span<const float> moments{};
};
/// y = gamma (x - mean) / sqrt(variance + epsilon) + beta with the statistics of this batch.
void batchNormTraining(Parallel& parallel, const BatchNormGeometry& g,
                       const BatchNormTrainingArgs& args);

/// moving = moving · momentum + batch · (1 - momentum); Keras 3 takes the biased variance.
void updateMovingStatistics(float momentum, std::span<const float> batch, std::span<float> moving);

struct BatchNormInferenceArgs {
    float epsilon = 1e-3F;
    std::span<const float> x;
    std::span<const float> gamma; ///< Empty: ones.
    std::span<const float> beta;  ///< Empty: zeros.
    std::span<const float> mean;
    std::span<const float> variance;
    std::span<float> y; ///< May be x.
    bool relu = false;  ///< With a ReLU behind it.
};
/// The same with given (moving) statistics.
void batchNormInference(Parallel& parallel, const BatchNormGeometry& g,
                        const BatchNormInferenceArgs& args);

struct BatchNormBackwardArgs {
    std::span<const float> x;
    std::span<const float> gamma; ///< Empty: ones.
    std::span<const float> mean;
    std::span<const float> inverseStd;
    std::span<const float> dy;
    std::span<float> dx;     ///< Empty: not wanted. May be dy.
    std::span<float> dgamma; ///< Empty: not wanted.
    std::span<float> dbeta;  ///< Empty: not wanted.
    std::span<float> scratch;
    /// The factors of the forward pass if a ReLU followed; dy is then the gradient behind that.
    std::span<const float> reluFactor{};
    std::span<const float> beta{}; ///< Read for the ReLU only; empty: zeros.
};
/// Gradients through `batchNormTraining`.
void batchNormBackward(Parallel& parallel, const BatchNormGeometry& g,
                       const BatchNormBackwardArgs& args);
/// Gradients through `batchNormInference` (a frozen layer): mean and inverseStd are constants.
void batchNormFrozenBackward(Parallel& parallel, const BatchNormGeometry& g,
                             const BatchNormBackwardArgs& args);

} // namespace nn
