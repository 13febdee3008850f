#pragma once

#include "nn/base/parallel.h"
#include "nn/model/object_def.h"
#include "nn/tensor/shape.h"

#include <memory>
#include <span>
#include <vector>

namespace nn {

/// A penalty on weights or outputs that is added to the loss. Immutable.
class Regularizer {
public:
    Regularizer() = default;
    Regularizer(const Regularizer&) = delete;
    Regularizer& operator=(const Regularizer&) = delete;
    virtual ~Regularizer() = default;

    /// The penalty; the same for any number of threads.
    [[nodiscard]] virtual double value(Parallel& parallel, const Shape& shape,
                                       std::span<const float> values) const = 0;
    /// gradient += factor · d value / d values.
    virtual void addGradient(Parallel& parallel, const Shape& shape, std::span<const float> values,
                             std::span<float> gradient, double factor = 1.0) const = 0;
};

/// The regularizers an argument can name: L1, L2, L1L2, OrthogonalRegularizer.
[[nodiscard]] const std::vector<ObjectDef>& regularizerDefs();
inline constexpr ObjectFamily kRegularizers{"regularizer", "a regularizer", "keras.regularizers",
                                            &regularizerDefs};

/// What a checked object stands for; null for an unknown class.
[[nodiscard]] std::shared_ptr<const Regularizer> makeRegularizer(const ParamObject& object);

} // namespace nn
