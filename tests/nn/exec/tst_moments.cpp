#include "nn/exec/executor.h"
#include "nn/model/edit.h"
#include "tests/support/kernel_cases.h"
#include "tests/support/text_graph.h"

#include <QTest>

#include <algorithm>
#include <cmath>

using namespace nn;

namespace {

std::shared_ptr<const Network> networkOf(const char* text) {
    return Network::compile(tests::graph(text)).value();
}

/// How many layers hand the moments of their outputs on.
std::int64_t givers(const Graph& graph, RunMode mode) {
    const MemoryPlan plan =
        memoryPlan(*Network::compile(graph).value(), {.batchCapacity = 4, .mode = mode});
    return std::ranges::count_if(plan.layers,
                                 [](const LayerPlan& layer) { return layer.moments.bytes > 0; });
}

std::int64_t givers(const char* text, RunMode mode = RunMode::Training) {
    return givers(tests::graph(text), mode);
}

/// Output, gradients and variables after a step.
std::vector<float> stepOf(const char* text, std::int64_t batch, std::int64_t capacity,
                          int threads) {
    const auto network = networkOf(text);
    Parallel parallel(threads);
    Weights weights = initialWeights(network->variables(), 1);
    Executor executor(network, {.batchCapacity = capacity, .mode = RunMode::Training}, parallel);
    kernel_cases::Dice dice(4);
    const std::vector<float> x =
        dice.values(batch * network->layers()[network->inputs()[0]].output.count());
    const std::span<const float> input(x);
    executor.forwardTraining({&input, 1}, batch, weights, {});
    std::vector<float> all(executor.output().begin(), executor.output().end());
    const std::span<float> gradient = executor.outputGradient(0);
    std::ranges::copy(dice.values(std::ssize(gradient)), gradient.begin());
    executor.backward(weights);
    for (std::size_t i = 0; i < network->variables().size(); ++i) {
        all.insert(all.end(), executor.gradient(i).begin(), executor.gradient(i).end());
        const auto values = weights.tensors[i].values();
        all.insert(all.end(), values.begin(), values.end());
    }
    return all;
}

/// The largest difference, as part of the largest value.
double difference(const std::vector<float>& a, const std::vector<float>& b) {
    return kernel_cases::relativeError(a, kernel_cases::doubles(b));
}

/// By Winograd's method, by products, by strips, behind a ReLU; and the same with a layer between
/// that does nothing, through which no moments go.
constexpr const char* kGiving[][2] = {
    {"12x12x16 -> Conv2D(32, padding=same) -> BatchNormalization -> ReLU",
     "12x12x16 -> Conv2D(32, padding=same) -> Dropout(0) -> BatchNormalization -> ReLU"},
    {"13x9x8 -> Conv2D(24, kernel_size=1, strides=2) -> BatchNormalization -> Conv2D(3)",
     "13x9x8 -> Conv2D(24, kernel_size=1, strides=2) -> Dropout(0) -> BatchNormalization -> "
     "Conv2D(3)"},
    {"10x17x3 -> Conv2D(20, use_bias=false) -> BatchNormalization(scale=false)",
     "10x17x3 -> Conv2D(20, use_bias=false) -> Dropout(0) -> BatchNormalization(scale=false)"},
    {"10x11x4 -> Conv2D(17, activation=relu) -> BatchNormalization -> Flatten",
     "10x11x4 -> Conv2D(17, activation=relu) -> Dropout(0) -> BatchNormalization -> Flatten"},
};

} // namespace

/// Statistics of a batch that the layer before BatchNormalization has gathered.
class TestMoments : public QObject {
    Q_OBJECT
private slots:
    void areGatheredForBatchNormalization();
    void areLeftAloneElsewhere();
    void giveTheStatisticsOfTheBatch();
    void doNotDependOnThreads();
};

void TestMoments::areGatheredForBatchNormalization() {
    for (const auto& [text, apart] : kGiving) {
        QCOMPARE(givers(text), 1);
        QCOMPARE(givers(apart), 0);
        QCOMPARE(givers(text, RunMode::Inference), 0);
    }
    // Two readers, of which one is a BatchNormalization.
    QCOMPARE(givers("8x8x3 -> c: Conv2D(20); c -> b: BatchNormalization; [b, c] -> Add"), 1);
}

void TestMoments::areLeftAloneElsewhere() {
    for (const char* text :
         {"8x8x3 -> Conv2D(20) -> BatchNormalization(axis=1)",
          "8x8x3 -> Conv2D(20, activation=tanh) -> BatchNormalization",
          "8x8x4 -> Conv2D(20, groups=2) -> BatchNormalization",
          "8x8x4 -> DepthwiseConv2D(3) -> BatchNormalization",
          "8x8x4 -> Conv2D(20) -> MaxPooling2D -> BatchNormalization", "8x8x4 -> Conv2D(20)"}) {
        QVERIFY2(givers(text) == 0, text);
    }
    // A frozen layer keeps its statistics.
    Graph graph = tests::graph("8x8x3 -> Conv2D(20) -> n: BatchNormalization");
    QCOMPARE(givers(graph, RunMode::Training), 1);
    graph = apply(graph, SetTrainable{tests::node(graph, "n"), false}).value();
    QCOMPARE(givers(graph, RunMode::Training), 0);
}

void TestMoments::giveTheStatisticsOfTheBatch() {
    constexpr std::int64_t capacity = 40;
    for (const auto& [text, apart] : kGiving) {
        for (const std::int64_t batch : {40, 39, 17, 16, 3, 1}) {
            const double error =
                difference(stepOf(text, batch, capacity, 2), stepOf(apart, batch, capacity, 2));
            QVERIFY2(error < 2e-5, (text + (" " + std::to_string(error))).c_str());
        }
    }
}

void TestMoments::doNotDependOnThreads() {
    for (const auto& pair : kGiving) {
        const std::vector<float> one = stepOf(pair[0], 13, 16, 1);
        QVERIFY(one == stepOf(pair[0], 13, 16, 2));
        QVERIFY(one == stepOf(pair[0], 13, 16, 3));
    }
}

QTEST_APPLESS_MAIN(TestMoments)
#include "tst_moments.moc"
