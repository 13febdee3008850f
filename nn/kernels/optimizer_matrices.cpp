// Optimizers whose step sees a variable as matrices.
#include "nn/kernels/optimizer.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace nn {
namespace {

/// Rows that one task takes; by the shape alone.
struct RowBlocks {
    std::int64_t rows = 0;
    std::int64_t perBlock = 1;

    RowBlocks(std::int64_t count, std::int64_t width) : rows(count) {
        constexpr std::int64_t kElements = 1 << 14;
        constexpr std::int64_t kMostBlocks = 64;
        perBlock = std::max({std::int64_t{1}, kElements / std::max<std::int64_t>(width, 1),
                             (count + kMostBlocks - 1) / kMostBlocks});
    }
    [[nodiscard]] std::int64_t blocks() const { return (rows + perBlock - 1) / perBlock; }

    /// visit(block, row) for all rows; blocks run in parallel.
    template <typename Visit>
    void forEachRow(Parallel& parallel, const Visit& visit) const {
        parallel.run(blocks(), [&](std::int64_t block, int /*worker*/) {
            const std::int64_t last = std::min(rows, (block + 1) * perBlock);
            for (std::int64_t row = block * perBlock; row < last; ++row) {
                visit(static_cast<std::size_t>(block), static_cast<std::size_t>(row));
            }
        });
    }
    /// The sum of of(row), in an order that does not depend on the threads.
    template <typename Function>
    double sum(Parallel& parallel, const Function& of) const {
        std::vector<double> sums(static_cast<std::size_t>(blocks()), 0.0);
        forEachRow(parallel, [&](std::size_t block, std::size_t row) { sums[block] += of(row); });
        return std::accumulate(sums.begin(), sums.end(), 0.0);
    }
};

double squares(std::span<const float> values) {
    return std::transform_reduce(values.begin(), values.end(), 0.0, std::plus<>(), [](float value) {
        return static_cast<double>(value) * static_cast<double>(value);
    });
}

/// One variable and what a step does with its rows.
class Adafactor {
public:
    Adafactor(Parallel& parallel, const AdafactorStep& step, std::span<const float> gradient,
              std::span<float> weights, const AdafactorState& state)
        : m_parallel(parallel), m_step(step), m_gradient(gradient), m_weights(weights),
          m_state(state),
          m_width(static_cast<std::size_t>(
              state.height > 0 ? state.width
                               : std::clamp<std::int64_t>(std::ssize(weights), 1, 1024))),
          m_blocks((std::ssize(weights) + static_cast<std::int64_t>(m_width) - 1) /
                       static_cast<std::int64_t>(m_width),
                   static_cast<std::int64_t>(m_width)),
          m_fresh(std::pow(static_cast<double>(step.step), step.beta2Decay)) {}

    void run() {
        decay();
        if (m_state.height > 0) {
            updateRows();
            updateColumns();
        }
        updateVelocity();
        const auto count = static_cast<double>(m_weights.size());
        const double weights = m_blocks.sum(
            m_parallel, [&](std::size_t row) { return squares(rowOf(m_weights, row)); });
        const double directions = m_blocks.sum(m_parallel, [&](std::size_t row) {
            double sum = 0.0;
            eachOf(row, [&](std::size_t i) { sum += direction(i) * direction(i); });
            return sum;
        });
        const double rate =
            std::min(m_step.common.learningRate, 1.0 / std::sqrt(static_cast<double>(m_step.step)));
        const double length = rate * std::max(m_step.epsilon2, std::sqrt(weights / count)) /
                              std::max(1.0, std::sqrt(directions / count) / m_step.clipThreshold);
        m_blocks.forEachRow(m_parallel, [&](std::size_t /*block*/, std::size_t row) {
            eachOf(row, [&](std::size_t i) {
                m_weights[i] -= static_cast<float>(length * direction(i));
            });
        });
    }

private:
    template <typename T>
    [[nodiscard]] std::span<T> rowOf(std::span<T> values, std::size_t row) const {
        const std::size_t first = row * m_width;
        return values.subspan(first, std::min(m_width, values.size() - first));
    }
    template <typename Visit>
    void eachOf(std::size_t row, const Visit& visit) const {
        const std::size_t last = std::min((row + 1) * m_width, m_weights.size());
        for (std::size_t i = row * m_width; i < last; ++i) {
            visit(i);
        }
    }
    [[nodiscard]] double gradient(std::size_t i) const {
        return std::clamp(static_cast<double>(m_gradient[i]) * m_step.common.gradientScale,
                          -m_step.common.gradientBound, m_step.common.gradientBound);
    }
    [[nodiscard]] double square(std::size_t i) const {
        return gradient(i) * gradient(i) + m_step.epsilon1;
    }
    /// In float32 a velocity may be too small to be written down.
    [[nodiscard]] double direction(std::size_t i) const {
        const double velocity = static_cast<double>(m_state.velocity[i]);
        return velocity > 0.0 ? gradient(i) / std::sqrt(velocity) : 0.0;
    }
    /// A running mean moves towards a new value.
    void move(float& mean, double value) const {
        mean = static_cast<float>(static_cast<double>(mean) * (1.0 - m_fresh) + m_fresh * value);
    }

