#pragma once

#include "nn/base/parallel.h"
#include "nn/base/random.h"
#include "nn/model/object_def.h"
#include "nn/tensor/shape.h"

#include <cstdint>
#include <span>
#include <vector>

namespace nn {

/// How many inputs an output value sums over, and how many outputs an input value reaches: Keras'
/// `compute_fans` on the variable's shape as stored.
struct Fans {
    double in = 1.0;
    double out = 1.0;
};
[[nodiscard]] Fans fansOf(const Shape& shape);

/// The initializers an argument can name: GlorotUniform, HeNormal, Constant…
[[nodiscard]] const std::vector<ObjectDef>& initializerDefs();
inline constexpr ObjectFamily kInitializers{"initializer", "an initializer", "keras.initializers",
                                            &initializerDefs};

/// Which variable is filled.
struct InitializerTarget {
    Shape shape;
    RandomKey key; ///< A seed of the initializer's own takes its place.
};
/// Fills a variable. The values depend on initializer, shape and key only, not on the number of
/// threads. Orthogonal and Identity see the variable as a matrix of its last axis and all others.
void initialize(Parallel& parallel, const ParamObject& initializer, const InitializerTarget& target,
                std::span<float> values);

/// The inverse of the normal distribution function for p in [2^-33, 1 - 2^-33], to 16 digits
/// (Wichura, algorithm AS 241, Applied Statistics 37, 1988).
[[nodiscard]] double normalQuantile(double p);

} // namespace nn
