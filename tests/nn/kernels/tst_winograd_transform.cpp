#include "nn/kernels/winograd_transform.h"

#include "tests/support/winograd_cases.h"

#include <QTest>

#include <algorithm>

using namespace kernel_cases;

namespace {

/// Lines of values and the tiles that a row of them is cut into.
struct Lines {
    int size = 2;
    std::int64_t channels = 0, columns = 0, firstColumn = 0, tiles = 0;
    std::int64_t pixel = 0;                   ///< Floats from one column to the next.
    std::vector<std::vector<float>> values{}; ///< By line; empty: outside of the image.
    std::vector<double> expected{};           ///< [tile][plane][channel]

    Lines(Dice& dice, int tileSize, int count)
        : size(tileSize), channels(winogradChannelsOf(dice)), columns(dice.number(1, 14)),
          tiles(dice.number(1, 5)), pixel(channels + 16 * dice.number(0, 2)) {
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
    /// expected[tile] = m · the square of values of a tile · mᵀ.
    void expect(const Matrix& m) {
        for (std::int64_t tile = 0; tile < tiles; ++tile) {
            const std::vector<double> planes = byChannel(channels, [&](std::int64_t c) {
                std::vector<double> square;
                for (std::size_t line = 0; line < values.size(); ++line) {
                    for (std::int64_t i = 0; i < m.columns; ++i) {
                        square.push_back(at(line, firstColumn + size * tile + i, c));
                    }
                }
                return around(m, square);
            });
            expected.insert(expected.end(), planes.begin(), planes.end());
        }
    }
    [[nodiscard]] std::int64_t planes() const { return nn::winogradPlanes(size); }
    [[nodiscard]] std::string verdict(const std::vector<float>& actual) const {
        return winogradVerdict(actual, expected,
                               "size " + std::to_string(size) + ", " + std::to_string(tiles) +
                                   " tiles from " + std::to_string(firstColumn) + " of " +
                                   std::to_string(columns) + " columns, " +
                                   std::to_string(channels) + " channels");
    }
};

} // namespace

/// From inputs and gradients to planes.
class TestWinogradTransform : public QObject {
    Q_OBJECT
private slots:
    void transformsInputs();
    void transformsGradients();
};

void TestWinogradTransform::transformsInputs() {
    const std::string failure = failureOfCases(
        1,
        [](Dice& dice) {
            const int size = winogradSizeOf(dice);
            Lines each(dice, size, size + 2);
            each.firstColumn = dice.number(-2, each.columns);
            for (std::vector<float>& line : each.values) {
                if (dice.chance(0.2)) {
                    line.clear();
                }
            }
            each.expect(winogradMatrices(size).input);
            return each;
        },
        [](const Lines& each) {
            // In blocks of 16 channels or all in one: [plane][block][tile][width].
            const std::int64_t width = each.columns % 2 == 0 ? each.channels : 16;
            const std::int64_t plane = each.tiles * each.channels;
            std::vector<float> planes = unwritten(each.planes() * plane);
            nn::InputRow row{.size = each.size,
                             .pixel = each.pixel,
                             .firstColumn = each.firstColumn,
                             .columns = each.columns,
                             .tiles = each.tiles,
                             .channels = each.channels,
                             .planes = planes.data(),
                             .plane = plane,
                             .width = width,
                             .block = each.tiles * width};
            for (std::size_t line = 0; line < each.values.size(); ++line) {
                row.lines[line] = each.values[line].empty() ? nullptr : each.values[line].data();
            }
            nn::transformInputs(row);
            std::vector<float> actual;
            for (std::int64_t tile = 0; tile < each.tiles; ++tile) {
                for (std::int64_t from = 0; from < std::ssize(planes); from += each.tiles * width) {
                    const auto first = planes.begin() + from + tile * width;
                    actual.insert(actual.end(), first, first + width);
                }
            }
            return each.verdict(actual);
        });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestWinogradTransform::transformsGradients() {
    const std::string failure = failureOfCases(
        2,
        [](Dice& dice) {
            const int size = winogradSizeOf(dice);
            Lines each(dice, size, size);
            each.firstColumn = size * dice.number(0, (each.columns - 1) / size);
            each.tiles = std::min(each.tiles, (each.columns - each.firstColumn + size - 1) / size);
            for (std::int64_t line = dice.number(1, size); line < size; ++line) {
                each.values[static_cast<std::size_t>(line)].clear();
            }
            each.expect(winogradMatrices(size).output.transposed());
            return each;
        },
        [](const Lines& each) {
            // Panels of 16 filters, each with a free line behind it.
            const std::int64_t panel = 16 * each.tiles + 16;
            const std::int64_t plane = each.channels / 16 * panel;
            std::vector<float> planes = unwritten(each.planes() * plane);
            nn::GradientRow row{.size = each.size,
                                .outputs = {.pixel = each.pixel,
                                            .firstColumn = each.firstColumn,
                                            .columns = each.columns},
                                .tiles = each.tiles,
                                .channels = each.channels,
                                .planes = planes.data(),
                                .plane = plane,
                                .panel = panel};
            for (std::size_t line = 0; line < each.values.size(); ++line) {
                row.outputs.lines[line] =
                    each.values[line].empty() ? nullptr : each.values[line].data();
            }
            nn::transformGradients(row);
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

QTEST_APPLESS_MAIN(TestWinogradTransform)
#include "tst_winograd_transform.moc"
