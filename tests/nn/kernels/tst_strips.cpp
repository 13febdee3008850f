#include "nn/kernels/strip.h"

#include "nn/kernels/channel_strip.h"
#include "nn/kernels/patch_gradient.h"
#include "nn/kernels/strip_gradient.h"
#include "tests/support/kernel_cases.h"

#include <QTest>

#include <algorithm>
#include <sstream>

using namespace kernel_cases;

namespace {

constexpr double kTolerance = 2e-6;

std::int64_t roundedUp(std::int64_t value, std::int64_t unit) {
    return (value + unit - 1) / unit * unit;
}

double at(const std::vector<float>& values, std::int64_t index) {
    return static_cast<double>(values.at(static_cast<std::size_t>(index)));
}

/// Rows of targets that read a source: target (y, x) and tap (i, j) read source row
/// y · rowStep + i · kernelStep, pixel x · step + j.
struct Case {
    std::int64_t rows = 1, columns = 1, rowStep = 1, step = 1, kernelStep = 1;
    std::int64_t kernelRows = 1, taps = 2, channels = 1, filters = 1;
    std::int64_t pixel = 1;       ///< Floats of a source pixel; more than its channels.
    std::int64_t targetPixel = 1; ///< Likewise.
    bool bias = false, add = false, relu = false;
    std::vector<float> source{}, weights{}, biases{}, gradient{};
    std::vector<double> expected{};

