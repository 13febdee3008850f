#include "widgets/canvas/layout.h"

#include "tests/support/widgets/network_of.h"
#include "widgets/canvas/card.h"

#include <QRandomGenerator>
#include <QTest>

using namespace widgets;

class LayoutTest : public QObject {
    Q_OBJECT

private slots:
    void chainStandsInOneColumn();
    void branchesStandSideBySide();
    void skipConnectionLeavesTheChainStraight();
    void unconnectedLayersGetAPlaceOfTheirOwn();
    void everyReaderIsBelowItsSources();
    void cardsNeverOverlapOnRandomGraphs();
    void horizontalFlowGoesToTheRight();
    void sameGraphGetsTheSamePlaces();
    void longNetworksAreFoldedIntoColumns();
};

namespace {

nn::Graph randomGraph(quint32 seed) {
    QRandomGenerator random(seed);
    nn::Graph graph;
    const int count = 2 + random.bounded(60);
    for (int i = 0; i < count; ++i) {
        graph.nodes.push_back({.id = graph.nextId++, .type = "Add", .name = "n"});
    }
    const int wires = random.bounded(3 * count);
    for (int i = 0; i < wires; ++i) {
        const int from = random.bounded(count - 1);
        const int to = from + 1 + random.bounded(count - from - 1);
        graph.edges.push_back({from + 1, to + 1, i});
    }
    return graph;
}

QRectF cardRect(const Positions& positions, nn::NodeId node) {
    return {positions.value(node), usualCardSize()};
}

} // namespace

void LayoutTest::chainStandsInOneColumn() {
    const auto network = testing::networkOf("8x8x1 -> Conv2D(4) -> ReLU -> Flatten -> Dense(10)");
    const Positions positions = autoLayout(network);
    QCOMPARE(positions.size(), 5);
    qreal before = -1e9;
    for (const nn::Node& node : network.graph->nodes) {
        QCOMPARE(positions[node.id].x(), positions[network.graph->nodes.front().id].x());
        QVERIFY(positions[node.id].y() > before);
        before = positions[node.id].y();
    }
}

void LayoutTest::branchesStandSideBySide() {
    const auto network = testing::networkOf(
        "8x8x1 -> s: ReLU -> a: Conv2D(4, padding=same); s -> b: Conv2D(4, padding=same); "
        "[a, b] -> Add");
    const Positions positions = autoLayout(network);
    const QPointF a = positions[testing::idOf(network, "a")];
    const QPointF b = positions[testing::idOf(network, "b")];
    QCOMPARE(a.y(), b.y());
    QVERIFY(std::abs(a.x() - b.x()) >= kCardWidth);
}

void LayoutTest::skipConnectionLeavesTheChainStraight() {
    const auto network =
        testing::networkOf("8x8x4 -> s: ReLU -> a: Conv2D(4, padding=same) -> b: Conv2D(4, "
                           "padding=same); [s, b] -> m: Add");
    const Positions positions = autoLayout(network);
    const qreal x = positions[testing::idOf(network, "s")].x();
    for (const char* name : {"a", "b", "m"}) {
        QCOMPARE(positions[testing::idOf(network, name)].x(), x);
    }
}

void LayoutTest::unconnectedLayersGetAPlaceOfTheirOwn() {
    nn::Graph graph;
    for (int i = 0; i < 3; ++i) {
        graph.nodes.push_back({.id = graph.nextId++, .type = "ReLU", .name = "n"});
    }
    const Positions positions = autoLayout(graph, {});
    QVERIFY(!cardRect(positions, 1).intersects(cardRect(positions, 2)));
    QVERIFY(!cardRect(positions, 2).intersects(cardRect(positions, 3)));
    QVERIFY(!cardRect(positions, 1).intersects(cardRect(positions, 3)));
}

void LayoutTest::everyReaderIsBelowItsSources() {
    for (quint32 seed = 0; seed < 40; ++seed) {
        const nn::Graph graph = randomGraph(seed);
        const Positions positions = autoLayout(graph, {});
        for (const nn::Edge& edge : graph.edges) {
            QVERIFY2(cardRect(positions, edge.from).bottom() < cardRect(positions, edge.to).top(),
                     qPrintable(QStringLiteral("seed %1").arg(seed)));
        }
    }
}

void LayoutTest::cardsNeverOverlapOnRandomGraphs() {
    for (quint32 seed = 0; seed < 40; ++seed) {
        const nn::Graph graph = randomGraph(seed);
        for (const int fold : {0, 6}) {
            LayoutOptions options;
            options.foldAfter = fold;
            const Positions positions = autoLayout(graph, {}, options);
            QCOMPARE(positions.size(), static_cast<qsizetype>(graph.nodes.size()));
            for (const nn::Node& a : graph.nodes) {
                for (const nn::Node& b : graph.nodes) {
                    QVERIFY2(a.id >= b.id ||
                                 !cardRect(positions, a.id).intersects(cardRect(positions, b.id)),
                             qPrintable(QStringLiteral("seed %1 fold %2").arg(seed).arg(fold)));
                }
            }
        }
    }
}

void LayoutTest::horizontalFlowGoesToTheRight() {
    const auto network = testing::networkOf("8x8x1 -> Conv2D(4) -> Flatten");
    LayoutOptions options;
    options.orientation = Qt::Horizontal;
    const Positions positions = autoLayout(*network.graph, {}, options);
    QVERIFY(cardRect(positions, 1).right() < cardRect(positions, 2).left());
    QCOMPARE(positions[1].y(), positions[3].y());
}

void LayoutTest::sameGraphGetsTheSamePlaces() {
    const nn::Graph graph = randomGraph(7);
    QCOMPARE(autoLayout(graph, {}), autoLayout(graph, {}));
}

void LayoutTest::longNetworksAreFoldedIntoColumns() {
    const auto network = testing::networkOf(testing::longChain(200));
    const Positions positions = autoLayout(network);
    QRectF bounds;
    for (const nn::Node& node : network.graph->nodes) {
        bounds |= cardRect(positions, node.id);
    }
    const qreal shape = bounds.width() / bounds.height();
    QVERIFY2(shape > 0.8 && shape < 3.0, qPrintable(QString::number(shape)));
}

QTEST_MAIN(LayoutTest)
#include "tst_layout.moc"
