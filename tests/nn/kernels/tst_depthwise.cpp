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
        in = dice.number(reach, reach + 7);
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

/// A convolution and its gradients in double precision.
struct Case {
    ConvGeometry g;
    std::int64_t batch = 1;
    std::vector<float> x{}, weights{}, bias{}, dy{};
    reference::Values y{}, dx{}, gradients{};
};

Case drawnCase(Dice& dice) {
    Case c{.g = randomGeometry(dice), .batch = dice.number(1, 3)};
    c.x = dice.values(c.batch * c.g.inputFloats());
    c.weights = dice.values(c.g.weightFloats());
    c.bias = dice.values(dice.chance(0.7) ? c.g.outChannels : 0);
    c.dy = dice.values(c.batch * c.g.outputFloats());
    c.y = reference::convForward(c.g, c.batch, doubles(c.x), doubles(c.weights), doubles(c.bias));
    c.dx = reference::convBackwardData(c.g, c.batch, doubles(c.dy), doubles(c.weights));
    c.gradients = reference::convBackwardWeights(c.g, c.batch, doubles(c.x), doubles(c.dy));
    const auto db = reference::sumToChannels(doubles(c.dy), c.g.outChannels);
    c.gradients.insert(c.gradients.end(), db.begin(), db.end());
    return c;
}

std::string failureOf(Parallel& parallel, const Case& c) {
    const ConvGeometry& g = c.g;
    const double y = relativeError(forward(parallel, g, c.batch, c.x, c.weights, c.bias), c.y);
    const double dx = relativeError(backwardData(parallel, g, c.batch, c.dy, c.weights), c.dx);
    const double dw = relativeError(backwardWeights(parallel, g, c.batch, c.x, c.dy), c.gradients);
    if (std::max({y, dx, dw}) < kTolerance) {
        return {};
    }
    std::ostringstream text;
    text << c.batch << " × " << g.inHeight << "×" << g.inWidth << "×" << g.inChannels << ", "
         << g.outChannels << " filters, kernel " << g.kernelHeight << "×" << g.kernelWidth << ": y "
         << y << ", dx " << dx << ", dw " << dw;
    return text.str();
}

/// Values of channels that stand for some neighbouring ones each.
struct ChannelCase {
    nn::ChannelGroups g;
    std::vector<float> narrow, wide;
    reference::Values repeated{}, groupSums{}, sums{};
};

ChannelCase channelCase(Dice& dice) {
    const nn::ChannelGroups g{.cells = dice.number(1, 20),
                              .channels = dice.number(1, 40),
                              .multiplier = dice.number(1, 7)};
    const std::int64_t count = g.cells * g.channels;
    ChannelCase c{g, dice.values(count), dice.values(count * g.multiplier)};
    c.groupSums.assign(c.narrow.size(), 0.0);
    for (std::size_t i = 0; i < c.wide.size(); ++i) {
        const std::size_t from = i / static_cast<std::size_t>(g.multiplier);
        c.repeated.push_back(static_cast<double>(c.narrow[from]));
        c.groupSums[from] += static_cast<double>(c.wide[i]);
    }
    c.sums = reference::sumToChannels(doubles(c.narrow), g.channels);
    return c;
}

std::string channelFailure(Parallel& parallel, const ChannelCase& c) {
    std::vector<float> repeated = unwritten(std::ssize(c.wide));
    std::vector<float> groupSums = unwritten(std::ssize(c.narrow));
    std::vector<float> sums = unwritten(c.g.channels);
    std::vector<float> scratch = unwritten(nn::sumToChannelsScratchFloats(c.g.cells, c.g.channels));
    nn::repeatChannels(parallel, c.g, c.narrow, repeated);
    nn::sumChannelGroups(parallel, c.g, c.wide, groupSums);
    nn::sumToChannels(parallel, c.g.cells, c.narrow, sums, scratch);
    const double error =
        std::max({relativeError(repeated, c.repeated), relativeError(groupSums, c.groupSums),
                  relativeError(sums, c.sums)});
    return error < kTolerance
               ? ""
               : std::to_string(c.g.channels) + "·" + std::to_string(c.g.multiplier) +
                     " channels: " + std::to_string(error);
}

} // namespace

class TestDepthwise : public QObject {
    Q_OBJECT
private slots:
    void agreesWithReferenceOnRandomShapes();
    void givesSameBitsForAllThreads();
    void repeatsAndSumsChannels();
    void sumsToChannels();
};

void TestDepthwise::agreesWithReferenceOnRandomShapes() {
    Parallel parallel(2);
    const std::string failure =
        failureOfCases(1, drawnCase, [&](const Case& c) { return failureOf(parallel, c); });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestDepthwise::repeatsAndSumsChannels() {
    Parallel parallel(2);
    const std::string failure = failureOfCases(
        4, channelCase, [&](const ChannelCase& c) { return channelFailure(parallel, c); });
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
