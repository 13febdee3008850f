#include "nn/model/nested.h"
#include "tests/support/kernel_cases.h"
#include "tests/support/nested_graphs.h"
#include "tests/support/network_case.h"
#include "tests/support/text_graph.h"

#include <QTest>
#include <algorithm>
#include <numeric>

using namespace nn;
using tests::changed;
using tests::NetworkCase;
using tests::networkCase;
using tests::node;

namespace {

/// Outputs and gradients of one step with a fixed loss gradient.
struct Step {
    std::vector<std::vector<float>> outputs;
    std::vector<std::vector<float>> gradients;
    bool operator==(const Step&) const = default;
};

std::vector<float> copied(std::span<const float> values) {
    return {values.begin(), values.end()};
}

Step stepOf(const std::shared_ptr<const Network>& network, const Weights& given,
            const std::vector<std::span<const float>>& inputs, std::int64_t batch, int threads) {
    Parallel parallel(threads);
    Executor executor(network, {.batchCapacity = batch, .mode = RunMode::Training}, parallel);
    Weights weights = given;
    executor.forwardTraining(inputs, batch, weights, {.seed = 3});
    Step step;
    for (std::size_t i = 0; i < network->outputs().size(); ++i) {
        step.outputs.push_back(copied(executor.output(i)));
    }
    for (std::size_t i = 0; i < network->outputs().size(); ++i) {
        const std::span<float> gradient = executor.outputGradient(i);
        std::iota(gradient.begin(), gradient.end(), 0.5F);
    }
    executor.backward(weights);
    for (std::size_t i = 0; i < network->variables().size(); ++i) {
        step.gradients.push_back(copied(executor.gradient(i)));
    }
    return step;
}

} // namespace

class SharedLayersTest : public QObject {
    Q_OBJECT

private slots:
    void sharedVariablesExistOnce();
    void gradientsOfAllCallsAreAdded_data();
    void gradientsOfAllCallsAreAdded();
    void gradientsAreTheSameForAnyNumberOfThreads();
    void aModelInsideComputesWhatItsLayersDo();
    void aFrozenModelInsideHasNoGradients();
    void modelsInsideAreFoundByTheirNode();
    void variablesAreInKerasOrder();
    void resultsNobodyUsesAreNotTrained();
    void outputsThatAreReadTooGetBothGradients();
};

void SharedLayersTest::sharedVariablesExistOnce() {
    const auto network = *Network::compile(tests::sharedDense());
    QCOMPARE(network->variables().size(), std::size_t{4});
    const auto layer = network->indexOf("d");
    const auto call = network->indexOf("d[1]");
    QVERIFY(layer && call);
    QCOMPARE(network->layers()[*call].variables, network->layers()[*layer].variables);
}

void SharedLayersTest::gradientsOfAllCallsAreAdded_data() {
    QTest::addColumn<int>("which");
    QTest::newRow("dense layer called twice") << 0;
    QTest::newRow("model called twice") << 1;
    QTest::newRow("layer behind itself") << 2;
}

void SharedLayersTest::gradientsOfAllCallsAreAdded() {
    QFETCH(int, which);
    Graph net = which == 0 ? tests::sharedDense() : tests::siamese();
    if (which == 1) {
        net = inlined(net, infer(net)).graph;
    }
    if (which == 2) {
        net = tests::graph("in: 5 -> d: Dense(5, activation=tanh)");
        net = changed(net, AddNode{.sharedWith = node(net, "d")});
        net = changed(net, AddNode{.sharedWith = node(net, "d")});
        net = changed(net, Connect{node(net, "d"), node(net, "d[1]"), 0});
        net = changed(net, Connect{node(net, "d[1]"), node(net, "d[2]"), 0});
    }
    Parallel parallel(2);
    NetworkCase single = networkCase(net, 3);
    const tests::GradientError error =
        gradientError(single, tests::TestLoss::WeightedSum, parallel);
    QVERIFY2(error.whole < 1e-5 && error.variable < 1e-4, error.name.c_str());
}

void SharedLayersTest::gradientsAreTheSameForAnyNumberOfThreads() {
    const NetworkCase net = networkCase(tests::sharedDense(), 7);
    const Step one = stepOf(net.network, net.weights, net.inputSpans(), 7, 1);
    for (const int threads : {2, 4}) {
        QVERIFY(stepOf(net.network, net.weights, net.inputSpans(), 7, threads) == one);
    }
}

