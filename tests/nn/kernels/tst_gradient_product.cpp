#include "nn/kernels/gradient_product.h"
#include "tests/support/kernel_cases.h"
#include "tests/support/reference_kernels.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <cstring>

using namespace nn;
using kernel_cases::Dice;

namespace {

/// A product with its memory.
struct Case {
    DenseGeometry geometry;
    std::vector<float> x;
    std::vector<float> dy;
    std::vector<float> scratch;

    Case(Dice& dice, const DenseGeometry& g)
        : geometry(g), x(dice.values(g.rows * g.inputs)), dy(dice.values(g.rows * g.units)),
          scratch(kernel_cases::unwritten(gradientProductScratchFloats(g))) {}

    [[nodiscard]] GradientProduct product() {
        return {.geometry = geometry, .x = x, .dy = dy, .scratch = scratch};
    }

    std::vector<float> inPieces(Parallel& parallel) {
        const GradientProduct whole = product();
        const GradientPieces pieces(parallel, whole);
        std::vector<float> result = kernel_cases::unwritten(geometry.inputs * geometry.units);
        parallel.run(pieces.count(), [&](std::int64_t task, int worker) {
            const GradientPiece piece = pieces.piece(task, worker);
            std::ranges::copy(piece.values,
                              result.begin() + static_cast<std::ptrdiff_t>(piece.first));
        });
        return result;
    }

