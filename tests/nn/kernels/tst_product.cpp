#include "nn/kernels/product.h"

#include "nn/kernels/gemm.h"
#include "nn/kernels/pack.h"
#include "nn/kernels/rows.h"
#include "nn/kernels/stream.h"
#include "tests/support/kernel_cases.h"

#include <QTest>

#include <algorithm>
#include <sstream>

using namespace kernel_cases;

namespace {

constexpr double kTolerance = 2e-6;

double at(const std::vector<float>& values, std::int64_t index) {
    return static_cast<double>(values.at(static_cast<std::size_t>(index)));
}

/// A product of rows with columns. Rows of `a` and `c` are at random places, steps too.
struct Case {
    std::int64_t rows = 1, steps = 1, columns = 1;
    std::int64_t aRow = 1, aStep = 1, bStride = 1;
    bool bias = false, add = false, relu = false, transposed = false;
    std::vector<float> a{}, b{}, biases{};
    std::vector<std::ptrdiff_t> stepOffsets{};
    std::vector<double> expected{}; ///< [row][column]

    [[nodiscard]] std::string verdict(const std::vector<float>& actual) const {
        const double error = relativeError(actual, expected);
        if (error < kTolerance) {
            return {};
        }
        std::ostringstream message;
        message << rows << " rows, " << steps << " steps, " << columns << " columns"
                << (add ? ", added" : "") << (transposed ? ", transposed" : "") << ": " << error;
        return message.str();
    }
    /// Ones where something is added, else NaN.
    [[nodiscard]] std::vector<float> before() const {
        return add ? std::vector<float>(expected.size(), 1.0F) : unwritten(std::ssize(expected));
    }
};

Case drawnCase(Dice& dice, std::int64_t rows, std::int64_t steps, std::int64_t columns) {
    return {.rows = rows,
            .steps = steps,
            .columns = columns,
            .bias = dice.chance(0.5),
            .add = dice.chance(0.5),
            .relu = dice.chance(0.5)};
}

/// expected = activation(old + bias + Σ of(row, step, column)).
template <typename Of>
void expect(Case& c, const Of& of) {
    for (std::int64_t row = 0; row < c.rows; ++row)
        for (std::int64_t column = 0; column < c.columns; ++column) {
            double sum = (c.add ? 1.0 : 0.0) + (c.bias ? at(c.biases, column) : 0.0);
            for (std::int64_t step = 0; step < c.steps; ++step)
                sum += of(row, step, column);
            c.expected.push_back(c.relu ? std::max(sum, 0.0) : sum);
        }
}

std::vector<std::ptrdiff_t> randomOffsets(Dice& dice, std::int64_t count, std::int64_t most) {
    std::vector<std::ptrdiff_t> offsets;
    for (std::int64_t i = 0; i < count; ++i) {
        offsets.push_back(dice.number(0, most));
    }
    return offsets;
}

std::int64_t padded(std::int64_t columns) {
    return (columns + 15) / 16 * 16;
}

Case productCase(Dice& dice) {
    const std::int64_t most = dice.chance(0.1) ? 420 : 40;
    Case c = drawnCase(dice, dice.number(1, 30), dice.number(1, most), dice.number(1, 90));
    c.aRow = dice.number(1, 60);
    c.a = dice.values(c.rows * c.aRow + 50);
    c.stepOffsets = randomOffsets(dice, c.steps, 50);
    c.b = dice.values(padded(c.columns) * c.steps);
    c.biases = dice.values(padded(c.columns));
    expect(c, [&](std::int64_t row, std::int64_t step, std::int64_t column) {
        return at(c.a, row * c.aRow + c.stepOffsets[static_cast<std::size_t>(step)]) *
               at(c.b, (column / 16 * c.steps + step) * 16 + column % 16);
    });
    return c;
}

/// Calls `run` with the rows of a case, whose results it compares.
template <typename Run>
std::string rowFailure(const Case& c, const Run& run) {
    std::vector<float> results = c.before();
    std::vector<const float*> from;
    std::vector<float*> to;
    for (std::int64_t row = 0; row < c.rows; ++row) {
        from.push_back(c.a.data() + row * c.aRow);
        to.push_back(results.data() + row * c.columns);
    }
    run(nn::ProductRows{.count = c.rows, .a = from.data(), .c = to.data()},
        nn::Product{.steps = c.stepOffsets.data(),
                    .stepCount = c.steps,
                    .b = c.b.data(),
                    .bPanel = c.steps * 16,
                    .columns = c.columns,
                    .bias = c.bias ? c.biases.data() : nullptr,
                    .add = c.add,
                    .relu = c.relu});
    return c.verdict(results);
}

Case channelwiseCase(Dice& dice) {
    Case c = drawnCase(dice, dice.number(1, 11), dice.number(1, 14), dice.number(1, 50));
    c.aRow = c.columns + dice.number(0, 20);
    c.stepOffsets = randomOffsets(dice, c.steps, 60);
    c.a = dice.values((c.rows - 1) * c.aRow + 60 + c.columns);
    c.b = dice.values(c.steps * c.columns);
    c.biases = dice.values(c.columns);
    expect(c, [&](std::int64_t row, std::int64_t step, std::int64_t column) {
        return at(c.a, row * c.aRow + c.stepOffsets[static_cast<std::size_t>(step)] + column) *
               at(c.b, step * c.columns + column);
    });
    return c;
}

/// The gradient of the weights: results are [step][column], summed over the rows.
Case channelwiseGradientCase(Dice& dice) {
    Case c = channelwiseCase(dice);
    c.b = dice.values(c.rows * c.columns);
    c.expected.assign(static_cast<std::size_t>(c.steps * c.columns), 1.0);
    for (std::int64_t row = 0; row < c.rows; ++row)
        for (std::int64_t step = 0; step < c.steps; ++step)
            for (std::int64_t n = 0; n < c.columns; ++n)
                c.expected[static_cast<std::size_t>(step * c.columns + n)] +=
                    at(c.a, row * c.aRow + c.stepOffsets[static_cast<std::size_t>(step)] + n) *
                    at(c.b, row * c.columns + n);
    return c;
}

Case sumCase(Dice& dice) {
    Case c = drawnCase(dice, 1, dice.chance(0.1) ? dice.number(250, 600) : dice.number(0, 20),
                       dice.number(1, 70));
    c.aRow = c.columns + dice.number(0, 3);
    c.a = dice.values(c.steps * c.aRow);
    c.bias = false;
    expect(c, [&](std::int64_t, std::int64_t step, std::int64_t column) {
        return at(c.a, step * c.aRow + column);
    });
    return c;
}

/// Few rows with weights where they are, whose lines are steps or, transposed, columns.
Case streamCase(Dice& dice, bool transposed) {
    const std::int64_t most = dice.chance(0.05) ? 4200 : 70;
    Case c = drawnCase(dice, dice.number(1, 4), dice.number(1, transposed ? most : 20),
                       dice.number(1, transposed ? 20 : most));
    c.bias = c.relu = false;
    c.add = c.add || !transposed;
    c.aRow = c.steps + dice.number(0, 3);
    c.a = dice.values(c.rows * c.aRow);
    c.bStride = (transposed ? c.steps : c.columns) + dice.number(0, 3);
    c.b = dice.values(c.bStride * (transposed ? c.columns : c.steps));
    expect(c, [&](std::int64_t row, std::int64_t step, std::int64_t column) {
        return at(c.a, row * c.aRow + step) *
               at(c.b, transposed ? column * c.bStride + step : step * c.bStride + column);
    });
    return c;
}

Case gemmCase(Dice& dice) {
    // Now and then so many columns or steps that the product is cut in another way.
    const bool wide = dice.chance(0.15);
    const bool deep = dice.chance(0.1);
    Case c = drawnCase(dice, dice.number(1, wide || deep ? 20 : 70),
                       deep ? dice.number(190, 420) : dice.number(1, wide ? 90 : 45),
                       wide ? dice.number(250, 300) : dice.number(1, 45));
    c.transposed = dice.chance(0.5);
    const bool turned = dice.chance(0.4); // a, too, may be read across its lines
    c.aRow = turned ? 1 : c.steps + dice.number(0, 3);
    c.aStep = turned ? c.rows + dice.number(0, 3) : 1;
    c.a = dice.values((c.rows - 1) * c.aRow + (c.steps - 1) * c.aStep + 1);
    c.bStride = (c.transposed ? c.steps : c.columns) + dice.number(0, 3);
    c.b = dice.values(c.bStride * (c.transposed ? c.columns : c.steps));
    c.biases = dice.values(c.columns);
    c.bias = c.bias && !c.transposed; // backward passes have neither
    c.relu = c.relu && !c.transposed;
    expect(c, [&](std::int64_t row, std::int64_t step, std::int64_t column) {
        return at(c.a, row * c.aRow + step * c.aStep) *
               at(c.b, c.transposed ? column * c.bStride + step : step * c.bStride + column);
    });
    return c;
}

/// A matrix of which panels of 16 columns are made.
struct PanelCase {
    nn::PanelSource source{};
    std::vector<float> values{};
    std::vector<float> expected{}; ///< [panel][row][16]
};

PanelCase panelCase(Dice& dice, std::int64_t mostColumns, bool transposed) {
    PanelCase c;
    c.source = {.rows = dice.number(1, 23), .columns = dice.number(1, mostColumns)};
    const std::int64_t length = transposed ? c.source.rows : c.source.columns;
    c.source.stride = length + dice.number(0, 4);
    // Not a float behind the last one.
    const std::int64_t lines = transposed ? c.source.columns : c.source.rows;
    c.values = dice.values((lines - 1) * c.source.stride + length);
    for (std::int64_t panel = 0; panel < c.source.columns; panel += 16)
        for (std::int64_t row = 0; row < c.source.rows; ++row)
            for (std::int64_t column = panel; column < panel + 16; ++column) {
                const std::int64_t from =
                    transposed ? column * c.source.stride + row : row * c.source.stride + column;
                c.expected.push_back(
                    column < c.source.columns ? c.values[static_cast<std::size_t>(from)] : 0.0F);
            }
    return c;
}

std::string packFailure(std::uint64_t seed, std::int64_t mostColumns, bool transposed,
                        void (*pack)(const nn::PanelSource&, float*)) {
    return failureOfCases(
        seed, [&](Dice& dice) { return panelCase(dice, mostColumns, transposed); },
        [&](const PanelCase& c) -> std::string {
            nn::PanelSource source = c.source;
            source.from = c.values.data();
            std::vector<float> panels = unwritten(std::ssize(c.expected));
            pack(source, panels.data());
            return panels == c.expected ? "" : std::to_string(source.columns) + " columns";
        });
}

} // namespace

