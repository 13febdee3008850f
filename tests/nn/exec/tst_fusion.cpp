#include "nn/exec/fusion.h"

#include "nn/exec/executor.h"
#include "nn/kernels/winograd.h"
#include "tests/support/kernel_cases.h"
#include "tests/support/text_graph.h"

#include <QTest>

#include <algorithm>

using namespace nn;

namespace {

std::shared_ptr<const Network> networkOf(const char* text) {
    return Network::compile(tests::graph(text)).value();
}

/// How many layers of a network do the work of their reader, too.
std::int64_t fusions(const char* text, RunMode mode) {
    const MemoryPlan plan = memoryPlan(*networkOf(text), {.batchCapacity = 2, .mode = mode});
    return std::ranges::count_if(plan.layers,
                                 [](const LayerPlan& layer) { return layer.fused != nullptr; });
}

std::vector<float> outputOf(const char* text, RunMode mode, int threads) {
    constexpr std::int64_t batch = 5;
    const auto network = networkOf(text);
    Parallel parallel(threads);
    const Weights weights = initialWeights(network->variables(), 1);
    Executor executor(network, {.batchCapacity = batch, .mode = mode}, parallel);
    kernel_cases::Dice dice(3);
    const std::vector<float> x =
        dice.values(batch * network->layers()[network->inputs()[0]].output.count());
    const std::span<const float> input(x);
    executor.forward({&input, 1}, batch, weights);
    return {executor.output().begin(), executor.output().end()};
}

constexpr const char* kNets[] = {
    "12x12x1 -> Conv2D(8, activation=relu) -> MaxPooling2D",
    "13x17x3 -> Conv2D(5, kernel_size=4, padding=same, strides=2) -> MaxPooling2D -> Flatten",
    "15x12x32 -> Conv2D(48, activation=relu, padding=same) -> MaxPooling2D -> Conv2D(8)",
    "40x300x2 -> Conv2D(24, kernel_size=5, activation=relu) -> MaxPooling2D",
    "11x11x6 -> Conv2D(6, groups=3, activation=relu, use_bias=false) -> MaxPooling2D",
};

// BatchNormalization or Add and ReLU, at the beginning, in the middle and at the end.
constexpr const char* kWithRelu[] = {
    "6x6x3 -> BatchNormalization -> ReLU -> Conv2D(4)",
    "8x8x2 -> Conv2D(5) -> BatchNormalization(scale=false) -> Activation(relu) -> Flatten",
    "7x7x2 -> Conv2D(18) -> BatchNormalization(center=false) -> ReLU",
    "8x8x2 -> c: Conv2D(4); c -> BatchNormalization -> r: ReLU; [c, r] -> Add -> Flatten",
    "7x5x3 -> c: Conv2D(5); c -> d: Conv2D(5, padding=same); [c, d, c] -> Add -> ReLU -> Conv2D(3)",
    "9x9x1 -> c: Conv2D(6); c -> d: Conv2D(6, padding=same); [d, c] -> Add -> Activation(relu)",
};

/// A convolution behind a ReLU, whose gradient it does, or an average pooling behind a function;
/// and the same with a layer of its own for the function, where it can be told apart a ReLU that is
/// never limited.
constexpr const char* kWithGradientBefore[][2] = {
    {"9x8x3 -> Conv2D(16, padding=same, activation=relu) -> Conv2D(32, padding=same) -> Flatten",
     "9x8x3 -> Conv2D(16, padding=same) -> ReLU(max_value=1000000) -> "
     "Conv2D(32, padding=same) -> Flatten"},
    {"15x12x2 -> Conv2D(32, activation=relu) -> Conv2D(16, activation=relu) -> MaxPooling2D",
     "15x12x2 -> Conv2D(32) -> ReLU(max_value=1000000) -> Conv2D(16, activation=relu) -> "
     "MaxPooling2D"},
    {"40x40x2 -> DepthwiseConv2D(kernel_size=3, depth_multiplier=8, activation=relu) -> Conv2D(16)",
     "40x40x2 -> DepthwiseConv2D(kernel_size=3, depth_multiplier=8) -> "
     "ReLU(max_value=1000000) -> Conv2D(16)"},
    {"9x12x3 -> Conv2D(16, activation=relu) -> Conv2D(16, kernel_size=5)",
     "9x12x3 -> Conv2D(16) -> ReLU(max_value=1000000) -> Conv2D(16, kernel_size=5)"},
    {"9x8x3 -> Conv2D(40, activation=relu) -> Conv2D(24, kernel_size=1) -> MaxPooling2D",
     "9x8x3 -> Conv2D(40) -> ReLU(max_value=1000000) -> Conv2D(24, kernel_size=1) -> MaxPooling2D"},
    {"9x8x3 -> Conv2D(6, activation=tanh) -> AveragePooling2D -> Conv2D(4)",
     "9x8x3 -> Conv2D(6) -> Activation(tanh) -> AveragePooling2D -> Conv2D(4)"},
    {"20x20x1 -> Conv2D(20, kernel_size=5, activation=sigmoid) -> AveragePooling2D -> Flatten",
     "20x20x1 -> Conv2D(20, kernel_size=5) -> Activation(sigmoid) -> AveragePooling2D -> Flatten"},
    {"11x13x2 -> Conv2D(9, activation=relu) -> AveragePooling2D",
     "11x13x2 -> Conv2D(9) -> Activation(relu) -> AveragePooling2D"},
};

/// How many layers do the gradient of the function before them; as many layers must leave it out.
std::int64_t gradientsBefore(const char* text) {
    const MemoryPlan plan =
        memoryPlan(*networkOf(text), {.batchCapacity = 2, .mode = RunMode::Training});
    const std::int64_t done = std::ranges::count_if(
        plan.layers, [](const LayerPlan& layer) { return layer.inputActivation != Activation{}; });
    return done == std::ranges::count(plan.layers, true, &LayerPlan::activationDone) ? done : -1;
}

/// The same layers with a ReLU that does not fit: its limit is never reached.
std::string apart(std::string text) {
    for (const char* const relu : {"Activation(relu)", "ReLU"}) {
        if (const auto at = text.find(relu); at != std::string::npos) {
            return text.replace(at, std::string(relu).size(), "ReLU(max_value=1000000)");
        }
    }
    return text;
}

/// All gradients of a step.
std::vector<float> gradientsOf(const std::string& text, int threads) {
    constexpr std::int64_t batch = 5;
    const auto network = networkOf(text.c_str());
    Parallel parallel(threads);
    Weights weights = initialWeights(network->variables(), 1);
    Executor executor(network, {.batchCapacity = batch, .mode = RunMode::Training}, parallel);
    kernel_cases::Dice dice(4);
    const std::vector<float> x =
        dice.values(batch * network->layers()[network->inputs()[0]].output.count());
    const std::span<const float> input(x);
    executor.forwardTraining({&input, 1}, batch, weights, {});
    const std::span<float> gradient = executor.outputGradient(0);
    std::ranges::copy(dice.values(static_cast<std::int64_t>(gradient.size())), gradient.begin());
    executor.backward(weights);
    std::vector<float> all;
    for (std::size_t i = 0; i < network->variables().size(); ++i) {
        all.insert(all.end(), executor.gradient(i).begin(), executor.gradient(i).end());
    }
    return all;
}

} // namespace

