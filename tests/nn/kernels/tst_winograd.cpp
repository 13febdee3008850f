#include "nn/kernels/winograd.h"

#include "tests/support/conv_cases.h"

#include <QTest>

#include <algorithm>

using namespace kernel_cases;
using nn::ConvGeometry;
using nn::Parallel;

namespace {

ConvGeometry geometry(std::int64_t height, std::int64_t width, std::int64_t in, std::int64_t out,
                      bool same) {
    ConvGeometry g{.inHeight = height, .inWidth = width, .inChannels = in, .outChannels = out};
    g.kernelHeight = g.kernelWidth = 3;
    g.outHeight = same ? height : height - 2;
    g.outWidth = same ? width : width - 2;
    g.padTop = g.padLeft = same ? 1 : 0;
    return g;
}

/// What a convolution and its gradients are computed from.
struct Data {
    ConvGeometry g;
    std::int64_t batch = 1;
    std::vector<float> x, weights, bias, dy;

    Data(Dice& dice, const ConvGeometry& geometry, std::int64_t rows)
        : g(geometry), batch(rows), x(dice.values(rows * g.inputFloats())),
          weights(dice.values(g.weightFloats())), bias(dice.values(g.outChannels)),
          dy(dice.values(rows * g.outputFloats())) {}
};

std::vector<float> forward(Parallel& parallel, const Data& data,
                           nn::FusedActivation activation = nn::FusedActivation::None) {
    std::vector<float> y = unwritten(data.batch * data.g.outputFloats());
    std::vector<float> scratch = unwritten(nn::convForwardScratchFloats(data.g, data.batch));
    nn::convForward(parallel, data.g,
                    {.batch = data.batch,
                     .x = data.x,
                     .weights = data.weights,
                     .bias = data.bias,
                     .activation = activation,
                     .y = y,
                     .scratch = scratch});
    return y;
}

/// dx, dw and db after each other, added to `old` everywhere.
std::vector<float> backward(Parallel& parallel, const Data& data, float old) {
    const auto inputs = static_cast<std::size_t>(data.batch * data.g.inputFloats());
    const auto weights = static_cast<std::size_t>(data.g.weightFloats());
    std::vector<float> all(inputs + weights + static_cast<std::size_t>(data.g.outChannels), old);
    const std::span<float> gradients(all);
    const nn::Write write = old == 0.0F ? nn::Write::Assign : nn::Write::Add;
    std::vector<float> scratch =
        unwritten(std::max(nn::convBackwardDataScratchFloats(data.g, data.batch),
                           nn::convBackwardWeightsScratchFloats(data.g, data.batch)));
    nn::convBackwardData(parallel, data.g,
                         {.batch = data.batch,
                          .dy = data.dy,
                          .weights = data.weights,
                          .dx = gradients.first(inputs),
                          .write = write,
                          .scratch = scratch});
    nn::convBackwardWeights(parallel, data.g,
                            {.batch = data.batch,
                             .x = data.x,
                             .dy = data.dy,
                             .dw = gradients.subspan(inputs, weights),
                             .db = gradients.subspan(inputs + weights),
                             .write = write,
                             .scratch = scratch});
    return all;
}

reference::Values expectedForward(const Data& data) {
    return reference::convForward(data.g, data.batch, doubles(data.x), doubles(data.weights),
                                  doubles(data.bias));
}

/// Switches the method off and, at the end, on again.
class Direct {
public:
    Direct() { nn::allowWinograd(false); }
    ~Direct() { nn::allowWinograd(true); }
    Direct(const Direct&) = delete;
    Direct& operator=(const Direct&) = delete;
};

} // namespace

class TestWinograd : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void agreesWithReferenceOnRandomShapes_data();
    void agreesWithReferenceOnRandomShapes();
    void isNearlyAsAccurateAsDirectConvolution_data();
    void isNearlyAsAccurateAsDirectConvolution();
    void takesTheTilesThatCostLess();
    void isChosenForMany3x3Filters();
    void canBeSwitchedOff();
    void doesTheGradientOfAReluBefore_data();
    void doesTheGradientOfAReluBefore();
    void givesSameBitsForAllThreads();
    void rowOfBatchEqualsRowAlone();
    void keepsNotANumber();
};

