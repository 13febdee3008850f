#include "nn/exec/memory_plan.h"
#include "tests/support/kernel_cases.h"
#include "tests/support/text_graph.h"

#include <QTest>
#include <limits>

using namespace nn;

namespace {

std::shared_ptr<const Network> compiled(std::string_view text) {
    return Network::compile(tests::graph(text)).value();
}

/// All blocks of a plan.
std::vector<MemoryBlock> blocksOf(const MemoryPlan& plan) {
    std::vector<MemoryBlock> blocks = plan.variableGradients;
    for (const LayerPlan& layer : plan.layers) {
        blocks.insert(blocks.end(), {layer.value, layer.gradient, layer.saved, layer.forwardScratch,
                                     layer.backwardScratch});
        blocks.insert(blocks.end(), layer.addedGradients.begin(), layer.addedGradients.end());
    }
    return blocks;
}

bool overlap(const MemoryBlock& a, const MemoryBlock& b) {
    return a.bytes > 0 && b.bytes > 0 && a.offset < b.offset + b.bytes &&
           b.offset < a.offset + a.bytes;
}

} // namespace

class TestMemoryPlan : public QObject {
    Q_OBJECT

private slots:
    void requestsAliveTogetherNeverOverlap();
    void requestsOfOtherTimesShare();
    void blocksLieInTheArena();
    void valuesThatBackwardReadsStay();
    void noGradientBeforeTheFirstTrainedLayer();
    void convolutionsAddToGradientsOfOtherReaders();
    void identityLayersNeedNoMemory();
    void activationsRunInPlace();
    void hugeNetworkIsPlannedExactly();
    void sizesSaturate();
    void scratchFitsSmallerBatches();
};

void TestMemoryPlan::requestsAliveTogetherNeverOverlap() {
    kernel_cases::Dice dice(4);
    for (int round = 0; round < 50; ++round) {
        std::vector<MemoryRequest> requests;
        for (int i = 0; i < 40; ++i) {
            const std::int64_t first = dice.number(0, 30);
            requests.push_back({dice.number(1, 5000), first, first + dice.number(0, 12)});
        }
        const MemoryLayout layout = memoryLayout(requests);
        for (std::size_t i = 0; i < requests.size(); ++i) {
            QVERIFY(layout.blocks[i].bytes >= requests[i].bytes);
            QCOMPARE(layout.blocks[i].offset % 64, 0);
            QVERIFY(layout.blocks[i].offset + layout.blocks[i].bytes <= layout.bytes);
            for (std::size_t j = 0; j < i; ++j) {
                const bool together =
                    requests[i].first <= requests[j].last && requests[j].first <= requests[i].last;
                QVERIFY(!together || !overlap(layout.blocks[i], layout.blocks[j]));
            }
        }
    }
}

void TestMemoryPlan::requestsOfOtherTimesShare() {
    const MemoryLayout layout = memoryLayout({{640, 0, 1}, {640, 1, 2}, {640, 2, 3}, {64, 3, 4}});
    QCOMPARE(layout.bytes, 1280);
}

void TestMemoryPlan::blocksLieInTheArena() {
    const auto network = compiled("8x8x3 -> a: Conv2D(4) -> MaxPooling2D -> Flatten -> Dense(2)");
    for (const RunMode mode : {RunMode::Inference, RunMode::Inspection, RunMode::Training}) {
        const MemoryPlan plan = memoryPlan(*network, {.batchCapacity = 7, .mode = mode});
        std::int64_t last = 0;
        for (const MemoryBlock& block : blocksOf(plan)) {
            last = std::max(last, block.offset + block.bytes);
        }
        QCOMPARE(plan.bytes, last);
        QCOMPARE(plannedBytes(*network, {.batchCapacity = 7, .mode = mode}), plan.bytes);
    }
}

void TestMemoryPlan::valuesThatBackwardReadsStay() {
    const auto network = compiled("8x8x3 -> Conv2D(4, activation=tanh) -> Conv2D(4, "
                                  "activation=tanh) -> Conv2D(4, activation=tanh)");
    const MemoryPlan plan = memoryPlan(*network, {.mode = RunMode::Training});
    for (std::size_t i = 1; i < 4; ++i) {
        for (std::size_t j = 1; j < 4; ++j) {
            QVERIFY(i == j || !overlap(plan.layers[i].value, plan.layers[j].value));
            QVERIFY(i > j || !overlap(plan.layers[i].value, plan.layers[j].gradient));
        }
    }
}

