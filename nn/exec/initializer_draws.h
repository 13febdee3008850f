#pragma once

#include "nn/model/object_def.h"
#include "nn/tensor/shape.h"

#include <cstdint>
#include <optional>

namespace nn {

enum class Distribution { Constant, Uniform, Normal, TruncatedNormal, Orthogonal, Identity };

/// What an initializer means for one variable.
struct InitializerDraw {
    Distribution distribution = Distribution::Constant;
    double center = 0.0; ///< The constant, the mean, the middle.
    double size = 0.0;   ///< Half the width, the standard deviation, the gain.
    std::optional<std::int64_t> seed = {};
};

/// An unknown class, which no checked object has, gives zeros.
[[nodiscard]] InitializerDraw initializerDraw(const ParamObject& initializer, const Shape& shape);

} // namespace nn
