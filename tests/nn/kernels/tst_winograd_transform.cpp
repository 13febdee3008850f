#include "nn/kernels/winograd_transform.h"

#include "tests/support/kernel_cases.h"

#include <QTest>

#include <algorithm>

using namespace kernel_cases;

namespace {

constexpr double kTolerance = 2e-6;

/// A matrix [rows][columns] of the method, by Lavin and Gray.
struct Matrix {
    int rows = 0, columns = 0;
    std::vector<double> values{};

    [[nodiscard]] double at(int row, int column) const {
        return values[static_cast<std::size_t>(row * columns + column)];
    }
    [[nodiscard]] Matrix transposed() const {
        Matrix result{columns, rows, {}};
        for (int row = 0; row < columns; ++row) {
            for (int column = 0; column < rows; ++column) {
                result.values.push_back(at(column, row));
            }
        }
        return result;
    }
};

// Bᵀ, G and Aᵀ.
const Matrix kInput{4, 4, {1, 0, -1, 0, 0, 1, 1, 0, 0, -1, 1, 0, 0, 1, 0, -1}};
const Matrix kFilter{4, 3, {1, 0, 0, 0.5, 0.5, 0.5, 0.5, -0.5, 0.5, 0, 0, 1}};
const Matrix kOutput{2, 4, {1, 1, 1, 0, 0, 1, -1, -1}};

/// M v Mᵀ of a square v.
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

/// Numbers of a square of cells or planes, each with `channels` values, at `distance` floats.
struct Square {
    std::int64_t channels = 0, distance = 0;
    std::vector<float> values{};

    Square(Dice& dice, int count, std::int64_t width)
        : channels(width), distance(width + 16 * dice.number(0, 2)),
          values(dice.values(count * distance)) {}

    [[nodiscard]] std::vector<double> of(std::int64_t channel) const {
        std::vector<double> result;
        for (std::int64_t at = channel; at < std::ssize(values); at += distance) {
            result.push_back(static_cast<double>(values[static_cast<std::size_t>(at)]));
        }
        return result;
    }
};

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

struct Case {
    Square from;
    std::vector<float> bias{};
    bool add = false, relu = false, flag = false;
    std::vector<double> expected{};
};

std::int64_t channelsOf(Dice& dice) {
    return 16 * dice.number(1, 4);
}

std::string verdict(const std::vector<float>& actual, const Case& each) {
    const double error = relativeError(actual, each.expected);
    return error < kTolerance
               ? ""
               : std::to_string(each.from.channels) + " channels: " + std::to_string(error);
}

} // namespace

class TestWinogradTransform : public QObject {
    Q_OBJECT
private slots:
    void transformsInputs();
    void transformsFilters();
    void transformsOutputs();
    void transformsAndPoolsOutputs();
    void transformsGradients();
    void transformsFilterGradients();
};

namespace {

/// Lines of values and the tiles that a row of them is cut into.
struct Lines {
    std::int64_t channels = 0, columns = 0, firstColumn = 0, tiles = 0;
    std::int64_t pixel = 0;                   ///< Floats from one column to the next.
    std::vector<std::vector<float>> values{}; ///< By line; empty: outside of the image.
    std::vector<double> expected{};           ///< [tile][plane][channel]

    Lines(Dice& dice, int count)
        : channels(channelsOf(dice)), columns(dice.number(1, 9)), tiles(dice.number(1, 5)),
          pixel(channels + 16 * dice.number(0, 2)) {
        for (int line = 0; line < count; ++line) {
            values.push_back(dice.values(columns * pixel));
        }
    }

