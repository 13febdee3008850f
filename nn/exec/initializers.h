#pragma once

#include "nn/base/random.h"
#include "nn/tensor/shape.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nn {

/// How many inputs an output value sums over, and how many outputs an input value reaches: Keras'
/// `compute_fans` on the variable's shape as stored.
struct Fans {
    double in = 1.0;
    double out = 1.0;
};
[[nodiscard]] Fans fansOf(const Shape& shape);

/// Names an initializer can have: "glorot_uniform", "he_normal", …
[[nodiscard]] const std::vector<std::string>& initializerNames();

/// Which variable is filled, from which element on. `first` must be a multiple of 4.
struct InitializerRange {
    Shape shape;
    RandomKey key;
    std::int64_t first = 0;
};
/// Fills part of a variable. Each element depends on the key and its own index only, so a variable
/// can be filled in pieces. An unknown name gives zeros.
void initialize(std::string_view initializer, const InitializerRange& range,
                std::span<float> values);

/// The inverse of the normal distribution function for p in [2^-33, 1 - 2^-33], to 16 digits
/// (Wichura, algorithm AS 241, Applied Statistics 37, 1988).
[[nodiscard]] double normalQuantile(double p);

} // namespace nn
