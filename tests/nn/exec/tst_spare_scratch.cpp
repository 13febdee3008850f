#include "nn/exec/executor.h"
#include "nn/exec/memory_plan.h"
#include "tests/support/network_case.h"

#include <QTest>
#include <algorithm>
#include <cstring>

using namespace nn;

namespace {

constexpr std::int64_t kCapacity = 2000;

/// A batch that needs more scratch than was planned for the capacity and for all small batches; 0:
/// there is none.
std::int64_t unplannedBatch(const Network& network) {
    const MemoryPlan plan =
        memoryPlan(network, {.batchCapacity = kCapacity, .mode = RunMode::Training});
    for (std::int64_t batch = 1; batch <= kCapacity; ++batch) {
        for (std::size_t i = 1; i < plan.layers.size(); ++i) {
            const KernelMemory wanted = network.layers()[i].kernel->memory(batch, Phase::Training);
            if (wanted.scratchFloats * std::int64_t{sizeof(float)} >
                plan.layers[i].forwardScratch.bytes) {
                return batch;
            }
        }
    }
    return 0;
}

/// Outputs and gradients of a step.
std::vector<float> step(Executor& executor, const tests::NetworkCase& net, std::int64_t batch) {
    Weights weights = net.weights;
    executor.forwardTraining(net.inputSpans(), batch, weights, {.seed = 1});
    std::vector<float> result(executor.output().begin(), executor.output().end());
    std::ranges::fill(executor.outputGradient(), 0.5F);
    executor.backward(weights);
    for (std::size_t i = 0; i < net.network->variables().size(); ++i) {
        const std::span<const float> gradient = executor.gradient(i);
        result.insert(result.end(), gradient.begin(), gradient.end());
    }
    return result;
}

bool sameBits(const std::vector<float>& a, const std::vector<float>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

} // namespace

/// Batches between those whose scratch is planned one by one and the capacity may be cut in a way
/// that takes more of it. Builds with assertions notice a kernel that takes more than it is given.
class TestSpareScratch : public QObject {
    Q_OBJECT

private slots:
    void unplannedBatchesGiveTheBitsOfPlannedOnes();
};

void TestSpareScratch::unplannedBatchesGiveTheBitsOfPlannedOnes() {
    const auto net =
        tests::networkCase("1000 -> Dense(200, activation=relu) -> Dense(3)", kCapacity);
    const std::int64_t batch = unplannedBatch(*net.network);
    QVERIFY2(batch > 0, "All batches fit what was planned: take another network.");
    Parallel parallel(2);
    Executor exact(net.network, {.batchCapacity = batch, .mode = RunMode::Training}, parallel);
    Executor larger(net.network, {.batchCapacity = kCapacity, .mode = RunMode::Training}, parallel);
    const std::vector<float> whole = step(larger, net, kCapacity);
    const std::vector<float> expected = step(exact, net, batch);
    QVERIFY(sameBits(step(larger, net, batch), expected));
    QVERIFY(sameBits(step(larger, net, kCapacity), whole));
    QVERIFY(sameBits(step(larger, net, batch), expected));
}

QTEST_APPLESS_MAIN(TestSpareScratch)
#include "tst_spare_scratch.moc"
