#include "nn/model/cost.h"

#include "tests/support/text_graph.h"

#include <QTest>
#include <limits>

using namespace nn;
using tests::graph;
using tests::node;

namespace {

LayerCosts costsNamed(const Graph& graph, std::string_view name) {
    const NetworkCosts costs = costsOf(infer(graph));
    const auto found = std::ranges::find(costs.layers, node(graph, name), &LayerCosts::id);
    return *found;
}

} // namespace

class CostTest : public QObject {
    Q_OBJECT

private slots:
    void countsMultiplications_data();
    void countsMultiplications();
    void countsBytes();
    void trainingMemoryGrowsWithBatchAndSlots();
    void hugeNetworksSaturate();
    void unknownShapesCostNothing();
};

void CostTest::countsMultiplications_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<qint64>("macs");
    // Output height × width × filters × kernel height × width × channels / groups.
    QTest::newRow("Conv2D") << "28x28x3 -> x: Conv2D(8, kernel_size=5)" << qint64{24 * 24 * 8 * 75};
    QTest::newRow("strides") << "28x28x3 -> x: Conv2D(8, kernel_size=5, strides=2, padding=same)"
                             << qint64{14 * 14 * 8 * 75};
    QTest::newRow("groups") << "28x28x4 -> x: Conv2D(8, kernel_size=3, groups=2)"
                            << qint64{26 * 26 * 8 * 9 * 2};
    QTest::newRow("Dense") << "100 -> x: Dense(7)" << qint64{700};
    QTest::newRow("Dense on maps") << "5x4x3 -> x: Dense(7)" << qint64{5 * 4 * 3 * 7};
    QTest::newRow("pooling") << "8x8x3 -> x: MaxPooling2D" << qint64{0};
}

void CostTest::countsMultiplications() {
    QFETCH(QString, text);
    QFETCH(qint64, macs);
    const LayerCosts costs = costsNamed(graph(text.toStdString()), "x");
    QCOMPARE(costs.macs, macs);
    QVERIFY(costs.flops >= 2 * macs);
    QVERIFY(costs.flops > 0);
}

void CostTest::countsBytes() {
    const Graph net =
        graph("8x8x1 -> c: Conv2D(4, kernel_size=3) -> b: BatchNormalization -> f: Flatten");
    const LayerCosts conv = costsNamed(net, "c");
    QCOMPARE(conv.paramBytes, 40 * 4);
    QCOMPARE(conv.activationBytes, 6 * 6 * 4 * 4);
    QCOMPARE(conv.workingBytes, (64 + 6 * 6 * 4) * 4);
    const LayerCosts norm = costsNamed(net, "b");
    QCOMPARE(norm.trainableParams, 8);
    QCOMPARE(norm.nonTrainableParams, 8);
    const LayerCosts total = costsOf(infer(net)).total;
    QCOMPARE(total.paramBytes, (40 + 16) * 4);
    QCOMPARE(total.activationBytes, (64 + 3 * 144) * 4);
    QCOMPARE(total.workingBytes, 2 * 144 * 4);
}

void CostTest::trainingMemoryGrowsWithBatchAndSlots() {
    const NetworkCosts costs = costsOf(infer(graph("10 -> Dense(5)")));
    const std::int64_t weights = 55 * 4;
    const std::int64_t perSample = (10 + 5) * 4 + costs.total.savedBytes + (10 + 5) * 4;
    QCOMPARE(costs.trainingBytes(1, 0), 2 * weights + perSample);
    QCOMPARE(costs.trainingBytes(8, 2), 4 * weights + 8 * perSample);
    QCOMPARE(costs.inferenceBytes(8), weights + 8 * 15 * 4);
}

void CostTest::hugeNetworksSaturate() {
    const NetworkCosts costs =
        costsOf(infer(graph("1048576x1048576x1 -> Conv2D(256, kernel_size=1024, padding=same) -> "
                            "Conv2D(256, kernel_size=1024, padding=same)")));
    QVERIFY(costs.total.macs > 0);
    QVERIFY(costs.total.flops >= costs.total.macs);
    QCOMPARE(costs.trainingBytes(std::int64_t{1} << 40, 3),
             std::numeric_limits<std::int64_t>::max());
}

void CostTest::unknownShapesCostNothing() {
    const LayerCosts costs = costsNamed(graph("?x?x3 -> c: Conv2D(8)"), "c");
    QCOMPARE(costs.macs, 0);
    QCOMPARE(costs.activationBytes, 0);
    QCOMPARE(costs.paramBytes, 224 * 4);
}

QTEST_APPLESS_MAIN(CostTest)
#include "tst_cost.moc"
