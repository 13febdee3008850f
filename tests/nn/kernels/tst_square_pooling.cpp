#include "nn/kernels/square_pooling.h"

#include "nn/kernels/square_pool.h"

#include "tests/support/kernel_cases.h"
#include "tests/support/reference_kernels.h"

#include <QTest>

#include <algorithm>
#include <cmath>

using namespace kernel_cases;
using nn::PoolGeometry;

namespace {

constexpr double kTolerance = 1e-6;

/// A pooling by 2×2 cells and its gradients; with a ReLU before it the gradient of a largest value
/// that is not above 0 is 0.
struct Case {
    PoolGeometry g;
    std::int64_t batch = 1;
    bool positions = false;
    std::vector<float> x{}, dy{};
    nn::Activation before{}; ///< x came out of it.
    reference::Values y{}, dx{}, reluDx{}, mean{}, meanGradient{}, gradientBefore{};

    [[nodiscard]] std::string text() const {
        return std::to_string(batch) + " × " + std::to_string(g.inHeight) + "×" +
               std::to_string(g.inWidth) + "×" + std::to_string(g.channels);
    }
};

/// Of what x, here any number, came out of.
double slopeFromOutput(nn::ActivationKind kind, double x) {
    switch (kind) {
    case nn::ActivationKind::Tanh:
        return 1.0 - x * x;
    case nn::ActivationKind::Sigmoid:
        return x * (1.0 - x);
    default:
        return x > 0.0 ? 1.0 : 0.0;
    }
}

Case drawnCase(Dice& dice) {
    Case c{.g = {.inHeight = dice.number(2, 9), .inWidth = dice.number(2, 9)},
           .batch = dice.number(1, 4),
           .positions = dice.chance(0.8)};
    c.g.channels = dice.number(1, 50);
    c.g.outHeight = c.g.inHeight / 2;
    c.g.outWidth = c.g.inWidth / 2;
    c.g.poolHeight = c.g.poolWidth = c.g.strideHeight = c.g.strideWidth = 2;
    c.x = dice.values(c.batch * c.g.inputFloats());
    for (float& value : c.x) {
        // Coarse values: windows have several equal maxima, also 0.
        value = std::round(value * 2.0F);
    }
    c.dy = dice.values(c.batch * c.g.outputFloats());
    c.y = reference::maxPoolForward(c.g, c.batch, doubles(c.x)).y;
    c.dx = reference::maxPoolBackward(c.g, c.batch, doubles(c.x), doubles(c.dy));
    reference::Values passed = doubles(c.dy);
    for (std::size_t i = 0; i < passed.size(); ++i) {
        passed[i] = c.y[i] > 0.0 ? passed[i] : 0.0;
    }
    c.reluDx = reference::maxPoolBackward(c.g, c.batch, doubles(c.x), passed);
    c.mean = reference::averagePoolForward(c.g, c.batch, doubles(c.x));
    c.meanGradient = reference::averagePoolBackward(c.g, c.batch, doubles(c.dy));
    c.before = {.kind = nn::kAveragedActivations[dice.number(0, 2)]};
    c.gradientBefore = c.meanGradient;
    for (std::size_t i = 0; i < c.gradientBefore.size(); ++i) {
        c.gradientBefore[i] *= slopeFromOutput(c.before.kind, static_cast<double>(c.x[i]));
    }
    return c;
}

std::string maximumFailure(nn::Parallel& parallel, const Case& c) {
    std::vector<float> y = unwritten(std::ssize(c.y));
    std::vector<std::byte> positions(y.size(), std::byte{0xEE});
    const std::span<std::byte> none;
    nn::maxSquaresForward(parallel, c.g,
                          {.batch = c.batch,
                           .x = c.x,
                           .y = y,
                           .positions = c.positions ? std::span(positions) : none});
    double error = relativeError(y, c.y);
    if (c.positions) {
        std::vector<float> dx = unwritten(std::ssize(c.dx));
        nn::maxSquaresBackward(parallel, c.g,
                               {.batch = c.batch, .dy = c.dy, .positions = positions, .dx = dx});
        std::vector<float> reluDx = unwritten(std::ssize(c.dx));
        nn::unpoolSquares(
            parallel, c.g,
            {.batch = c.batch,
             .dy = c.dy,
             .y = y,
             .relu = true,
             .positions = {reinterpret_cast<const std::uint8_t*>(positions.data()), y.size()},
             .dx = reluDx});
        error = std::max({error, relativeError(dx, c.dx), relativeError(reluDx, c.reluDx)});
    }
    return error < kTolerance ? "" : c.text() + ": " + std::to_string(error);
}

std::string averageFailure(nn::Parallel& parallel, const Case& c) {
    std::vector<float> y = unwritten(std::ssize(c.y));
    std::vector<float> dx = unwritten(std::ssize(c.dx));
    nn::averageSquaresForward(parallel, c.g, {.batch = c.batch, .x = c.x, .y = y});
    nn::averageSquaresBackward(parallel, c.g, {.batch = c.batch, .dy = c.dy, .dx = dx});
    std::vector<float> before = unwritten(std::ssize(c.dx));
    nn::averageSquaresBackward(
        parallel, c.g,
        {.batch = c.batch, .dy = c.dy, .dx = before, .activation = c.before, .outputs = c.x});
    const double error = std::max({relativeError(y, c.mean), relativeError(dx, c.meanGradient),
                                   relativeError(before, c.gradientBefore)});
    return error < kTolerance ? "" : c.text() + ": " + std::to_string(error);
}

} // namespace