    /// Zero outside of the image.
    [[nodiscard]] double at(std::size_t line, std::int64_t column, std::int64_t channel) const {
        const bool exists = !values[line].empty() && column >= 0 && column < columns;
        return exists ? static_cast<double>(
                            values[line][static_cast<std::size_t>(column * pixel + channel)])
                      : 0.0;
    }
    /// expected[tile] = m · the square of `side` values on each side of a tile · mᵀ.
    void expect(const Matrix& m, std::int64_t side) {
        for (std::int64_t tile = 0; tile < tiles; ++tile) {
            const std::vector<double> planes = byChannel(channels, [&](std::int64_t c) {
                std::vector<double> square;
                for (std::size_t line = 0; line < values.size(); ++line) {
                    for (std::int64_t i = 0; i < side; ++i) {
                        square.push_back(at(line, firstColumn + 2 * tile + i, c));
                    }
                }
                return around(m, square);
            });
            expected.insert(expected.end(), planes.begin(), planes.end());
        }
    }
    [[nodiscard]] std::string verdict(const std::vector<float>& actual) const {
        const double error = relativeError(actual, expected);
        return error < kTolerance
                   ? ""
                   : std::to_string(tiles) + " tiles from " + std::to_string(firstColumn) + " of " +
                         std::to_string(columns) + " columns, " + std::to_string(channels) +
                         " channels: " + std::to_string(error);
    }
};

} // namespace

