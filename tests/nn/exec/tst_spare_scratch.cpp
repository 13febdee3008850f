#include "nn/exec/executor.h"
#include "nn/exec/memory_plan.h"
#include "nn/model/infer.h"
#include "tests/support/network_case.h"

#include <QTest>
#include <algorithm>
#include <cstring>

using namespace nn;

namespace {

constexpr std::int64_t kCapacity = 2000;
constexpr const char* kNet = "1000 -> Dense(200, activation=relu) -> Dense(3)";

/// A kernel that counts the calls for which it is given less scratch than it asks for. It does not
/// pass these on.
class CountingKernel : public Kernel {
public:
    CountingKernel(std::shared_ptr<const Kernel> kernel, int& cut)
        : m_kernel(std::move(kernel)), m_cut(cut) {}

    [[nodiscard]] KernelMemory memory(std::int64_t batch, Phase phase) const override {
        return m_kernel->memory(batch, phase);
    }
    void forward(const ForwardArgs& args) const override {
        if (fits(args.batch, args.scratch)) {
            m_kernel->forward(args);
        }
    }
    void backward(const BackwardArgs& args) const override {
        if (fits(args.batch, args.scratch)) {
            m_kernel->backward(args);
        }
    }

private:
    bool fits(std::int64_t batch, std::span<const float> scratch) const {
        const bool enough = std::ssize(scratch) >= memory(batch, Phase::Training).scratchFloats;
        m_cut += enough ? 0 : 1;
        return enough;
    }

    std::shared_ptr<const Kernel> m_kernel;
    int& m_cut;
};

/// A network whose kernels count the calls with too little scratch in `cut`.
std::shared_ptr<const Network> countingNetwork(const Graph& graph, int& cut) {
    Inference known = infer(graph);
    std::vector<std::unique_ptr<LayerDef>> defs;
    for (auto& [id, node] : known.nodes) {
        auto def = std::make_unique<LayerDef>(*node->def);
        if (def->kernel) {
            def->kernel = [make = node->def->kernel, &cut](const LayerContext& context,
                                                           const Shape& output) {
                return std::make_shared<const CountingKernel>(make(context, output), cut);
            };
        }
        NodeInference counting = *node;
        counting.def = def.get();
        node = std::make_shared<const NodeInference>(counting);
        defs.push_back(std::move(def));
    }
    return Network::compile(graph, known).value();
}

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
/// that takes more of it.
class TestSpareScratch : public QObject {
    Q_OBJECT

private slots:
    void unplannedBatchesHaveAllTheirScratch();
    void unplannedBatchesGiveTheBitsOfPlannedOnes();
};

void TestSpareScratch::unplannedBatchesHaveAllTheirScratch() {
    int cut = 0;
    auto net = tests::networkCase(kNet, kCapacity);
    net.network = countingNetwork(net.graph, cut);
    const std::int64_t batch = unplannedBatch(*net.network);
    QVERIFY2(batch > 0, "All batches fit what was planned: take another network.");
    Parallel parallel(2);
    Executor executor(net.network, {.batchCapacity = kCapacity, .mode = RunMode::Training},
                      parallel);
    for (const std::int64_t rows : {kCapacity, batch, std::int64_t{1}, batch, kCapacity}) {
        step(executor, net, rows);
        QCOMPARE(cut, 0);
    }
}

void TestSpareScratch::unplannedBatchesGiveTheBitsOfPlannedOnes() {
    const auto net = tests::networkCase(kNet, kCapacity);
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