class TestFusion : public QObject {
    Q_OBJECT
private slots:
    void givesTheBitsOfTheLayersOneByOne_data();
    void givesTheBitsOfTheLayersOneByOne();
    void joinsConvolutionAndPooling();
    void joinsReluWithTheLayerBefore();
    void doesTheGradientOfTheFunctionBefore();
    void leavesOtherGradientsAlone();
    void leavesOtherLayersAlone_data();
    void leavesOtherLayersAlone();
    void keepsNothingBeforeThePooling();
};

void TestFusion::givesTheBitsOfTheLayersOneByOne_data() {
    QTest::addColumn<QByteArray>("text");
    for (const char* text : kNets) {
        QTest::newRow(text) << QByteArray(text);
    }
    for (const char* text : kWithRelu) {
        QTest::newRow(text) << QByteArray(text);
    }
}

void TestFusion::givesTheBitsOfTheLayersOneByOne() {
    QFETCH(QByteArray, text);
    const std::vector<float> single = outputOf(text, RunMode::Inspection, 1);
    for (const int threads : {1, 3}) {
        QVERIFY(single == outputOf(text, RunMode::Inference, threads));
        QVERIFY(single == outputOf(text, RunMode::Training, threads));
    }
}

void TestFusion::joinsConvolutionAndPooling() {
    for (const char* text : kNets) {
        QCOMPARE(fusions(text, RunMode::Training), 1);
        QCOMPARE(fusions(text, RunMode::Inference), 1);
        QCOMPARE(fusions(text, RunMode::Inspection), 0);
    }
}

