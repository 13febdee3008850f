#include "nn/exec/network.h"
#include "tests/support/text_graph.h"

#include <QTest>

using namespace nn;

namespace {

constexpr const char* kText = "6x6x2 -> Conv2D(3, use_bias=False) -> BatchNormalization -> Flatten "
                              "-> Dense(2)";

std::vector<Variable> variables(const Graph& graph) {
    return variablesOf(graph, infer(graph));
}

std::vector<std::string> names(const Graph& graph) {
    std::vector<std::string> result;
    for (const Variable& variable : variables(graph)) {
        result.push_back(variable.layer + "/" + variable.spec.name);
    }
    return result;
}

} // namespace

class TestWeights : public QObject {
    Q_OBJECT

private slots:
    void variablesComeInKerasOrder();
    void frozenLayerFreezesItsVariables();
    void sameSeedSameNumbers();
    void numbersDoNotDependOnOtherLayers();
    void equalLayersStartDifferently();
    void carriesOverWhatStillFits();
    void findsByLayerAndName();
};

void TestWeights::variablesComeInKerasOrder() {
    QCOMPARE(names(tests::graph(kText)),
             (std::vector<std::string>{
                 "conv2d/kernel", "batch_normalization/gamma", "batch_normalization/beta",
                 "batch_normalization/moving_mean", "batch_normalization/moving_variance",
                 "dense/kernel", "dense/bias"}));
}

void TestWeights::frozenLayerFreezesItsVariables() {
    Graph graph = tests::graph(kText);
    QVERIFY(variables(graph)[1].trainable);
    QVERIFY(!variables(graph)[3].trainable);
    graph = apply(graph, SetTrainable{tests::node(graph, "batch_normalization"), false}).value();
    QVERIFY(!variables(graph)[1].trainable);
    QVERIFY(variables(graph)[1].spec.trainable);
}

void TestWeights::sameSeedSameNumbers() {
    const auto all = variables(tests::graph(kText));
    QVERIFY(initialWeights(all, 5) == initialWeights(all, 5));
    QVERIFY(!(initialWeights(all, 5) == initialWeights(all, 6)));
}

void TestWeights::numbersDoNotDependOnOtherLayers() {
    // Enough weights to draw on several threads, and few enough for one: the same numbers.
    const auto large = variables(tests::graph("900 -> Dense(1200) -> Dense(900)"));
    const auto small = variables(tests::graph("900 -> Dense(1200)"));
    QVERIFY(initialWeights(large, 1).tensors[0] == initialWeights(small, 1).tensors[0]);
}

void TestWeights::equalLayersStartDifferently() {
    const Weights weights = initialWeights(variables(tests::graph("8 -> Dense(8) -> Dense(8)")), 1);
    QVERIFY(!(weights.tensors[0] == weights.tensors[2]));
}

void TestWeights::carriesOverWhatStillFits() {
    const Graph before = tests::graph(kText);
    const Graph after =
        apply(before, SetParam{tests::node(before, "dense"), "units", std::int64_t{4}}).value();
    const Weights old = initialWeights(variables(before), 1);
    const Weights fresh = initialWeights(variables(after), 2);
    const Weights carried = carriedOver(old, fresh);
    QVERIFY(carried.variables == fresh.variables);
    QVERIFY(carried.tensors[0] == old.tensors[0]);
    QVERIFY(carried.tensors[5] == fresh.tensors[5]);
}

void TestWeights::findsByLayerAndName() {
    const Graph graph = tests::graph(kText);
    const Weights weights = initialWeights(variables(graph), 1);
    QCOMPARE(weights.find(tests::node(graph, "dense"), "bias"), &weights.tensors[6]);
    QVERIFY(weights.find(tests::node(graph, "flatten"), "bias") == nullptr);
    QVERIFY(weights.find(tests::node(graph, "dense"), "gamma") == nullptr);
}

QTEST_APPLESS_MAIN(TestWeights)
#include "tst_weights.moc"
