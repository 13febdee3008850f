#include "nn/io/project_file.h"
#include "nn/model/cost.h"
#include "nn/model/nested.h"
#include "nn/model/summary.h"
#include "tests/support/nested_graphs.h"
#include "tests/support/text_graph.h"

#include <QTest>

using namespace nn;
using tests::changed;
using tests::graph;
using tests::node;
using tests::siamese;

class NestedTest : public QObject {
    Q_OBJECT

private slots:
    void furtherCallsHaveTheLayersNameAndArguments();
    void changingACallChangesTheLayer();
    void removingTheLayerMakesItsCallTheLayer();
    void weightsOfSharedLayersCountOnce();
    void callsWithOtherInputsAreRefused();
    void aModelInsideHasTheShapesAndWeightsOfItsLayers();
    void aModelInsideRefusesOtherShapes();
    void aChainWithoutInputTakesWhatComesIn();
    void modelsWithoutContentAreRefused();
    void inliningPutsTheLayersInPlace();
    void innerIdsDependOnThePathOnly();
    void summaryShowsCallsAndLayersInside();
    void unusedResultsOfAModelAreNoOutputs();
    void jsonKeepsModelsAndCalls();
    void jsonRefusesWrongCalls_data();
    void jsonRefusesWrongCalls();
    void outputsInTheMiddleAreKept();
};

void NestedTest::furtherCallsHaveTheLayersNameAndArguments() {
    const Graph net = tests::sharedDense();
    const Node& call = *findNode(net, "d[1]");
    QCOMPARE(call.sharedWith, node(net, "d"));
    QVERIFY(call.params == findNode(net, "d")->params);
    QVERIFY(!isSequential(net));
    const Graph renamed = changed(net, RenameNode{call.id, "twin"});
    QVERIFY(findNode(renamed, "twin") != nullptr);
    QVERIFY(findNode(renamed, "twin[1]") != nullptr);
    const Graph third = changed(renamed, AddNode{.sharedWith = call.id});
    QCOMPARE(third.nodes.back().name, std::string("twin[2]"));
    QCOMPARE(third.nodes.back().sharedWith, node(net, "d"));
    QVERIFY(!nn::apply(net, AddNode{.sharedWith = node(net, "a")}));
    QVERIFY(!nn::apply(net, AddNode{.sharedWith = 999}));
}

void NestedTest::changingACallChangesTheLayer() {
    const Graph net = tests::sharedDense();
    const Graph wider = changed(net, SetParam{node(net, "d[1]"), "units", std::int64_t{9}});
    QVERIFY(findNode(wider, "d")->params == findNode(wider, "d[1]")->params);
    QCOMPARE(*infer(wider).find(node(net, "d"))->output, (Shape{9}));
    const Graph frozen = changed(net, SetTrainable{node(net, "d[1]"), false});
    QVERIFY(!findNode(frozen, "d")->trainable);
}

void NestedTest::removingTheLayerMakesItsCallTheLayer() {
    const Graph net = tests::sharedDense();
    const Graph without = changed(net, RemoveNode{node(net, "d")});
    QCOMPARE(findNode(without, "d")->id, node(net, "d[1]"));
    QCOMPARE(findNode(without, "d")->sharedWith, kNoNode);
    QVERIFY(findNode(without, "d[1]") == nullptr);
}

void NestedTest::weightsOfSharedLayersCountOnce() {
    const Graph net = tests::sharedDense();
    const Inference inference = infer(net);
    QVERIFY(inference.isRunnable());
    QCOMPARE(inference.find(node(net, "d[1]"))->trainableParams, 0);
    QCOMPARE(costsOf(inference).total.trainableParams, 6 * 4 + 4 + 4 * 3 + 3);
    // Both calls are computed.
    QCOMPARE(costsOf(inference).total.macs, 2 * 6 * 4 + 4 * 3);
}

