#include "nn/kernels/resample.h"

#include "tests/support/kernel_cases.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace kernel_cases;
using nn::Interpolation;
using nn::Parallel;
using nn::ResampleAxis;

namespace {

constexpr double kTolerance = 2e-6;

ResampleAxis randomAxis(Dice& dice) {
    nn::ResampleSpan span{.sources = dice.number(1, 15), .targets = dice.number(1, 15)};
    const std::int64_t cut = dice.chance(0.5) ? 0 : dice.number(-4, (span.sources - 1) / 2);
    span.begin = cut;
    span.length = span.sources - 2 * cut;
    span.interpolation = static_cast<Interpolation>(dice.number(0, 4));
    span.antialias = dice.chance(0.5);
    return nn::resampleAxis(span);
}

/// The weight with which a target reads a source.
double weight(const ResampleAxis& axis, std::int64_t target, std::int64_t source) {
    const auto t = static_cast<std::size_t>(target);
    const std::int64_t tap = source - axis.first[t];
    return tap < 0 || tap >= axis.count[t]
               ? 0.0
               : static_cast<double>(
                     axis.weights[static_cast<std::size_t>(target * axis.taps + tap)]);
}

std::vector<double> expected(const ResampleAxis& y, const ResampleAxis& x, std::int64_t batch,
                             std::int64_t channels, const std::vector<float>& source, double fill) {
    std::vector<double> target;
    for (std::int64_t n = 0; n < batch; ++n)
        for (std::int64_t r = 0; r < y.targets; ++r)
            for (std::int64_t q = 0; q < x.targets; ++q)
                for (std::int64_t c = 0; c < channels; ++c) {
                    double sum = 0.0;
                    double inside = 0.0;
                    for (std::int64_t i = 0; i < y.sources; ++i)
                        for (std::int64_t j = 0; j < x.sources; ++j) {
                            const double w = weight(y, r, i) * weight(x, q, j);
                            const std::int64_t at =
                                ((n * y.sources + i) * x.sources + j) * channels + c;
                            sum += w * static_cast<double>(source[static_cast<std::size_t>(at)]);
                            inside += w;
                        }
                    target.push_back(sum + fill * (1.0 - inside));
                }
    return target;
}

std::vector<float> resampled(Parallel& parallel, const ResampleAxis& y, const ResampleAxis& x,
                             std::int64_t batch, std::int64_t channels,
                             const std::vector<float>& source, float fill) {
    std::vector<float> target = unwritten(batch * y.targets * x.targets * channels);
    std::vector<float> scratch = unwritten(nn::resampleScratchFloats(x, channels));
    nn::resample(parallel, y, x,
                 {.batch = batch,
                  .channels = channels,
                  .source = source,
                  .target = target,
                  .fill = fill,
                  .scratch = scratch});
    return target;
}

} // namespace

class TestResample : public QObject {
    Q_OBJECT
private slots:
    void agreesWithItsWeightsOnRandomShapes();
    void transposesItsWeights();
    void weightsSumToOne();
    void repeatsPixelsExactly();
    void givesSameBitsForAllThreads();
};

void TestResample::agreesWithItsWeightsOnRandomShapes() {
    struct Case {
        ResampleAxis y, x;
        std::int64_t batch = 1, channels = 1;
        std::vector<float> source{};
        std::vector<double> target{};
    };
    Parallel parallel(2);
    const std::string failure = failureOfCases(
        1,
        [](Dice& dice) {
            Case c{randomAxis(dice), randomAxis(dice), dice.number(1, 3)};
            c.channels = dice.number(1, dice.chance(0.3) ? 35 : 5);
            c.source = dice.values(c.batch * c.y.sources * c.x.sources * c.channels);
            c.target = expected(c.y, c.x, c.batch, c.channels, c.source, 1.5);
            return c;
        },
        [&](const Case& c) -> std::string {
            const double error = relativeError(
                resampled(parallel, c.y, c.x, c.batch, c.channels, c.source, 1.5F), c.target);
            return error < kTolerance ? "" : std::to_string(c.channels) + " channels";
        });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestResample::transposesItsWeights() {
    Dice dice(2);
    for (int i = 0; i < 200; ++i) {
        const ResampleAxis axis = randomAxis(dice);
        const ResampleAxis back = nn::transposedAxis(axis);
        QCOMPARE(back.targets, axis.sources);
        QCOMPARE(back.sources, axis.targets);
        for (std::int64_t t = 0; t < axis.targets; ++t) {
            for (std::int64_t s = 0; s < axis.sources; ++s) {
                QCOMPARE(weight(back, s, t), weight(axis, t, s));
            }
        }
    }
}

void TestResample::weightsSumToOne() {
    for (int method = 0; method < 5; ++method) {
        const ResampleAxis axis =
            nn::resampleAxis({.sources = 7,
                              .targets = 12,
                              .length = 7,
                              .interpolation = static_cast<Interpolation>(method)});
        for (const float sum : axis.coverage) {
            QVERIFY(std::abs(sum - 1.0F) < 1e-6F);
        }
    }
    // Values of Keys' kernel at 1/4 and 3/4 from the middle, far from the border.
    const ResampleAxis cubic = nn::resampleAxis(
        {.sources = 8, .targets = 16, .length = 8, .interpolation = Interpolation::Bicubic});
    QCOMPARE(cubic.first[7], std::int64_t{2});
    QCOMPARE(cubic.weights[static_cast<std::size_t>(7 * cubic.taps)], -0.0703125F);
    QCOMPARE(cubic.weights[static_cast<std::size_t>(7 * cubic.taps + 1)], 0.8671875F);
    QCOMPARE(cubic.weights[static_cast<std::size_t>(7 * cubic.taps + 2)], 0.2265625F);
    QCOMPARE(cubic.weights[static_cast<std::size_t>(7 * cubic.taps + 3)], -0.0234375F);
}

void TestResample::repeatsPixelsExactly() {
    Parallel parallel(1);
    const ResampleAxis y = nn::resampleAxis(
        {.sources = 2, .targets = 4, .length = 2, .interpolation = Interpolation::Nearest});
    const ResampleAxis x = nn::resampleAxis(
        {.sources = 2, .targets = 6, .length = 2, .interpolation = Interpolation::Nearest});
    const std::vector<float> image{0.1F, 0.2F, 0.3F, 0.4F};
    const std::vector<float> top{0.1F, 0.1F, 0.1F, 0.2F, 0.2F, 0.2F};
    const std::vector<float> bottom{0.3F, 0.3F, 0.3F, 0.4F, 0.4F, 0.4F};
    std::vector<float> all;
    for (const auto& row : {top, top, bottom, bottom}) {
        all.insert(all.end(), row.begin(), row.end());
    }
    QCOMPARE(resampled(parallel, y, x, 1, 1, image, 0.0F), all);
}

void TestResample::givesSameBitsForAllThreads() {
    Dice dice(3);
    const ResampleAxis y = nn::resampleAxis({.sources = 40, .targets = 90, .length = 40});
    const ResampleAxis x = nn::resampleAxis({.sources = 50, .targets = 33, .length = 50});
    const auto source = dice.values(3LL * 40 * 50 * 5);
    QVERIFY(sameForAllThreads(
        [&](Parallel& parallel) { return resampled(parallel, y, x, 3, 5, source, 0.0F); }));
}

QTEST_APPLESS_MAIN(TestResample)
#include "tst_resample.moc"