void TestWinograd::initTestCase() {
    nn::allowWinograd(true);
}

void TestWinograd::agreesWithReferenceOnRandomShapes_data() {
    QTest::addColumn<int>("part");
    QTest::newRow("forward") << static_cast<int>(ConvPart::Forward);
    QTest::newRow("backward data") << static_cast<int>(ConvPart::BackwardData);
    QTest::newRow("backward weights") << static_cast<int>(ConvPart::BackwardWeights);
}

void TestWinograd::agreesWithReferenceOnRandomShapes() {
    QFETCH(int, part);
    ConvBench bench;
    const std::string failure = failureOfCases(
        1,
        [&](Dice& dice) { return convCase(dice, manyFilters(dice), static_cast<ConvPart>(part)); },
        [&](const ConvCase& each) {
            return nn::usesWinograd(each.g) ? bench.failureOf(each) : "done in another way";
        });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestWinograd::isNearlyAsAccurateAsDirectConvolution_data() {
    QTest::addColumn<int>("side");
    QTest::addColumn<int>("size");
    QTest::addColumn<double>("largest");
    QTest::addColumn<double>("timesDirect");
    QTest::newRow("F(2×2, 3×3)") << 6 << 2 << 5e-7 << 2.0;
    QTest::newRow("F(4×4, 3×3)") << 16 << 4 << 3e-6 << 6.0;
}

void TestWinograd::isNearlyAsAccurateAsDirectConvolution() {
    QFETCH(int, side);
    QFETCH(int, size);
    QFETCH(double, largest);
    QFETCH(double, timesDirect);
    Parallel parallel(1);
    Dice dice(2);
    const ConvGeometry g = geometry(side, side, 64, 64, true);
    QCOMPARE(nn::winogradSize(nn::forwardPass(g)), size);
    const Data data(dice, g, 2);
    const reference::Values expected = expectedForward(data);
    const double winograd = relativeError(forward(parallel, data), expected);
    const Direct direct;
    const double plain = relativeError(forward(parallel, data), expected);
    QVERIFY2(winograd < largest, qPrintable(QString::number(winograd)));
    QVERIFY2(winograd < timesDirect * plain, qPrintable(QString::number(winograd / plain)));
}

void TestWinograd::takesTheTilesThatCostLess() {
    const auto size = [](std::int64_t height, std::int64_t width) {
        return nn::winogradSize(nn::forwardPass(geometry(height, width, 32, 32, true)));
    };
    QCOMPARE(size(32, 32), 4);
    QCOMPARE(size(8, 8), 4);
    QCOMPARE(size(13, 13), 4); // 16 · 36 instead of 49 · 16 multiplications
    QCOMPARE(size(9, 9), 2);   // 9 · 36 instead of 25 · 16: not worth it
    QCOMPARE(size(5, 5), 2);
    QCOMPARE(size(4, 4), 2); // one tile of 4×4
    QCOMPARE(size(4, 16), 4);
}

void TestWinograd::isChosenForMany3x3Filters() {
    const ConvGeometry fitting = geometry(13, 13, 32, 64, false);
    QVERIFY(nn::usesWinograd(fitting));
    const auto differs = [&](auto change) {
        ConvGeometry g = fitting;
        change(g);
        return !nn::usesWinograd(g);
    };
    QVERIFY(differs([](ConvGeometry& g) { g.kernelWidth = 5; }));
    QVERIFY(differs([](ConvGeometry& g) { g.strideHeight = 2; }));
    QVERIFY(differs([](ConvGeometry& g) { g.dilationWidth = 2; }));
    QVERIFY(differs([](ConvGeometry& g) { g.groups = 2; }));
    QVERIFY(differs([](ConvGeometry& g) { g.inChannels = 3; }));
    QVERIFY(differs([](ConvGeometry& g) { g.outChannels = 40; }));
    QVERIFY(differs([](ConvGeometry& g) { g.outHeight = g.outWidth = 2; }));
}

void TestWinograd::canBeSwitchedOff() {
    Parallel parallel(1);
    Dice dice(3);
    const Data data(dice, geometry(8, 8, 32, 32, true), 1);
    const std::vector<float> on = forward(parallel, data);
    const Direct direct;
    QVERIFY(!nn::usesWinograd(data.g));
    QVERIFY(on != forward(parallel, data));
}

void TestWinograd::doesTheGradientOfAReluBefore_data() {
    QTest::addColumn<int>("channels");
    QTest::addColumn<int>("side");
    QTest::newRow("tiles of 2×2") << 32 << 6;
    QTest::newRow("tiles of 4×4") << 32 << 11;
    QTest::newRow("another method") << 40 << 11;
}

void TestWinograd::doesTheGradientOfAReluBefore() {
    QFETCH(int, channels);
    QFETCH(int, side);
    Parallel parallel(2);
    Dice dice(7);
    const Data data(dice, geometry(side, side, channels, 16, true), 3);
    const std::vector<float> passed = dice.values(std::ssize(data.x));
    std::vector<float> dx = backward(parallel, data, 1.0F);
    dx.resize(data.x.size());
    for (std::size_t i = 0; i < dx.size(); ++i) {
        dx[i] = passed[i] > 0.0F ? dx[i] : 0.0F;
    }
    std::vector<float> masked(dx.size(), 1.0F);
    std::vector<float> scratch = unwritten(nn::convBackwardDataScratchFloats(data.g, data.batch));
    nn::convBackwardData(parallel, data.g,
                         {.batch = data.batch,
                          .dy = data.dy,
                          .weights = data.weights,
                          .dx = masked,
                          .write = nn::Write::Add,
                          .passed = passed,
                          .scratch = scratch});
    QVERIFY(masked == dx);
}

void TestWinograd::givesSameBitsForAllThreads() {
    Dice dice(4);
    const Data data(dice, geometry(15, 12, 80, 96, true), 5);
    QVERIFY(sameForAllThreads([&](Parallel& parallel) { return forward(parallel, data); }));
    QVERIFY(sameForAllThreads([&](Parallel& parallel) { return backward(parallel, data, 0.0F); }));
}

void TestWinograd::rowOfBatchEqualsRowAlone() {
    Parallel parallel(2);
    Dice dice(5);
    Data data(dice, geometry(9, 11, 32, 48, false), 40);
    const std::vector<float> all = forward(parallel, data);
    const auto in = static_cast<std::size_t>(data.g.inputFloats());
    const auto out = static_cast<std::size_t>(data.g.outputFloats());
    data.batch = 1;
    data.x = {data.x.begin() + static_cast<std::ptrdiff_t>(17 * in),
              data.x.begin() + static_cast<std::ptrdiff_t>(18 * in)};
    const std::vector<float> alone = forward(parallel, data);
    QVERIFY(std::ranges::equal(alone, std::span(all).subspan(17 * out, out)));
}

void TestWinograd::keepsNotANumber() {
    Parallel parallel(1);
    Dice dice(6);
    Data data(dice, geometry(6, 6, 32, 32, true), 1);
    data.x = unwritten(data.g.inputFloats());
    const std::string failure = onEveryInstructionSet([&](const std::string&) -> std::string {
        const std::vector<float> y = forward(parallel, data, nn::FusedActivation::Relu);
        const bool allNan = std::ranges::all_of(y, [](float v) { return v != v; });
        return allNan ? "" : "ReLU hides NaN";
    });
    QVERIFY2(failure.empty(), failure.c_str());
}

QTEST_APPLESS_MAIN(TestWinograd)
#include "tst_winograd.moc"
