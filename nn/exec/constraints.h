#pragma once

#include "nn/model/object_def.h"
#include "nn/tensor/shape.h"

#include <memory>
#include <span>
#include <vector>

namespace nn {

/// What a variable must fulfil; restored after each update. Immutable.
class Constraint {
public:
    Constraint() = default;
    Constraint(const Constraint&) = delete;
    Constraint& operator=(const Constraint&) = delete;
    virtual ~Constraint() = default;

    virtual void apply(const Shape& shape, std::span<float> values) const = 0;
};

/// The constraints an argument can name: MaxNorm, NonNeg, UnitNorm, MinMaxNorm.
[[nodiscard]] const std::vector<ObjectDef>& constraintDefs();
inline constexpr ObjectFamily kConstraints{"constraint", "a constraint", "keras.constraints",
                                           &constraintDefs};

/// What a checked object stands for; null for an unknown class.
[[nodiscard]] std::shared_ptr<const Constraint> makeConstraint(const ParamObject& object);

} // namespace nn
