#include "nn/kernels/winograd_transform.h"

#include "tests/support/kernel_cases.h"

#include <QTest>

#include <algorithm>
#include <array>

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

template <std::size_t Count, typename Float>
std::array<Float*, Count> cellsOf(Float* first, std::int64_t distance) {
    std::array<Float*, Count> cells;
    for (std::size_t i = 0; i < Count; ++i) {
        cells[i] = first + static_cast<std::int64_t>(i) * distance;
    }
    return cells;
}

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

void TestWinogradTransform::transformsInputs() {
    const std::string failure = failureOfCases(
        1,
        [](Dice& dice) {
            Case each{.from = Square(dice, 16, channelsOf(dice))};
            each.expected = byChannel(each.from.channels, [&](std::int64_t c) {
                return around(kInput, each.from.of(c));
            });
            return each;
        },
        [](const Case& each) {
            std::vector<float> planes = unwritten(std::ssize(each.expected));
            const auto cells = cellsOf<16>(each.from.values.data(), each.from.distance);
            nn::transformInput({.cells = cells.data(),
                                .channels = each.from.channels,
                                .planes = planes.data(),
                                .plane = each.from.channels});
            return verdict(planes, each);
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

Case outputCase(Dice& dice) {
    Case each{.from = Square(dice, 16, channelsOf(dice))};
    each.bias = dice.values(dice.chance(0.7) ? each.from.channels : 0);
    each.relu = dice.chance(0.5);
    each.add = dice.chance(0.5);
    return each;
}

/// Outputs before adding and activation.
std::vector<double> outputs(const Case& each, std::int64_t channel) {
    std::vector<double> y = around(kOutput, each.from.of(channel));
    for (double& value : y) {
        value += each.bias.empty()
                     ? 0.0
                     : static_cast<double>(each.bias[static_cast<std::size_t>(channel)]);
    }
    return y;
}

nn::OutputTile tileOf(const Case& each) {
    return {.planes = each.from.values.data(),
            .plane = each.from.distance,
            .channels = each.from.channels,
            .bias = each.bias.empty() ? nullptr : each.bias.data(),
            .add = each.add,
            .relu = each.relu};
}

} // namespace

void TestWinogradTransform::transformsOutputs() {
    const std::string failure = failureOfCases(
        3,
        [](Dice& dice) {
            Case each = outputCase(dice);
            each.expected = byChannel(each.from.channels, [&](std::int64_t c) {
                std::vector<double> y = outputs(each, c);
                for (double& value : y) {
                    value += each.add ? 1.0 : 0.0;
                    value = each.relu ? std::max(value, 0.0) : value;
                }
                return y;
            });
            return each;
        },
        [](const Case& each) {
            std::vector<float> y = unwritten(std::ssize(each.expected));
            if (each.add) {
                std::ranges::fill(y, 1.0F);
            }
            const auto cells = cellsOf<4>(y.data(), each.from.channels);
            nn::OutputTile tile = tileOf(each);
            tile.cells = cells.data();
            nn::transformOutput(tile);
            return verdict(y, each);
        });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestWinogradTransform::transformsAndPoolsOutputs() {
    const std::string failure = failureOfCases(
        4,
        [](Dice& dice) {
            Case each = outputCase(dice);
            each.flag = dice.chance(0.7); // positions are wanted
            for (std::int64_t c = 0; c < each.from.channels; ++c) {
                const double largest = std::ranges::max(outputs(each, c));
                each.expected.push_back(each.relu ? std::max(largest, 0.0) : largest);
            }
            return each;
        },
        [](const Case& each) {
            std::vector<float> largest = unwritten(each.from.channels);
            std::vector<std::uint8_t> positions(largest.size(), 77);
            nn::transformPooledOutput(tileOf(each), largest.data(),
                                      each.flag ? positions.data() : nullptr);
            for (std::int64_t c = 0; c < each.from.channels && each.flag; ++c) {
                const std::vector<double> y = outputs(each, c);
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
            Case each{.from = Square(dice, 4, channelsOf(dice))};
            each.expected = byChannel(each.from.channels, [&](std::int64_t c) {
                return around(kOutput.transposed(), each.from.of(c));
            });
            return each;
        },
        [](const Case& each) {
            // Panels of 16 filters, each with a free line behind it.
            const std::int64_t plane = 2 * each.from.channels;
            std::vector<float> planes = unwritten(16 * plane);
            const auto cells = cellsOf<4>(each.from.values.data(), each.from.distance);
            nn::transformGradient({.cells = cells.data(),
                                   .channels = each.from.channels,
                                   .planes = planes.data(),
                                   .plane = plane,
                                   .panel = 32});
            std::vector<float> actual;
            for (std::int64_t at = 0; at < std::ssize(planes); at += 32) {
                const auto from = planes.begin() + at;
                actual.insert(actual.end(), from, from + 16);
            }
            return verdict(actual, each);
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