void NestedTest::callsWithOtherInputsAreRefused() {
    Graph net = tests::sharedDense();
    net = changed(net, SetParam{node(net, "b"), "shape", std::vector<std::int64_t>{7}});
    const Inference inference = infer(net);
    QVERIFY(!inference.isRunnable());
    QCOMPARE(inference.diagnostics.front().node, node(net, "d[1]"));
    const QString message = QString::fromStdString(inference.diagnostics.front().message);
    QVERIFY2(message.contains("kernel of 7×4 instead of 6×4"), qPrintable(message));
}

void NestedTest::aModelInsideHasTheShapesAndWeightsOfItsLayers() {
    const Graph net = siamese();
    const Inference inference = infer(net);
    QVERIFY(inference.isRunnable());
    const NodeInference& tower = *inference.find(node(net, "tower"));
    QCOMPARE(*tower.output, (Shape{5}));
    QCOMPARE(tower.trainableParams, 30 + 545);
    QCOMPARE(tower.weights.front().name, std::string("conv2d/kernel"));
    QVERIFY(tower.cost.macs > 0);
    const Graph frozen = changed(net, SetTrainable{node(net, "tower"), false});
    QCOMPARE(infer(frozen).find(node(net, "tower"))->nonTrainableParams, 575);
}

void NestedTest::aModelInsideRefusesOtherShapes() {
    const Graph net = siamese();
    const Graph other =
        changed(net, SetParam{node(net, "b"), "shape", std::vector<std::int64_t>{9, 9, 1}});
    const Inference inference = infer(other);
    QVERIFY(!inference.isRunnable());
    const QString message = QString::fromStdString(inference.diagnostics.front().message);
    QVERIFY2(message.contains("expects 8×8×1") && message.contains("9×9×1"), qPrintable(message));
}

void NestedTest::aChainWithoutInputTakesWhatComesIn() {
    Graph inside = graph("c: Conv2D(2, 3) -> f: Flatten");
    const Graph net = tests::withModel("6x6x1", inside);
    QCOMPARE(*infer(net).find(node(net, "inside"))->output, (Shape{32}));
    const Graph wider = changed(
        net, SetParam{node(net, "input_layer"), "shape", std::vector<std::int64_t>{8, 8, 1}});
    QCOMPARE(*infer(wider).find(node(net, "inside"))->output, (Shape{72}));
}

void NestedTest::modelsWithoutContentAreRefused() {
    QVERIFY(!nn::apply(Graph{}, AddNode{.type = "Sequential"}));
    Graph hand = graph("6x6x1");
    hand.nodes.push_back({.id = hand.nextId++, .type = "Functional", .name = "empty"});
    hand.edges.push_back({hand.nodes[0].id, hand.nodes[1].id, 0});
    QVERIFY(!infer(hand).isRunnable());
}

void NestedTest::inliningPutsTheLayersInPlace() {
    const Graph net = siamese();
    const InlinedGraph flat = inlined(net, infer(net));
    QVERIFY(!holdsModels(flat.graph));
    QVERIFY(infer(flat.graph).isRunnable());
    const Node* layer = findNode(flat.graph, "tower/conv2d");
    const Node* call = findNode(flat.graph, "tower[1]/conv2d");
    QVERIFY(layer != nullptr && call != nullptr);
    QCOMPARE(layer->sharedWith, kNoNode);
    QCOMPARE(call->sharedWith, layer->id);
    QCOMPARE(flat.layers.size(), std::size_t{6});
    QCOMPARE(flat.results.at(node(net, "tower")).front(), findNode(flat.graph, "tower/dense")->id);
    QCOMPARE(flat.graph.outputs.size(), std::size_t{1});
}

void NestedTest::innerIdsDependOnThePathOnly() {
    const Graph net = siamese();
    Graph more = changed(net, AddNode{.type = "Flatten"});
    more = changed(more, RenameNode{node(net, "tower"), "eyes"});
    more = changed(more, Connect{node(net, "sum"), node(more, "flatten"), 0});
    const NodeId before = findNode(inlined(net, infer(net)).graph, "tower/conv2d")->id;
    const NodeId after = findNode(inlined(more, infer(more)).graph, "eyes/conv2d")->id;
    QCOMPARE(after, before);
    QVERIFY(before < 0);
}

