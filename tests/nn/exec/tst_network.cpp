#include "nn/exec/network.h"
#include "tests/support/text_graph.h"

#include <QTest>

using namespace nn;

namespace {

std::string problem(const Graph& graph) {
    const auto network = Network::compile(graph);
    return network ? "" : network.error().message;
}

} // namespace

class TestNetwork : public QObject {
    Q_OBJECT

private slots:
    void layersComeInTopologicalOrder();
    void knowsWhereGradientsAreNeeded();
    void knowsItsReaders();
    void variablesBelongToTheirLayers();
    void refusesBrokenNetworksByLayer();
    void refusesOpenShapes();
    void refusesNetworksWithoutInput();
};

void TestNetwork::layersComeInTopologicalOrder() {
    const Graph graph =
        tests::graph("a: 4; b: 4; a -> c: Dense(4); [c, b] -> d: Add; d -> e: ReLU");
    const auto network = Network::compile(graph).value();
    for (std::size_t i = 0; i < network->layers().size(); ++i) {
        for (const std::size_t source : network->layers()[i].inputs) {
            QVERIFY(source < i);
        }
    }
    QCOMPARE(network->inputs().size(), std::size_t{2});
    QCOMPARE(network->outputs(), (std::vector<std::size_t>{network->indexOf("e").value()}));
    QCOMPARE(network->indexOf(tests::node(graph, "d")), network->indexOf("d"));
    QVERIFY(!network->indexOf("nobody").has_value());
    QVERIFY(!network->indexOf(NodeId{99}).has_value());
}

void TestNetwork::knowsWhereGradientsAreNeeded() {
    Graph graph = tests::graph("4x4x1 -> a: Conv2D(2) -> b: Flatten -> c: Dense(3) -> d: Softmax");
    graph = apply(graph, SetTrainable{tests::node(graph, "a"), false}).value();
    const auto network = Network::compile(graph).value();
    const auto needs = [&](std::string_view name) {
        return network->layers()[network->indexOf(name).value()].needsGradient;
    };
    QVERIFY(!needs("a"));
    QVERIFY(!needs("b"));
    QVERIFY(needs("c"));
    QVERIFY(needs("d"));
}

void TestNetwork::knowsItsReaders() {
    const auto network =
        Network::compile(tests::graph("4 -> a: Dense(3); [a, a] -> b: Add; [b, a] -> Add")).value();
    QCOMPARE(network->layers()[1].readers, (std::vector<std::size_t>{2, 2, 3}));
    QVERIFY(network->layers()[3].readers.empty());
}

void TestNetwork::variablesBelongToTheirLayers() {
    const auto network =
        Network::compile(tests::graph("4x4x1 -> Conv2D(2) -> BatchNormalization -> Flatten -> "
                                      "Dense(3, use_bias=False)"))
            .value();
    QCOMPARE(network->layers()[1].variables, (std::vector<std::size_t>{0, 1}));
    QCOMPARE(network->layers()[2].variables, (std::vector<std::size_t>{2, 3, 4, 5}));
    QCOMPARE(network->layers()[4].variables, (std::vector<std::size_t>{6}));
    QCOMPARE(network->variables()[6].layer, std::string("dense"));
}

void TestNetwork::refusesBrokenNetworksByLayer() {
    const Graph graph = tests::graph("4x4x1 -> Flatten -> Conv2D(2)");
    const std::string message = problem(graph);
    QVERIFY2(message.starts_with("'conv2d': Conv2D needs an image"), message.c_str());
}

void TestNetwork::refusesOpenShapes() {
    const std::string message = problem(tests::graph("?x?x3 -> Conv2D(2)"));
    QVERIFY2(message.find("input_layer") != std::string::npos, message.c_str());
    QVERIFY2(message.find("Give every Input layer") != std::string::npos, message.c_str());
}

void TestNetwork::refusesNetworksWithoutInput() {
    QVERIFY(problem(Graph{}).find("Input") != std::string::npos);
}

QTEST_APPLESS_MAIN(TestNetwork)
#include "tst_network.moc"