void TestWinogradTransform::transformsInputs() {
    const std::string failure = failureOfCases(
        1,
        [](Dice& dice) {
            Lines each(dice, 4);
            each.firstColumn = dice.number(-2, each.columns);
            for (std::vector<float>& line : each.values) {
                if (dice.chance(0.2)) {
                    line.clear();
                }
            }
            each.expect(kInput, 4);
            return each;
        },
        [](const Lines& each) {
            const std::vector<float> zeros(static_cast<std::size_t>(each.channels), 0.0F);
            // In blocks of 16 channels or all in one: [plane][block][tile][width].
            const std::int64_t width = each.columns % 2 == 0 ? each.channels : 16;
            const std::int64_t plane = each.tiles * each.channels;
            std::vector<float> planes = unwritten(16 * plane);
            nn::InputRow row{.firstColumn = each.firstColumn,
                             .columns = each.columns,
                             .tiles = each.tiles,
                             .channels = each.channels,
                             .planes = planes.data(),
                             .plane = plane,
                             .width = width,
                             .block = each.tiles * width};
            for (std::size_t line = 0; line < 4; ++line) {
                const bool inside = !each.values[line].empty();
                row.lines[line] = inside ? each.values[line].data() : zeros.data();
                row.pixels[line] = inside ? each.pixel : 0;
            }
            nn::transformInputs(row);
            std::vector<float> actual;
            for (std::int64_t tile = 0; tile < each.tiles; ++tile) {
                for (std::int64_t from = 0; from < 16 * plane; from += each.tiles * width) {
                    const auto first = planes.begin() + from + tile * width;
                    actual.insert(actual.end(), first, first + width);
                }
            }
            return each.verdict(actual);
        });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestWinogradTransform::transformsFilters() {
    const std::string failure = failureOfCases(
        2,
        [](Dice& dice) {
            // 16 filters for each of some channels; taps lie next to each other.
            Case each{.from = Square(dice, 9, 16 * dice.number(1, 9)), .flag = dice.chance(0.5)};
            each.from.distance = each.from.channels;
            each.from.values.resize(static_cast<std::size_t>(9 * each.from.channels));
            each.expected = byChannel(each.from.channels, [&](std::int64_t c) {
                std::vector<double> taps = each.from.of(c);
                if (each.flag) {
                    std::ranges::reverse(taps);
                }
                return around(kFilter, taps);
            });
            return each;
        },
        [](const Case& each) {
            std::vector<float> planes = unwritten(std::ssize(each.expected));
            nn::transformFilters({.taps = each.from.values.data(),
                                  .channels = each.from.channels / 16,
                                  .reversed = each.flag,
                                  .planes = planes.data(),
                                  .plane = each.from.channels});
            return verdict(planes, each);
        });
    QVERIFY2(failure.empty(), failure.c_str());
}

namespace {

/// The products of `tiles` tiles, all their channels next to each other, and what follows them.
Case outputCase(Dice& dice, std::int64_t tiles) {
    const std::int64_t channels = channelsOf(dice);
    Case each{.from = Square(dice, 16, tiles * channels)};
    each.bias = dice.values(dice.chance(0.7) ? channels : 0);
    each.relu = dice.chance(0.5);
    each.add = dice.chance(0.5);
    return each;
}

/// Outputs of a channel of a tile before adding and activation; its products are number `product`.
std::vector<double> outputs(const Case& each, std::int64_t product, std::int64_t channel) {
    std::vector<double> y = around(kOutput, each.from.of(product));
    for (double& value : y) {
        value += each.bias.empty()
                     ? 0.0
                     : static_cast<double>(each.bias[static_cast<std::size_t>(channel)]);
    }
    return y;
}

/// One tile whose products lie as the case says.
nn::OutputRow rowOf(const Case& each) {
    return {.planes = each.from.values.data(),
            .plane = each.from.distance,
            .tiles = 1,
            .channels = each.from.channels,
            .bias = each.bias.empty() ? nullptr : each.bias.data(),
            .add = each.add,
            .relu = each.relu};
}

/// Outputs of a row of tiles, as many as `tiles` cover of `columns` and one or two lines.
struct Outputs {
    Case products;
    std::int64_t tiles = 1, columns = 0, firstColumn = 0;
    bool hasLower = true;

    [[nodiscard]] std::int64_t channels() const { return products.from.channels / tiles; }
};

} // namespace

void TestWinogradTransform::transformsOutputs() {
    const std::string failure = failureOfCases(
        3,
        [](Dice& dice) {
            const std::int64_t tiles = dice.number(1, 5);
            Outputs each{.products = outputCase(dice, tiles), .tiles = tiles};
            const std::int64_t channels = each.channels();
            each.firstColumn = 2 * dice.number(0, 2);
            each.columns = each.firstColumn + 2 * tiles - dice.number(0, 1);
            each.hasLower = dice.chance(0.8);
            Case& products = each.products;
            // [line][column][channel]; what lies before the first tile is not touched.
            for (std::int64_t line = 0; line < (each.hasLower ? 2 : 1); ++line) {
                for (std::int64_t column = 0; column < each.columns; ++column) {
                    const std::int64_t cell = column - each.firstColumn;
                    for (std::int64_t c = 0; c < channels; ++c) {
                        if (cell < 0) {
                            products.expected.push_back(1.0);
                            continue;
                        }
                        const std::vector<double> y = outputs(products, cell / 2 * channels + c, c);
                        double value = y[static_cast<std::size_t>(2 * line + cell % 2)];
                        value += products.add ? 1.0 : 0.0;
                        products.expected.push_back(products.relu ? std::max(value, 0.0) : value);
                    }
                }
            }
            return each;
        },
        [](const Outputs& each) {
            std::vector<float> y(each.products.expected.size(), 1.0F);
            nn::OutputRow row = rowOf(each.products);
            row.tiles = each.tiles;
            row.channels = each.channels();
            row.outputs = {.upper = y.data(),
                           .lower =
                               each.hasLower ? y.data() + each.columns * row.channels : nullptr,
                           .pixel = row.channels,
                           .firstColumn = each.firstColumn,
                           .columns = each.columns};
            nn::transformOutputs(row);
            return verdict(y, each.products);
        });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestWinogradTransform::transformsAndPoolsOutputs() {
    const std::string failure = failureOfCases(
        4,
        [](Dice& dice) {
            Case each = outputCase(dice, 1);
            each.flag = dice.chance(0.7); // positions are wanted
            for (std::int64_t c = 0; c < each.from.channels; ++c) {
                const double largest = std::ranges::max(outputs(each, c, c));
                each.expected.push_back(each.relu ? std::max(largest, 0.0) : largest);
            }
            return each;
        },
        [](const Case& each) {
            // As two tiles with half of the channels each.
            nn::OutputRow row = rowOf(each);
            const bool halves = each.from.channels % 32 == 0 && each.bias.empty();
            row.tiles = halves ? 2 : 1;
            row.channels = each.from.channels / row.tiles;
            std::vector<float> largest = unwritten(each.from.channels);
            std::vector<std::uint8_t> positions(largest.size(), 77);
            nn::transformPooledOutputs(row, {.largest = largest.data(),
                                             .positions = each.flag ? positions.data() : nullptr,
                                             .step = row.channels});
            for (std::int64_t c = 0; c < each.from.channels && each.flag; ++c) {
                const std::vector<double> y = outputs(each, c, c);
                const std::size_t at = positions[static_cast<std::size_t>(c)];
                if (at > 3 || y[at] < std::ranges::max(y) - 1e-5) {
                    return "position " + std::to_string(at) + " of channel " + std::to_string(c);
                }
            }
            return verdict(largest, each);
        });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestWinogradTransform::transformsGradients() {
    const std::string failure = failureOfCases(
        5,
        [](Dice& dice) {
            Lines each(dice, 2);
            each.firstColumn = 2 * dice.number(0, (each.columns - 1) / 2);
            each.tiles = std::min(each.tiles, (each.columns - each.firstColumn + 1) / 2);
            if (dice.chance(0.3)) {
                each.values[1].clear();
            }
            each.expect(kOutput.transposed(), 2);
            return each;
        },
        [](const Lines& each) {
            // Panels of 16 filters, each with a free line behind it.
            const std::int64_t panel = 16 * each.tiles + 16;
            const std::int64_t plane = each.channels / 16 * panel;
            std::vector<float> planes = unwritten(16 * plane);
            nn::transformGradients(
                {.outputs = {.upper = each.values[0].data(),
                             .lower = each.values[1].empty() ? nullptr : each.values[1].data(),
                             .pixel = each.pixel,
                             .firstColumn = each.firstColumn,
                             .columns = each.columns},
                 .tiles = each.tiles,
                 .channels = each.channels,
                 .planes = planes.data(),
                 .plane = plane,
                 .panel = panel});
            std::vector<float> actual;
            for (std::int64_t tile = 0; tile < each.tiles; ++tile) {
                for (std::int64_t at = 0; at < std::ssize(planes); at += panel) {
                    const auto from = planes.begin() + at + 16 * tile;
                    actual.insert(actual.end(), from, from + 16);
                }
            }
            return each.verdict(actual);
        });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestWinogradTransform::transformsFilterGradients() {
    struct Sums {
        Case sums;
        std::int64_t partials = 1;
    };
    const std::string failure = failureOfCases(
        6,
        [](Dice& dice) {
            const std::int64_t partials = dice.number(1, 4);
            Sums each{{.from = Square(dice, static_cast<int>(16 * partials), channelsOf(dice))},
                      partials};
            each.sums.add = dice.chance(0.5);
            each.sums.expected = byChannel(each.sums.from.channels, [&](std::int64_t c) {
                const std::vector<double> all = each.sums.from.of(c);
                std::vector<double> planes(16, 0.0);
                for (std::size_t i = 0; i < all.size(); ++i) {
                    planes[i % 16] += all[i];
                }
                std::vector<double> dw = around(kFilter.transposed(), planes);
                for (double& value : dw) {
                    value += each.sums.add ? 1.0 : 0.0;
                }
                return dw;
            });
            return each;
        },
        [](const Sums& each) {
            const Square& from = each.sums.from;
            std::vector<float> dw = unwritten(std::ssize(each.sums.expected));
            if (each.sums.add) {
                std::ranges::fill(dw, 1.0F);
            }
            nn::transformFilterGradient({.planes = from.values.data(),
                                         .plane = from.distance,
                                         .partials = each.partials,
                                         .partial = 16 * from.distance,
                                         .count = from.channels,
                                         .dw = dw.data(),
                                         .tap = from.channels,
                                         .add = each.sums.add});
            return verdict(dw, each.sums);
        });
    QVERIFY2(failure.empty(), failure.c_str());
}

QTEST_APPLESS_MAIN(TestWinogradTransform)
#include "tst_winograd_transform.moc"
