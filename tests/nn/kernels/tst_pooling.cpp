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

/// Ones where a gradient is added to them.
std::vector<float> gradientBefore(const PoolGeometry& g, std::int64_t batch, nn::Write write) {
    const std::int64_t count = batch * g.inputFloats();
    return write == nn::Write::Add ? std::vector<float>(static_cast<std::size_t>(count), 1.0F)
                                   : unwritten(count);
}

struct MaxPooled {
    std::vector<float> y, dx;
};

MaxPooled maxPool(Parallel& parallel, const PoolGeometry& g, std::int64_t batch,
                  const std::vector<float>& x, const std::vector<float>& dy,
                  nn::Write write = nn::Write::Assign) {
    MaxPooled result{unwritten(batch * g.outputFloats()), gradientBefore(g, batch, write)};
    std::vector<std::byte> positions(static_cast<std::size_t>(nn::maxPoolPositionBytes(g, batch)),
                                     std::byte{0xEE});
    nn::maxPoolForward(parallel, g,
                       {.batch = batch, .x = x, .y = result.y, .positions = positions});
    nn::maxPoolBackward(
        parallel, g,
        {.batch = batch, .dy = dy, .positions = positions, .dx = result.dx, .write = write});
    return result;
}

std::vector<float> averagePool(Parallel& parallel, const PoolGeometry& g, std::int64_t batch,
                               const std::vector<float>& x) {
    std::vector<float> y = unwritten(batch * g.outputFloats());
    nn::averagePoolForward(parallel, g, {.batch = batch, .x = x, .y = y});
    return y;
}

std::vector<float> averagePoolGradient(Parallel& parallel, const PoolGeometry& g,
                                       std::int64_t batch, const std::vector<float>& dy,
                                       nn::Write write = nn::Write::Assign) {
    std::vector<float> dx = gradientBefore(g, batch, write);
    nn::averagePoolBackward(parallel, g, {.batch = batch, .dy = dy, .dx = dx, .write = write});
    return dx;
}

/// A pooling and its gradients in double precision; gradients are added to ones or assigned.
struct Case {
    PoolGeometry g;
    std::int64_t batch = 1;
    nn::Write write = nn::Write::Assign;
    std::vector<float> x{}, dy{};
    reference::Values y{}, dx{}, mean{}, meanGradient{};
};

PoolGeometry randomGeometry(Dice& dice) {
    if (dice.chance(0.2)) {
        return adaptiveGeometry(dice);
    }
    const std::int64_t pool = dice.number(1, 4);
    PoolGeometry g = geometry(dice.number(pool, pool + 9), dice.number(pool, pool + 9),
                              dice.number(1, 40), pool, dice.number(1, 4), dice.chance(0.5));
    if (dice.chance(0.5)) {
        const reference::Window x{g.inWidth, dice.number(1, g.inWidth), dice.number(1, 3), 1, true};
        g.poolWidth = x.kernel;
        g.strideWidth = x.stride;
        g.outWidth = reference::outputSize(x);
        g.padLeft = reference::padBefore(x);
    }
    return g;
}

Case drawnCase(Dice& dice) {
    Case c{.g = randomGeometry(dice), .batch = dice.number(1, 3)};
    c.write = dice.chance(0.5) ? nn::Write::Add : nn::Write::Assign;
    c.x = dice.values(c.batch * c.g.inputFloats());
    for (float& value : c.x) {
        // Coarse values: windows have several equal maxima.
        value = std::round(value * 4.0F);
    }
    c.dy = dice.values(c.batch * c.g.outputFloats());
    c.y = reference::maxPoolForward(c.g, c.batch, doubles(c.x)).y;
    c.dx = reference::maxPoolBackward(c.g, c.batch, doubles(c.x), doubles(c.dy));
    c.mean = reference::averagePoolForward(c.g, c.batch, doubles(c.x));
    c.meanGradient = reference::averagePoolBackward(c.g, c.batch, doubles(c.dy));
    for (std::size_t i = 0; i < c.dx.size() && c.write == nn::Write::Add; ++i) {
        c.dx[i] += 1.0;
        c.meanGradient[i] += 1.0;
    }
    return c;
}