    [[nodiscard]] std::int64_t sourceRow() const { return ((columns - 1) * step + taps) * pixel; }
    [[nodiscard]] std::int64_t sourceRows() const {
        return (rows - 1) * rowStep + (kernelRows - 1) * kernelStep + 1;
    }
    [[nodiscard]] std::int64_t targetRow() const { return columns * targetPixel; }
    [[nodiscard]] std::int64_t padded() const { return roundedUp(filters, 16); }
    /// Where tap (i, j) of target (y, x) reads.
    [[nodiscard]] std::int64_t sourceAt(std::int64_t y, std::int64_t x, std::int64_t i,
                                        std::int64_t j) const {
        return (y * rowStep + i * kernelStep) * sourceRow() + (x * step + j) * pixel;
    }
    [[nodiscard]] nn::StripRows stripRows(float* target) const {
        return {.source = source.data(),
                .sourcePixel = pixel,
                .sourceRow = rowStep * sourceRow(),
                .step = step,
                .target = target,
                .targetPixel = targetPixel,
                .targetRow = targetRow(),
                .rows = rows,
                .columns = columns};
    }
    [[nodiscard]] std::string text() const {
        std::ostringstream message;
        message << rows << "×" << columns << " targets, step " << step << ", " << kernelRows << "×"
                << taps << " taps, " << channels << " channels, " << filters << " filters";
        return message.str();
    }
};

Case randomCase(Dice& dice) {
    Case c{.rows = dice.number(1, 3), .columns = dice.number(1, 33)};
    c.rowStep = dice.number(1, 2);
    c.kernelRows = dice.number(1, 4);
    c.kernelStep = dice.number(1, 2);
    c.bias = dice.chance(0.5);
    c.add = dice.chance(0.5);
    c.relu = dice.chance(0.5);
    return c;
}

/// Calls visit(y, x, i, j) for all targets and taps.
template <typename Visit>
void forEachTap(const Case& c, const Visit& visit) {
    for (std::int64_t y = 0; y < c.rows; ++y)
        for (std::int64_t x = 0; x < c.columns; ++x)
            for (std::int64_t i = 0; i < c.kernelRows; ++i)
                for (std::int64_t j = 0; j < c.taps; ++j)
                    visit(y, x, i, j);
}

/// Targets hold ones where something is added, NaN between them.
std::vector<float> targetsOf(const Case& c) {
    std::vector<float> target = unwritten(c.rows * c.targetRow());
    for (std::int64_t pixel = 0; pixel < std::ssize(target) && c.add; pixel += c.targetPixel) {
        std::fill_n(target.begin() + pixel, c.filters, 1.0F);
    }
    return target;
}

/// Bias, what was there, and activation around sums [target][filter].
void finish(Case& c, std::vector<double> sums) {
    for (std::size_t i = 0; i < sums.size(); ++i) {
        const auto filter = static_cast<std::int64_t>(i) % c.filters;
        sums[i] += (c.bias ? at(c.biases, filter) : 0.0) + (c.add ? 1.0 : 0.0);
        sums[i] = c.relu ? std::max(sums[i], 0.0) : sums[i];
    }
    c.expected = std::move(sums);
}

/// What is wrong with the targets; nothing between them may be written.
std::string targetFailure(const Case& c, const std::vector<float>& target) {
    std::vector<float> results;
    for (std::int64_t i = 0; i < std::ssize(target); ++i) {
        if (i % c.targetPixel < c.filters) {
            results.push_back(target[static_cast<std::size_t>(i)]);
        } else if (target[static_cast<std::size_t>(i)] == target[static_cast<std::size_t>(i)]) {
            return c.text() + ": writes between its targets";
        }
    }
    const double error = relativeError(results, c.expected);
    return error < kTolerance ? "" : c.text() + ": " + std::to_string(error);
}

/// Weights [panel][row][tap][channel][16], some of them behind the last filter.
std::int64_t panelWeight(const Case& c, std::int64_t i, std::int64_t j, std::int64_t channel,
                         std::int64_t filter) {
    return (((filter / 16 * c.kernelRows + i) * c.taps + j) * c.channels + channel) * 16 +
           filter % 16;
}

Case stripCase(Dice& dice) {
    Case c = randomCase(dice);
    c.step = dice.number(1, 2);
    c.taps = c.step + dice.number(1, 4);
    c.channels = dice.chance(0.05) ? dice.number(60, 110) : dice.number(1, 12);
    c.filters = dice.number(1, 50);
    c.pixel = c.channels + dice.number(0, 2);
    c.targetPixel = c.filters + dice.number(0, 2);
    c.source = dice.values(c.sourceRows() * c.sourceRow());
    c.weights = dice.values(c.padded() * c.kernelRows * c.taps * c.channels);
    c.biases = dice.values(c.padded());
    std::vector<double> sums(static_cast<std::size_t>(c.rows * c.columns * c.filters), 0.0);
    forEachTap(c, [&](std::int64_t y, std::int64_t x, std::int64_t i, std::int64_t j) {
        for (std::int64_t channel = 0; channel < c.channels; ++channel)
            for (std::int64_t n = 0; n < c.filters; ++n)
                sums[static_cast<std::size_t>((y * c.columns + x) * c.filters + n)] +=
                    at(c.source, c.sourceAt(y, x, i, j) + channel) *
                    at(c.weights, panelWeight(c, i, j, channel, n));
    });
    finish(c, std::move(sums));
    return c;
}

Case channelStripCase(Dice& dice) {
    Case c = randomCase(dice);
    c.taps = dice.number(2, 3);
    c.filters = dice.number(1, 50);
    c.pixel = c.filters + dice.number(0, 2);
    c.targetPixel = c.filters + dice.number(0, 2);
    c.source = dice.values(c.sourceRows() * c.sourceRow());
    c.weights = dice.values(c.kernelRows * c.taps * c.filters);
    c.biases = dice.values(c.filters);
    std::vector<double> sums(static_cast<std::size_t>(c.rows * c.columns * c.filters), 0.0);
    forEachTap(c, [&](std::int64_t y, std::int64_t x, std::int64_t i, std::int64_t j) {
        for (std::int64_t n = 0; n < c.filters; ++n)
            sums[static_cast<std::size_t>((y * c.columns + x) * c.filters + n)] +=
                at(c.source, c.sourceAt(y, x, i, j) + n) *
                at(c.weights, (i * c.taps + j) * c.filters + n);
    });
    finish(c, std::move(sums));
    return c;
}

/// Gradients [row][tap][channel][filter] of weights that hold ones before; dy in panels of 16
/// filters with garbage behind the last one.
Case gradientCase(Dice& dice) {
    Case c = randomCase(dice);
    c.taps = 3;
    c.channels = dice.number(1, 21);
    c.filters = dice.number(1, 50);
    c.pixel = c.channels + dice.number(0, 2);
    c.source = dice.values(c.sourceRows() * c.sourceRow());
    c.gradient = dice.values(c.padded() * c.rows * c.columns);
    c.expected.assign(static_cast<std::size_t>(c.kernelRows * 3 * c.channels * c.filters), 1.0);
    forEachTap(c, [&](std::int64_t y, std::int64_t x, std::int64_t i, std::int64_t j) {
        for (std::int64_t channel = 0; channel < c.channels; ++channel)
            for (std::int64_t n = 0; n < c.filters; ++n)
                c.expected[static_cast<std::size_t>(
                    ((i * 3 + j) * c.channels + channel) * c.filters + n)] +=
                    at(c.source, c.sourceAt(y, x, i, j) + channel) *
                    at(c.gradient, ((n / 16 * c.rows + y) * c.columns + x) * 16 + n % 16);
    });
    return c;
}

/// Gradients [row][float of a row][filter] and behind them, if `bias`, those of the biases.
Case patchCase(Dice& dice) {
    Case c = randomCase(dice);
    c.columns = dice.number(1, 25);
    c.kernelRows = dice.chance(0.7) ? 3 : 5;
    c.taps = c.kernelRows == 3 ? dice.number(3, 10) : dice.number(5, 6); // floats of a row
    if (dice.chance(0.4)) { // one row of the filter at a time
        c.kernelRows = dice.number(1, 4);
        c.taps = dice.number(14, 30);
    }
    c.step = dice.number(1, 3);
    c.filters = dice.number(1, 40);
    c.targetPixel = c.filters + dice.number(0, 2);
    c.source = dice.values(c.sourceRows() * c.sourceRow());
    c.gradient = dice.values(c.rows * c.targetRow());
    const std::int64_t weights = c.kernelRows * c.taps * c.filters;
    c.expected.assign(static_cast<std::size_t>(weights + (c.bias ? c.filters : 0)), 1.0);
    forEachTap(c, [&](std::int64_t y, std::int64_t x, std::int64_t i, std::int64_t j) {
        for (std::int64_t n = 0; n < c.filters; ++n) {
            const double dy = at(c.gradient, y * c.targetRow() + x * c.targetPixel + n);
            c.expected[static_cast<std::size_t>((i * c.taps + j) * c.filters + n)] +=
                at(c.source, c.sourceAt(y, x, i, j)) * dy;
            if (c.bias && i == 0 && j == 0) {
                c.expected[static_cast<std::size_t>(weights + n)] += dy;
            }
        }
    });
    return c;
}

} // namespace

