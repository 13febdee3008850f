#include "widgets/canvas/canvas_wishes.h"

#include "tests/support/widgets/network_of.h"
#include "widgets/canvas/clipboard.h"
#include "widgets/canvas/layout.h"

#include <QTest>

// g++ 12 takes members of a temporary std::variant for uninitialized when it is compared.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

using namespace widgets;
using testing::granted;
using testing::idOf;
using testing::networkOf;

class CanvasWishesTest : public QObject {
    Q_OBJECT

private slots:
    void droppingOnAWireInserts();
    void insertingMakesRoom();
    void droppingBelowTheLastCardAppends();
    void droppingOnACardGoesBehindIt();
    void droppingFarAwayStandsAlone();
    void droppingAnInputAboveConnectsIt();
    void addingGoesBehindTheSelection();
    void addingWithoutSelectionGoesToTheEnd();
    void newCardsNeverLieOnOthers();
    void connectingExplainsWhatCannotBe();
    void connectingToAnOccupiedInputTakesItOver();
    void mergingLayersTakeAFreePort();
    void deletingCanCloseTheGap();
    void pastingKeepsWiresAndArguments();
    void pastingForeignTextDoesNothing();
    void duplicatingGivesEqualLayersBesideTheFirst();
};

namespace {

constexpr const char* kChain = "28x28x1 -> Conv2D(8, kernel_size=3) -> Flatten -> Dense(10)";

CanvasScene sceneOf(const NetworkValues& network) {
    CanvasScene scene;
    scene.setNetwork(network, autoLayout(network));
    return scene;
}

std::string types(const NetworkValues& network) {
    std::string text;
    for (const nn::NodeId id : network.inference->order) {
        text += nn::findNode(*network.graph, id)->type + " ";
    }
    return text;
}

} // namespace

void CanvasWishesTest::droppingOnAWireInserts() {
    const NetworkValues network = networkOf(kChain);
    const CanvasScene scene = sceneOf(network);
    const Wire& wire = scene.wires()[1]; // Conv2D → Flatten
    const DropPlan plan = planDrop(scene, "MaxPooling2D", wire.labelPoint);
    QCOMPARE(plan.kind, DropKind::Insert);
    const EditWish wish = dropWish(scene, "MaxPooling2D", plan);
    QCOMPARE(wish.text, QStringLiteral("Insert MaxPooling2D"));
    QCOMPARE(wish.select, NodeSet{network.graph->nextId});
    QCOMPARE(types(granted(network, wish)),
             std::string("InputLayer Conv2D MaxPooling2D Flatten Dense "));
}

void CanvasWishesTest::insertingMakesRoom() {
    const NetworkValues network = networkOf(kChain);
    const CanvasScene scene = sceneOf(network);
    const DropPlan plan = planDrop(scene, "ReLU", scene.wires()[1].labelPoint);
    const EditWish wish = dropWish(scene, "ReLU", plan);
    Positions after = scene.positions();
    for (auto it = wish.positions.begin(); it != wish.positions.end(); ++it) {
        after[it.key()] = it.value();
    }
    CanvasScene next;
    next.setNetwork(granted(network, wish), after);
    for (const Card& a : next.cards()) {
        for (const Card& b : next.cards()) {
            QVERIFY(a.id == b.id || !a.rect.intersects(b.rect));
        }
    }
    // What comes before the wire stays where it is.
    QVERIFY(!wish.positions.contains(network.graph->nodes[0].id));
    QVERIFY(!wish.positions.contains(network.graph->nodes[1].id));
}

void CanvasWishesTest::droppingBelowTheLastCardAppends() {
    const NetworkValues network = networkOf(kChain);
    const CanvasScene scene = sceneOf(network);
    const Card& last = scene.cards().back();
    const QPointF below = last.outputPoint(Qt::Vertical) + QPointF(10, 60);
    const DropPlan plan = planDrop(scene, "Softmax", below);
    QCOMPARE(plan.kind, DropKind::Append);
    QCOMPARE(plan.neighbour, last.id);
    QCOMPARE(plan.rect.left(), last.rect.left());
    QVERIFY(plan.rect.top() > last.rect.bottom());
    QCOMPARE(types(granted(network, dropWish(scene, "Softmax", plan))),
             std::string("InputLayer Conv2D Flatten Dense Softmax "));
}

