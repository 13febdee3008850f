#include "nn/exec/stretches.h"

#include "nn/exec/executor.h"
#include "nn/exec/part_kernel.h"
#include "nn/model/templates.h"
#include "tests/support/kernel_cases.h"
#include "tests/support/reference_layers.h"
#include "tests/support/text_graph.h"

#include <QTest>

#include <algorithm>

using namespace nn;

namespace {

std::shared_ptr<const Network> networkOf(const std::string& text) {
    return Network::compile(tests::graph(text)).value();
}

MemoryPlan planOf(const std::string& text, ExecutorOptions options) {
    return memoryPlan(*networkOf(text), options);
}

/// First and last layer of each stretch.
std::vector<std::pair<std::size_t, std::size_t>> stretchesOf(const std::string& text,
                                                             RunMode mode = RunMode::Training) {
    std::vector<std::pair<std::size_t, std::size_t>> found;
    for (const StretchPlan& plan : planOf(text, {.batchCapacity = 4, .mode = mode}).stretches) {
        found.emplace_back(plan.stretch.first, plan.stretch.last);
    }
    return found;
}

struct Trained {
    std::vector<float> output;
    std::vector<std::vector<float>> gradients;
};

/// Outputs and gradients of two steps, of which the second meets what the first left behind.
Trained trained(const std::string& text, std::int64_t batch, int threads, bool depthFirst,
                std::int64_t capacity = 0) {
    const auto network = networkOf(text);
    Parallel parallel(threads);
    Weights weights = initialWeights(network->variables(), 1);
    Executor executor(network,
                      {.batchCapacity = std::max(batch, capacity),
                       .mode = RunMode::Training,
                       .depthFirst = depthFirst},
                      parallel);
    kernel_cases::Dice dice(3);
    const std::vector<float> x =
        dice.values(batch * network->layers()[network->inputs()[0]].output.count());
    const std::vector<float> dy =
        dice.values(batch * network->layers()[network->outputs()[0]].output.count());
    const std::span<const float> input(x);
    for (int step = 0; step < 2; ++step) {
        executor.forwardTraining({&input, 1}, batch, weights, {.seed = 2, .firstSample = 7});
        if (step == 1) {
            std::ranges::copy(dy, executor.outputGradient().begin());
        } else {
            std::ranges::fill(executor.outputGradient(), 1.0F);
        }
        executor.backward(weights);
    }
    Trained result;
    result.output.assign(executor.output().begin(), executor.output().end());
    for (std::size_t i = 0; i < network->variables().size(); ++i) {
        const std::span<const float> gradient = executor.gradient(i);
        result.gradients.emplace_back(gradient.begin(), gradient.end());
    }
    return result;
}

/// What a network with moving statistics of its own gives.
std::vector<float> predicted(const std::string& text, std::int64_t batch, int threads,
                             bool depthFirst) {
    const auto network = networkOf(text);
    Parallel parallel(threads);
    Weights weights = initialWeights(network->variables(), 1);
    kernel_cases::Dice dice(4);
    for (std::size_t i = 0; i < network->variables().size(); ++i) {
        if (!network->variables()[i].trainable) { // means and variances
            for (float& value : weights.tensors[i].values()) {
                value = 0.1F * static_cast<float>(dice.number(1, 9));
            }
        }
    }
    const std::vector<float> x =
        dice.values(batch * network->layers()[network->inputs()[0]].output.count());
    Executor executor(network, {.batchCapacity = batch, .depthFirst = depthFirst}, parallel);
    const std::span<const float> input(x);
    executor.forward({&input, 1}, batch, weights);
    return {executor.output().begin(), executor.output().end()};
}

bool sameBits(const std::vector<float>& a, const std::vector<float>& b) {
    return std::ranges::equal(std::as_bytes(std::span(a)), std::as_bytes(std::span(b)));
}

constexpr const char* kNets[] = {
    // With fused pooling, tanh and average pooling, Winograd's method, layers in place.
    "12x12x1 -> Conv2D(8, activation=relu) -> MaxPooling2D -> Conv2D(6, 2, activation=relu) -> "
    "MaxPooling2D -> Flatten -> Dropout(0.5) -> Dense(10)",
    "14x14x2 -> Conv2D(6, 5, padding=same, activation=tanh) -> AveragePooling2D -> "
    "Conv2D(5, 3, activation=silu) -> AveragePooling2D -> Flatten -> Dense(4)",
    "10x10x3 -> Conv2D(32, use_bias=false) -> ReLU -> Dropout(0.25) -> "
    "Conv2D(32, activation=elu) -> Flatten -> Dense(3)",
    "9x9x1 -> a: ReLU; a -> c: Conv2D(4, strides=2) -> p: MaxPooling2D -> Flatten -> Dense(2)",
    "8x8x4 -> b: BatchNormalization -> Conv2D(4, groups=2) -> ReLU -> Conv2D(3) -> "
    "GlobalAveragePooling2D",
};

} // namespace

