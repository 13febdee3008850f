#include "nn/kernels/convolution.h"

#include "tests/support/conv_cases.h"

#include <QTest>

#include <algorithm>

using namespace kernel_cases;
using nn::ConvGeometry;
using nn::Parallel;

namespace {

std::vector<float> forward(Parallel& parallel, const ConvGeometry& g, std::int64_t batch,
                           const std::vector<float>& x, const std::vector<float>& weights,
                           const std::vector<float>& bias, nn::FusedActivation activation) {
    std::vector<float> y = unwritten(batch * g.outputFloats());
    std::vector<float> scratch = unwritten(nn::convForwardScratchFloats(g, batch));
    nn::convForward(parallel, g,
                    {.batch = batch,
                     .x = x,
                     .weights = weights,
                     .bias = bias,
                     .activation = activation,
                     .y = y,
                     .scratch = scratch});
    return y;
}

std::vector<float> backwardData(Parallel& parallel, const ConvGeometry& g, std::int64_t batch,
                                const std::vector<float>& dy, const std::vector<float>& weights) {
    std::vector<float> dx = unwritten(batch * g.inputFloats());
    std::vector<float> scratch = unwritten(nn::convBackwardDataScratchFloats(g, batch));
    nn::convBackwardData(
        parallel, g, {.batch = batch, .dy = dy, .weights = weights, .dx = dx, .scratch = scratch});
    return dx;
}

/// dw followed by db.
std::vector<float> backwardWeights(Parallel& parallel, const ConvGeometry& g, std::int64_t batch,
                                   const std::vector<float>& x, const std::vector<float>& dy) {
    std::vector<float> gradients = unwritten(g.weightFloats() + g.outChannels);
    const std::span<float> all(gradients);
    std::vector<float> scratch = unwritten(nn::convBackwardWeightsScratchFloats(g, batch));
    nn::convBackwardWeights(parallel, g,
                            {.batch = batch,
                             .x = x,
                             .dy = dy,
                             .dw = all.first(static_cast<std::size_t>(g.weightFloats())),
                             .db = all.last(static_cast<std::size_t>(g.outChannels)),
                             .scratch = scratch});
    return gradients;
}

/// Larger shapes that are cut into many tasks, pieces of reductions and panels.
std::vector<std::pair<ConvGeometry, std::int64_t>> largeShapes() {
    const auto make = [](std::int64_t size, std::int64_t in, std::int64_t out, std::int64_t kernel,
                         std::int64_t stride, std::int64_t groups) {
        ConvGeometry g{.inHeight = size, .inWidth = size, .inChannels = in, .outChannels = out};
        g.kernelHeight = g.kernelWidth = kernel;
        g.strideHeight = g.strideWidth = stride;
        g.groups = groups;
        setOutputs(g, true);
        return g;
    };
    ConvGeometry wide = make(9, 40, 20, 3, 1, 1);
    wide.inWidth = wide.outWidth = 700;
    return {{make(28, 1, 32, 3, 1, 1), 40},  {make(14, 64, 64, 3, 1, 1), 6},
            {make(24, 32, 48, 5, 2, 1), 5},  {make(20, 96, 96, 3, 1, 96), 4},
            {make(8, 150, 70, 1, 1, 1), 9},  {make(65, 3, 17, 7, 2, 1), 2},
            {make(4, 128, 130, 3, 1, 2), 1}, {wide, 1}};
}

} // namespace

class TestConvolution : public QObject {
    Q_OBJECT
private slots:
    void agreesWithReferenceOnRandomShapes_data();
    void agreesWithReferenceOnRandomShapes();
    void agreesWithReferenceOnLargeShapes();
    void givesSameBitsForAllThreads();
    void keepsNotANumber();
    void scratchStaysBoundedForLargeBatches();
};

void TestConvolution::agreesWithReferenceOnRandomShapes_data() {
    QTest::addColumn<int>("part");
    QTest::newRow("forward") << static_cast<int>(ConvPart::Forward);
    QTest::newRow("backward data") << static_cast<int>(ConvPart::BackwardData);
    QTest::newRow("backward weights") << static_cast<int>(ConvPart::BackwardWeights);
}

void TestConvolution::agreesWithReferenceOnRandomShapes() {
    QFETCH(int, part);
    ConvBench bench;
    const std::string failure = failureOfCases(
        1,
        [&](Dice& dice) {
            return convCase(dice, anyConvolution(dice), static_cast<ConvPart>(part));
        },
        [&](const ConvCase& each) { return bench.failureOf(each); });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestConvolution::agreesWithReferenceOnLargeShapes() {
    Dice dice(2);
    ConvBench bench;
    for (const auto& [g, batch] : largeShapes()) {
        for (const ConvPart part :
             {ConvPart::Forward, ConvPart::BackwardData, ConvPart::BackwardWeights}) {
            ConvCase each = convCase(dice, g, part, batch);
            each.threads = nn::ConvThreads::Any;
            const std::string failure =
                onEveryInstructionSet([&](const std::string&) { return bench.failureOf(each); });
            QVERIFY2(failure.empty(), failure.c_str());
        }
    }
}

void TestConvolution::givesSameBitsForAllThreads() {
    Dice dice(3);
    for (const auto& [g, batch] : largeShapes()) {
        const auto x = dice.values(batch * g.inputFloats());
        const auto weights = dice.values(g.weightFloats());
        const auto dy = dice.values(batch * g.outputFloats());
        QVERIFY(sameForAllThreads([&](Parallel& parallel) {
            return forward(parallel, g, batch, x, weights, {}, nn::FusedActivation::Relu);
        }));
        QVERIFY(sameForAllThreads(
            [&](Parallel& parallel) { return backwardData(parallel, g, batch, dy, weights); }));
        QVERIFY(sameForAllThreads(
            [&](Parallel& parallel) { return backwardWeights(parallel, g, batch, x, dy); }));
    }
}

void TestConvolution::keepsNotANumber() {
    const ConvGeometry g{.inHeight = 3,
                         .inWidth = 3,
                         .inChannels = 2,
                         .outHeight = 3,
                         .outWidth = 3,
                         .outChannels = 4};
    Dice dice(5);
    const auto weights = dice.values(g.weightFloats());
    Parallel parallel(1);
    const std::string failure = onEveryInstructionSet([&](const std::string&) -> std::string {
        const std::vector<float> y = forward(parallel, g, 1, unwritten(g.inputFloats()), weights,
                                             {}, nn::FusedActivation::Relu);
        const bool allNan = std::all_of(y.begin(), y.end(), [](float v) { return v != v; });
        return allNan ? "" : "ReLU hides NaN";
    });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestConvolution::scratchStaysBoundedForLargeBatches() {
    const ConvGeometry g = largeShapes()[1].first;
    QVERIFY(nn::convForwardScratchFloats(g, 4096) <= 2 * nn::convForwardScratchFloats(g, 64));
    QVERIFY(nn::convBackwardWeightsScratchFloats(g, 4096) < 8'000'000);
}

QTEST_APPLESS_MAIN(TestConvolution)
#include "tst_convolution.moc"