    std::vector<float> atOnce(Parallel& parallel) {
        std::vector<float> result = kernel_cases::unwritten(geometry.inputs * geometry.units);
        std::vector<float> memory(
            static_cast<std::size_t>(denseBackwardWeightsScratchFloats(geometry)));
        denseBackwardWeights(parallel, geometry,
                             {.x = x, .dy = dy, .dw = result, .db = {}, .scratch = memory});
        return result;
    }
};

bool sameBits(const std::vector<float>& a, const std::vector<float>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

std::string text(const DenseGeometry& g) {
    return std::to_string(g.rows) + "x" + std::to_string(g.inputs) + "x" + std::to_string(g.units);
}

DenseGeometry randomGeometry(Dice& dice) {
    DenseGeometry g{.rows = dice.number(1, dice.chance(0.3) ? 450 : 40),
                    .inputs = dice.number(1, 230),
                    .units = dice.number(1, 130)};
    if (dice.chance(0.05)) {
        g = {.rows = dice.number(1, 5), .inputs = dice.number(1, 4), .units = 24'576 + g.units};
    }
    return g;
}

/// Whether the sums of a product are made in the order of its pieces.
bool isInOneRun(const DenseGeometry& g) {
    return gemmStepsInOneRun(denseWeightsProduct(g)) > 0;
}

} // namespace

class TestGradientProduct : public QObject {
    Q_OBJECT

private slots:
    void piecesHaveTheBitsOfTheWhole();
    void followsDoublePrecision();
    void givesSameBitsForAllThreads();
    void sumsSquaresOfAllPieces();
    void boundsTheSumOfSquares();
    void seesWhatIsNotFinite();
    void isLargeFromFourMillionWeights();
};

void TestGradientProduct::piecesHaveTheBitsOfTheWhole() {
    const std::string failed = kernel_cases::onEveryInstructionSet([](const std::string&) {
        Dice dice(1);
        Parallel parallel(2);
        for (int i = 0; i < kernel_cases::caseCount(300); ++i) {
            Case each(dice, randomGeometry(dice));
            if (isInOneRun(each.geometry) &&
                !sameBits(each.inPieces(parallel), each.atOnce(parallel))) {
                return text(each.geometry);
            }
        }
        return std::string();
    });
    QVERIFY2(failed.empty(), failed.c_str());
}

void TestGradientProduct::followsDoublePrecision() {
    struct Expected {
        Case product;
        reference::Values gradient{};
        double squares = 0.0;
    };
    Parallel parallel(2);
    std::vector<float> memory;
    const std::string failed = kernel_cases::failureOfCases(
        2,
        [](Dice& dice) {
            const DenseGeometry g{.rows = dice.number(1, dice.chance(0.05) ? 300 : 12),
                                  .inputs = dice.number(1, 40),
                                  .units = dice.number(1, 70)};
            Expected each{.product = Case(dice, g)};
            each.gradient = reference::denseBackwardWeights(
                g, kernel_cases::doubles(each.product.x), kernel_cases::doubles(each.product.dy));
            for (const double value : each.gradient) {
                each.squares += value * value;
            }
            each.product.scratch.clear(); // each run fills it anew
            return each;
        },
        [&](const Expected& each) -> std::string {
            Case product = each.product;
            product.scratch.swap(memory);
            product.scratch.assign(
                static_cast<std::size_t>(gradientProductScratchFloats(product.geometry)),
                std::nanf(""));
            const double error =
                kernel_cases::relativeError(product.inPieces(parallel), each.gradient);
            const double sum = sumOfSquares(parallel, product.product()).sum;
            const double bound = boundOfSquares(parallel, product.product()).sum;
            product.scratch.swap(memory);
            const bool right = error < 2e-6 &&
                               std::abs(sum - each.squares) <= 1e-5 * each.squares &&
                               each.squares <= bound * (1.0 + 1e-5);
            return right ? "" : text(product.geometry) + ": " + std::to_string(error);
        });
    QVERIFY2(failed.empty(), failed.c_str());
}

void TestGradientProduct::givesSameBitsForAllThreads() {
    Dice dice(3);
    Case each(dice, {.rows = 33, .inputs = 301, .units = 200});
    QVERIFY(kernel_cases::sameForAllThreads([&](Parallel& parallel) {
        std::vector<float> result = each.inPieces(parallel);
        result.push_back(static_cast<float>(sumOfSquares(parallel, each.product()).sum));
        return result;
    }));
}

void TestGradientProduct::sumsSquaresOfAllPieces() {
    Dice dice(4);
    Parallel parallel(2);
    Case each(dice, {.rows = 3, .inputs = 5, .units = 50'001});
    double expected = 0.0;
    for (const float value : each.atOnce(parallel)) {
        expected += static_cast<double>(value) * static_cast<double>(value);
    }
    const SquareSum sum = sumOfSquares(parallel, each.product());
    QVERIFY(sum.finite);
    QVERIFY(std::abs(sum.sum - expected) < 1e-5 * expected);
}

void TestGradientProduct::boundsTheSumOfSquares() {
    Dice dice(5);
    Parallel parallel;
    for (int i = 0; i < 50; ++i) {
        Case each(dice, randomGeometry(dice));
        const double sum = sumOfSquares(parallel, each.product()).sum;
        const double bound = boundOfSquares(parallel, each.product()).sum;
        // One row: the bound is the sum itself.
        QVERIFY(sum <= bound * (1.0 + 1e-5));
        QVERIFY(each.geometry.rows > 1 || sum > bound * (1.0 - 1e-5));
    }
}

void TestGradientProduct::seesWhatIsNotFinite() {
    Dice dice(6);
    Parallel parallel(2);
    Case each(dice, {.rows = 4, .inputs = 300, .units = 100});
    each.x[700] = 1e30F;
    each.dy[250] = 1e30F; // of the same row
    QVERIFY(boundOfSquares(parallel, each.product()).finite);
    QVERIFY(!sumOfSquares(parallel, each.product()).finite);
    each.dy[250] = std::nanf("");
    QVERIFY(!boundOfSquares(parallel, each.product()).finite);
}

void TestGradientProduct::isLargeFromFourMillionWeights() {
    for (const std::int64_t rows : {1, 32, 1000}) {
        QVERIFY(isLargeProduct({.rows = rows, .inputs = 4096, .units = 1024}));
        QVERIFY(isLargeProduct({.rows = rows, .inputs = 3, .units = 4'000'000}));
        QVERIFY(!isLargeProduct({.rows = rows, .inputs = 4095, .units = 1024}));
    }
}

QTEST_APPLESS_MAIN(TestGradientProduct)
#include "tst_gradient_product.moc"
