#include "nn/kernels/convolution.h"

#include "tests/support/conv_cases.h"

#include <QTest>

#include <algorithm>
#include <array>

using namespace kernel_cases;
using nn::ConvGeometry;

namespace {

/// A convolution, and what it and the pooling behind it give.
struct Case {
    ConvCase conv;
    reference::Values before{}; ///< The pooling; before it and the ReLU.
    reference::Values expected{};
    bool positions = false;
};

/// Where the four values of the window of pooled value `at` are.
std::array<std::size_t, 4> windowOf(const ConvGeometry& g, std::size_t at) {
    const auto channels = static_cast<std::size_t>(g.outChannels);
    const auto width = static_cast<std::size_t>(g.outWidth);
    const std::size_t column = at / channels % (width / 2);
    const std::size_t row = at / channels / (width / 2); // of all images
    const std::size_t first = (2 * row * width + 2 * column) * channels + at % channels;
    const std::size_t below = first + width * channels;
    return {first, first + channels, below, below + channels};
}

Case drawnCase(Dice& dice, ConvGeometry (*shape)(Dice&)) {
    ConvGeometry g = shape(dice);
    while (g.outHeight < 2 || g.outWidth < 2) {
        g = shape(dice);
    }
    // No pooling reads an odd last row or column.
    g.outHeight -= g.outHeight % 2;
    g.outWidth -= g.outWidth % 2;
    Case each{.conv = convCase(dice, g, ConvPart::Forward), .positions = dice.chance(0.7)};
    each.before = each.conv.expected;
    if (each.conv.relu) {
        each.before = reference::convForward(g, each.conv.batch, doubles(each.conv.x),
                                             doubles(each.conv.weights), doubles(each.conv.bias));
    }
    for (std::size_t i = 0; i < each.before.size() / 4; ++i) {
        const auto window = windowOf(g, i);
        double largest = each.before[window[0]];
        for (const std::size_t cell : window) {
            largest = std::max(largest, each.before[cell]);
        }
        each.expected.push_back(each.conv.relu ? std::max(largest, 0.0) : largest);
    }
    return each;
}

/// Whether the positions name a largest value; after a ReLU that gives 0 any will do.
bool rightPositions(const Case& each, const std::vector<std::uint8_t>& positions) {
    for (std::size_t i = 0; i < positions.size(); ++i) {
        if (positions[i] > 3) {
            return false;
        }
        const double value = each.before[windowOf(each.conv.g, i)[positions[i]]];
        if (each.expected[i] > 0.0 && value < each.expected[i] - 1e-4) {
            return false;
        }
    }
    return true;
}

/// What all cases are done with.
struct Bench {
    nn::Parallel one{1}, two{2};
    ScratchMemory scratch{};
};

std::string failureOf(const Case& each, Bench& bench) {
    const ConvCase& c = each.conv;
    ScratchMemory& scratch = bench.scratch;
    nn::Parallel& parallel = c.threads == nn::ConvThreads::One ? bench.one : bench.two;
    std::vector<float> y = unwritten(std::ssize(each.expected));
    std::vector<std::uint8_t> positions(each.positions ? y.size() : 0, 77);
    nn::convPoolForward(
        parallel, c.g,
        {.batch = c.batch,
         .x = c.x,
         .weights = c.weights,
         .bias = c.bias,
         .activation = c.relu ? nn::FusedActivation::Relu : nn::FusedActivation::None,
         .y = y,
         .positions = positions,
         .scratch = scratch.of(nn::convPoolScratchFloats(c.g, c.batch, c.threads)),
         .threads = c.threads});
    const double error = relativeError(y, each.expected);
    if (error < convTolerance(c.g) && rightPositions(each, positions) && scratch.isIntact()) {
        return {};
    }
    return text(c.g, c.batch) + ": " + std::to_string(error);
}

} // namespace

/// A convolution and the pooling behind it in one pass.
class TestConvPool : public QObject {
    Q_OBJECT
private slots:
    void agreesWithReference_data();
    void agreesWithReference();
};

void TestConvPool::agreesWithReference_data() {
    QTest::addColumn<int>("seed");
    QTest::newRow("any shape") << 0;
    QTest::newRow("long rows") << 1;
    QTest::newRow("one filter per channel") << 2;
    QTest::newRow("many filters") << 3;
}

void TestConvPool::agreesWithReference() {
    QFETCH(int, seed);
    constexpr ConvGeometry (*shapes[])(Dice&) = {anyConvolution, longRows, filterPerChannel,
                                                 manyFilters};
    Bench bench;
    const std::string failure = failureOfCases(
        static_cast<std::uint64_t>(seed), [&](Dice& dice) { return drawnCase(dice, shapes[seed]); },
        [&](const Case& each) {
            if (!nn::canConvPool(each.conv.g)) {
                return text(each.conv.g, each.conv.batch) + " cannot be pooled";
            }
            return failureOf(each, bench);
        });
    QVERIFY2(failure.empty(), failure.c_str());
}

QTEST_APPLESS_MAIN(TestConvPool)
#include "tst_conv_pool.moc"
