#include "nn/kernels/winograd_transform.h"

#include "tests/support/winograd_cases.h"

#include <QTest>

#include <algorithm>
#include <array>

using namespace kernel_cases;

namespace {

/// Numbers of a square of cells or planes, each with `width` values, at `distance` floats.
struct Square {
    int size = 2; ///< Of a tile's outputs.
    std::int64_t width = 0, distance = 0;
    std::vector<float> values{};

    Square(Dice& dice, int tileSize, std::int64_t count, std::int64_t valuesOfEach)
        : size(tileSize), width(valuesOfEach), distance(width + 16 * dice.number(0, 2)),
          values(dice.values(count * distance)) {}

    [[nodiscard]] std::vector<double> of(std::int64_t value) const {
        std::vector<double> result;
        for (std::int64_t at = value; at < std::ssize(values); at += distance) {
            result.push_back(static_cast<double>(values[static_cast<std::size_t>(at)]));
        }
        return result;
    }
    [[nodiscard]] std::string text() const {
        return "size " + std::to_string(size) + ", " + std::to_string(width) + " values";
    }
};

/// A row of tiles: [plane][tile][channel], and the image that their outputs are part of.
struct Outputs {
    Square products;
    std::int64_t tiles = 1, channels = 16;
    std::vector<float> bias{};
    std::vector<float> passed{}; ///< By output of the image; empty: none.
    bool add = false, relu = false, positions = false;
    std::int64_t rows = 0, columns = 0, firstColumn = 0; ///< That exist; in outputs.
    std::vector<double> expected{};

    Outputs(Dice& dice, int size, std::int64_t tileCount, std::int64_t channelCount)
        : products(dice, size, nn::winogradPlanes(size), tileCount * channelCount),
          tiles(tileCount), channels(channelCount),
          bias(dice.values(dice.chance(0.7) ? channels : 0)), add(dice.chance(0.5)),
          relu(dice.chance(0.5)), positions(dice.chance(0.7)) {
        // An even number of rows and columns can be pooled.
        firstColumn = size * dice.number(0, 2);
        rows = size == 4 ? 2 * dice.number(1, 2) : 2;
        columns = firstColumn + size * tiles - (size == 4 ? 2 * dice.number(0, 1) : 0);
    }

    [[nodiscard]] int size() const { return products.size; }
    /// Of one tile and channel, line by line, before adding and activation.
    [[nodiscard]] std::vector<double> tile(std::int64_t number, std::int64_t channel) const {
        std::vector<double> y =
            around(winogradMatrices(size()).output, products.of(number * channels + channel));
        for (double& value : y) {
            value +=
                bias.empty() ? 0.0 : static_cast<double>(bias[static_cast<std::size_t>(channel)]);
        }
        return y;
    }
    /// One output of the image; column as in the image.
    [[nodiscard]] double at(std::int64_t row, std::int64_t column, std::int64_t channel) const {
        const std::int64_t cell = column - firstColumn;
        return tile(cell / size(), channel)[static_cast<std::size_t>(row * size() + cell % size())];
    }
    [[nodiscard]] double active(double value) const { return relu ? std::max(value, 0.0) : value; }

    [[nodiscard]] nn::OutputRow row() const {
        return {.size = size(),
                .planes = products.values.data(),
                .plane = products.distance,
                .tiles = tiles,
                .channels = channels,
                .bias = bias.empty() ? nullptr : bias.data(),
                .add = add,
                .relu = relu};
    }
    /// Outputs in `image`, or one for each `cell` × `cell` of them.
    template <typename Image>
    [[nodiscard]] auto lines(Image& image, std::int64_t cell) const {
        using Value = std::remove_pointer_t<decltype(image.data())>;
        nn::TileOutputs<Value> to{
            .pixel = channels, .firstColumn = firstColumn / cell, .columns = columns / cell};
        for (std::int64_t line = 0; line < rows / cell; ++line) {
            to.lines[static_cast<std::size_t>(line)] =
                image.data() + line * columns / cell * channels;
        }
        return to;
    }
};

Outputs outputCase(Dice& dice) {
    const int size = winogradSizeOf(dice);
    const std::int64_t tiles = dice.number(1, 4);
    return {dice, size, tiles, winogradChannelsOf(dice)};
}

} // namespace

/// From planes to outputs; and filters, whose planes are always whole.
class TestWinogradOutputs : public QObject {
    Q_OBJECT
private slots:
    void transformsOutputs();
    void transformsAndPoolsOutputs();
    void transformsFilters();
    void transformsFilterGradients();
};

void TestWinogradOutputs::transformsOutputs() {
    const std::string failure = failureOfCases(
        1,
        [](Dice& dice) {
            Outputs each = outputCase(dice);
            each.rows = dice.number(1, each.size());
            each.columns =
                each.firstColumn + each.size() * each.tiles - dice.number(0, each.size() - 1);
            const std::int64_t values = each.rows * each.columns * each.channels;
            each.passed = dice.values(dice.chance(0.4) ? values : 0);
            // [line][column][channel]; what lies before the first tile is not touched.
            for (std::int64_t line = 0; line < each.rows; ++line) {
                for (std::int64_t column = 0; column < each.columns; ++column) {
                    for (std::int64_t c = 0; c < each.channels; ++c) {
                        if (column < each.firstColumn) {
                            each.expected.push_back(1.0);
                            continue;
                        }
                        const bool passes =
                            each.passed.empty() || each.passed[each.expected.size()] > 0.0F;
                        const double value =
                            each.active(each.at(line, column, c) + (each.add ? 1.0 : 0.0));
                        each.expected.push_back(passes ? value : 0.0);
                    }
                }
            }
            return each;
        },
        [](const Outputs& each) {
            std::vector<float> y(each.expected.size(), 1.0F);
            nn::OutputRow row = each.row();
            row.outputs = each.lines(y, 1);
            if (!each.passed.empty()) {
                row.passed = each.lines(each.passed, 1);
            }
            nn::transformOutputs(row);
            return winogradVerdict(y, each.expected, each.products.text());
        });
    QVERIFY2(failure.empty(), failure.c_str());
}