void TestMemoryPlan::noGradientBeforeTheFirstTrainedLayer() {
    const auto network = compiled("8x8x3 -> AveragePooling2D -> Conv2D(4) -> Flatten -> Dense(2)");
    const MemoryPlan plan = memoryPlan(*network, {.mode = RunMode::Training});
    QCOMPARE(plan.layers[0].gradient.bytes, 0);
    QCOMPARE(plan.layers[1].gradient.bytes, 0);
    QVERIFY(!plan.layers[1].runsBackward);
    QVERIFY(plan.layers[2].gradient.bytes > 0);
    QVERIFY(plan.layers[2].routes[0] == GradientRoute::None);
}

void TestMemoryPlan::convolutionsAddToGradientsOfOtherReaders() {
    const auto network = compiled("8x8x3 -> c: Conv2D(4, padding=same); c -> d: Conv2D(4, "
                                  "padding=same); [c, d] -> Add");
    const MemoryPlan plan = memoryPlan(*network, {.mode = RunMode::Training});
    QVERIFY(plan.layers[3].routes[0] == GradientRoute::Direct);
    QVERIFY(plan.layers[2].routes[0] == GradientRoute::Onto);
    QCOMPARE(plan.layers[2].addedGradients[0].bytes, 0);
    // The gradient of a depthwise convolution cannot be added on the way.
    const auto other = compiled("8x8x4 -> c: Conv2D(4, padding=same); c -> d: DepthwiseConv2D(3, "
                                "padding=same); [c, d] -> Add");
    const MemoryPlan otherPlan = memoryPlan(*other, {.mode = RunMode::Training});
    QVERIFY(otherPlan.layers[2].routes[0] == GradientRoute::Added);
    QVERIFY(otherPlan.layers[2].addedGradients[0].bytes > 0);
}

void TestMemoryPlan::identityLayersNeedNoMemory() {
    const auto network = compiled("8x8x3 -> Conv2D(4) -> Flatten -> Dropout(0.5) -> Dense(2)");
    const MemoryPlan inference = memoryPlan(*network, {});
    QCOMPARE(inference.layers[2].valueOwner, std::size_t{1});
    QCOMPARE(inference.layers[3].valueOwner, std::size_t{1});
    const MemoryPlan training = memoryPlan(*network, {.mode = RunMode::Training});
    QCOMPARE(training.layers[2].bytes, 0);
    QCOMPARE(training.layers[2].gradientOwner, std::size_t{1});
    QVERIFY(training.layers[3].runsForward);
}

void TestMemoryPlan::activationsRunInPlace() {
    // The convolution's backward pass does not read its output; ReLU's does read its own.
    const auto network = compiled("8x8x3 -> Conv2D(4) -> ReLU -> Conv2D(4, activation=relu) -> "
                                  "ReLU -> Flatten -> Dense(2)");
    const MemoryPlan plan = memoryPlan(*network, {.mode = RunMode::Training});
    QCOMPARE(plan.layers[2].valueOwner, std::size_t{1});
    QCOMPARE(plan.layers[4].valueOwner, std::size_t{4});
    const MemoryPlan inspection = memoryPlan(*network, {.mode = RunMode::Inspection});
    QCOMPARE(inspection.layers[2].valueOwner, std::size_t{2});
}

void TestMemoryPlan::hugeNetworkIsPlannedExactly() {
    const auto network = compiled("64x64x512 -> Flatten -> Dense(4096) -> Dense(1000)");
    const std::int64_t bytes =
        plannedBytes(*network, {.batchCapacity = 1, .mode = RunMode::Training});
    const std::int64_t weights = (64LL * 64 * 512 * 4096 + 4096 + 4096LL * 1000 + 1000) * 4;
    QVERIFY(bytes > weights);
    QVERIFY(bytes < weights + weights / 10);
}

void TestMemoryPlan::sizesSaturate() {
    const auto network = compiled("1048576x1048576x64 -> AveragePooling2D(1)");
    QCOMPARE(plannedBytes(*network, {.batchCapacity = std::int64_t{1} << 40}),
             std::numeric_limits<std::int64_t>::max());
}

/// A Dense layer of few rows is cut into more partial sums than one of many.
void TestMemoryPlan::scratchFitsSmallerBatches() {
    const auto network = compiled("2304 -> Dense(128, activation=relu) -> Dense(10)");
    const MemoryPlan plan = memoryPlan(*network, {.batchCapacity = 40});
    bool exceeds = false;
    for (std::size_t i = 1; i < plan.layers.size(); ++i) {
        const Kernel& kernel = *network->layers()[i].kernel;
        const auto wanted = [&](std::int64_t batch) {
            return kernel.memory(batch, Phase::Inference).scratchFloats;
        };
        for (std::int64_t batch = 1; batch <= 40; ++batch) {
            exceeds = exceeds || wanted(batch) > wanted(40);
            QVERIFY(wanted(batch) * 4 <= plan.layers[i].forwardScratch.bytes);
        }
    }
    QVERIFY(exceeds);
}

QTEST_APPLESS_MAIN(TestMemoryPlan)
#include "tst_memory_plan.moc"
