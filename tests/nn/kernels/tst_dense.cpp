#include "nn/kernels/dense.h"

#include "tests/support/kernel_cases.h"
#include "tests/support/reference_kernels.h"

#include <QTest>

#include <algorithm>
#include <sstream>

using namespace kernel_cases;
using nn::DenseGeometry;
using nn::Parallel;

namespace {

constexpr double kTolerance = 2e-6;

std::vector<float> forward(Parallel& parallel, const DenseGeometry& g, const std::vector<float>& x,
                           const std::vector<float>& weights, const std::vector<float>& bias,
                           nn::FusedActivation activation = nn::FusedActivation::None) {
    std::vector<float> y = unwritten(g.rows * g.units);
    std::vector<float> scratch = unwritten(nn::denseForwardScratchFloats(g));
    nn::denseForward(parallel, g,
                     {.x = x,
                      .weights = weights,
                      .bias = bias,
                      .activation = activation,
                      .y = y,
                      .scratch = scratch});
    return y;
}

/// dx, added to `old` if that is not 0.
std::vector<float> backwardData(Parallel& parallel, const DenseGeometry& g,
                                const std::vector<float>& dy, const std::vector<float>& weights,
                                float old = 0.0F) {
    std::vector<float> dx = unwritten(g.rows * g.inputs);
    if (old != 0.0F) {
        std::ranges::fill(dx, old);
    }
    std::vector<float> scratch = unwritten(nn::denseBackwardDataScratchFloats(g));
    nn::denseBackwardData(parallel, g,
                          {.dy = dy,
                           .weights = weights,
                           .dx = dx,
                           .write = old == 0.0F ? nn::Write::Assign : nn::Write::Add,
                           .scratch = scratch});
    return dx;
}

/// dw followed by db, added to `old` if that is not 0.
std::vector<float> backwardWeights(Parallel& parallel, const DenseGeometry& g,
                                   const std::vector<float>& x, const std::vector<float>& dy,
                                   float old = 0.0F) {
    std::vector<float> gradients = unwritten((g.inputs + 1) * g.units);
    if (old != 0.0F) {
        std::ranges::fill(gradients, old);
    }
    const std::span<float> all(gradients);
    std::vector<float> scratch = unwritten(nn::denseBackwardWeightsScratchFloats(g));
    nn::denseBackwardWeights(parallel, g,
                             {.x = x,
                              .dy = dy,
                              .dw = all.first(static_cast<std::size_t>(g.inputs * g.units)),
                              .db = all.last(static_cast<std::size_t>(g.units)),
                              .write = old == 0.0F ? nn::Write::Assign : nn::Write::Add,
                              .scratch = scratch});
    return gradients;
}

/// A layer and its gradients in double precision.
struct Case {
    DenseGeometry g;
    nn::FusedActivation activation = nn::FusedActivation::None;
    float old = 0.0F; ///< What gradients are added to.
    std::vector<float> x, weights, bias, dy;
    reference::Values y{}, dx{}, gradients{};
};

Case drawnCase(Dice& dice, const DenseGeometry& g) {
    Case c{.g = g,
           .activation = dice.chance(0.5) ? nn::FusedActivation::Relu : nn::FusedActivation::None,
           .old = dice.chance(0.5) ? 1.0F : 0.0F,
           .x = dice.values(g.rows * g.inputs),
           .weights = dice.values(g.inputs * g.units),
           .bias = dice.values(dice.chance(0.7) ? g.units : 0),
           .dy = dice.values(g.rows * g.units)};
    c.y = reference::denseForward(g, doubles(c.x), doubles(c.weights), doubles(c.bias));
    for (double& value : c.y) {
        value = c.activation == nn::FusedActivation::Relu ? std::max(value, 0.0) : value;
    }
    c.dx = reference::denseBackwardData(g, doubles(c.dy), doubles(c.weights));
    c.gradients = reference::denseBackwardWeights(g, doubles(c.x), doubles(c.dy));
    const auto db = reference::sumToChannels(doubles(c.dy), g.units);
    c.gradients.insert(c.gradients.end(), db.begin(), db.end());
    for (reference::Values* values : {&c.dx, &c.gradients}) {
        for (double& value : *values) {
            value += static_cast<double>(c.old);
        }
    }
    return c;
}

std::string failureOf(Parallel& parallel, const Case& c) {
    const DenseGeometry& g = c.g;
    const double y = relativeError(forward(parallel, g, c.x, c.weights, c.bias, c.activation), c.y);
    const double dx = relativeError(backwardData(parallel, g, c.dy, c.weights, c.old), c.dx);
    const double dw = relativeError(backwardWeights(parallel, g, c.x, c.dy, c.old), c.gradients);
    if (std::max({y, dx, dw}) < kTolerance) {
        return {};
    }
    std::ostringstream text;
    text << g.rows << " rows, " << g.inputs << " inputs, " << g.units << " units: y " << y
         << ", dx " << dx << ", dw " << dw;
    return text.str();
}

/// Shapes that take each way of cutting a product.
const std::vector<DenseGeometry> kLargeShapes = {
    {128, 1352, 10}, {1, 3000, 1100}, {3, 5000, 300}, {5, 2100, 37},    {32, 800, 130},
    {700, 24, 18},   {40, 10, 2050},  {300, 200, 90}, {32, 3000, 1000}, {13, 2000, 333},
};

} // namespace

class TestDense : public QObject {
    Q_OBJECT
private slots:
    void agreesWithReferenceOnRandomShapes();
    void agreesWithReferenceOnLargeShapes();
    void givesSameBitsForAllThreads();
};

void TestDense::agreesWithReferenceOnRandomShapes() {
    Parallel parallel(2);
    const std::string failure = failureOfCases(
        1,
        [](Dice& dice) {
            const std::int64_t rows = dice.number(1, dice.chance(0.5) ? 8 : 60);
            const std::int64_t inputs = dice.number(1, dice.chance(0.1) ? 300 : 40);
            const std::int64_t units =
                dice.chance(0.1) ? dice.number(250, 300) : dice.number(1, 70);
            return drawnCase(dice, {rows, inputs, units});
        },
        [&](const Case& c) { return failureOf(parallel, c); });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestDense::agreesWithReferenceOnLargeShapes() {
    Parallel parallel(2);
    Dice dice(2);
    for (const DenseGeometry& g : kLargeShapes) {
        const Case each = drawnCase(dice, g);
        const std::string failure =
            onEveryInstructionSet([&](const std::string&) { return failureOf(parallel, each); });
        QVERIFY2(failure.empty(), failure.c_str());
    }
}

void TestDense::givesSameBitsForAllThreads() {
    Dice dice(3);
    for (const DenseGeometry& g : kLargeShapes) {
        const auto x = dice.values(g.rows * g.inputs);
        const auto weights = dice.values(g.inputs * g.units);
        const auto bias = dice.values(g.units);
        const auto dy = dice.values(g.rows * g.units);
        QVERIFY(sameForAllThreads(
            [&](Parallel& parallel) { return forward(parallel, g, x, weights, bias); }));
        QVERIFY(sameForAllThreads(
            [&](Parallel& parallel) { return backwardData(parallel, g, dy, weights); }));
        QVERIFY(sameForAllThreads(
            [&](Parallel& parallel) { return backwardWeights(parallel, g, x, dy); }));
    }
}

QTEST_APPLESS_MAIN(TestDense)
#include "tst_dense.moc"
