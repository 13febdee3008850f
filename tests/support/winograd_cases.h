#pragma once

#include "tests/support/kernel_cases.h"

#include <cstdint>
#include <string>
#include <vector>

// What the tests of Winograd's transforms share.

namespace kernel_cases {

/// A matrix [rows][columns].
struct Matrix {
    int rows = 0, columns = 0;
    std::vector<double> values{};

    [[nodiscard]] double at(int row, int column) const {
        return values[static_cast<std::size_t>(row * columns + column)];
    }
    [[nodiscard]] Matrix transposed() const;
};

/// Bᵀ, G and Aᵀ of F(size × size, 3×3) for the points of winograd_transform.h, made by Lagrange's
/// polynomials: the row of Bᵀ for a point p holds the coefficients of Π (x - q) over the other
/// points q, that of G the powers of p over Π (p - q), Aᵀ the powers of p.
struct WinogradMatrices {
    Matrix input, filter, output;
};
[[nodiscard]] const WinogradMatrices& winogradMatrices(int size);

/// M v Mᵀ of a square v.
[[nodiscard]] std::vector<double> around(const Matrix& m, const std::vector<double>& v);

/// [value][channel], from what `of(channel)` gives by channel.
template <typename Of>
std::vector<double> byChannel(std::int64_t channels, const Of& of) {
    std::vector<double> result;
    for (std::int64_t c = 0; c < channels; ++c) {
        const std::vector<double> column = of(c);
        result.resize(column.size() * static_cast<std::size_t>(channels));
        for (std::size_t i = 0; i < column.size(); ++i) {
            result[i * static_cast<std::size_t>(channels) + static_cast<std::size_t>(c)] =
                column[i];
        }
    }
    return result;
}

/// 2 or 4.
[[nodiscard]] int winogradSizeOf(Dice& dice);
/// 16 to 64.
[[nodiscard]] std::int64_t winogradChannelsOf(Dice& dice);
/// Empty when the relative error is small enough for `size`, else it and `what`.
[[nodiscard]] std::string winogradVerdict(const std::vector<float>& actual,
                                          const std::vector<double>& expected,
                                          const std::string& what);

} // namespace kernel_cases