class TestSquarePooling : public QObject {
    Q_OBJECT
private slots:
    void takesTheLargest();
    void takesTheMean();
    void isForSquaresSideBySide();
    void knowsTheSlopesOfSomeFunctions();
};

void TestSquarePooling::takesTheLargest() {
    nn::Parallel parallel(2);
    const std::string failure =
        failureOfCases(1, drawnCase, [&](const Case& c) { return maximumFailure(parallel, c); });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestSquarePooling::takesTheMean() {
    nn::Parallel parallel(2);
    const std::string failure =
        failureOfCases(2, drawnCase, [&](const Case& c) { return averageFailure(parallel, c); });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestSquarePooling::isForSquaresSideBySide() {
    Dice dice(3);
    const PoolGeometry fitting = drawnCase(dice).g;
    QVERIFY(nn::isSquare(fitting));
    const auto differs = [&](auto change) {
        PoolGeometry g = fitting;
        change(g);
        return !nn::isSquare(g);
    };
    QVERIFY(differs([](PoolGeometry& g) { g.adaptive = true; }));
    QVERIFY(differs([](PoolGeometry& g) { g.poolWidth = 3; }));
    QVERIFY(differs([](PoolGeometry& g) { g.strideHeight = 1; }));
    QVERIFY(differs([](PoolGeometry& g) { g.padLeft = 1; }));
    QVERIFY(differs([](PoolGeometry& g) { ++g.outHeight; }));
}

void TestSquarePooling::knowsTheSlopesOfSomeFunctions() {
    Dice dice(4);
    PoolGeometry g = drawnCase(dice).g;
    QVERIFY(nn::averagesAfter(g, {nn::ActivationKind::Tanh}));
    QVERIFY(nn::averagesAfter(g, {nn::ActivationKind::Relu}));
    QVERIFY(!nn::averagesAfter(g, {nn::ActivationKind::Linear}));
    QVERIFY(!nn::averagesAfter(g, {nn::ActivationKind::Gelu}));
    // What came out of such a ReLU does not say on which side its input was.
    QVERIFY(!nn::averagesAfter(g, {.kind = nn::ActivationKind::Relu, .threshold = 1.0F}));
    g.strideWidth = 1;
    QVERIFY(!nn::averagesAfter(g, {nn::ActivationKind::Tanh}));
}

QTEST_APPLESS_MAIN(TestSquarePooling)
#include "tst_square_pooling.moc"
