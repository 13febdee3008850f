#include "nn/kernels/pooling.h"

#include "tests/support/kernel_cases.h"
#include "tests/support/reference_kernels.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <sstream>

using namespace kernel_cases;
using nn::Parallel;
using nn::PoolGeometry;

namespace {

constexpr double kTolerance = 1e-6;

PoolGeometry geometry(std::int64_t height, std::int64_t width, std::int64_t channels,
                      std::int64_t pool, std::int64_t stride, bool same) {
    PoolGeometry g{.inHeight = height, .inWidth = width, .channels = channels};
    g.poolHeight = g.poolWidth = pool;
    g.strideHeight = g.strideWidth = stride;
    const reference::Window y{height, pool, stride, 1, same};
    const reference::Window x{width, pool, stride, 1, same};
    g.outHeight = reference::outputSize(y);
    g.outWidth = reference::outputSize(x);
    g.padTop = reference::padBefore(y);
    g.padLeft = reference::padBefore(x);
    return g;
}

/// Nearly equal parts, as Keras' adaptive poolings.
PoolGeometry adaptiveGeometry(Dice& dice) {
    PoolGeometry g{.inHeight = dice.number(1, 12), .inWidth = dice.number(1, 12)};
    g.channels = dice.number(1, 40);
    g.outHeight = dice.number(1, 9);
    g.outWidth = dice.number(1, 9);
    g.poolHeight = std::min(g.inHeight, (g.inHeight + g.outHeight - 1) / g.outHeight + 1);
    g.poolWidth = std::min(g.inWidth, (g.inWidth + g.outWidth - 1) / g.outWidth + 1);
    g.adaptive = true;
    return g;
}

struct MaxPooled {
    std::vector<float> y, dx;
};

MaxPooled maxPool(Parallel& parallel, const PoolGeometry& g, std::int64_t batch,
                  const std::vector<float>& x, const std::vector<float>& dy) {
    MaxPooled result{unwritten(batch * g.outputFloats()), unwritten(batch * g.inputFloats())};
    std::vector<std::byte> positions(static_cast<std::size_t>(nn::maxPoolPositionBytes(g, batch)),
                                     std::byte{0xEE});
    nn::maxPoolForward(parallel, g,
                       {.batch = batch, .x = x, .y = result.y, .positions = positions});
    nn::maxPoolBackward(parallel, g,
                        {.batch = batch, .dy = dy, .positions = positions, .dx = result.dx});
    return result;
}

std::vector<float> averagePool(Parallel& parallel, const PoolGeometry& g, std::int64_t batch,
                               const std::vector<float>& x) {
    std::vector<float> y = unwritten(batch * g.outputFloats());
    nn::averagePoolForward(parallel, g, {.batch = batch, .x = x, .y = y});
    return y;
}

std::vector<float> averagePoolGradient(Parallel& parallel, const PoolGeometry& g,
                                       std::int64_t batch, const std::vector<float>& dy) {
    std::vector<float> dx = unwritten(batch * g.inputFloats());
    nn::averagePoolBackward(parallel, g, {.batch = batch, .dy = dy, .dx = dx});
    return dx;
}

std::string failureOf(Parallel& parallel, Dice& dice) {
    const std::int64_t pool = dice.number(1, 4);
    const bool adaptive = dice.chance(0.2);
    const PoolGeometry g =
        adaptive ? adaptiveGeometry(dice)
                 : geometry(dice.number(pool, pool + 9), dice.number(pool, pool + 9),
                            dice.number(1, 40), pool, dice.number(1, 4), dice.chance(0.5));
    const std::int64_t batch = dice.number(1, 3);
    auto x = dice.values(batch * g.inputFloats());
    for (float& value : x) {
        // Coarse values: windows have several equal maxima.
        value = std::round(value * 4.0F);
    }
    const auto dy = dice.values(batch * g.outputFloats());
    const MaxPooled actual = maxPool(parallel, g, batch, x, dy);
    const double y = relativeError(actual.y, reference::maxPoolForward(g, batch, doubles(x)).y);
    const double dx =
        relativeError(actual.dx, reference::maxPoolBackward(g, batch, doubles(x), doubles(dy)));
    const double mean = relativeError(averagePool(parallel, g, batch, x),
                                      reference::averagePoolForward(g, batch, doubles(x)));
    const double meanGradient =
        relativeError(averagePoolGradient(parallel, g, batch, dy),
                      reference::averagePoolBackward(g, batch, doubles(dy)));
    if (std::max({y, dx, mean, meanGradient}) < kTolerance) {
        return {};
    }
    std::ostringstream text;
    text << g.inHeight << "×" << g.inWidth << "×" << g.channels << ", pool " << pool << ", stride "
         << g.strideHeight << ", pad " << g.padTop << (g.adaptive ? ", adaptive" : "") << ": max "
         << y << ", gradient " << dx << ", average " << mean << ", gradient " << meanGradient;
    return text.str();
}

} // namespace

