#include "nn/exec/regularizers.h"

#include "nn/model/object_table.h"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace nn {

/// Whether the rows or the columns of a matrix are to be perpendicular.
enum class OrthogonalMode { Rows, Columns };
template <>
struct ChoiceNames<OrthogonalMode> {
    static constexpr std::array<std::string_view, 2> names{"rows", "columns"};
};

namespace {

struct L1 {
    double l1 = 0.01;
};
struct L2 {
    double l2 = 0.01;
};
struct L1L2 {
    double l1 = 0.0;
    double l2 = 0.0;
};
struct OrthogonalOptions {
    double factor = 0.01;
    OrthogonalMode mode = OrthogonalMode::Rows;
};
using Made = std::shared_ptr<const Regularizer>;

/// Numbers per task; sums are cut by it, so they do not depend on the number of threads.
constexpr std::size_t kChunk = 1 << 14;

template <typename Body>
void inChunks(Parallel& parallel, std::size_t count, Body body) {
    const std::size_t chunks = (count + kChunk - 1) / kChunk;
    parallel.run(static_cast<std::int64_t>(chunks), [&](std::int64_t task, int /*worker*/) {
        const auto chunk = static_cast<std::size_t>(task);
        body(chunk, chunk * kChunk, std::min(count, (chunk + 1) * kChunk));
    });
}

/// l1 · Σ|w| + l2 · Σw².
class Norms final : public Regularizer {
public:
    explicit Norms(const L1L2& options) : m_options(options) {}

    [[nodiscard]] double value(Parallel& parallel, const Shape& /*shape*/,
                               std::span<const float> values) const override {
        std::vector<double> sums((values.size() + kChunk - 1) / kChunk, 0.0);
        inChunks(parallel, values.size(),
                 [&](std::size_t chunk, std::size_t begin, std::size_t end) {
                     const auto part = values.subspan(begin, end - begin);
                     double absolute = 0.0;
                     double squared = 0.0;
                     for (const float number : part) {
                         absolute += std::abs(static_cast<double>(number));
                         squared += static_cast<double>(number) * static_cast<double>(number);
                     }
                     sums[chunk] = m_options.l1 * absolute + m_options.l2 * squared;
                 });
        return std::accumulate(sums.begin(), sums.end(), 0.0);
    }

    void addGradient(Parallel& parallel, const Shape& /*shape*/, std::span<const float> values,
                     std::span<float> gradient, double factor) const override {
        const auto l1 = static_cast<float>(factor * m_options.l1);
        const auto twiceL2 = static_cast<float>(2.0 * factor * m_options.l2);
        inChunks(parallel, values.size(),
                 [&](std::size_t /*chunk*/, std::size_t begin, std::size_t end) {
                     for (std::size_t i = begin; i < end; ++i) {
                         const float sign = static_cast<float>(values[i] > 0.0F) -
                                            static_cast<float>(values[i] < 0.0F);
                         gradient[i] += l1 * sign + twiceL2 * values[i];
                     }
                 });
    }

private:
    L1L2 m_options;
};

using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using FloatMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// factor · the mean of |cosine| between all pairs of rows (or columns) of a matrix. Keras'
/// formula: 0.5 · Σ_{i≠j} |cos_ij| / (n (n - 1) / 2).
class OrthogonalRegularizer final : public Regularizer {
public:
    explicit OrthogonalRegularizer(const OrthogonalOptions& options) : m_options(options) {}

    [[nodiscard]] double value(Parallel& /*parallel*/, const Shape& shape,
                               std::span<const float> values) const override {
        const Unit unit = unitRows(shape, values);
        return unit.weight * offDiagonal(unit.rows).cwiseAbs().sum();
    }

    void addGradient(Parallel& /*parallel*/, const Shape& shape, std::span<const float> values,
                     std::span<float> gradient, double factor) const override {
        const Unit unit = unitRows(shape, values);
        if (unit.weight == 0.0) {
            return;
        }
        const RowMatrix signs = offDiagonal(unit.rows).cwiseSign();
        const RowMatrix towards = 2.0 * factor * unit.weight * signs * unit.rows;
        const Eigen::VectorXd along = towards.cwiseProduct(unit.rows).rowwise().sum();
        const RowMatrix change =
            unit.inverseNorms.asDiagonal() * (towards - along.asDiagonal() * unit.rows);
        Eigen::Map<FloatMatrix> target(gradient.data(), shape[0], shape[1]);
        if (m_options.mode == OrthogonalMode::Rows) {
            target += change.cast<float>();
        } else {
            target += change.transpose().cast<float>();
        }
    }

private:
    /// Rows of length 1, and what a sum over pairs is multiplied with.
    struct Unit {
        RowMatrix rows = {};
        Eigen::VectorXd inverseNorms = {};
        double weight = 0.0;
    };

