#include "nn/exec/initializers.h"

#include "nn/exec/initializer_draws.h"

#include <Eigen/QR>
#include <algorithm>
#include <array>
#include <cmath>

namespace nn {
namespace {

/// Elements per task when weights are drawn; a multiple of 4.
constexpr std::int64_t kChunk = 1 << 16;
/// The stream of initializers with a seed of their own: equal seeds give equal numbers, wherever
/// the variable is.
constexpr std::uint32_t kOwnSeedStream = 0xFFFF'FFFF;
/// Probability below -2 of a standard normal.
constexpr double kBelowMinusTwo = 0.022750131948179209;

/// A number in (0, 1) from one word: never 0 or 1, so its quantile is finite.
double openUnit(std::uint32_t word) {
    return (static_cast<double>(word) + 0.5) * 0x1p-32;
}

/// Element i comes from word i % 4 of block i / 4: pieces can be filled in any order.
template <typename Number, typename Value>
void fillFromWords(Parallel& parallel, const RandomKey& key, std::span<Number> values,
                   Value value) {
    const auto count = static_cast<std::int64_t>(values.size());
    parallel.run((count + kChunk - 1) / kChunk, [&](std::int64_t chunk, int /*worker*/) {
        const std::int64_t end = std::min(count, (chunk + 1) * kChunk);
        for (std::int64_t i = chunk * kChunk; i < end; i += 4) {
            const auto words = randomBlock(key, 0, static_cast<std::uint32_t>(i / 4));
            const auto first = values.begin() + i;
            std::transform(
                words.begin(), words.begin() + std::min<std::int64_t>(4, end - i), first,
                [&value](std::uint32_t word) { return static_cast<Number>(value(word)); });
        }
    });
}

/// A matrix as the initializers see a variable: all axes but the last are rows.
struct MatrixShape {
    std::int64_t rows = 1;
    std::int64_t columns = 1;
};

MatrixShape matrixShape(const Shape& shape) {
    const std::int64_t columns = shape.rank() == 0 ? 1 : shape.back();
    return {columns == 0 ? 0 : shape.count() / columns, columns};
}

using RowMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Orthonormal rows or columns, whichever are fewer, by the QR decomposition of normal numbers;
/// the signs of R's diagonal make the result unique (Saxe et al., ICLR 2014).
void fillOrthogonal(Parallel& parallel, const RandomKey& key, const InitializerDraw& draw,
                    const Shape& shape, std::span<float> values) {
    const MatrixShape matrix = matrixShape(shape);
    const std::int64_t tall = std::max(matrix.rows, matrix.columns);
    const std::int64_t thin = std::min(matrix.rows, matrix.columns);
    Eigen::MatrixXd numbers(tall, thin);
    fillFromWords(parallel, key,
                  std::span(numbers.data(), static_cast<std::size_t>(numbers.size())),
                  [](std::uint32_t word) { return normalQuantile(openUnit(word)); });
    const Eigen::HouseholderQR<Eigen::MatrixXd> qr(numbers);
    Eigen::MatrixXd q = qr.householderQ() * Eigen::MatrixXd::Identity(tall, thin);
    const Eigen::VectorXd signs = qr.matrixQR().diagonal().head(thin).unaryExpr(
        [](double r) { return r < 0.0 ? -1.0 : 1.0; });
    q = draw.size * q * signs.asDiagonal();
    Eigen::Map<RowMatrix> target(values.data(), matrix.rows, matrix.columns);
    if (matrix.rows < matrix.columns) {
        target = q.transpose().cast<float>();
    } else {
        target = q.cast<float>();
    }
}

} // namespace

Fans fansOf(const Shape& shape) {
    if (shape.rank() == 0) {
        return {};
    }
    if (shape.rank() == 1) {
        return {static_cast<double>(shape[0]), static_cast<double>(shape[0])};
    }
    double field = 1.0;
    for (std::size_t i = 0; i + 2 < shape.rank(); ++i) {
        field *= static_cast<double>(shape[i]);
    }
    return {field * static_cast<double>(shape[shape.rank() - 2]),
            field * static_cast<double>(shape.back())};
}

void initialize(Parallel& parallel, const ParamObject& initializer, const InitializerTarget& target,
                std::span<float> values) {
    const InitializerDraw draw = initializerDraw(initializer, target.shape);
    RandomKey key = target.key;
    if (draw.seed) {
        key = {static_cast<std::uint64_t>(*draw.seed), RandomPurpose::Initializer, kOwnSeedStream};
    }
    const double center = draw.center;
    const double size = draw.size;
    switch (draw.distribution) {
    case Distribution::Constant:
        std::ranges::fill(values, static_cast<float>(center));
        return;
    case Distribution::Uniform:
        fillFromWords(parallel, key, values, [center, size](std::uint32_t word) {
            return center + (2.0 * openUnit(word) - 1.0) * size;
        });
        return;
    case Distribution::Normal:
        fillFromWords(parallel, key, values, [center, size](std::uint32_t word) {
            return center + normalQuantile(openUnit(word)) * size;
        });
        return;
    case Distribution::TruncatedNormal:
        // Re-drawing what lies beyond two deviations gives the quantile of the part between them.
        fillFromWords(parallel, key, values, [center, size](std::uint32_t word) {
            const double p = kBelowMinusTwo + openUnit(word) * (1.0 - 2.0 * kBelowMinusTwo);
            return center + normalQuantile(p) * size;
        });
        return;
    case Distribution::Orthogonal:
        fillOrthogonal(parallel, key, draw, target.shape, values);
        return;
    case Distribution::Identity: {
        const MatrixShape matrix = matrixShape(target.shape);
        Eigen::Map<RowMatrix>(values.data(), matrix.rows, matrix.columns) =
            RowMatrix::Identity(matrix.rows, matrix.columns) * static_cast<float>(size);
        return;
    }
    }
}

} // namespace nn
