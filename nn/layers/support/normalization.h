#pragma once

#include "nn/exec/kernel.h"
#include "nn/kernels/group_normalization.h"
#include "nn/layers/support/shapes.h"

#include <memory>

namespace nn {

/// One axis or several, for an argument's description.
[[nodiscard]] ParamDetail axesDetail(std::string help);
/// The number that keeps a normalization from dividing by zero.
[[nodiscard]] ParamDetail steadyingDetail();

/// Axes as Keras counts them as indices into a shape without batch, sorted; or what is wrong.
[[nodiscard]] tl::expected<std::vector<std::size_t>, LayerProblem>
axisIndices(std::string_view layer, const std::vector<std::int64_t>& axes, const Shape& input);

/// The extents of the input along axes, in the order given. A problem if one is open.
[[nodiscard]] tl::expected<Shape, LayerProblem>
extentsAlong(std::string_view layer, const std::vector<std::int64_t>& axes, const Shape& input);

/// A normalization within each sample, over `axes` or over groups of channels.
struct NormalizationPlan {
    Shape input = {};
    std::vector<std::size_t> axes = {}; ///< Sorted. With groups the one axis of the channels.
    std::int64_t groups = 0;            ///< 0: over the axes; else groups along the axis.
    GroupScaling scaling = GroupScaling::Deviation;
    double epsilon = 1e-3;
    bool hasGamma = true; ///< Variable 0.
    bool hasBeta = true;  ///< The next one.
};
[[nodiscard]] std::shared_ptr<const Kernel> normalizationKernel(const NormalizationPlan& plan);

} // namespace nn
