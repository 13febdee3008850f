#include "nn/inspect/activations.h"
#include "tests/support/network_case.h"
#include "tests/support/text_graph.h"

#include <QTest>
#include <algorithm>
#include <numeric>

using namespace nn;

namespace {

constexpr const char* kText = "6x6x2 -> c: Conv2D(3, activation=relu) -> r: ReLU -> Flatten -> "
                              "d: Dense(4, activation=softmax)";

std::vector<Tensor> tensorsOf(const tests::NetworkCase& net) {
    std::vector<Tensor> tensors;
    for (std::size_t i = 0; i < net.inputs.size(); ++i) {
        const Shape& shape = net.network->layers()[net.network->inputs()[i]].output;
        tensors.emplace_back(shape.withBatch(net.batch), net.inputs[i]);
    }
    return tensors;
}

} // namespace

class TestActivations : public QObject {
    Q_OBJECT

private slots:
    void areThoseOfTheNetwork();
    void singleSampleNeedsNoBatchAxis();
    void inspectorServesBatchesOfAnySize();
    void predictionsAreProbabilities();
    void scoresBecomeProbabilities();
    void refusesInputsThatDoNotFit();
    void refusesWeightsOfAnotherNetwork();
};

void TestActivations::areThoseOfTheNetwork() {
    const tests::NetworkCase net = tests::networkCase(kText, 3);
    const auto expected = tests::referenceActivations(net, Phase::Inference);
    const std::vector<NodeId> ids{tests::node(net.graph, "r"), tests::node(net.graph, "c"),
                                  tests::node(net.graph, "input_layer")};
    const auto maps = activations(net.network, net.weights, tensorsOf(net), ids);
    QVERIFY(maps.has_value());
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const std::size_t layer = net.network->indexOf(ids[i]).value();
        QCOMPARE((*maps)[i].shape(), net.network->layers()[layer].output.withBatch(3));
        QVERIFY(reference::normError((*maps)[i].values(), expected[layer]) <= 1e-6);
    }
}

void TestActivations::singleSampleNeedsNoBatchAxis() {
    const tests::NetworkCase net = tests::networkCase(kText, 1);
    const std::vector<Tensor> batched = tensorsOf(net);
    const std::vector<Tensor> single{batched[0].reshaped({6, 6, 2})};
    const std::vector<NodeId> ids{tests::node(net.graph, "d")};
    QVERIFY(activations(net.network, net.weights, batched, ids).value() ==
            activations(net.network, net.weights, single, ids).value());
}

void TestActivations::inspectorServesBatchesOfAnySize() {
    Inspector inspector(tests::networkCase(kText, 1).network, 2);
    const std::vector<NodeId> ids{inspector.network().layers()[1].id};
    for (const std::int64_t batch : {2, 5, 1, 3}) {
        const tests::NetworkCase net = tests::networkCase(kText, batch);
        QVERIFY(inspector.activations(net.weights, tensorsOf(net), ids).value() ==
                activations(net.network, net.weights, tensorsOf(net), ids).value());
    }
}

void TestActivations::predictionsAreProbabilities() {
    const tests::NetworkCase net = tests::networkCase(kText, 3);
    Inspector inspector(net.network);
    const auto predictions = inspector.predictions(net.weights, tensorsOf(net));
    QVERIFY(predictions.has_value());
    QCOMPARE(predictions->size(), std::size_t{3});
    for (const Prediction& prediction : *predictions) {
        QCOMPARE(prediction.probabilities, prediction.output);
        QVERIFY(qAbs(std::reduce(prediction.output.begin(), prediction.output.end()) - 1.0F) <
                1e-5F);
        QCOMPARE(prediction.output[static_cast<std::size_t>(prediction.best)],
                 std::ranges::max(prediction.output));
    }
}

void TestActivations::scoresBecomeProbabilities() {
    const tests::NetworkCase scores = tests::networkCase("5 -> Dense(3)", 1);
    Inspector inspector(scores.network);
    const Prediction prediction =
        inspector.predictions(scores.weights, tensorsOf(scores)).value()[0];
    QVERIFY(prediction.probabilities != prediction.output);
    QVERIFY(qAbs(std::reduce(prediction.probabilities.begin(), prediction.probabilities.end()) -
                 1.0F) < 1e-5F);
    const tests::NetworkCase number = tests::networkCase("5 -> Dense(1)", 1);
    Inspector other(number.network);
    QVERIFY(other.predictions(number.weights, tensorsOf(number)).value()[0].probabilities.empty());
}

void TestActivations::refusesInputsThatDoNotFit() {
    const tests::NetworkCase net = tests::networkCase(kText, 1);
    const std::vector<Tensor> wrong{Tensor(Shape{6, 5, 2})};
    const auto result = activations(net.network, net.weights, wrong, {});
    QVERIFY(!result.has_value());
    QVERIFY2(result.error().message.find("6×6×2") != std::string::npos &&
                 result.error().message.find("6×5×2") != std::string::npos,
             result.error().message.c_str());
    QVERIFY(!activations(net.network, net.weights, {}, {}).has_value());
    const std::vector<NodeId> nobody{NodeId{99}};
    QVERIFY(!activations(net.network, net.weights, tensorsOf(net), nobody).has_value());
}

void TestActivations::refusesWeightsOfAnotherNetwork() {
    const tests::NetworkCase net = tests::networkCase(kText, 1);
    const tests::NetworkCase other = tests::networkCase("6x6x2 -> Flatten -> Dense(4)", 1);
    QVERIFY(!activations(net.network, other.weights, tensorsOf(net), {}).has_value());
}

QTEST_APPLESS_MAIN(TestActivations)
#include "tst_activations.moc"
