#include "nn/exec/executor.h"

#include "nn/train/epoch_meters.h"
#include "nn/train/train_step.h"
#include "tests/support/kernel_cases.h"
#include "tests/support/network_case.h"
#include "tests/support/text_graph.h"

#include <QTest>
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>

namespace {

std::atomic<std::int64_t> allocations{0};

void* counted(std::size_t size, std::size_t alignment) {
    ++allocations;
    void* memory = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
    if (memory == nullptr) {
        throw std::bad_alloc();
    }
    return memory;
}

} // namespace

// Every allocation of this program is counted.
void* operator new(std::size_t size) {
    return counted(size, alignof(std::max_align_t));
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    return counted(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
    ++allocations;
    return std::malloc(size);
}
void* operator new[](std::size_t size) {
    return counted(size, alignof(std::max_align_t));
}
void operator delete[](void* memory) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::size_t /*size*/) noexcept {
    std::free(memory);
}
void operator delete(void* memory, const std::nothrow_t& /*tag*/) noexcept {
    std::free(memory);
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept {
    std::free(memory);
}

using namespace nn;

namespace {

constexpr const char* kPlain =
    "12x12x1 -> Conv2D(8, activation=relu) -> MaxPooling2D -> Flatten -> "
    "Dropout(0.5) -> Dense(10, activation=softmax)";
constexpr const char* kBranches =
    "9x9x3 -> a: Conv2D(6, padding=same) -> BatchNormalization -> b: ReLU -> "
    "Conv2D(6, padding=same, activation=silu) -> c: Dropout(0.25); [c, b] -> d: Add; "
    "[d, a] -> Concatenate -> MaxPooling2D -> Flatten -> Dense(4) -> Softmax";

using Floats = std::vector<float>;

bool sameBits(std::span<const float> a, std::span<const float> b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

/// Everything one training step computes, one after the other.
Floats trainedStep(const tests::NetworkCase& net, Parallel& parallel, const StepKey& key,
                   std::int64_t capacity = 0) {
    Executor executor(net.network,
                      {.batchCapacity = std::max(capacity, net.batch), .mode = RunMode::Training},
                      parallel);
    Weights weights = net.weights;
    Floats result;
    // The second round meets memory that the first has left behind.
    for (int round = 0; round < 2; ++round) {
        result.clear();
        weights = net.weights;
        executor.forwardTraining(net.inputSpans(), net.batch, weights, key);
        for (std::size_t i = 0; i < net.network->outputs().size(); ++i) {
            const std::span<const float> output = executor.output(i);
            result.insert(result.end(), output.begin(), output.end());
            std::ranges::fill(executor.outputGradient(i), 0.5F);
            executor.outputGradient(i)[0] = -1.0F;
        }
        executor.backward(weights);
        for (std::size_t i = 0; i < net.network->variables().size(); ++i) {
            const std::span<const float> gradient = executor.gradient(i);
            result.insert(result.end(), gradient.begin(), gradient.end());
        }
        for (const Tensor& tensor : weights.tensors) {
            result.insert(result.end(), tensor.values().begin(), tensor.values().end());
        }
    }
    return result;
}

Floats predicted(const tests::NetworkCase& net, const ExecutorOptions& options) {
    Parallel parallel(1);
    Executor executor(net.network, options, parallel);
    executor.forward(net.inputSpans(), net.batch, net.weights);
    const std::span<const float> output = executor.output();
    return {output.begin(), output.end()};
}

} // namespace

class TestExecutor : public QObject {
    Q_OBJECT

private slots:
    void agreesWithTheReference_data();
    void agreesWithTheReference();
    void trainsWithTheReference();
    void inspectionKeepsEveryActivation();
    void inferenceSharesMemory();
    void trainingExecutorCanPredict();
    void logitsAreWhatSoftmaxIsGiven();
    void rowOfABatchIsTheRowAlone();
    void smallerBatchThanCapacity();
    void sameBitsForAnyNumberOfThreads();
    void sameSeedSameBitsAnotherSeedOthers();
    void dropoutDependsOnSampleAndStepOnly();
    void stepsAllocateNothing();
    void trainingAllocatesNothing();
    void frozenLayersKeepStatistics();
    void severalInputsAndOutputs();
    void networkThatIsOnlyAnInput();
};

void TestExecutor::agreesWithTheReference_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("plain") << QByteArray(kPlain);
    QTest::newRow("branches") << QByteArray(kBranches);
    QTest::newRow("views") << QByteArray("4x3x2 -> a: Flatten; a -> Dropout(0.5) -> b: ReLU; "
                                         "[a, b] -> Add -> Activation(linear)");
}

void TestExecutor::agreesWithTheReference() {
    QFETCH(QByteArray, text);
    const tests::NetworkCase net = tests::networkCase(text.toStdString(), 3);
    const auto expected = tests::referenceActivations(net, Phase::Inference);
    const Floats output = predicted(net, {.batchCapacity = 3});
    QVERIFY(reference::normError(output, expected[net.network->outputs()[0]]) <= 1e-6);
}

void TestExecutor::trainsWithTheReference() {
    const tests::NetworkCase net = tests::networkCase(kBranches, 3);
    const StepKey key{.seed = 5, .step = 2, .firstSample = 9};
    const auto expected = tests::referenceActivations(net, Phase::Training, key);
    Parallel parallel(1);
    Executor executor(net.network, {.batchCapacity = 3, .mode = RunMode::Training}, parallel);
    Weights weights = net.weights;
    executor.forwardTraining(net.inputSpans(), net.batch, weights, key);
    QVERIFY(reference::normError(executor.output(), expected.back()) <= 1e-6);
}

void TestExecutor::inspectionKeepsEveryActivation() {
    const tests::NetworkCase net = tests::networkCase(kBranches, 2);
    const auto expected = tests::referenceActivations(net, Phase::Inference);
    Parallel parallel(1);
    Executor executor(net.network, {.batchCapacity = 2, .mode = RunMode::Inspection}, parallel);
    executor.forward(net.inputSpans(), net.batch, net.weights);
    for (std::size_t i = 0; i < expected.size(); ++i) {
        QVERIFY2(reference::normError(executor.activation(i), expected[i]) <= 1e-6,
                 net.network->layers()[i].name.c_str());
    }
}

void TestExecutor::inferenceSharesMemory() {
    std::string text = "16x16x4 -> Conv2D(8, padding=same)";
    for (int i = 0; i < 20; ++i) {
        text += " -> Conv2D(8, padding=same)";
    }
    const tests::NetworkCase net = tests::networkCase(text, 1);
    const auto bytes = [&](RunMode mode) {
        return plannedBytes(*net.network, {.batchCapacity = 1, .mode = mode, .depthFirst = false});
    };
    const std::int64_t one = 16 * 16 * 8 * 4;
    QVERIFY(bytes(RunMode::Inspection) >= 21 * one);
    QVERIFY(bytes(RunMode::Inference) < bytes(RunMode::Inspection) - 15 * one);
    QVERIFY(bytes(RunMode::Training) > bytes(RunMode::Inspection));
    Parallel parallel(1);
    Executor executor(net.network, {}, parallel);
    executor.forward(net.inputSpans(), 1, net.weights);
    QVERIFY(executor.activation(1).empty());
    QCOMPARE(executor.activation(net.network->outputs()[0]).data(), executor.output().data());
}

void TestExecutor::trainingExecutorCanPredict() {
    const tests::NetworkCase net = tests::networkCase(kBranches, 3);
    QCOMPARE(predicted(net, {.batchCapacity = 4, .mode = RunMode::Training}),
             predicted(net, {.batchCapacity = 4}));
}

void TestExecutor::logitsAreWhatSoftmaxIsGiven() {
    for (const char* text : {kPlain, kBranches}) {
        const tests::NetworkCase net = tests::networkCase(text, 3);
        QVERIFY(net.network->outputIsSoftmax());
        Floats logits = predicted(net, {.batchCapacity = 3, .output = OutputForm::Logits});
        const std::int64_t classes = net.network->layers().back().output.count();
        const auto softmax =
            reference::softmaxForward({net.batch, classes}, kernel_cases::doubles(logits));
        QVERIFY(reference::normError(predicted(net, {.batchCapacity = 3}), softmax) <= 1e-6);
    }
    QVERIFY(!tests::networkCase("4 -> Dense(3)", 1).network->outputIsSoftmax());
    QVERIFY(!tests::networkCase("4 -> Dense(3, activation=relu)", 1).network->outputIsSoftmax());
}

void TestExecutor::rowOfABatchIsTheRowAlone() {
    const tests::NetworkCase net = tests::networkCase(kBranches, 6);
    const Floats all = predicted(net, {.batchCapacity = 6});
    for (std::size_t row = 0; row < 6; ++row) {
        tests::NetworkCase alone = net;
        alone.batch = 1;
        const std::size_t length = net.inputs[0].size() / 6;
        alone.inputs[0].assign(net.inputs[0].data() + row * length,
                               net.inputs[0].data() + (row + 1) * length);
        const Floats output = predicted(alone, {.batchCapacity = 1});
        // Equal but for rounding: a kernel may sum a few rows in another order.
        const auto expected = std::span(all).subspan(row * output.size(), output.size());
        QVERIFY(reference::normError(output, {expected.begin(), expected.end()}) <= 1e-6);
    }
}

void TestExecutor::smallerBatchThanCapacity() {
    const tests::NetworkCase net = tests::networkCase(kBranches, 3);
    Parallel parallel(2);
    const StepKey key{.seed = 3};
    QCOMPARE(trainedStep(net, parallel, key, 8), trainedStep(net, parallel, key));
}

void TestExecutor::sameBitsForAnyNumberOfThreads() {
    const tests::NetworkCase net = tests::networkCase(kBranches, 9);
    Parallel one(1);
    const Floats first = trainedStep(net, one, {.seed = 3});
    for (const int threads : {1, 2, 4}) {
        Parallel parallel(threads);
        QVERIFY(sameBits(trainedStep(net, parallel, {.seed = 3}), first));
    }
}

void TestExecutor::sameSeedSameBitsAnotherSeedOthers() {
    const tests::NetworkCase net = tests::networkCase(kPlain, 4);
    Parallel parallel(2);
    const Floats first = trainedStep(net, parallel, {.seed = 3, .step = 1});
    QVERIFY(sameBits(trainedStep(net, parallel, {.seed = 3, .step = 1}), first));
    QVERIFY(!sameBits(trainedStep(net, parallel, {.seed = 4, .step = 1}), first));
    QVERIFY(!sameBits(trainedStep(net, parallel, {.seed = 3, .step = 2}), first));
}

void TestExecutor::dropoutDependsOnSampleAndStepOnly() {
    const tests::NetworkCase net = tests::networkCase("40 -> Dropout(0.5)", 4);
    Parallel parallel(1);
    const auto output = [&](const tests::NetworkCase& run, const StepKey& key) {
        Executor executor(run.network, {.batchCapacity = 4, .mode = RunMode::Training}, parallel);
        Weights weights;
        executor.forwardTraining(run.inputSpans(), run.batch, weights, key);
        return Floats(executor.output().begin(), executor.output().end());
    };
    const Floats all = output(net, {.seed = 1, .firstSample = 8});
    tests::NetworkCase last = net;
    last.batch = 1;
    last.inputs[0].assign(net.inputs[0].end() - 40, net.inputs[0].end());
    QVERIFY(sameBits(output(last, {.seed = 1, .firstSample = 11}), std::span(all).last(40)));
    QVERIFY(!sameBits(output(last, {.seed = 1, .firstSample = 12}), std::span(all).last(40)));
    const auto kept = std::ranges::count_if(all, [](float value) { return value != 0.0F; });
    QVERIFY(kept > 50 && kept < 110);
}

void TestExecutor::stepsAllocateNothing() {
    for (const char* text : {kPlain, kBranches}) {
        tests::NetworkCase net = tests::networkCase(text, 5);
        Parallel parallel(2);
        Executor executor(net.network, {.batchCapacity = 5, .mode = RunMode::Training}, parallel);
        const auto inputs = net.inputSpans();
        const auto step = [&](std::int64_t batch) {
            executor.forwardTraining(inputs, batch, net.weights, {.seed = 1});
            std::ranges::fill(executor.outputGradient(), 0.1F);
            executor.backward(net.weights);
        };
        step(5);
        const std::int64_t before = allocations;
        step(5);
        step(3); // The last, smaller batch of an epoch.
        step(5);
        executor.forward(inputs, 4, net.weights);
        QCOMPARE(allocations.load(), before);
    }
}

/// Loss, update, metrics and all, with every optimizer.
void TestExecutor::trainingAllocatesNothing() {
    for (const char* text : {kPlain, kBranches}) {
        for (const OptimizerDef& optimizer : optimizerDefs()) {
            if (optimizer.name == "Adafactor" || optimizer.name == "Muon") {
                continue; // They take room for sums and matrices in every step.
            }
            tests::NetworkCase net = tests::networkCase(text, 70);
            const Inference inference = infer(net.graph);
            const TrainSettings settings{.optimizer = optimizer.name, .batchSize = 70};
            const auto outputs = plannedOutputs(settings, net.graph, inference).value();
            Parallel parallel(2);
            TrainStep training(net.network, settings, outputs, parallel);
            EpochMeters meters(outputs, settings.metrics);
            training.setObserver(
                [&](std::size_t output, const Outputs& said, const Targets& wanted) {
                    meters.observe(output, said, wanted);
                });
            const auto inputs = net.inputSpans();
            const std::vector<std::int32_t> labels(70, 1);
            const auto step = [&](std::int64_t batch) {
                const std::span<const std::int32_t> wanted =
                    std::span(labels).first(static_cast<std::size_t>(batch));
                const StepResult& result =
                    training.run(net.weights, inputs, batch, {.labels = wanted}, {.seed = 1});
                QVERIFY(result.notFinite.empty() && result.loss > 0.0);
                meters.add(result.loss, result.outputLosses, batch);
            };
            step(70);
            const std::int64_t before = allocations;
            step(70);
            step(3);
            step(70);
            QVERIFY2(allocations.load() == before, optimizer.name.c_str());
        }
    }
}

void TestExecutor::frozenLayersKeepStatistics() {
    Graph graph = tests::graph("4x4x2 -> Conv2D(3) -> BatchNormalization -> Flatten -> Dense(2)");
    const auto statistics = [](const Graph& made) {
        const tests::NetworkCase net = tests::networkCase(made, 3);
        Parallel parallel(1);
        Executor executor(net.network, {.batchCapacity = 3, .mode = RunMode::Training}, parallel);
        Weights weights = net.weights;
        executor.forwardTraining(net.inputSpans(), 3, weights, {});
        std::vector<bool> changed;
        for (std::size_t i = 0; i < weights.tensors.size(); ++i) {
            changed.push_back(!(weights.tensors[i] == net.weights.tensors[i]));
        }
        return changed;
    };
    // Order: kernel, bias, gamma, beta, moving_mean, moving_variance, kernel, bias.
    QCOMPARE(statistics(graph),
             (std::vector<bool>{false, false, false, false, true, true, false, false}));
    graph = apply(graph, SetTrainable{tests::node(graph, "batch_normalization"), false}).value();
    QCOMPARE(statistics(graph), std::vector<bool>(8, false));
    const tests::NetworkCase net = tests::networkCase(graph, 3);
    Parallel parallel(1);
    const Executor executor(net.network, {.batchCapacity = 3, .mode = RunMode::Training}, parallel);
    QCOMPARE(executor.gradient(0).size(), std::size_t{3 * 3 * 2 * 3});
    QVERIFY(executor.gradient(2).empty());
}

void TestExecutor::severalInputsAndOutputs() {
    const tests::NetworkCase net =
        tests::networkCase("a: 4; b: 3; a -> c: Dense(3); [b, c] -> d: Add -> Dense(2); "
                           "d -> Dense(1)",
                           2);
    const auto expected = tests::referenceActivations(net, Phase::Inference);
    Parallel parallel(1);
    Executor executor(net.network, {.batchCapacity = 2}, parallel);
    executor.forward(net.inputSpans(), 2, net.weights);
    QCOMPARE(net.network->outputs().size(), std::size_t{2});
    for (std::size_t i = 0; i < 2; ++i) {
        const std::size_t layer = net.network->outputs()[i];
        QVERIFY(reference::normError(executor.output(i), expected[layer]) <= 1e-6);
    }
}

void TestExecutor::networkThatIsOnlyAnInput() {
    const tests::NetworkCase net = tests::networkCase("3x2x1", 2);
    QCOMPARE(predicted(net, {.batchCapacity = 2}), net.inputs[0]);
}

QTEST_APPLESS_MAIN(TestExecutor)
#include "tst_executor.moc"