std::string failureOf(Parallel& parallel, const Case& c) {
    const PoolGeometry& g = c.g;
    const MaxPooled actual = maxPool(parallel, g, c.batch, c.x, c.dy, c.write);
    const double y = relativeError(actual.y, c.y);
    const double dx = relativeError(actual.dx, c.dx);
    const double mean = relativeError(averagePool(parallel, g, c.batch, c.x), c.mean);
    const double meanGradient =
        relativeError(averagePoolGradient(parallel, g, c.batch, c.dy, c.write), c.meanGradient);
    if (std::max({y, dx, mean, meanGradient}) < kTolerance) {
        return {};
    }
    std::ostringstream text;
    text << g.inHeight << "×" << g.inWidth << "×" << g.channels << ", pool " << g.poolHeight << "×"
         << g.poolWidth << ", stride " << g.strideHeight << "×" << g.strideWidth << ", pad "
         << g.padTop << (g.adaptive ? ", adaptive" : "")
         << (c.write == nn::Write::Add ? ", added" : "") << ": max " << y << ", gradient " << dx
         << ", average " << mean << ", gradient " << meanGradient;
    return text.str();
}

/// Over all pixels of some images.
struct GlobalCase {
    nn::GlobalPoolGeometry g;
    std::vector<float> x, dy;
    reference::Values y{}, dx{}, mean{}, meanGradient{};
};

GlobalCase globalCase(Dice& dice, const nn::GlobalPoolGeometry& g) {
    GlobalCase c{g, dice.values(g.batch * g.pixels * g.channels),
                 dice.values(g.batch * g.channels)};
    const PoolGeometry pool{.inHeight = g.pixels, .channels = g.channels, .poolHeight = g.pixels};
    c.y = reference::maxPoolForward(pool, g.batch, doubles(c.x)).y;
    c.dx = reference::maxPoolBackward(pool, g.batch, doubles(c.x), doubles(c.dy));
    c.mean = reference::averagePoolForward(pool, g.batch, doubles(c.x));
    c.meanGradient = reference::averagePoolBackward(pool, g.batch, doubles(c.dy));
    return c;
}

std::string globalFailure(Parallel& parallel, const GlobalCase& c) {
    std::vector<float> y = unwritten(std::ssize(c.y));
    std::vector<float> dx = unwritten(std::ssize(c.dx));
    nn::globalAverageForward(parallel, c.g, c.x, y);
    nn::globalAverageBackward(parallel, c.g, c.dy, dx);
    const double average = std::max(relativeError(y, c.mean), relativeError(dx, c.meanGradient));
    std::vector<std::int32_t> positions(y.size(), -1);
    dx = unwritten(std::ssize(c.dx));
    nn::globalMaxForward(parallel, c.g, c.x, y, positions);
    nn::globalMaxBackward(parallel, c.g, c.dy, positions, dx);
    const double largest = std::max(relativeError(y, c.y), relativeError(dx, c.dx));
    return std::max(average, largest) < kTolerance
               ? ""
               : std::to_string(c.g.pixels) + " pixels, " + std::to_string(c.g.channels) +
                     " channels: " + std::to_string(average) + " " + std::to_string(largest);
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
    const std::string failure =
        failureOfCases(1, drawnCase, [&](const Case& c) { return failureOf(parallel, c); });
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
    Parallel parallel(2);
    const std::string failure = failureOfCases(
        4,
        [](Dice& dice) {
            return globalCase(dice, {.batch = dice.number(1, 4),
                                     .pixels = dice.number(1, dice.chance(0.1) ? 300 : 40),
                                     .channels = dice.number(1, 40)});
        },
        [&](const GlobalCase& c) { return globalFailure(parallel, c); });
    QVERIFY2(failure.empty(), failure.c_str());
}

QTEST_APPLESS_MAIN(TestPooling)
#include "tst_pooling.moc"