void CanvasWishesTest::droppingOnACardGoesBehindIt() {
    const NetworkValues network = networkOf(kChain);
    const CanvasScene scene = sceneOf(network);
    const DropPlan plan = planDrop(scene, "ReLU", scene.cards()[1].rect.center());
    QCOMPARE(types(granted(network, dropWish(scene, "ReLU", plan))),
             std::string("InputLayer Conv2D ReLU Flatten Dense "));
}

void CanvasWishesTest::droppingFarAwayStandsAlone() {
    const NetworkValues network = networkOf(kChain);
    const CanvasScene scene = sceneOf(network);
    const DropPlan plan = planDrop(scene, "ReLU", {3000, 100});
    QCOMPARE(plan.kind, DropKind::Free);
    const EditWish wish = dropWish(scene, "ReLU", plan);
    QCOMPARE(wish.edits.size(), 1U);
    QCOMPARE(wish.positions.size(), 1);
}

void CanvasWishesTest::droppingAnInputAboveConnectsIt() {
    NetworkValues network = networkOf("8x8x1 -> Flatten");
    const nn::Edit removal = nn::RemoveNode{network.graph->nodes[0].id};
    network = granted(network, {.text = {}, .edits = {removal}, .positions = {}, .select = {}});
    const CanvasScene scene = sceneOf(network);
    const DropPlan plan =
        planDrop(scene, "InputLayer", scene.cards()[0].rect.center() - QPointF(0, 120));
    QCOMPARE(plan.kind, DropKind::Prepend);
    const NetworkValues after = granted(network, dropWish(scene, "InputLayer", plan));
    QCOMPARE(after.graph->edges.size(), 1U);
}

void CanvasWishesTest::addingGoesBehindTheSelection() {
    const NetworkValues network = networkOf(kChain);
    const CanvasScene scene = sceneOf(network);
    const NodeSet selected{idOf(network, "conv2d")};
    const DropPlan plan = planAdd(scene, "ReLU", selected, {});
    QCOMPARE(types(granted(network, dropWish(scene, "ReLU", plan))),
             std::string("InputLayer Conv2D ReLU Flatten Dense "));
}

void CanvasWishesTest::addingWithoutSelectionGoesToTheEnd() {
    const NetworkValues network = networkOf(kChain);
    const CanvasScene scene = sceneOf(network);
    const DropPlan plan = planAdd(scene, "Softmax", {}, {});
    QCOMPARE(types(granted(network, dropWish(scene, "Softmax", plan))),
             std::string("InputLayer Conv2D Flatten Dense Softmax "));
}

void CanvasWishesTest::newCardsNeverLieOnOthers() {
    const NetworkValues network = networkOf(kChain);
    const CanvasScene scene = sceneOf(network);
    for (int x = -400; x <= 800; x += 100) {
        for (int y = -200; y <= 900; y += 100) {
            const DropPlan plan = planDrop(scene, "Dropout", QPointF(x, y));
            for (const Card& card : scene.cards()) {
                const QPointF corner = plan.shifted.value(card.id, card.rect.topLeft());
                QVERIFY2(!plan.rect.intersects(QRectF(corner, card.rect.size())),
                         qPrintable(QStringLiteral("%1, %2").arg(x).arg(y)));
            }
        }
    }
}

void CanvasWishesTest::connectingExplainsWhatCannotBe() {
    const NetworkValues network = networkOf(kChain);
    const nn::Graph& graph = *network.graph;
    const nn::NodeId input = graph.nodes[0].id;
    const nn::NodeId conv = graph.nodes[1].id;
    const nn::NodeId dense = graph.nodes[3].id;
    QVERIFY(connectProblem(graph, dense, conv).contains("circle"));
    QVERIFY(connectProblem(graph, conv, conv).contains("its own output"));
    QVERIFY(connectProblem(graph, conv, input).contains("takes no wire"));
    QVERIFY(connectProblem(graph, input, conv).contains("already reads"));
    QCOMPARE(connectProblem(graph, conv, dense), QString());
}

