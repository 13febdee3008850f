#include "nn/exec/executor.h"
#include "nn/model/registry.h"
#include "tests/support/random_graph.h"

#include <QTest>
#include <algorithm>
#include <set>

using namespace nn;

namespace {

constexpr int kGraphs = 5000;
constexpr std::int64_t kBatch = 2;

/// What went wrong when the network was run forward and backward, or nothing.
std::string runFailure(const Graph& graph, const Inference& inference, kernel_cases::Dice& dice,
                       Parallel& parallel) {
    const auto network = Network::compile(graph, inference);
    if (!network) {
        return network.error().message;
    }
    Weights weights = initialWeights((*network)->variables(), 1);
    std::vector<std::vector<float>> inputs;
    for (const std::size_t input : (*network)->inputs()) {
        inputs.push_back(dice.values(kBatch * (*network)->layers()[input].output.count()));
    }
    const std::vector<std::span<const float>> spans(inputs.begin(), inputs.end());
    Executor viewer(*network, {.batchCapacity = kBatch, .mode = RunMode::Inspection}, parallel);
    viewer.forward(spans, kBatch, weights);
    for (std::size_t i = 0; i < (*network)->layers().size(); ++i) {
        const NetworkLayer& layer = (*network)->layers()[i];
        const auto wanted =
            static_cast<std::size_t>(kBatch * inference.find(layer.id)->output->count());
        if (viewer.activation(i).size() != wanted) {
            return layer.name + " has another shape than inferred";
        }
    }
    Executor executor(*network, {.batchCapacity = kBatch, .mode = RunMode::Training}, parallel);
    executor.forwardTraining(spans, kBatch, weights, {.seed = 1});
    for (std::size_t i = 0; i < (*network)->outputs().size(); ++i) {
        std::ranges::fill(executor.outputGradient(i), 1.0F);
    }
    executor.backward(weights);
    for (std::size_t i = 0; i < (*network)->variables().size(); ++i) {
        const Variable& variable = (*network)->variables()[i];
        const auto wanted = variable.trainable
                                ? static_cast<std::size_t>(variable.spec.shape.count())
                                : std::size_t{0};
        if (executor.gradient(i).size() != wanted) {
            return variable.layer + "/" + variable.spec.name + " has no gradient of its shape";
        }
    }
    return {};
}

std::string firstError(const Inference& inference) {
    for (const Diagnostic& diagnostic : inference.diagnostics) {
        if (diagnostic.severity == Severity::Error) {
            return diagnostic.message;
        }
    }
    return {};
}

/// Whether an error names the node that was spoilt, or one on its loop.
bool blamesTheRightNode(const tests::SpoiltGraph& spoilt, const Inference& inference) {
    return std::ranges::any_of(inference.diagnostics, [&](const Diagnostic& diagnostic) {
        const bool isOnLoop = spoilt.isLoop && diagnostic.node != kNoNode &&
                              reaches(spoilt.graph, spoilt.node, diagnostic.node) &&
                              reaches(spoilt.graph, diagnostic.node, spoilt.node);
        return diagnostic.severity == Severity::Error && !diagnostic.message.empty() &&
               (diagnostic.node == spoilt.node || isOnLoop);
    });
}

} // namespace

/// Networks nobody would draw, of all kinds of layers.
class TestRandomGraphs : public QObject {
    Q_OBJECT

private slots:
    void validOnesRunWithTheShapesInferred();
    void spoiltOnesBlameTheRightNode();
};

void TestRandomGraphs::validOnesRunWithTheShapesInferred() {
    Parallel parallel(2);
    std::set<std::string> seen;
    std::size_t largest = 0;
    for (int i = 0; i < kGraphs; ++i) {
        kernel_cases::Dice dice(static_cast<std::uint64_t>(i) + 1);
        const Graph graph = tests::randomGraph(dice);
        const Inference inference = infer(graph);
        QVERIFY2(inference.isRunnable(),
                 (firstError(inference) + tests::description(graph)).c_str());
        const std::string failure = runFailure(graph, inference, dice, parallel);
        QVERIFY2(failure.empty(), (failure + tests::description(graph)).c_str());
        for (const Node& node : graph.nodes) {
            seen.insert(node.type);
        }
        largest = std::max(largest, graph.nodes.size());
    }
    QVERIFY(largest >= 40);
    for (const LayerDef& def : layerDefs()) {
        QVERIFY2(seen.contains(def.type), def.type.c_str());
    }
}

void TestRandomGraphs::spoiltOnesBlameTheRightNode() {
    std::set<std::string> seen;
    int count = 0;
    for (std::uint64_t seed = 1; count < kGraphs; ++seed) {
        kernel_cases::Dice dice(seed + 1'000'000);
        const auto spoilt = tests::spoiltGraph(tests::randomGraph(dice), dice);
        if (!spoilt) {
            continue;
        }
        ++count;
        seen.insert(spoilt->what);
        const Inference inference = infer(spoilt->graph);
        const std::string what = spoilt->what + " at node " + std::to_string(spoilt->node);
        QVERIFY2(!inference.isRunnable(), (what + tests::description(spoilt->graph)).c_str());
        QVERIFY2(blamesTheRightNode(*spoilt, inference),
                 (what + tests::description(spoilt->graph)).c_str());
        QVERIFY(!Network::compile(spoilt->graph, inference).has_value());
    }
    QVERIFY(seen.size() >= 6);
}

QTEST_APPLESS_MAIN(TestRandomGraphs)
#include "tst_random_graphs.moc"