void SharedLayersTest::aModelInsideComputesWhatItsLayersDo() {
    const Graph net = tests::siamese();
    const NetworkCase flat = networkCase(inlined(net, infer(net)).graph, 4);
    const auto network = *Network::compile(net);
    Weights weights = initialWeights(network->variables(), 1);
    for (std::size_t i = 0; i < weights.tensors.size(); ++i) {
        const Tensor* same =
            flat.weights.find(weights.variables[i].node, weights.variables[i].spec.name);
        QVERIFY(same != nullptr);
        weights.tensors[i] = *same;
    }
    const Step inside = stepOf(network, weights, flat.inputSpans(), 4, 2);
    const Step layers = stepOf(flat.network, flat.weights, flat.inputSpans(), 4, 2);
    QVERIFY(inside.outputs == layers.outputs);
    QVERIFY(inside.gradients == layers.gradients);
}

void SharedLayersTest::aFrozenModelInsideHasNoGradients() {
    Graph net = tests::withModel("6", tests::graph("6 -> Dense(4) -> Dense(3)"));
    net =
        changed(net, AddNode{.type = "Dense", .name = "e", .params = {{"units", std::int64_t{2}}}});
    net = changed(net, Connect{node(net, "inside"), node(net, "e"), 0});
    net = changed(net, SetTrainable{node(net, "inside"), false});
    const auto network = *Network::compile(net);
    std::vector<std::string> trained;
    for (const Variable& variable : network->variables()) {
        if (variable.trainable) {
            trained.push_back(variable.layer + "/" + variable.spec.name);
        }
    }
    QCOMPARE(trained, (std::vector<std::string>{"e/kernel", "e/bias"}));
}

void SharedLayersTest::modelsInsideAreFoundByTheirNode() {
    const Graph net = tests::siamese();
    const auto network = *Network::compile(net);
    const auto tower = network->indexOf(node(net, "tower"));
    QVERIFY(tower.has_value());
    QCOMPARE(network->layers()[*tower].name, std::string("tower/dense"));
    const auto call = network->indexOf(node(net, "tower[1]"));
    QVERIFY(call && *call != *tower);
}

void SharedLayersTest::variablesAreInKerasOrder() {
    // The branch that is deeper comes first, whatever was made first.
    const Graph net = tests::graph("in: 6 -> a: Dense(4); in -> b: Dense(5) -> c: Dense(4); "
                                   "a, c -> Add");
    std::vector<std::string> layers;
    for (const Variable& variable : variablesOf(net, infer(net))) {
        if (variable.spec.name == "kernel") {
            layers.push_back(variable.layer);
        }
    }
    QCOMPARE(layers, (std::vector<std::string>{"b", "a", "c"}));
}

void SharedLayersTest::resultsNobodyUsesAreNotTrained() {
    Graph net = tests::withModel("6", tests::graph("in: 6 -> x: Dense(4); in -> y: Dense(2)"));
    net =
        changed(net, AddNode{.type = "Dense", .name = "e", .params = {{"units", std::int64_t{3}}}});
    net = changed(net, Connect{node(net, "inside"), node(net, "e"), 0, 1});
    const auto network = *Network::compile(net);
    QCOMPARE(network->outputs().size(), std::size_t{1});
    QCOMPARE(network->variables().size(), std::size_t{6});
    const Weights weights = initialWeights(network->variables(), 5);
    const std::vector<float> input{1, 2, 3, 4, 5, 6};
    const Step step = stepOf(network, weights, {input}, 1, 1);
    for (std::size_t i = 0; i < step.gradients.size(); ++i) {
        const bool isUsed = network->variables()[i].layer != "inside/x";
        QCOMPARE(!step.gradients[i].empty(), isUsed);
    }
}

void SharedLayersTest::outputsThatAreReadTooGetBothGradients() {
    Graph net = tests::graph("in: 5 -> x: Dense(4, activation=tanh) -> y: Dense(3)");
    net.outputs = {{node(net, "x"), 0}, {node(net, "y"), 0}};
    NetworkCase both = networkCase(net, 3);
    QCOMPARE(both.network->outputs().size(), std::size_t{2});
    Parallel parallel(1);
    const tests::GradientError error = gradientError(both, tests::TestLoss::WeightedSum, parallel);
    QVERIFY2(error.whole < 1e-5 && error.variable < 1e-4, error.name.c_str());
}

QTEST_APPLESS_MAIN(SharedLayersTest)
#include "tst_shared_layers.moc"