    [[nodiscard]] Unit unitRows(const Shape& shape, std::span<const float> values) const {
        if (shape.rank() != 2) {
            return {};
        }
        const Eigen::Map<const FloatMatrix> matrix(values.data(), shape[0], shape[1]);
        Unit unit;
        if (m_options.mode == OrthogonalMode::Rows) {
            unit.rows = matrix.cast<double>();
        } else {
            unit.rows = matrix.transpose().cast<double>();
        }
        // Keras limits the inverse so that a row of zeros stays zero.
        static constexpr double kLargestInverse = 1e7;
        unit.inverseNorms = unit.rows.rowwise().norm().unaryExpr(
            [](double norm) { return std::min(1.0 / norm, kLargestInverse); });
        unit.rows = unit.inverseNorms.asDiagonal() * unit.rows;
        const auto count = static_cast<double>(unit.rows.rows());
        const double pairs = count * (count - 1.0) / 2.0;
        unit.weight = pairs > 0.0 ? m_options.factor * 0.5 / pairs : 0.0;
        return unit;
    }

    static RowMatrix offDiagonal(const RowMatrix& rows) {
        RowMatrix product = rows * rows.transpose();
        product.diagonal().setZero();
        return product;
    }

    OrthogonalOptions m_options;
};

ParamDetail factorDetail(std::string help) {
    return {.min = 0.0, .max = 1e30, .help = std::move(help)};
}

const ObjectTable<Made>& regularizerTable() {
    static const ObjectTable<Made> table = [] {
        ObjectTable<Made> all;
        ParamTable<L1> l1;
        l1.add(&L1::l1, "l1", factorDetail("The factor of the sum of absolute values."));
        all.add<L1>({.type = "L1",
                     .aliases = {"l1"},
                     .title = "Few weights that count",
                     .help =
                         "Adds l1 · Σ|w| to the loss: pulls every weight to 0 by the same step, "
                         "so that many become 0."},
                    l1, [](const L1& options) -> Made {
                        return std::make_shared<Norms>(L1L2{options.l1, 0.0});
                    });
        ParamTable<L2> l2;
        l2.add(&L2::l2, "l2", factorDetail("The factor of the sum of squares."));
        all.add<L2>({.type = "L2",
                     .aliases = {"l2"},
                     .title = "Small weights",
                     .help = "Adds l2 · Σw² to the loss: keeps weights small, the large ones most. "
                             "The usual way against overfitting."},
                    l2, [](const L2& options) -> Made {
                        return std::make_shared<Norms>(L1L2{0.0, options.l2});
                    });
        ParamTable<L1L2> both;
        both.add(&L1L2::l1, "l1", factorDetail("The factor of the sum of absolute values."));
        both.add(&L1L2::l2, "l2", factorDetail("The factor of the sum of squares."));
        all.add<L1L2>({.type = "L1L2",
                       .aliases = {"l1_l2"},
                       .title = "Both",
                       .help = "Adds l1 · Σ|w| + l2 · Σw² to the loss."},
                      both,
                      [](const L1L2& options) -> Made { return std::make_shared<Norms>(options); });
        ParamTable<OrthogonalOptions> orthogonal;
        orthogonal.add(&OrthogonalOptions::factor, "factor",
                       factorDetail("The factor of the mean overlap."));
        orthogonal.add(&OrthogonalOptions::mode, "mode",
                       {.help = "Whether rows or columns are kept apart."});
        all.add<OrthogonalOptions>(
            {.type = "OrthogonalRegularizer",
             .aliases = {"orthogonal_regularizer"},
             .title = "Rows or columns that differ",
             .help =
                 "Adds factor · the mean overlap |cos| of all pairs of rows (or columns) to the "
                 "loss; needs exactly two axes.",
             .minRank = 2,
             .maxRank = 2},
            orthogonal, [](const OrthogonalOptions& options) -> Made {
                return std::make_shared<OrthogonalRegularizer>(options);
            });
        return all;
    }();
    return table;
}

} // namespace

const std::vector<ObjectDef>& regularizerDefs() {
    return regularizerTable().defs();
}

std::shared_ptr<const Regularizer> makeRegularizer(const ParamObject& object) {
    return regularizerTable().made(object).value_or(nullptr);
}

} // namespace nn
