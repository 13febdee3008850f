#include "nn/kernels/convolution.h"

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

std::string describe(const ConvGeometry& g, std::int64_t batch) {
    std::ostringstream text;
    text << batch << " × " << g.inHeight << "×" << g.inWidth << "×" << g.inChannels << " -> "
         << g.outHeight << "×" << g.outWidth << "×" << g.outChannels << ", kernel "
         << g.kernelHeight << "×" << g.kernelWidth << ", stride " << g.strideHeight << "×"
         << g.strideWidth << ", dilation " << g.dilationHeight << "×" << g.dilationWidth << ", pad "
         << g.padTop << "," << g.padLeft << ", groups " << g.groups;
    return text.str();
}

void setAxis(const reference::Window& w, std::int64_t& out, std::int64_t& pad) {
    out = reference::outputSize(w);
    pad = reference::padBefore(w);
}

/// A random geometry with an output of at least one pixel; about 2 million products at most.
ConvGeometry randomGeometry(Dice& dice) {
    ConvGeometry g;
    g.kernelHeight = dice.number(1, 5);
    g.kernelWidth = dice.number(1, 5);
    g.strideHeight = dice.chance(0.6) ? 1 : dice.number(1, 4);
    g.strideWidth = dice.chance(0.6) ? 1 : dice.number(1, 4);
    g.dilationHeight = dice.chance(0.7) ? 1 : dice.number(1, 3);
    g.dilationWidth = dice.chance(0.7) ? 1 : dice.number(1, 3);
    const std::int64_t height = (g.kernelHeight - 1) * g.dilationHeight + 1;
    const std::int64_t width = (g.kernelWidth - 1) * g.dilationWidth + 1;
    g.inHeight = dice.number(height, height + 12);
    g.inWidth = dice.number(width, width + 12);
    g.groups = dice.chance(0.7) ? 1 : dice.number(1, 5);
    g.inChannels = g.groups * dice.number(1, g.groups > 1 ? 3 : 9);
    g.outChannels = g.groups * dice.number(1, g.groups > 1 ? 4 : 40);
    if (dice.chance(0.1)) {
        g.groups = g.inChannels = g.outChannels = dice.number(1, 40);
    }
    const bool same = dice.chance(0.5);
    setAxis({g.inHeight, g.kernelHeight, g.strideHeight, g.dilationHeight, same}, g.outHeight,
            g.padTop);
    setAxis({g.inWidth, g.kernelWidth, g.strideWidth, g.dilationWidth, same}, g.outWidth,
            g.padLeft);
    return g;
}

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

reference::Values relu(reference::Values values) {
    for (double& value : values) {
        value = std::max(value, 0.0);
    }
    return values;
}

/// What differs from the reference for one random shape, or nothing.
std::string failureOf(Parallel& parallel, Dice& dice, const ConvGeometry& g) {
    const std::int64_t batch = dice.number(1, 3);
    const auto x = dice.values(batch * g.inputFloats());
    const auto weights = dice.values(g.weightFloats());
    const auto bias = dice.values(dice.chance(0.7) ? g.outChannels : 0);
    const auto dy = dice.values(batch * g.outputFloats());
    const bool fused = dice.chance(0.5);

    auto expected = reference::convForward(g, batch, doubles(x), doubles(weights), doubles(bias));
    expected = fused ? relu(expected) : expected;
    const auto activation = fused ? nn::FusedActivation::Relu : nn::FusedActivation::None;
    const double y =
        relativeError(forward(parallel, g, batch, x, weights, bias, activation), expected);
    const double dx =
        relativeError(backwardData(parallel, g, batch, dy, weights),
                      reference::convBackwardData(g, batch, doubles(dy), doubles(weights)));
    auto gradients = reference::convBackwardWeights(g, batch, doubles(x), doubles(dy));
    const auto db = reference::sumToChannels(doubles(dy), g.outChannels);
    const std::vector<float> actual = backwardWeights(parallel, g, batch, x, dy);
    const std::span<const float> all(actual);
    const double dwError = relativeError(all.first(gradients.size()), gradients);
    const double dbError = relativeError(all.last(db.size()), db);
    if (std::max({y, dx, dwError, dbError}) < kTolerance) {
        return {};
    }
    std::ostringstream text;
    text << describe(g, batch) << ": y " << y << ", dx " << dx << ", dw " << dwError << ", db "
         << dbError;
    return text.str();
}

