#include "nn/model/graph.h"

#include "nn/model/wiring.h"
#include "tests/support/text_graph.h"

#include <QTest>

using namespace nn;
using tests::graph;
using tests::node;

class GraphTest : public QObject {
    Q_OBJECT

private slots:
    void findsNodes();
    void listsInputsByPort();
    void findsPaths();
    void freeNamesFillTheFirstGap();
    void plainChainsAreSequential();
    void automaticNamesFollowTheKind();
    void ordersSourcesBeforeReaders();
};

void GraphTest::findsNodes() {
    const Graph net = graph("8x8x1 -> a: ReLU");
    QCOMPARE(findNode(net, "a")->type, std::string("ReLU"));
    QVERIFY(findNode(net, node(net, "a")) == findNode(net, "a"));
    QVERIFY(findNode(net, "b") == nullptr);
    QVERIFY(findNode(net, NodeId{99}) == nullptr);
}

void GraphTest::listsInputsByPort() {
    Graph net = graph("8x8x1 -> a: ReLU -> b: ReLU; [b, a] -> s: Concatenate");
    QCOMPARE(inputsOf(net, node(net, "s")), (std::vector<NodeId>{node(net, "b"), node(net, "a")}));
    std::erase(net.edges, Edge{node(net, "b"), node(net, "s"), 0});
    QCOMPARE(inputsOf(net, node(net, "s")), (std::vector<NodeId>{kNoNode, node(net, "a")}));
    QCOMPARE(readersOf(net, node(net, "a")), (std::vector<NodeId>{node(net, "b"), node(net, "s")}));
}

void GraphTest::findsPaths() {
    const Graph net = graph("8x8x1 -> a: ReLU -> b: ReLU -> c: ReLU; a -> d: ReLU");
    QCOMPARE(pathBetween(net, node(net, "a"), node(net, "c")),
             (std::vector<NodeId>{node(net, "a"), node(net, "b"), node(net, "c")}));
    QVERIFY(reaches(net, node(net, "a"), node(net, "d")));
    QVERIFY(reaches(net, node(net, "d"), node(net, "d")));
    QVERIFY(!reaches(net, node(net, "c"), node(net, "a")));
    QVERIFY(!reaches(net, node(net, "d"), node(net, "c")));
}

void GraphTest::freeNamesFillTheFirstGap() {
    const Graph net = graph("8x8x1 -> conv2d: ReLU -> conv2d_2: ReLU");
    QCOMPARE(freeName(net, "Conv2D"), std::string("conv2d_1"));
    QCOMPARE(freeName(net, "InputLayer"), std::string("input_layer_1"));
    QCOMPARE(freeName(net, "Dense"), std::string("dense"));
}

void GraphTest::plainChainsAreSequential() {
    QVERIFY(isSequential(Graph{}));
    QVERIFY(isSequential(graph("8x8x1 -> Conv2D -> Flatten")));
    QVERIFY(isSequential(graph("Conv2D -> Flatten")));
    QVERIFY(!isSequential(graph("8x8x1 -> Conv2D; Flatten")));
    QVERIFY(!isSequential(graph("8x8x1 -> a: ReLU -> b: ReLU; a -> c: ReLU")));
    QVERIFY(!isSequential(graph("8x8x1 -> a: ReLU; [a, a] -> Add")));
    Graph functional = graph("8x8x1 -> Conv2D");
    functional.kind = GraphKind::Functional;
    QVERIFY(!isSequential(functional));
}

void GraphTest::automaticNamesFollowTheKind() {
    Graph net = graph("8x8x1 -> a: ReLU -> b: ReLU");
    QCOMPARE(modelName(net), std::string("sequential"));
    net = graph("8x8x1 -> a: ReLU -> b: ReLU; [a, b] -> Add");
    QCOMPARE(modelName(net), std::string("functional"));
    net.name = "mine";
    QCOMPARE(modelName(net), std::string("mine"));
}

void GraphTest::ordersSourcesBeforeReaders() {
    Graph net = graph("8x8x1 -> a: ReLU -> b: ReLU; [b, a] -> s: Add");
    std::ranges::reverse(net.nodes);
    const Wiring wiring(net);
    QStringList names;
    for (const std::size_t index : wiring.topologicalOrder()) {
        names << QString::fromStdString(net.nodes[index].name);
    }
    QCOMPARE(names, QStringList({"input_layer", "a", "b", "s"}));
}

QTEST_APPLESS_MAIN(GraphTest)
#include "tst_graph.moc"