/// The kernels that convolutions are made of on the instruction sets for which they pay; here on
/// all of them.
class TestStrips : public QObject {
    Q_OBJECT
private slots:
    void multipliesStrips();
    void multipliesChannelStrips();
    void addsStripGradients();
    void addsPatchGradients();
};

void TestStrips::multipliesStrips() {
    const std::string failure = failureOfCases(1, stripCase, [](const Case& c) {
        std::vector<float> target = targetsOf(c);
        const std::int64_t row = c.taps * c.channels * 16;
        nn::multiplyStrips(c.stripRows(target.data()),
                           {.b = c.weights.data(),
                            .bRow = row,
                            .bTap = c.channels * 16,
                            .bPanel = c.kernelRows * row,
                            .kernelRows = c.kernelRows,
                            .taps = c.taps,
                            .channels = c.channels,
                            .kernelRowStep = c.kernelStep * c.sourceRow(),
                            .columns = c.filters,
                            .bias = c.bias ? c.biases.data() : nullptr,
                            .add = c.add,
                            .relu = c.relu});
        return targetFailure(c, target);
    });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestStrips::multipliesChannelStrips() {
    const std::string failure = failureOfCases(2, channelStripCase, [](const Case& c) {
        std::vector<float> target = targetsOf(c);
        nn::multiplyChannelStrips(c.stripRows(target.data()),
                                  {.b = c.weights.data(),
                                   .bRow = c.taps * c.filters,
                                   .bTap = c.filters,
                                   .kernelRows = c.kernelRows,
                                   .taps = c.taps,
                                   .kernelRowStep = c.kernelStep * c.sourceRow(),
                                   .columns = c.filters,
                                   .bias = c.bias ? c.biases.data() : nullptr,
                                   .add = c.add,
                                   .relu = c.relu});
        return targetFailure(c, target);
    });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestStrips::addsStripGradients() {
    const std::string failure = failureOfCases(3, gradientCase, [](const Case& c) -> std::string {
        std::vector<float> dw(c.expected.size(), 1.0F);
        nn::addStripGradient({.x = c.source.data(),
                              .xPixel = c.pixel,
                              .xRow = c.rowStep * c.sourceRow(),
                              .kernelRowStep = c.kernelStep * c.sourceRow(),
                              .channels = c.channels,
                              .dy = c.gradient.data(),
                              .dyPixel = 16,
                              .dyRow = c.columns * 16,
                              .dyPanel = c.rows * c.columns * 16,
                              .rows = c.rows,
                              .columns = c.columns,
                              .kernelRows = c.kernelRows,
                              .taps = 3,
                              .dw = dw.data(),
                              .dwRow = 3 * c.channels * c.filters,
                              .dwTap = c.channels * c.filters,
                              .dwChannel = c.filters,
                              .filters = c.filters});
        const double error = relativeError(dw, c.expected);
        return error < kTolerance ? "" : c.text() + ": " + std::to_string(error);
    });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestStrips::addsPatchGradients() {
    const std::string failure = failureOfCases(4, patchCase, [](const Case& c) -> std::string {
        std::vector<float> gradients(c.expected.size(), 1.0F);
        nn::addPatchGradient(
            {.x = c.source.data(),
             .xPixel = c.step * c.pixel,
             .xRow = c.rowStep * c.sourceRow(),
             .kernelRowStep = c.kernelStep * c.sourceRow(),
             .kernelRows = c.kernelRows,
             .rowFloats = c.taps,
             .dy = c.gradient.data(),
             .dyPixel = c.targetPixel,
             .dyRow = c.targetRow(),
             .rows = c.rows,
             .columns = c.columns,
             .dw = gradients.data(),
             .db = c.bias ? gradients.data() + c.kernelRows * c.taps * c.filters : nullptr,
             .filters = c.filters});
        const double error = relativeError(gradients, c.expected);
        return error < kTolerance ? "" : c.text() + ": " + std::to_string(error);
    });
    QVERIFY2(failure.empty(), failure.c_str());
}

QTEST_APPLESS_MAIN(TestStrips)
#include "tst_strips.moc"
