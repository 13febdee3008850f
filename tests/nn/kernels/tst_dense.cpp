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

std::vector<float> backwardData(Parallel& parallel, const DenseGeometry& g,
                                const std::vector<float>& dy, const std::vector<float>& weights) {
    std::vector<float> dx = unwritten(g.rows * g.inputs);
    std::vector<float> scratch = unwritten(nn::denseBackwardDataScratchFloats(g));
    nn::denseBackwardData(parallel, g,
                          {.dy = dy, .weights = weights, .dx = dx, .scratch = scratch});
    return dx;
}

/// dw followed by db.
std::vector<float> backwardWeights(Parallel& parallel, const DenseGeometry& g,
                                   const std::vector<float>& x, const std::vector<float>& dy) {
    std::vector<float> gradients = unwritten((g.inputs + 1) * g.units);
    const std::span<float> all(gradients);
    std::vector<float> scratch = unwritten(nn::denseBackwardWeightsScratchFloats(g));
    nn::denseBackwardWeights(parallel, g,
                             {.x = x,
                              .dy = dy,
                              .dw = all.first(static_cast<std::size_t>(g.inputs * g.units)),
                              .db = all.last(static_cast<std::size_t>(g.units)),
                              .scratch = scratch});
    return gradients;
}

std::string failureOf(Parallel& parallel, Dice& dice, const DenseGeometry& g) {
    const auto x = dice.values(g.rows * g.inputs);
    const auto weights = dice.values(g.inputs * g.units);
    const auto bias = dice.values(dice.chance(0.7) ? g.units : 0);
    const auto dy = dice.values(g.rows * g.units);
    const bool fused = dice.chance(0.5);
    auto expected = reference::denseForward(g, doubles(x), doubles(weights), doubles(bias));
    for (double& value : expected) {
        value = fused ? std::max(value, 0.0) : value;
    }
    const auto activation = fused ? nn::FusedActivation::Relu : nn::FusedActivation::None;
    const double y = relativeError(forward(parallel, g, x, weights, bias, activation), expected);
    const double dx = relativeError(backwardData(parallel, g, dy, weights),
                                    reference::denseBackwardData(g, doubles(dy), doubles(weights)));
    const auto gradients = backwardWeights(parallel, g, x, dy);
    const std::span<const float> all(gradients);
    const double dw = relativeError(all.first(weights.size()),
                                    reference::denseBackwardWeights(g, doubles(x), doubles(dy)));
    const double db = relativeError(all.last(static_cast<std::size_t>(g.units)),
                                    reference::sumToChannels(doubles(dy), g.units));
    if (std::max({y, dx, dw, db}) < kTolerance) {
        return {};
    }
    std::ostringstream text;
    text << g.rows << " rows, " << g.inputs << " inputs, " << g.units << " units: y " << y
         << ", dx " << dx << ", dw " << dw << ", db " << db;
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
    void addsToGradients_data();
    void addsToGradients();
};

void TestDense::agreesWithReferenceOnRandomShapes() {
    Parallel parallel(2);
    const std::string failure = onEveryInstructionSet([&](const std::string&) {
        Dice dice(1);
        std::string first;
        for (int i = 0; i < caseCount(300) && first.empty(); ++i) {
            const std::int64_t rows = dice.number(1, dice.chance(0.5) ? 8 : 60);
            const std::int64_t inputs = dice.number(1, dice.chance(0.3) ? 300 : 40);
            const std::int64_t units =
                dice.chance(0.2) ? dice.number(250, 300) : dice.number(1, 70);
            first = failureOf(parallel, dice, {rows, inputs, units});
        }
        return first;
    });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestDense::agreesWithReferenceOnLargeShapes() {
    Parallel parallel(2);
    Dice dice(2);
    for (const DenseGeometry& g : kLargeShapes) {
        const std::string failure = failureOf(parallel, dice, g);
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

void TestDense::addsToGradients_data() {
    QTest::addColumn<int>("rows");
    for (const int rows : {1, 2, 3, 4, 100}) {
        QTest::addRow("%d rows", rows) << rows;
    }
}

void TestDense::addsToGradients() {
    QFETCH(int, rows);
    const DenseGeometry g{.rows = rows, .inputs = 300, .units = 9};
    Dice dice(4);
    Parallel parallel(1);
    const auto x = dice.values(g.rows * g.inputs);
    const auto weights = dice.values(g.inputs * g.units);
    const auto dy = dice.values(g.rows * g.units);
    std::vector<float> dx(x.size(), 1.0F);
    std::vector<float> dw(weights.size(), 2.0F);
    std::vector<float> scratch = unwritten(
        std::max(nn::denseBackwardDataScratchFloats(g), nn::denseBackwardWeightsScratchFloats(g)));
    nn::denseBackwardData(
        parallel, g,
        {.dy = dy, .weights = weights, .dx = dx, .write = nn::Write::Add, .scratch = scratch});
    nn::denseBackwardWeights(
        parallel, g,
        {.x = x, .dy = dy, .dw = dw, .db = {}, .write = nn::Write::Add, .scratch = scratch});
    auto expectedDx = reference::denseBackwardData(g, doubles(dy), doubles(weights));
    auto expectedDw = reference::denseBackwardWeights(g, doubles(x), doubles(dy));
    for (double& value : expectedDx) {
        value += 1.0;
    }
    for (double& value : expectedDw) {
        value += 2.0;
    }
    QVERIFY(relativeError(dx, expectedDx) < kTolerance);
    QVERIFY(relativeError(dw, expectedDw) < kTolerance);
}

QTEST_APPLESS_MAIN(TestDense)
#include "tst_dense.moc"
