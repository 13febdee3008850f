#pragma once

#include "nn/exec/kernel.h"
#include "nn/kernels/noise.h"
#include "nn/layers/support/shapes.h"

#include <memory>

namespace nn {

/// Zeros while training, drawn again from the same key in the backward pass.
struct DropoutOptions {
    double rate = 0.5;
    std::optional<std::int64_t> seed = {};
    /// With the batch in front. Along axes of 1 all values share a decision; `kUnknown` is the
    /// input's own extent. Nothing: every value for itself.
    std::optional<std::vector<std::int64_t>> noiseShape = {};
    /// Drops to the floor of selu and keeps mean and variance (Klambauer et al., NIPS 2017).
    bool keepsMoments = false;
};
[[nodiscard]] std::shared_ptr<const Kernel> dropoutKernel(const DropoutOptions& options,
                                                          const Shape& input);
/// Why decisions cannot be shared in this way, or nothing.
[[nodiscard]] std::optional<LayerProblem>
noiseShapeProblem(std::string_view layer, const std::optional<std::vector<std::int64_t>>& shape,
                  const Shape& input);

/// Normal noise while training: x + n, or x (1 + n).
struct NoiseOptions {
    NoiseUse use = NoiseUse::Add;
    double deviation = 0.1;
    std::optional<std::int64_t> seed = {};
};
[[nodiscard]] std::shared_ptr<const Kernel> noiseKernel(const NoiseOptions& options,
                                                        const Shape& input);

[[nodiscard]] ParamDetail rateDetail(std::string help);
[[nodiscard]] ParamDetail noiseShapeDetail();
[[nodiscard]] ParamDetail seedDetail();

} // namespace nn
