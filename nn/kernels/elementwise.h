#pragma once

#include "nn/base/parallel.h"
#include "nn/base/random.h"

#include <cstdint>
#include <span>

namespace nn {

enum class BinaryOp : std::uint8_t { Add, Subtract, Multiply, Maximum, Minimum };

/// y = a op b, value by value; y may be a or b.
void binary(Parallel& parallel, BinaryOp op, std::span<const float> a, std::span<const float> b,
            std::span<float> y);

/// The gradient of y = max(a, b) or min(a, b): who wins gets all of it, equal values half each.
struct WinnerArgs {
    std::span<const float> a;
    std::span<const float> b;
    std::span<float> gradientA; ///< That of y; what b wins is taken away.
    std::span<float> gradientB;
};
void splitByWinner(Parallel& parallel, BinaryOp op, const WinnerArgs& args);

/// y = sum of all inputs, in their order. At least one input.
void addAll(Parallel& parallel, std::span<const std::span<const float>> inputs, std::span<float> y);

/// y += x.
void accumulate(Parallel& parallel, std::span<const float> x, std::span<float> y);

/// y = x · factor + offset; y may be x.
void scale(Parallel& parallel, float factor, float offset, std::span<const float> x,
           std::span<float> y);

/// y = value.
void fill(Parallel& parallel, float value, std::span<float> y);

/// A block of `rows` pieces of `length` floats, each `stride` floats after the one before.
struct CopyGeometry {
    std::int64_t rows = 1;
    std::int64_t length = 1;
    std::int64_t sourceStride = 1;
    std::int64_t targetStride = 1;
};
/// Copies pieces; `source` and `target` begin at the first piece. Two of these concatenate along
/// any axis: rows = product of the axes before it, length = product of it and the axes after it.
void copyStrided(Parallel& parallel, const CopyGeometry& g, std::span<const float> source,
                 std::span<float> target);

struct DropoutGeometry {
    std::int64_t batch = 1;
    std::int64_t sampleFloats = 1;
    /// Values share a decision when their index in the sample is equal modulo this number: the
    /// channels for SpatialDropout2D, `sampleFloats` for Dropout.
    std::int64_t period = 1;

    bool operator==(const DropoutGeometry&) const = default;
};

/// Where the decisions come from: word e % 4 of randomBlock(key, firstRow + sample, e / 4), e being
/// the index modulo the period. A value is kept if that word is below (1 - rate) 2³².
struct DropoutKey {
    RandomKey key;
    std::uint64_t firstRow = 0;
};

/// y = x / (1 - rate) or 0. The backward pass is the same call on gradients. y may be x.
struct DropoutArgs {
    float rate = 0.5F;
    DropoutKey key;
    std::span<const float> x;
    std::span<float> y;
};
void dropout(Parallel& parallel, const DropoutGeometry& g, const DropoutArgs& args);

/// words[i] = word i of a row of a stream: the same bits as `randomBlock`, many at a time.
void randomWords(const RandomKey& key, std::uint64_t row, std::uint64_t firstBlock,
                 std::span<std::uint32_t> words);

/// Sum of squares of a span, and whether all its values are finite. The same bits for any number
/// of threads.
struct SquareSum {
    double sum = 0.0;
    bool finite = true;
};
[[nodiscard]] SquareSum sumOfSquares(Parallel& parallel, std::span<const float> x);

/// Sum of absolute values.
[[nodiscard]] double sumOfMagnitudes(Parallel& parallel, std::span<const float> x);

/// Sum of values.
[[nodiscard]] double sumOf(Parallel& parallel, std::span<const float> x);

} // namespace nn