class TestProduct : public QObject {
    Q_OBJECT
private slots:
    void multipliesRows();
    void multipliesLongRows();
    void multipliesChannels();
    void addsChannelGradients();
    void sumsRows();
    void addsLines();
    void multipliesWithLines();
    void multipliesMatrices();
    void packsPanels();
};

void TestProduct::multipliesRows() {
    const std::string failure = failureOfCases(
        1, [](Dice& dice) { return productCase(dice); },
        [](const Case& c) {
            return c.steps <= nn::maxReductionSteps ? rowFailure(c, nn::multiply)
                                                    : rowFailure(c, nn::multiplyLong);
        });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestProduct::multipliesLongRows() {
    const std::string failure = failureOfCases(
        2, [](Dice& dice) { return productCase(dice); },
        [](const Case& c) { return rowFailure(c, nn::multiplyLong); });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestProduct::multipliesChannels() {
    const std::string failure = failureOfCases(3, channelwiseCase, [](const Case& c) {
        return rowFailure(c, [&](const nn::ProductRows& rows, nn::Product product) {
            product.bStep = c.columns;
            nn::multiplyChannelwise(rows, product);
        });
    });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestProduct::addsChannelGradients() {
    const std::string failure = failureOfCases(4, channelwiseGradientCase, [](const Case& c) {
        std::vector<const float*> x;
        std::vector<const float*> dy;
        for (std::int64_t row = 0; row < c.rows; ++row) {
            x.push_back(c.a.data() + row * c.aRow);
            dy.push_back(c.b.data() + row * c.columns);
        }
        std::vector<float> dw(c.expected.size(), 1.0F);
        nn::addChannelwiseGradient({.count = c.rows,
                                    .a = x.data(),
                                    .c = dy.data(),
                                    .steps = c.stepOffsets.data(),
                                    .stepCount = c.steps,
                                    .columns = c.columns,
                                    .b = dw.data()});
        return c.verdict(dw);
    });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestProduct::sumsRows() {
    const std::string failure = failureOfCases(5, sumCase, [](const Case& c) {
        std::vector<float> totals = c.before();
        nn::sumRows({.x = c.a.data(),
                     .count = c.steps,
                     .stride = c.aRow,
                     .columns = c.columns,
                     .totals = totals.data(),
                     .add = c.add,
                     .relu = c.relu});
        return c.verdict(totals);
    });
    QVERIFY2(failure.empty(), failure.c_str());
}

namespace {

nn::WeightStream streamOf(const Case& c, std::vector<float>& results) {
    return {.weights = c.b.data(),
            .stride = c.bStride,
            .a = c.a.data(),
            .aRow = c.aRow,
            .c = results.data(),
            .cRow = c.columns,
            .rows = c.rows};
}

} // namespace

void TestProduct::addsLines() {
    const std::string failure = failureOfCases(
        6, [](Dice& dice) { return streamCase(dice, false); },
        [](const Case& c) {
            std::vector<float> results = c.before();
            nn::WeightStream stream = streamOf(c, results);
            stream.lines = c.steps;
            stream.columns = c.columns;
            nn::addLines(stream);
            return c.verdict(results);
        });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestProduct::multipliesWithLines() {
    const std::string failure = failureOfCases(
        7, [](Dice& dice) { return streamCase(dice, true); },
        [](const Case& c) {
            std::vector<float> results = c.before();
            nn::WeightStream stream = streamOf(c, results);
            stream.lines = c.columns;
            stream.columns = c.steps;
            nn::dotLines(stream, c.add ? nn::Write::Add : nn::Write::Assign);
            return c.verdict(results);
        });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestProduct::multipliesMatrices() {
    nn::Parallel parallel(2);
    ScratchMemory scratch;
    const std::string failure = failureOfCases(8, gemmCase, [&](const Case& c) {
        std::vector<float> results = c.before();
        const nn::Gemm gemm{.rows = c.rows,
                            .steps = c.steps,
                            .columns = c.columns,
                            .a = c.a.data(),
                            .aRow = c.aRow,
                            .aStep = c.aStep,
                            .b = c.b.data(),
                            .bStride = c.bStride,
                            .bLayout = c.transposed ? nn::Layout::Transposed : nn::Layout::Plain,
                            .bias = c.bias ? c.biases.data() : nullptr,
                            .c = results.data(),
                            .write = c.add ? nn::Write::Add : nn::Write::Assign,
                            .relu = c.relu};
        nn::runGemm(parallel, gemm, nn::Scratch(scratch.of(nn::gemmScratchFloats(gemm))));
        return scratch.isIntact() ? c.verdict(results) : "writes behind its scratch memory";
    });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestProduct::packsPanels() {
    const std::string failures[] = {packFailure(9, 16, false, nn::packPanel),
                                    packFailure(10, 70, false, nn::packPanels),
                                    packFailure(11, 16, true, nn::packPanelTransposed)};
    for (const std::string& failure : failures) {
        QVERIFY2(failure.empty(), failure.c_str());
    }
}

QTEST_APPLESS_MAIN(TestProduct)
#include "tst_product.moc"
