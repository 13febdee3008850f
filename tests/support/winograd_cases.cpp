#include "tests/support/winograd_cases.h"

#include <cassert>
#include <cmath>

namespace kernel_cases {
namespace {

constexpr double kTolerance = 2e-6;

/// The coefficients of Π (x - q), the constant first.
std::vector<double> productOfRoots(const std::vector<double>& roots) {
    std::vector<double> product{1.0};
    for (const double root : roots) {
        product.insert(product.begin(), 0.0);
        for (std::size_t i = 0; i + 1 < product.size(); ++i) {
            product[i] -= root * product[i + 1];
        }
    }
    return product;
}

WinogradMatrices matricesOf(const std::vector<double>& points, double sign) {
    const auto count = static_cast<int>(points.size()) + 1; // with infinity
    const int size = count - 2;
    WinogradMatrices m{{count, count}, {count, 3}, {count, size}};
    for (const double point : points) {
        std::vector<double> others;
        double distance = 1.0;
        for (const double other : points) {
            if (other != point) {
                others.push_back(other);
                distance *= point - other;
            }
        }
        std::vector<double> row = productOfRoots(others);
        row.resize(static_cast<std::size_t>(count), 0.0);
        // For two points and infinity the customary matrices have other signs.
        const double factor = point == 0.0 ? sign : 1.0;
        for (const double value : row) {
            m.input.values.push_back(factor * value);
        }
        for (int power = 0; power < 3; ++power) {
            m.filter.values.push_back(factor * std::pow(point, power) / distance);
        }
        for (int power = 0; power < size; ++power) {
            m.output.values.push_back(std::pow(point, power));
        }
    }
    for (const double value : productOfRoots(points)) {
        m.input.values.push_back(sign * value);
    }
    m.filter.values.insert(m.filter.values.end(), {0.0, 0.0, 1.0});
    m.output.values.resize(static_cast<std::size_t>(count * size), 0.0);
    m.output.values.back() = sign;
    m.output = m.output.transposed();
    return m;
}

} // namespace

Matrix Matrix::transposed() const {
    Matrix result{columns, rows, {}};
    for (int row = 0; row < columns; ++row) {
        for (int column = 0; column < rows; ++column) {
            result.values.push_back(at(column, row));
        }
    }
    return result;
}

const WinogradMatrices& winogradMatrices(int size) {
    static const WinogradMatrices two = matricesOf({0.0, 1.0, -1.0}, -1.0);
    static const WinogradMatrices four = matricesOf({0.0, 0.75, -0.75, 1.5, -1.5}, 1.0);
    assert(size == 2 || size == 4);
    return size == 2 ? two : four;
}

std::vector<double> around(const Matrix& m, const std::vector<double>& v) {
    std::vector<double> result;
    for (int row = 0; row < m.rows; ++row) {
        for (int column = 0; column < m.rows; ++column) {
            double sum = 0.0;
            for (int i = 0; i < m.columns; ++i) {
                for (int j = 0; j < m.columns; ++j) {
                    sum += m.at(row, i) * v[static_cast<std::size_t>(i * m.columns + j)] *
                           m.at(column, j);
                }
            }
            result.push_back(sum);
        }
    }
    return result;
}

int winogradSizeOf(Dice& dice) {
    return dice.chance(0.5) ? 2 : 4;
}

std::int64_t winogradChannelsOf(Dice& dice) {
    return 16 * dice.number(1, 4);
}

std::string winogradVerdict(const std::vector<float>& actual, const std::vector<double>& expected,
                            const std::string& what) {
    const double error = relativeError(actual, expected);
    return error < kTolerance ? "" : what + ": " + std::to_string(error);
}

} // namespace kernel_cases