/// A random geometry whose filter rows are neighbouring taps and whose rows of outputs are long, so
/// that it is done in strips where these pay.
ConvGeometry randomStrips(Dice& dice) {
    ConvGeometry g;
    g.kernelHeight = dice.number(1, 4);
    g.kernelWidth = dice.chance(0.6) ? 3 : dice.number(2, 5);
    g.strideHeight = dice.chance(0.8) ? 1 : 2;
    g.strideWidth = dice.chance(0.9) ? 1 : 2; // the gradient's phases have one and two taps
    g.dilationHeight = dice.chance(0.9) ? 1 : 2;
    g.groups = dice.chance(0.8) ? 1 : 2;
    g.inChannels = g.groups * dice.number(2, 40);
    g.outChannels = g.groups * dice.number(9, 72);
    if (dice.chance(0.2)) {
        g.groups = g.inChannels = g.outChannels = dice.number(1, 40); // one filter per channel
    }
    g.inHeight = dice.number(7, 10);
    g.inWidth = dice.number(10, 22);
    const bool same = dice.chance(0.5);
    setAxis({g.inHeight, g.kernelHeight, g.strideHeight, g.dilationHeight, same}, g.outHeight,
            g.padTop);
    setAxis({g.inWidth, g.kernelWidth, g.strideWidth, 1, same}, g.outWidth, g.padLeft);
    return g;
}

/// A random geometry of so few products per result that the gradient of a whole filter is summed in
/// registers where that pays.
ConvGeometry randomPatches(Dice& dice) {
    ConvGeometry g;
    g.kernelHeight = dice.chance(0.6) ? 3 : 5;
    g.kernelWidth = g.kernelHeight == 3 ? dice.number(2, 4) : 5;
    g.inChannels = g.kernelHeight == 3 ? dice.number(1, 3) : 1;
    g.outChannels = dice.number(1, 33);
    g.strideHeight = g.strideWidth = dice.chance(0.7) ? 1 : 2;
    g.inHeight = dice.number(5, 24);
    g.inWidth = dice.number(5, 40);
    const bool same = dice.chance(0.5);
    setAxis({g.inHeight, g.kernelHeight, g.strideHeight, 1, same}, g.outHeight, g.padTop);
    setAxis({g.inWidth, g.kernelWidth, g.strideWidth, 1, same}, g.outWidth, g.padLeft);
    return g;
}

/// The first failure among random shapes, on all instruction sets.
std::string failureOfMany(std::uint64_t seed, int cases, ConvGeometry (*shape)(Dice&)) {
    Parallel parallel(2);
    return onEveryInstructionSet([&](const std::string&) {
        Dice dice(seed);
        std::string first;
        for (int i = 0; i < caseCount(cases) && first.empty(); ++i) {
            first = failureOf(parallel, dice, shape(dice));
        }
        return first;
    });
}