class TestPooling : public QObject {
    Q_OBJECT
private slots:
    void agreesWithReferenceOnRandomShapes();
    void keepsPositionsInLargeWindows();
    void givesSameBitsForAllThreads();
    void paddingNeverWinsNorCounts();
    void keepsNotANumber();
    void poolsOverAllPixels();
};

void TestPooling::agreesWithReferenceOnRandomShapes() {
    Parallel parallel(2);
    const std::string failure = onEveryInstructionSet([&](const std::string&) {
        Dice dice(1);
        std::string first;
        for (int i = 0; i < caseCount(300) && first.empty(); ++i) {
            first = failureOf(parallel, dice);
        }
        return first;
    });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestPooling::keepsPositionsInLargeWindows() {
    Dice dice(2);
    const PoolGeometry g = geometry(40, 37, 5, 17, 9, true);
    QCOMPARE(nn::maxPoolPositionBytes(g, 1), 4 * g.outputFloats());
    const auto x = dice.values(g.inputFloats());
    const auto dy = dice.values(g.outputFloats());
    const std::string failure = onEveryInstructionSet([&](const std::string&) -> std::string {
        Parallel parallel(1);
        const double error =
            relativeError(maxPool(parallel, g, 1, x, dy).dx,
                          reference::maxPoolBackward(g, 1, doubles(x), doubles(dy)));
        return error < kTolerance ? "" : "wrong gradient";
    });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestPooling::givesSameBitsForAllThreads() {
    Dice dice(3);
    const PoolGeometry g = geometry(33, 30, 70, 3, 2, true);
    const auto x = dice.values(4 * g.inputFloats());
    const auto dy = dice.values(4 * g.outputFloats());
    QVERIFY(
        sameForAllThreads([&](Parallel& parallel) { return maxPool(parallel, g, 4, x, dy).y; }));
    QVERIFY(
        sameForAllThreads([&](Parallel& parallel) { return maxPool(parallel, g, 4, x, dy).dx; }));
    QVERIFY(sameForAllThreads([&](Parallel& parallel) { return averagePool(parallel, g, 4, x); }));
    QVERIFY(sameForAllThreads(
        [&](Parallel& parallel) { return averagePoolGradient(parallel, g, 4, dy); }));
}

void TestPooling::paddingNeverWinsNorCounts() {
    // 3×3 windows with stride 2 over 2×2 cells: only the four cells count, all of them negative.
    const PoolGeometry g = geometry(2, 2, 1, 3, 2, true);
    const std::vector<float> x{-4.0F, -3.0F, -2.0F, -1.0F};
    Parallel parallel(1);
    QCOMPARE(maxPool(parallel, g, 1, x, {1.0F}).y, std::vector<float>{-1.0F});
    QCOMPARE(averagePool(parallel, g, 1, x), std::vector<float>{-2.5F});
}

void TestPooling::keepsNotANumber() {
    const PoolGeometry g = geometry(2, 2, 1, 2, 2, false);
    Parallel parallel(1);
    const std::string failure = onEveryInstructionSet([&](const std::string&) -> std::string {
        for (std::size_t i = 0; i < 4; ++i) {
            std::vector<float> x(4, 1.0F);
            x[i] = unwritten(1)[0];
            if (!std::isnan(maxPool(parallel, g, 1, x, {1.0F}).y[0])) {
                return "NaN lost";
            }
        }
        return "";
    });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestPooling::poolsOverAllPixels() {
    const nn::GlobalPoolGeometry g{.batch = 3, .pixels = 77, .channels = 19};
    Dice dice(4);
    Parallel parallel(2);
    const auto x = dice.values(g.batch * g.pixels * g.channels);
    const auto dy = dice.values(g.batch * g.channels);
    PoolGeometry pool{.inHeight = g.pixels, .channels = g.channels, .poolHeight = g.pixels};
    std::vector<float> y = unwritten(g.batch * g.channels);
    std::vector<float> dx = unwritten(g.batch * g.pixels * g.channels);
    nn::globalAverageForward(parallel, g, x, y);
    nn::globalAverageBackward(parallel, g, dy, dx);
    QVERIFY(relativeError(y, reference::averagePoolForward(pool, g.batch, doubles(x))) <
            kTolerance);
    QVERIFY(relativeError(dx, reference::averagePoolBackward(pool, g.batch, doubles(dy))) <
            kTolerance);
    std::vector<std::int32_t> positions(y.size(), -1);
    nn::globalMaxForward(parallel, g, x, y, positions);
    nn::globalMaxBackward(parallel, g, dy, positions, dx);
    QVERIFY(relativeError(y, reference::maxPoolForward(pool, g.batch, doubles(x)).y) < kTolerance);
    QVERIFY(relativeError(dx, reference::maxPoolBackward(pool, g.batch, doubles(x), doubles(dy))) <
            kTolerance);
}

QTEST_APPLESS_MAIN(TestPooling)
#include "tst_pooling.moc"