/// Layers that are run depth-first, a few images at a time.
class TestStretches : public QObject {
    Q_OBJECT
private slots:
    void joinsConvolutionsAndWhatFollows();
    void predictsResidualBlocksAsStretches();
    void leavesOthersLayerByLayer_data();
    void leavesOthersLayerByLayer();
    void givesWhatLayersOneByOneGive_data();
    void givesWhatLayersOneByOneGive();
    void givesSameBitsForAnyThreads();
    void doesNotDependOnTheCapacity();
    void cutsEveryBatch();
    void keepsOnlySlicesOfWhatLiesBetween();
    void hasScratchForSmallerSlices();
};

void TestStretches::joinsConvolutionsAndWhatFollows() {
    using Found = std::vector<std::pair<std::size_t, std::size_t>>;
    const auto textOf = [](const char* name) { return findTemplate(name)->text; };
    QCOMPARE(stretchesOf(textOf("seed-a")), (Found{{1, 2}}));
    QCOMPARE(stretchesOf(textOf("lenet5")), (Found{{1, 4}}));
    QCOMPARE(stretchesOf(textOf("mnist-cnn")), (Found{{1, 6}})); // with Flatten and Dropout
    QCOMPARE(stretchesOf(textOf("mnist-cnn"), RunMode::Inference), (Found{{1, 4}}));
    QCOMPARE(stretchesOf(textOf("mnist-cnn"), RunMode::Inspection), Found());
    // Two of them around a normalization, which needs the whole batch.
    QCOMPARE(stretchesOf("9x9x1 -> Conv2D(4) -> ReLU -> BatchNormalization -> Conv2D(4) -> ReLU"),
             (Found{{1, 2}, {4, 5}}));
}

void TestStretches::predictsResidualBlocksAsStretches() {
    using Found = std::vector<std::pair<std::size_t, std::size_t>>;
    const std::string block =
        "12x12x16 -> a: Conv2D(16, padding=same) -> BatchNormalization -> "
        "ReLU -> b: Conv2D(16, padding=same) -> BatchNormalization -> n: ReLU; "
        "[n, a] -> Add -> ReLU -> Flatten -> Dense(3)";
    // The first convolution has two readers; what is behind it begins with a normalization.
    QCOMPARE(stretchesOf(block, RunMode::Inference), (Found{{2, 8}}));
    QVERIFY(stretchesOf(block, RunMode::Training).empty());
    const std::string nets[] = {block, findTemplate("resnet-mini")->text};
    for (const std::string& text : nets) {
        QVERIFY(stretchesOf(text, RunMode::Inference).size() >= 1);
        for (const std::int64_t batch : {1, 7, 40}) {
            const std::vector<float> plain = predicted(text, batch, 1, false);
            for (const int threads : {1, 2, 3, 4}) {
                QVERIFY(sameBits(plain, predicted(text, batch, threads, true)));
            }
        }
    }
}

void TestStretches::leavesOthersLayerByLayer_data() {
    QTest::addColumn<QByteArray>("text");
    const auto row = [](const char* name, const char* text) {
        QTest::newRow(name) << QByteArray(text);
    };
    row("nothing behind it", "9x9x1 -> Conv2D(4) -> BatchNormalization -> Conv2D(4)");
    row("only an identity behind it", "9x9x1 -> Conv2D(4) -> Flatten -> Dense(2)");
    row("no convolution", "9x9x1 -> MaxPooling2D -> ReLU -> Flatten -> Dense(2)");
    row("many weights", "9x9x64 -> Conv2D(64, activation=relu) -> MaxPooling2D");
    row("large images", "300x300x1 -> Conv2D(8, activation=relu) -> MaxPooling2D");
    row("two readers", "9x9x1 -> c: Conv2D(4); c -> a: ReLU; [a, c] -> Add");
}

void TestStretches::leavesOthersLayerByLayer() {
    QFETCH(QByteArray, text);
    QVERIFY(stretchesOf(text.toStdString()).empty());
}

void TestStretches::givesWhatLayersOneByOneGive_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("batch");
    for (const char* text : kNets) {
        for (const int batch : {1, 5, 33, 150}) {
            QTest::addRow("%d of %s", batch, text) << QByteArray(text) << batch;
        }
    }
}

void TestStretches::givesWhatLayersOneByOneGive() {
    QFETCH(QByteArray, text);
    QFETCH(int, batch);
    QVERIFY(!stretchesOf(text.toStdString()).empty());
    const Trained plain = trained(text.toStdString(), batch, 2, false);
    const Trained fast = trained(text.toStdString(), batch, 2, true);
    QVERIFY(sameBits(plain.output, fast.output));
    for (std::size_t i = 0; i < plain.gradients.size(); ++i) {
        QCOMPARE(fast.gradients[i].size(), plain.gradients[i].size());
        const auto expected = kernel_cases::doubles(plain.gradients[i]);
        const double error = reference::normError(fast.gradients[i], expected);
        // Single precision: the gradient of a bias is what is left of many summands.
        QVERIFY2(error <= 1e-5, std::to_string(error).c_str());
    }
}