void NestedTest::summaryShowsCallsAndLayersInside() {
    const Graph net = siamese();
    const Summary summary = summaryOf(net, infer(net));
    QCOMPARE(summary.rows.size(), std::size_t{4});
    QCOMPARE(summary.rows[2].name, std::string("tower"));
    QCOMPARE(summary.rows[2].connectedTo, (std::vector<std::string>{"a[0][0]", "b[0][0]"}));
    QCOMPARE(summary.rows[3].connectedTo, (std::vector<std::string>{"tower[0][0]", "tower[1][0]"}));
    QCOMPARE(summary.rows[2].inner.size(), std::size_t{3});
    QCOMPARE(summary.totalParams, 575);
    const std::string folded = summaryText(summary, {});
    const std::string expanded = summaryText(summary, {.expandNested = true});
    QVERIFY(folded.find("conv2d") == std::string::npos);
    QVERIFY(expanded.find("│    └ conv2d (Conv2D) ") != std::string::npos);
    const std::string old =
        summaryText(summary, {.style = SummaryStyle::Keras2, .expandNested = true});
    QVERIFY(old.find("\n| conv2d (Conv2D) ") != std::string::npos);
    QVERIFY(old.find("\n|¯¯") != std::string::npos);
}

void NestedTest::unusedResultsOfAModelAreNoOutputs() {
    Graph inside = graph("in: 6 -> x: Dense(4); in -> y: Dense(2)");
    Graph net = tests::withModel("6", inside);
    QCOMPARE(outputsOf(net).size(), std::size_t{2});
    net = changed(net,
                  AddNode{.type = "Dense", .name = "end", .params = {{"units", std::int64_t{3}}}});
    net = changed(net, Connect{node(net, "inside"), node(net, "end"), 0, 1});
    QVERIFY(!nn::apply(net, Connect{node(net, "inside"), node(net, "end"), 0, 2}));
    QCOMPARE(outputsOf(net), (std::vector<Source>{{node(net, "end"), 0}}));
    QCOMPARE(infer(net).find(node(net, "end"))->weights.front().shape, (Shape{2, 3}));
}

void NestedTest::jsonKeepsModelsAndCalls() {
    for (const Graph& net : {siamese(), tests::sharedDense()}) {
        const Expected<Graph> again = io::graphFromJson(io::graphJson(net));
        QVERIFY2(again.has_value(), again ? "" : again.error().message.c_str());
        QVERIFY(*again == net);
    }
}

void NestedTest::jsonRefusesWrongCalls_data() {
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("to");
    QTest::newRow("nobody") << "\"shared_with\":3"
                            << "\"shared_with\":77";
    QTest::newRow("an input") << "\"shared_with\":3"
                              << "\"shared_with\":1";
    QTest::newRow("no number") << "\"shared_with\":3"
                               << "\"shared_with\":\"d\"";
    QTest::newRow("itself") << "\"shared_with\":3"
                            << "\"shared_with\":4";
}

void NestedTest::jsonRefusesWrongCalls() {
    QFETCH(QString, from);
    QFETCH(QString, to);
    QString text = QString::fromStdString(io::graphJson(tests::sharedDense()).dump());
    QVERIFY(text.contains(from));
    text.replace(from, to);
    QVERIFY(!io::graphFromJson(*io::parsedJson(text.toStdString())));
}

void NestedTest::outputsInTheMiddleAreKept() {
    Graph net = graph("in: 6 -> x: Dense(4) -> y: Dense(2)");
    net.outputs = {{node(net, "y"), 0}, {node(net, "x"), 0}};
    QCOMPARE(outputsOf(net), net.outputs);
    const Expected<Graph> again = io::graphFromJson(io::graphJson(net));
    QVERIFY(again && *again == net);
    const Graph longer = changed(changed(net, AddNode{.type = "Flatten", .name = "f"}),
                                 Connect{node(net, "y"), net.nextId, 0});
    QCOMPARE(outputsOf(longer), (std::vector<Source>{{node(net, "x"), 0}, {net.nextId, 0}}));
    QVERIFY(changed(net, RemoveNode{node(net, "x")}).outputs.size() == 1);
}

QTEST_APPLESS_MAIN(NestedTest)
#include "tst_nested.moc"
