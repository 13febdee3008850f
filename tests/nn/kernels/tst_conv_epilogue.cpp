#include "nn/kernels/convolution.h"
#include "nn/kernels/moments.h"
#include "tests/support/conv_cases.h"

#include <QTest>

#include <algorithm>
#include <cmath>

using namespace kernel_cases;

namespace {

constexpr double kTolerance = 2e-6;

/// What all cases are done with.
struct Bench {
    nn::Parallel parallel{2};
    ScratchMemory scratch{};
    int done = 0;
};

std::vector<float> convolved(const ConvCase& c, Bench& bench, std::span<float> moments) {
    std::vector<float> y = unwritten(c.batch * c.g.outputFloats());
    nn::convForward(bench.parallel, c.g,
                    {.batch = c.batch,
                     .x = c.x,
                     .weights = c.weights,
                     .bias = c.bias,
                     .activation = c.relu ? nn::FusedActivation::Relu : nn::FusedActivation::None,
                     .y = y,
                     .scratch = bench.scratch.of(nn::convForwardScratchFloats(c.g, c.batch)),
                     .moments = moments});
    return y;
}

/// Mean and Σ (y - mean)² of each channel.
struct Moments {
    std::vector<double> means{}, squares{};
};

Moments momentsOf(const std::vector<float>& y, std::int64_t channels) {
    const auto width = static_cast<std::size_t>(channels);
    const auto pixels = static_cast<double>(y.size() / width);
    Moments moments{std::vector<double>(width), std::vector<double>(width)};
    for (std::size_t i = 0; i < y.size(); ++i) {
        moments.means[i % width] += static_cast<double>(y[i]) / pixels;
    }
    for (std::size_t i = 0; i < y.size(); ++i) {
        const double difference = static_cast<double>(y[i]) - moments.means[i % width];
        moments.squares[i % width] += difference * difference;
    }
    return moments;
}

/// The moments of all blocks together, and the pixels in `count`.
Moments joined(const std::vector<float>& blocks, std::int64_t channels, double& count) {
    const nn::MomentBlocks layout{channels};
    const auto width = static_cast<std::size_t>(channels);
    Moments moments{std::vector<double>(width), std::vector<double>(width)};
    count = 0.0;
    const auto value = [&](std::int64_t at) {
        return static_cast<double>(blocks[static_cast<std::size_t>(at)]);
    };
    for (std::int64_t block = 0; block * layout.floats() < std::ssize(blocks); ++block) {
        const double pixels = value(layout.pixels(block));
        for (std::size_t c = 0; c < width; ++c) {
            const auto at = static_cast<std::int64_t>(c);
            nn::joinMoments(count, moments.means[c], moments.squares[c], pixels,
                            value(layout.means(block) + at), value(layout.squares(block) + at));
        }
        count += pixels;
    }
    return moments;
}

double largestError(const std::vector<double>& actual, const std::vector<double>& expected,
                    double size) {
    double largest = 0.0;
    for (std::size_t i = 0; i < actual.size(); ++i) {
        const double error = std::abs(actual[i] - expected[i]);
        largest = std::isfinite(error) ? std::max(largest, error / size) : 1.0;
    }
    return largest;
}

std::string momentsFailure(const ConvCase& c, Bench& bench) {
    const std::int64_t blocks = nn::convMomentBlocks(c.g, c.batch);
    if (blocks == 0) {
        return {};
    }
    ++bench.done;
    std::vector<float> moments = unwritten(blocks * nn::MomentBlocks{c.g.outChannels}.floats());
    const std::vector<float> y = convolved(c, bench, moments);
    if (y != convolved(c, bench, {})) {
        return text(c.g, c.batch) + " gives other outputs when moments are gathered";
    }
    double pixels = 0.0;
    const Moments actual = joined(moments, c.g.outChannels, pixels);
    if (pixels != static_cast<double>(c.batch * c.g.outHeight * c.g.outWidth)) {
        return text(c.g, c.batch) + " counts " + std::to_string(pixels) + " pixels";
    }
    const Moments expected = momentsOf(y, c.g.outChannels);
    const float largest =
        std::abs(*std::ranges::max_element(y, {}, [](float v) { return std::abs(v); }));
    const auto size = std::max(1e-6, static_cast<double>(largest));
    const double error =
        std::max(largestError(actual.means, expected.means, size),
                 largestError(actual.squares, expected.squares, size * size * pixels));
    return error < kTolerance ? "" : text(c.g, c.batch) + ": " + std::to_string(error);
}

/// Whether the values behind a ReLU, which c.x stands for, make zeros of the gradient.
std::string maskFailure(const ConvCase& c, Bench& bench) {
    if (!nn::convMasksGradient(c.g)) {
        return {};
    }
    ++bench.done;
    const auto gradient = [&](std::span<const float> passed) {
        std::vector<float> dx(static_cast<std::size_t>(c.batch * c.g.inputFloats()), 1.0F);
        nn::convBackwardData(
            bench.parallel, c.g,
            {.batch = c.batch,
             .dy = c.dy,
             .weights = c.weights,
             .dx = dx,
             .write = c.add ? nn::Write::Add : nn::Write::Assign,
             .passed = passed,
             .scratch = bench.scratch.of(nn::convBackwardDataScratchFloats(c.g, c.batch))});
        return dx;
    };
    const std::vector<float> passed = Dice(3).values(c.batch * c.g.inputFloats());
    std::vector<float> expected = gradient({});
    for (std::size_t i = 0; i < expected.size(); ++i) {
        expected[i] = passed[i] > 0.0F ? expected[i] : 0.0F;
    }
    return gradient(passed) == expected ? "" : text(c.g, c.batch) + " is masked in another way";
}

constexpr nn::ConvGeometry (*kShapes[])(Dice&) = {anyConvolution, longRows, manyFilters,
                                                  firstLayer};

void addShapes() {
    QTest::addColumn<int>("shape");
    QTest::newRow("any shape") << 0;
    QTest::newRow("long rows") << 1;
    QTest::newRow("many filters") << 2;
    QTest::newRow("first layer") << 3;
}

template <typename Failure>
std::string failureOfShape(int shape, ConvPart part, const Failure& failure) {
    return failureOfCases(
        static_cast<std::uint64_t>(shape),
        [&](Dice& dice) { return convCase(dice, kShapes[shape](dice), part); }, failure);
}

} // namespace