namespace {

/// The outputs of cell number `at` of the pooled image, [line][column][channel].
std::array<double, 4> cellOf(const Outputs& each, std::int64_t at) {
    const std::int64_t column = at / each.channels % (each.columns / 2);
    const std::int64_t line = at / each.channels / (each.columns / 2);
    std::array<double, 4> cell{};
    for (std::int64_t i = 0; i < 4; ++i) {
        cell[static_cast<std::size_t>(i)] =
            each.at(2 * line + i / 2, 2 * column + i % 2, at % each.channels);
    }
    return cell;
}

} // namespace

void TestWinogradOutputs::transformsAndPoolsOutputs() {
    const std::string failure = failureOfCases(
        2,
        [](Dice& dice) {
            Outputs each = outputCase(dice);
            const std::int64_t pooled = each.rows / 2 * (each.columns / 2) * each.channels;
            for (std::int64_t at = 0; at < pooled; ++at) {
                const bool before = at / each.channels % (each.columns / 2) < each.firstColumn / 2;
                each.expected.push_back(before ? 1.0
                                               : each.active(std::ranges::max(cellOf(each, at))));
            }
            return each;
        },
        [](const Outputs& each) {
            std::vector<float> largest(each.expected.size(), 1.0F);
            std::vector<std::uint8_t> positions(largest.size(), 77);
            nn::PooledTiles pooled{each.lines(largest, 2)};
            if (each.positions) {
                pooled.positions = each.lines(positions, 2);
            }
            nn::transformPooledOutputs(each.row(), pooled);
            for (std::int64_t at = 0; at < std::ssize(positions); ++at) {
                const std::size_t position = positions[static_cast<std::size_t>(at)];
                const bool wanted = each.positions &&
                                    at / each.channels % (each.columns / 2) >= each.firstColumn / 2;
                if (!wanted && position == 77) {
                    continue;
                }
                const std::array<double, 4> cell = cellOf(each, at);
                if (!wanted || position > 3 || cell[position] < std::ranges::max(cell) - 1e-5) {
                    return "position " + std::to_string(position) + " of value " +
                           std::to_string(at);
                }
            }
            return winogradVerdict(largest, each.expected, each.products.text());
        });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestWinogradOutputs::transformsFilters() {
    struct Filters {
        Square taps;
        bool reversed = false;
        std::vector<double> expected{};
    };
    const std::string failure = failureOfCases(
        3,
        [](Dice& dice) {
            // 16 filters for each of some channels; taps lie next to each other.
            const int size = winogradSizeOf(dice);
            Filters each{Square(dice, size, 9, 16 * dice.number(1, 9)), dice.chance(0.5)};
            each.taps.distance = each.taps.width;
            each.taps.values.resize(static_cast<std::size_t>(9 * each.taps.width));
            each.expected = byChannel(each.taps.width, [&](std::int64_t c) {
                std::vector<double> taps = each.taps.of(c);
                if (each.reversed) {
                    std::ranges::reverse(taps);
                }
                return around(winogradMatrices(size).filter, taps);
            });
            return each;
        },
        [](const Filters& each) {
            std::vector<float> planes = unwritten(std::ssize(each.expected));
            nn::transformFilters({.size = each.taps.size,
                                  .taps = each.taps.values.data(),
                                  .channels = each.taps.width / 16,
                                  .reversed = each.reversed,
                                  .planes = planes.data(),
                                  .plane = each.taps.width});
            return winogradVerdict(planes, each.expected, each.taps.text());
        });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestWinogradOutputs::transformsFilterGradients() {
    struct Sums {
        Square sums;
        std::int64_t partials = 1;
        bool add = false;
        std::vector<double> expected{};
    };
    const std::string failure = failureOfCases(
        4,
        [](Dice& dice) {
            const int size = winogradSizeOf(dice);
            const auto planeCount = static_cast<std::size_t>(nn::winogradPlanes(size));
            const std::int64_t partials = dice.number(1, 4);
            Sums each{
                Square(dice, size, nn::winogradPlanes(size) * partials, winogradChannelsOf(dice)),
                partials, dice.chance(0.5)};
            each.expected = byChannel(each.sums.width, [&](std::int64_t c) {
                const std::vector<double> all = each.sums.of(c);
                std::vector<double> planes(planeCount, 0.0);
                for (std::size_t i = 0; i < all.size(); ++i) {
                    planes[i % planeCount] += all[i];
                }
                std::vector<double> dw = around(winogradMatrices(size).filter.transposed(), planes);
                for (double& value : dw) {
                    value += each.add ? 1.0 : 0.0;
                }
                return dw;
            });
            return each;
        },
        [](const Sums& each) {
            const Square& from = each.sums;
            std::vector<float> dw = unwritten(std::ssize(each.expected));
            if (each.add) {
                std::ranges::fill(dw, 1.0F);
            }
            nn::transformFilterGradient({.size = from.size,
                                         .planes = from.values.data(),
                                         .plane = from.distance,
                                         .partials = each.partials,
                                         .partial = nn::winogradPlanes(from.size) * from.distance,
                                         .count = from.width,
                                         .dw = dw.data(),
                                         .tap = from.width,
                                         .add = each.add});
            return winogradVerdict(dw, each.expected, from.text());
        });
    QVERIFY2(failure.empty(), failure.c_str());
}

QTEST_APPLESS_MAIN(TestWinogradOutputs)
#include "tst_winograd_outputs.moc"
