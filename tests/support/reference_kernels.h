#pragma once

#include "nn/kernels/activation.h"
#include "nn/kernels/convolution.h"
#include "nn/kernels/dense.h"
#include "nn/kernels/normalization.h"
#include "nn/kernels/pooling.h"

#include <cstdint>
#include <vector>

/// The numeric kernels again, written as plainly as possible, in double precision: what the fast
/// ones and the gradients are compared with.
namespace reference {

using Values = std::vector<double>;

/// Sizes the output of a convolution or a pooling: Keras' "valid" and "same".
struct Window {
    std::int64_t in = 1, kernel = 1, stride = 1, dilation = 1;
    bool same = false;
};
[[nodiscard]] std::int64_t outputSize(const Window& w);
[[nodiscard]] std::int64_t padBefore(const Window& w);

[[nodiscard]] Values convForward(const nn::ConvGeometry& g, std::int64_t batch, const Values& x,
                                 const Values& weights, const Values& bias);
[[nodiscard]] Values convBackwardData(const nn::ConvGeometry& g, std::int64_t batch,
                                      const Values& dy, const Values& weights);
[[nodiscard]] Values convBackwardWeights(const nn::ConvGeometry& g, std::int64_t batch,
                                         const Values& x, const Values& dy);
/// Σ over all axes but the last.
[[nodiscard]] Values sumToChannels(const Values& dy, std::int64_t channels);

[[nodiscard]] Values denseForward(const nn::DenseGeometry& g, const Values& x,
                                  const Values& weights, const Values& bias);
[[nodiscard]] Values denseBackwardData(const nn::DenseGeometry& g, const Values& dy,
                                       const Values& weights);
[[nodiscard]] Values denseBackwardWeights(const nn::DenseGeometry& g, const Values& x,
                                          const Values& dy);

struct MaxPool {
    Values y;
    std::vector<std::int64_t> cells; ///< Index in x of each maximum.
};
[[nodiscard]] MaxPool maxPoolForward(const nn::PoolGeometry& g, std::int64_t batch,
                                     const Values& x);
[[nodiscard]] Values maxPoolBackward(const nn::PoolGeometry& g, std::int64_t batch, const Values& x,
                                     const Values& dy);
[[nodiscard]] Values averagePoolForward(const nn::PoolGeometry& g, std::int64_t batch,
                                        const Values& x);
[[nodiscard]] Values averagePoolBackward(const nn::PoolGeometry& g, std::int64_t batch,
                                         const Values& dy);

struct BatchNorm {
    Values y, mean, variance;
};
[[nodiscard]] BatchNorm batchNormTraining(const nn::BatchNormGeometry& g, double epsilon,
                                          const Values& x, const Values& gamma, const Values& beta);
struct BatchNormGradients {
    Values dx, dgamma, dbeta;
};
[[nodiscard]] BatchNormGradients batchNormBackward(const nn::BatchNormGeometry& g, double epsilon,
                                                   const Values& x, const Values& gamma,
                                                   const Values& dy);

[[nodiscard]] double activation(const nn::Activation& f, double x);
/// f'(x).
[[nodiscard]] double activationSlope(const nn::Activation& f, double x);

[[nodiscard]] Values softmaxForward(const nn::SoftmaxGeometry& g, const Values& x);
[[nodiscard]] Values softmaxBackward(const nn::SoftmaxGeometry& g, const Values& y,
                                     const Values& dy);

} // namespace reference