/// What a convolution does with its results while they are in the cache.
class TestConvEpilogue : public QObject {
    Q_OBJECT
private slots:
    void gathersTheMomentsOfTheOutputs_data();
    void gathersTheMomentsOfTheOutputs();
    void gathersNoMomentsOfGroups();
    void masksTheGradient_data();
    void masksTheGradient();
};

void TestConvEpilogue::gathersTheMomentsOfTheOutputs_data() {
    addShapes();
}

void TestConvEpilogue::gathersTheMomentsOfTheOutputs() {
    QFETCH(int, shape);
    Bench bench;
    const std::string failure = failureOfShape(
        shape, ConvPart::Forward, [&](const ConvCase& c) { return momentsFailure(c, bench); });
    QVERIFY2(failure.empty(), failure.c_str());
    QVERIFY2(bench.done > caseCount() / 4, std::to_string(bench.done).c_str());
}

void TestConvEpilogue::masksTheGradient_data() {
    addShapes();
}

void TestConvEpilogue::masksTheGradient() {
    QFETCH(int, shape);
    Bench bench;
    const std::string failure = failureOfShape(
        shape, ConvPart::BackwardData, [&](const ConvCase& c) { return maskFailure(c, bench); });
    QVERIFY2(failure.empty(), failure.c_str());
    QVERIFY2(bench.done > caseCount() / 4, std::to_string(bench.done).c_str());
}

void TestConvEpilogue::gathersNoMomentsOfGroups() {
    Dice dice(1);
    nn::ConvGeometry g = manyFilters(dice);
    QVERIFY(nn::convMomentBlocks(g, 3) > 0);
    g.groups = 2;
    QCOMPARE(nn::convMomentBlocks(g, 3), 0);
}

QTEST_APPLESS_MAIN(TestConvEpilogue)
#include "tst_conv_epilogue.moc"