void TestStretches::givesSameBitsForAnyThreads() {
    for (const char* text : kNets) {
        for (const std::int64_t batch : {3, 40}) {
            const Trained one = trained(text, batch, 1, true);
            for (const int threads : {2, 3, 4}) {
                const Trained more = trained(text, batch, threads, true);
                QVERIFY(sameBits(one.output, more.output));
                for (std::size_t i = 0; i < one.gradients.size(); ++i) {
                    QVERIFY(sameBits(one.gradients[i], more.gradients[i]));
                }
            }
        }
    }
}

void TestStretches::doesNotDependOnTheCapacity() {
    for (const std::int64_t batch : {1, 16, 17, 130}) {
        const Trained tight = trained(kNets[0], batch, 2, true);
        const Trained roomy = trained(kNets[0], batch, 2, true, 200);
        QVERIFY(sameBits(tight.output, roomy.output));
        for (std::size_t i = 0; i < tight.gradients.size(); ++i) {
            QVERIFY(sameBits(tight.gradients[i], roomy.gradients[i]));
        }
    }
}

void TestStretches::cutsEveryBatch() {
    const Stretch stretch{.first = 1, .last = 2, .mostRows = 4};
    for (std::int64_t batch = 1; batch <= 400; ++batch) {
        const std::int64_t slices = stretch.slices(batch);
        QVERIFY(stretch.rows(batch) >= 1 && stretch.rows(batch) <= 4);
        QVERIFY((slices - 1) * stretch.rows(batch) < batch);
        QVERIFY(slices * stretch.rows(batch) >= batch);
        QVERIFY(stretch.tasks(batch) >= 1 && stretch.tasks(batch) <= slices);
        for (std::int64_t less = 1; less <= batch; ++less) {
            QVERIFY(stretch.slices(less) <= stretch.mostSlices(batch));
            QVERIFY(stretch.rows(less) <= stretch.rows(batch));
        }
    }
    QCOMPARE(stretch.rows(128), 4);
    QCOMPARE(stretch.tasks(128), 32);
    QCOMPARE(stretch.slices(1000), 250);
    QCOMPARE(stretch.tasks(1000), 32);
}

void TestStretches::keepsOnlySlicesOfWhatLiesBetween() {
    const std::string text = findTemplate("lenet5")->text;
    const ExecutorOptions options{.batchCapacity = 1024, .mode = RunMode::Training};
    ExecutorOptions plain = options;
    plain.depthFirst = false;
    const MemoryPlan fast = planOf(text, options);
    QVERIFY(fast.layers[1].gradientIsLocal);
    QVERIFY(!fast.layers[1].valueIsLocal); // tanh's gradient reads it
    QVERIFY(!fast.layers[4].valueIsLocal && !fast.layers[4].gradientIsLocal);
    QVERIFY(fast.bytes < planOf(text, plain).bytes);
    const MemoryPlan inference = planOf(text, {.batchCapacity = 1024});
    QVERIFY(inference.layers[1].valueIsLocal && inference.layers[2].valueIsLocal);
    QVERIFY(!inference.layers[4].valueIsLocal);
}

/// 128 images in slices of 3 leave one of 2, which is cut in another way.
void TestStretches::hasScratchForSmallerSlices() {
    for (const char* name : {"seed-a", "lenet5", "mnist-cnn", "starter"}) {
        for (const RunMode mode : {RunMode::Inference, RunMode::Training}) {
            const auto network = networkOf(findTemplate(name)->text);
            const MemoryPlan plan = memoryPlan(*network, {.batchCapacity = 128, .mode = mode});
            const Phase phase = mode == RunMode::Training ? Phase::Training : Phase::Inference;
            const Stretch& stretch = plan.stretches.at(0).stretch;
            for (std::size_t i = stretch.first; i <= stretch.last; ++i) {
                const LayerPlan& layer = plan.layers[i];
                if (!layer.runsForward) {
                    continue;
                }
                const Kernel& kernel = layer.fused ? *layer.fused : *network->layers()[i].kernel;
                for (std::int64_t rows = 1; rows <= stretch.rows(128); ++rows) {
                    const KernelMemory wanted = partKernel(kernel, phase)->partMemory(rows, phase);
                    QVERIFY(wanted.scratchFloats * 4 <= layer.forwardScratch.bytes);
                    QVERIFY(wanted.savedBytes <= layer.sliceSavedBytes);
                }
            }
        }
    }
}

QTEST_APPLESS_MAIN(TestStretches)
#include "tst_stretches.moc"
