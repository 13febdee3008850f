#include "nn/model/text_graph.h"

#include "nn/model/infer.h"
#include "tests/support/text_graph.h"

#include <QTest>

using namespace nn;
using tests::graph;
using tests::node;

class TextGraphTest : public QObject {
    Q_OBJECT

private slots:
    void readsAChain();
    void readsBranchesAndNames();
    void readsWithoutInput();
    void refusesNonsense_data();
    void refusesNonsense();
};

void TextGraphTest::readsAChain() {
    const Graph net = graph("28x28x1 -> Conv2D(8, kernel_size=(3, 5), activation=relu) -> Flatten");
    QCOMPARE(net.nodes.size(), std::size_t{3});
    QCOMPARE(net.edges.size(), std::size_t{2});
    const Node& conv = *findNode(net, "conv2d");
    QCOMPARE(conv.params.at("filters"), ParamValue(std::int64_t{8}));
    QCOMPARE(conv.params.at("kernel_size"), ParamValue(Size2{3, 5}));
    QCOMPARE(conv.params.at("activation"), ParamValue(std::string("relu")));
    QVERIFY(graph("Input(28x28x1) -> Conv2D(8, (3, 5), activation='relu') -> Flatten").nodes ==
            net.nodes);
}

void TextGraphTest::readsBranchesAndNames() {
    const Graph net = graph("8x8x3 -> a: ReLU -> b: ReLU\n[b, a] -> s: Add; s -> Flatten");
    QCOMPARE(inputsOf(net, node(net, "s")), (std::vector<NodeId>{node(net, "b"), node(net, "a")}));
    QCOMPARE(readersOf(net, node(net, "s")), (std::vector<NodeId>{node(net, "flatten")}));
}

void TextGraphTest::readsWithoutInput() {
    const Graph net = graph("Conv2D -> Flatten");
    QCOMPARE(net.nodes.size(), std::size_t{2});
    QVERIFY(inputsOf(net, 1).empty());
}

void TextGraphTest::refusesNonsense_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("reason");
    QTest::newRow("unknown layer") << "8x8x1 -> Conv9D"
                                   << "Conv9D";
    QTest::newRow("unknown argument") << "8x8x1 -> Conv2D(depth=3)"
                                      << "depth=3";
    QTest::newRow("too many arguments") << "8x8x1 -> Flatten(3)"
                                        << "Flatten";
    QTest::newRow("out of range") << "8x8x1 -> Conv2D(0)"
                                  << "filters";
    QTest::newRow("no bracket") << "8x8x1 -> Conv2D(3"
                                << "')'";
    QTest::newRow("two inputs") << "8x8x1 -> a: ReLU; [a, zzz] -> Add"
                                << "zzz";
    QTest::newRow("name twice") << "8x8x1 -> a: ReLU -> a: ReLU"
                                << "taken";
}

void TextGraphTest::refusesNonsense() {
    QFETCH(QString, text);
    QFETCH(QString, reason);
    const Expected<Graph> net = textGraph(text.toStdString());
    QVERIFY(!net.has_value());
    const QString message = QString::fromStdString(net.error().message);
    QVERIFY2(message.contains(reason), qPrintable(message));
}

QTEST_APPLESS_MAIN(TextGraphTest)
#include "tst_text_graph.moc"