/// Larger shapes that are cut into many tasks, pieces of reductions and panels.
std::vector<std::pair<ConvGeometry, std::int64_t>> largeShapes() {
    const auto make = [](std::int64_t size, std::int64_t in, std::int64_t out, std::int64_t kernel,
                         std::int64_t stride, std::int64_t groups) {
        ConvGeometry g{.inHeight = size, .inWidth = size, .inChannels = in, .outChannels = out};
        g.kernelHeight = g.kernelWidth = kernel;
        g.strideHeight = g.strideWidth = stride;
        g.groups = groups;
        setAxis({size, kernel, stride, 1, true}, g.outHeight, g.padTop);
        setAxis({size, kernel, stride, 1, true}, g.outWidth, g.padLeft);
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
    void agreesWithReferenceOnRandomShapes();
    void agreesWithReferenceInStrips();
    void agreesWithReferenceOnFirstLayers();
    void agreesWithReferenceOnLargeShapes();
    void givesSameBitsForAllThreads();
    void addsToGradients();
    void appliesBiasAndReluWhenTransposed();
    void keepsNotANumber();
    void scratchStaysBoundedForLargeBatches();
};

void TestConvolution::agreesWithReferenceOnRandomShapes() {
    const std::string failure = failureOfMany(1, 300, randomGeometry);
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestConvolution::agreesWithReferenceInStrips() {
    const std::string failure = failureOfMany(7, 120, randomStrips);
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestConvolution::agreesWithReferenceOnFirstLayers() {
    const std::string failure = failureOfMany(8, 120, randomPatches);
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestConvolution::agreesWithReferenceOnLargeShapes() {
    Parallel parallel(2);
    Dice dice(2);
    for (const auto& [g, batch] : largeShapes()) {
        const auto x = dice.values(batch * g.inputFloats());
        const auto weights = dice.values(g.weightFloats());
        const auto dy = dice.values(batch * g.outputFloats());
        const double y =
            relativeError(forward(parallel, g, batch, x, weights, {}, nn::FusedActivation::None),
                          reference::convForward(g, batch, doubles(x), doubles(weights), {}));
        const double dx =
            relativeError(backwardData(parallel, g, batch, dy, weights),
                          reference::convBackwardData(g, batch, doubles(dy), doubles(weights)));
        auto expected = reference::convBackwardWeights(g, batch, doubles(x), doubles(dy));
        const auto db = reference::sumToChannels(doubles(dy), g.outChannels);
        expected.insert(expected.end(), db.begin(), db.end());
        const double dw = relativeError(backwardWeights(parallel, g, batch, x, dy), expected);
        const std::string shape = describe(g, batch);
        QVERIFY2(y < kTolerance, shape.c_str());
        QVERIFY2(dx < kTolerance, shape.c_str());
        QVERIFY2(dw < kTolerance, shape.c_str());
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

void TestConvolution::addsToGradients() {
    ConvGeometry g{.inHeight = 7, .inWidth = 6, .inChannels = 3, .outChannels = 5};
    g.kernelHeight = g.kernelWidth = 3;
    g.strideHeight = g.strideWidth = 2;
    setAxis({7, 3, 2, 1, true}, g.outHeight, g.padTop);
    setAxis({6, 3, 2, 1, true}, g.outWidth, g.padLeft);
    Dice dice(4);
    Parallel parallel(1);
    const auto x = dice.values(2 * g.inputFloats());
    const auto weights = dice.values(g.weightFloats());
    const auto dy = dice.values(2 * g.outputFloats());
    std::vector<float> dx(x.size(), 1.0F);
    std::vector<float> dw(weights.size(), 2.0F);
    std::vector<float> scratch = unwritten(std::max(nn::convBackwardDataScratchFloats(g, 2),
                                                    nn::convBackwardWeightsScratchFloats(g, 2)));
    nn::convBackwardData(parallel, g,
                         {.batch = 2,
                          .dy = dy,
                          .weights = weights,
                          .dx = dx,
                          .write = nn::Write::Add,
                          .scratch = scratch});
    nn::convBackwardWeights(parallel, g,
                            {.batch = 2,
                             .x = x,
                             .dy = dy,
                             .dw = dw,
                             .db = {},
                             .write = nn::Write::Add,
                             .scratch = scratch});
    auto expectedDx = reference::convBackwardData(g, 2, doubles(dy), doubles(weights));
    auto expectedDw = reference::convBackwardWeights(g, 2, doubles(x), doubles(dy));
    for (double& value : expectedDx) {
        value += 1.0;
    }
    for (double& value : expectedDw) {
        value += 2.0;
    }
    QVERIFY(relativeError(dx, expectedDx) < kTolerance);
    QVERIFY(relativeError(dw, expectedDw) < kTolerance);
}

void TestConvolution::appliesBiasAndReluWhenTransposed() {
    Parallel parallel(2);
    const std::string failure = onEveryInstructionSet([&](const std::string&) -> std::string {
        Dice dice(6);
        for (int i = 0; i < caseCount(100); ++i) {
            ConvGeometry g = randomGeometry(dice);
            // The output of a transposed convolution may be cut at or extended to any size.
            g.padTop += dice.number(-2, 2);
            g.inWidth += dice.number(0, 3);
            const std::int64_t batch = dice.number(1, 2);
            const auto dy = dice.values(batch * g.outputFloats());
            const auto weights = dice.values(g.weightFloats());
            const auto bias = dice.values(g.inChannels);
            std::vector<float> dx = unwritten(batch * g.inputFloats());
            std::vector<float> scratch = unwritten(nn::convBackwardDataScratchFloats(g, batch));
            nn::convBackwardData(parallel, g,
                                 {.batch = batch,
                                  .dy = dy,
                                  .weights = weights,
                                  .bias = bias,
                                  .activation = nn::FusedActivation::Relu,
                                  .dx = dx,
                                  .scratch = scratch});
            auto expected = reference::convBackwardData(g, batch, doubles(dy), doubles(weights));
            for (std::size_t k = 0; k < expected.size(); ++k) {
                expected[k] += bias[k % bias.size()];
            }
            if (const double error = relativeError(dx, relu(expected)); error >= kTolerance) {
                return describe(g, batch) + ": " + std::to_string(error);
            }
        }
        return {};
    });
    QVERIFY2(failure.empty(), failure.c_str());
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