void TestFusion::joinsReluWithTheLayerBefore() {
    for (const char* text : kWithRelu) {
        QCOMPARE(fusions(text, RunMode::Training), 1);
        QCOMPARE(fusions(text, RunMode::Inference), 1);
        QCOMPARE(fusions(apart(text).c_str(), RunMode::Training), 0);
        const std::vector<float> single = gradientsOf(apart(text), 1);
        QVERIFY(!single.empty());
        QVERIFY2(single == gradientsOf(text, 1) && single == gradientsOf(text, 3), text);
    }
}

void TestFusion::doesTheGradientOfTheFunctionBefore() {
    for (const auto& [text, separate] : kWithGradientBefore) {
        QCOMPARE(gradientsBefore(text), 1);
        QCOMPARE(gradientsBefore(separate), 0);
        const std::vector<float> single = gradientsOf(separate, 1);
        QVERIFY(!single.empty());
        QVERIFY2(single == gradientsOf(text, 1) && single == gradientsOf(text, 3), text);
    }
}

void TestFusion::leavesOtherGradientsAlone() {
    // Two readers; another activation; strides; groups; few channels; the end; windows that
    // overlap; a slope that is not known from the output.
    for (const char* text :
         {"9x9x3 -> c: Conv2D(16, activation=relu); c -> d: Conv2D(16, padding=same); "
          "[c, d] -> Add",
          "9x9x3 -> Conv2D(16, activation=tanh) -> Conv2D(16, padding=same)",
          "9x9x3 -> Conv2D(16, activation=relu) -> Conv2D(16, strides=2)",
          "9x9x3 -> Conv2D(16, activation=relu) -> Conv2D(16, groups=2)",
          "9x9x3 -> Conv2D(2, activation=relu) -> Conv2D(16)",
          "9x9x16 -> Conv2D(16, activation=relu)",
          "9x9x3 -> Conv2D(16, activation=relu) -> MaxPooling2D(strides=1) -> "
          "Conv2D(16, padding=same)",
          "9x9x3 -> Conv2D(16, activation=tanh) -> AveragePooling2D(3)",
          "9x9x3 -> Conv2D(16, activation=silu) -> AveragePooling2D",
          "9x9x3 -> Conv2D(16, activation=elu) -> AveragePooling2D",
          "9x9x3 -> Conv2D(16) -> AveragePooling2D"}) {
        QCOMPARE(gradientsBefore(text), 0);
    }
}

void TestFusion::leavesOtherLayersAlone_data() {
    QTest::addColumn<QByteArray>("text");
    const auto row = [](const char* name, const char* text) {
        QTest::newRow(name) << QByteArray(text);
    };
    row("other windows", "12x12x1 -> Conv2D(8, activation=relu) -> MaxPooling2D(3)");
    row("overlapping windows", "12x12x1 -> Conv2D(8) -> MaxPooling2D(2, strides=1)");
    row("windows cut at the border", "11x11x1 -> Conv2D(8) -> MaxPooling2D(2, padding=same)");
    row("average", "12x12x1 -> Conv2D(8, activation=relu) -> AveragePooling2D");
    row("another activation", "12x12x1 -> Conv2D(8, activation=tanh) -> MaxPooling2D");
    row("two readers", "12x12x1 -> c: Conv2D(8, activation=relu); c -> MaxPooling2D; c -> Flatten");
    row("other ReLU", "6x6x3 -> BatchNormalization -> ReLU(negative_slope=0.1)");
    row("stretched", "6x6x3 -> c: Conv2D(4); c -> d: GlobalAveragePooling2D(keepdims=true); [c, d] "
                     "-> Add -> ReLU");
    row("another axis", "6x6x3 -> BatchNormalization(axis=1) -> ReLU");
    row("pooling first", "12x12x1 -> MaxPooling2D -> Conv2D(8, activation=relu)");
}

void TestFusion::leavesOtherLayersAlone() {
    QFETCH(QByteArray, text);
    QCOMPARE(fusions(text, RunMode::Training), 0);
}

void TestFusion::keepsNothingBeforeThePooling() {
    const auto network = networkOf(kNets[0]);
    const MemoryPlan plan = memoryPlan(*network, {.batchCapacity = 2, .mode = RunMode::Training});
    const LayerPlan& convolution = plan.layers[1];
    QCOMPARE(convolution.value.bytes, 0);
    QCOMPARE(convolution.gradient.bytes, 0);
    QVERIFY(!convolution.keepsValue);
    QCOMPARE(convolution.result, std::size_t{2});
    QVERIFY(!plan.layers[2].runsForward && !plan.layers[2].runsBackward);
    QVERIFY(plan.layers[2].value.bytes > 0);
}

QTEST_APPLESS_MAIN(TestFusion)
#include "tst_fusion.moc"