void CanvasWishesTest::connectingToAnOccupiedInputTakesItOver() {
    const NetworkValues network = networkOf(kChain);
    const nn::Graph& graph = *network.graph;
    const nn::Edge wire{graph.nodes[1].id, graph.nodes[3].id, nn::kFreePort};
    const NetworkValues after = granted(network, connectWish(graph, wire));
    QCOMPARE(nn::inputsOf(*after.graph, wire.to), std::vector<nn::NodeId>{wire.from});
}

void CanvasWishesTest::mergingLayersTakeAFreePort() {
    const NetworkValues network =
        networkOf("8x8x4 -> s: ReLU -> a: ReLU; [s, a] -> m: Add; a -> b: ReLU");
    const nn::Edge wire{idOf(network, "b"), idOf(network, "m"), nn::kFreePort};
    const NetworkValues after = granted(network, connectWish(*network.graph, wire));
    QCOMPARE(nn::inputsOf(*after.graph, wire.to).size(), 3U);
}

void CanvasWishesTest::deletingCanCloseTheGap() {
    const NetworkValues network = networkOf(kChain);
    const NodeSet conv{idOf(network, "conv2d")};
    const NetworkValues open = granted(network, removeWish(*network.graph, conv, Gap::Leave));
    QCOMPARE(open.graph->edges.size(), 1U);
    const NetworkValues closed = granted(network, removeWish(*network.graph, conv, Gap::Close));
    QCOMPARE(closed.graph->edges.size(), 2U);
}

void CanvasWishesTest::pastingKeepsWiresAndArguments() {
    const NetworkValues network =
        networkOf("28x28x1 -> Conv2D(7, kernel_size=5, padding=same, activation=relu) -> "
                  "Dropout(0.25) -> Flatten -> Dense(10, use_bias=false)");
    const CanvasScene scene = sceneOf(network);
    NodeSet all;
    for (const nn::Node& node : network.graph->nodes) {
        all.insert(node.id);
    }
    const QByteArray json = layersToJson(scene, all);
    const EditWish wish = pasteWish(*network.graph, json, {500, 500});
    const NetworkValues after = granted(network, wish);
    const std::size_t count = network.graph->nodes.size();
    QCOMPARE(after.graph->nodes.size(), 2 * count);
    QCOMPARE(after.graph->edges.size(), 2 * network.graph->edges.size());
    for (std::size_t i = 0; i < count; ++i) {
        QVERIFY(after.graph->nodes[i].params == after.graph->nodes[i + count].params);
        QVERIFY(wish.positions.contains(after.graph->nodes[i + count].id));
    }
}

void CanvasWishesTest::pastingForeignTextDoesNothing() {
    const nn::Graph graph;
    for (const char* text : {"", "hello", "{\"receptive-layers\": 3}",
                             "{\"receptive-layers\": [{\"type\": \"Nonsense\"}], \"wires\": "
                             "[[0, 1, 0], [\"a\"], 5]}"}) {
        QVERIFY(pasteWish(graph, text, {}).isEmpty());
    }
}

void CanvasWishesTest::duplicatingGivesEqualLayersBesideTheFirst() {
    const NetworkValues network = networkOf(kChain);
    const CanvasScene scene = sceneOf(network);
    const nn::NodeId conv = idOf(network, "conv2d");
    const EditWish wish = duplicateWish(scene, {conv});
    QCOMPARE(wish.text, QStringLiteral("Duplicate conv2d"));
    const NetworkValues after = granted(network, wish);
    const nn::Node& copy = after.graph->nodes.back();
    QVERIFY(copy.params == nn::findNode(*network.graph, conv)->params);
    QVERIFY(!QRectF(wish.positions[copy.id], usualCardSize()).intersects(scene.card(conv)->rect));
}

QTEST_MAIN(CanvasWishesTest)
#include "tst_canvas_wishes.moc"
