#include "nn/kernels/depthwise.h"

#include "nn/kernels/channels.h"
#include "tests/support/kernel_cases.h"
#include "tests/support/reference_kernels.h"

#include <QTest>

#include <algorithm>
#include <sstream>

using namespace kernel_cases;
using nn::ConvGeometry;
using nn::Parallel;

namespace {

constexpr double kTolerance = 2e-6;

ConvGeometry randomGeometry(Dice& dice) {
    ConvGeometry g;
    g.kernelHeight = dice.number(1, 5);
    g.kernelWidth = dice.number(1, 4);
    const bool strided = dice.chance(0.4);
    g.strideHeight = strided ? dice.number(1, 3) : 1;
    g.strideWidth = strided ? dice.number(1, 4) : 1;
    g.dilationHeight = strided ? 1 : dice.number(1, 3);
    g.dilationWidth = strided ? 1 : dice.number(1, 2);
    const bool same = dice.chance(0.5);
    const auto setAxis = [&](std::int64_t kernel, std::int64_t stride, std::int64_t dilation,
                             std::int64_t& in, std::int64_t& out, std::int64_t& pad) {
        const std::int64_t reach = (kernel - 1) * dilation + 1;
        in = dice.number(reach, reach + 9);
        const reference::Window window{in, kernel, stride, dilation, same};
        out = reference::outputSize(window);
        pad = reference::padBefore(window);
    };
    setAxis(g.kernelHeight, g.strideHeight, g.dilationHeight, g.inHeight, g.outHeight, g.padTop);
    setAxis(g.kernelWidth, g.strideWidth, g.dilationWidth, g.inWidth, g.outWidth, g.padLeft);
    g.inChannels = g.groups = dice.number(1, 37);
    g.outChannels = g.inChannels * (dice.chance(0.4) ? 1 : dice.number(2, 6));
    return g;
}

std::vector<float> forward(Parallel& parallel, const ConvGeometry& g, std::int64_t batch,
                           const std::vector<float>& x, const std::vector<float>& weights,
                           const std::vector<float>& bias) {
    std::vector<float> y = unwritten(batch * g.outputFloats());
    std::vector<float> scratch = unwritten(nn::depthwiseForwardScratchFloats(g, batch));
    nn::depthwiseForward(
        parallel, g,
        {.batch = batch, .x = x, .weights = weights, .bias = bias, .y = y, .scratch = scratch});
    return y;
}

std::vector<float> backwardData(Parallel& parallel, const ConvGeometry& g, std::int64_t batch,
                                const std::vector<float>& dy, const std::vector<float>& weights) {
    std::vector<float> dx = unwritten(batch * g.inputFloats());
    std::vector<float> scratch = unwritten(nn::depthwiseBackwardDataScratchFloats(g, batch));
    nn::depthwiseBackwardData(
        parallel, g, {.batch = batch, .dy = dy, .weights = weights, .dx = dx, .scratch = scratch});
    return dx;
}

/// dw followed by db.
std::vector<float> backwardWeights(Parallel& parallel, const ConvGeometry& g, std::int64_t batch,
                                   const std::vector<float>& x, const std::vector<float>& dy) {
    std::vector<float> gradients = unwritten(g.weightFloats() + g.outChannels);
    const std::span<float> all(gradients);
    std::vector<float> scratch = unwritten(nn::depthwiseBackwardWeightsScratchFloats(g, batch));
    nn::depthwiseBackwardWeights(parallel, g,
                                 {.batch = batch,
                                  .x = x,
                                  .dy = dy,
                                  .dw = all.first(static_cast<std::size_t>(g.weightFloats())),
                                  .db = all.last(static_cast<std::size_t>(g.outChannels)),
                                  .scratch = scratch});
    return gradients;
}

/// What differs from the reference for one random shape, or nothing.
std::string failureOf(Parallel& parallel, Dice& dice) {
    const ConvGeometry g = randomGeometry(dice);
    const std::int64_t batch = dice.number(1, 3);
    const auto x = dice.values(batch * g.inputFloats());
    const auto weights = dice.values(g.weightFloats());
    const auto bias = dice.values(dice.chance(0.7) ? g.outChannels : 0);
    const auto dy = dice.values(batch * g.outputFloats());
    const double y = relativeError(
        forward(parallel, g, batch, x, weights, bias),
        reference::convForward(g, batch, doubles(x), doubles(weights), doubles(bias)));
    const double dx =
        relativeError(backwardData(parallel, g, batch, dy, weights),
                      reference::convBackwardData(g, batch, doubles(dy), doubles(weights)));
    auto gradients = reference::convBackwardWeights(g, batch, doubles(x), doubles(dy));
    const auto db = reference::sumToChannels(doubles(dy), g.outChannels);
    gradients.insert(gradients.end(), db.begin(), db.end());
    const double dw = relativeError(backwardWeights(parallel, g, batch, x, dy), gradients);
    if (std::max({y, dx, dw}) < kTolerance) {
        return {};
    }
    std::ostringstream text;
    text << batch << " × " << g.inHeight << "×" << g.inWidth << "×" << g.inChannels << ", "
         << g.outChannels << " filters, kernel " << g.kernelHeight << "×" << g.kernelWidth << ": y "
         << y << ", dx " << dx << ", dw " << dw;
    return text.str();
}

} // namespace

class TestDepthwise : public QObject {
    Q_OBJECT
private slots:
    void agreesWithReferenceOnRandomShapes();
    void givesSameBitsForAllThreads();
    void sumsToChannels();
};

void TestDepthwise::agreesWithReferenceOnRandomShapes() {
    Parallel parallel(2);
    const std::string failure = onEveryInstructionSet([&](const std::string&) {
        Dice dice(1);
        std::string first;
        for (int i = 0; i < caseCount(150) && first.empty(); ++i) {
            first = failureOf(parallel, dice);
        }
        return first;
    });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestDepthwise::givesSameBitsForAllThreads() {
    Dice dice(2);
    ConvGeometry g{.inHeight = 30, .inWidth = 28, .inChannels = 20, .outHeight = 28};
    g.outWidth = 26;
    g.outChannels = 60;
    g.kernelHeight = g.kernelWidth = 3;
    g.groups = 20;
    const auto x = dice.values(5 * g.inputFloats());
    const auto weights = dice.values(g.weightFloats());
    const auto dy = dice.values(5 * g.outputFloats());
    QVERIFY(sameForAllThreads(
        [&](Parallel& parallel) { return forward(parallel, g, 5, x, weights, {}); }));
    QVERIFY(sameForAllThreads(
        [&](Parallel& parallel) { return backwardData(parallel, g, 5, dy, weights); }));
    QVERIFY(sameForAllThreads(
        [&](Parallel& parallel) { return backwardWeights(parallel, g, 5, x, dy); }));
}

void TestDepthwise::sumsToChannels() {
    Dice dice(3);
    for (const std::int64_t rows : {1, 7, 5'000, 30'001}) {
        const auto x = dice.values(rows * 19);
        const auto sums = [&](Parallel& parallel) {
            std::vector<float> totals = unwritten(19);
            std::vector<float> scratch = unwritten(nn::sumToChannelsScratchFloats(rows, 19));
            nn::sumToChannels(parallel, rows, x, totals, scratch);
            return totals;
        };
        Parallel parallel(2);
        QVERIFY(relativeError(sums(parallel), reference::sumToChannels(doubles(x), 19)) < 1e-5);
        QVERIFY(sameForAllThreads(sums));
    }
}

QTEST_APPLESS_MAIN(TestDepthwise)
#include "tst_depthwise.moc"