    void decay() {
        const auto kept =
            static_cast<float>(1.0 - m_step.common.weightDecay * m_step.common.learningRate);
        m_blocks.forEachRow(m_parallel, [&](std::size_t /*block*/, std::size_t row) {
            for (float& weight : rowOf(m_weights, row)) {
                weight *= kept;
            }
        });
    }
    void updateRows() {
        m_blocks.forEachRow(m_parallel, [&](std::size_t /*block*/, std::size_t row) {
            double sum = 0.0;
            eachOf(row, [&](std::size_t i) { sum += square(i); });
            move(m_state.rows[row], sum / static_cast<double>(m_width));
        });
    }
    void updateColumns() {
        const auto height = static_cast<std::size_t>(m_state.height);
        const std::size_t matrices = m_weights.size() / (height * m_width);
        const RowBlocks blocks(static_cast<std::int64_t>(matrices * m_width), m_state.height);
        blocks.forEachRow(m_parallel, [&](std::size_t /*block*/, std::size_t column) {
            const std::size_t first = column / m_width * height * m_width + column % m_width;
            double sum = 0.0;
            for (std::size_t row = 0; row < height; ++row) {
                sum += square(first + row * m_width);
            }
            move(m_state.columns[column], sum / static_cast<double>(height));
        });
    }
    void updateVelocity() {
        if (m_state.height == 0) {
            m_blocks.forEachRow(m_parallel, [&](std::size_t /*block*/, std::size_t row) {
                eachOf(row, [&](std::size_t i) { move(m_state.velocity[i], square(i)); });
            });
            return;
        }
        const auto height = static_cast<std::size_t>(m_state.height);
        std::vector<double> means(m_state.rows.size() / height);
        for (std::size_t matrix = 0; matrix < means.size(); ++matrix) {
            const auto rows = m_state.rows.subspan(matrix * height, height);
            means[matrix] =
                std::accumulate(rows.begin(), rows.end(), 0.0) / static_cast<double>(height);
        }
        m_blocks.forEachRow(m_parallel, [&](std::size_t /*block*/, std::size_t row) {
            const std::size_t matrix = row / height;
            const double part = static_cast<double>(m_state.rows[row]) / means[matrix];
            eachOf(row, [&](std::size_t i) {
                const double column =
                    static_cast<double>(m_state.columns[matrix * m_width + i % m_width]);
                m_state.velocity[i] = static_cast<float>(part * column);
            });
        });
    }

    Parallel& m_parallel;
    const AdafactorStep& m_step;
    std::span<const float> m_gradient;
    std::span<float> m_weights;
    const AdafactorState& m_state;
    std::size_t m_width;
    RowBlocks m_blocks;
    double m_fresh;
};

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// A matrix with the same singular vectors and singular values near 1, by Newton's and Schulz'
/// iteration with a polynomial of degree five.
Matrix orthogonalized(Matrix x, const MuonStep& step) {
    const bool isTall = x.rows() > x.cols();
    if (isTall) {
        x.transposeInPlace();
    }
    x /= x.norm() + 1e-7F;
    const auto a = static_cast<float>(step.a);
    const auto b = static_cast<float>(step.b);
    const auto c = static_cast<float>(step.c);
    for (std::int64_t i = 0; i < step.iterations; ++i) {
        const Matrix square = x * x.transpose();
        const Matrix polynomial = b * square + c * (square * square);
        x = (a * x + polynomial * x).eval();
    }
    if (isTall) {
        x.transposeInPlace();
    }
    return x;
}

} // namespace

void adafactorStep(Parallel& parallel, const AdafactorStep& step, std::span<const float> gradient,
                   std::span<float> weights, const AdafactorState& state) {
    if (!weights.empty()) {
        Adafactor(parallel, step, gradient, weights, state).run();
    }
}

void muonStep(Parallel& /*parallel*/, const MuonStep& step, std::span<const float> gradient,
              std::span<float> weights, std::span<float> momentum, std::int64_t height) {
    const std::int64_t width = std::ssize(weights) / height;
    const auto bound = static_cast<float>(std::min(
        step.common.gradientBound, static_cast<double>(std::numeric_limits<float>::max())));
    const Matrix fresh = (Eigen::Map<const Matrix>(gradient.data(), height, width).array() *
                          static_cast<float>(step.common.gradientScale))
                             .cwiseMax(-bound)
                             .cwiseMin(bound)
                             .matrix();
    Eigen::Map<Matrix> w(weights.data(), height, width);
    Eigen::Map<Matrix> m(momentum.data(), height, width);
    const auto memory = static_cast<float>(step.momentum);
    m = fresh + memory * m;
    w *= static_cast<float>(1.0 - step.common.weightDecay * step.common.learningRate);
    const Matrix direction = step.nesterov ? Matrix(fresh + memory * m) : Matrix(m);
    w -=
        static_cast<float>(step.common.learningRate * step.scale) * orthogonalized(direction, step);
}

} // namespace nn
