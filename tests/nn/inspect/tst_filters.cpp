#include "nn/inspect/filters.h"
#include "tests/support/network_case.h"
#include "tests/support/text_graph.h"

#include <QTest>

using namespace nn;

class TestFilters : public QObject {
    Q_OBJECT

private slots:
    void areTheKernelOfAConvolution();
    void otherLayersHaveNone();
    void rangeIsThatOfTheValues();
};

void TestFilters::areTheKernelOfAConvolution() {
    const tests::NetworkCase net =
        tests::networkCase("6x6x2 -> a: Conv2D(3) -> b: Conv2D(5, kernel_size=(2, 1))", 1);
    const Tensor* filters = filtersOf(net.weights, tests::node(net.graph, "b"));
    QCOMPARE(filters, &net.weights.tensors[2]);
    QCOMPARE(filters->shape(), (Shape{2, 1, 3, 5}));
    QCOMPARE(layersWithFilters(net.weights),
             (std::vector<NodeId>{tests::node(net.graph, "a"), tests::node(net.graph, "b")}));
}

void TestFilters::otherLayersHaveNone() {
    const tests::NetworkCase net = tests::networkCase("6x6x2 -> Flatten -> d: Dense(3)", 1);
    QVERIFY(filtersOf(net.weights, tests::node(net.graph, "d")) == nullptr);
    QVERIFY(layersWithFilters(net.weights).empty());
}

void TestFilters::rangeIsThatOfTheValues() {
    const std::vector<float> values{-3.0F, 1.0F, 2.0F, 4.0F};
    const TensorRange range = rangeOf(Tensor(Shape{2, 2}, values));
    QCOMPARE(range.min, -3.0F);
    QCOMPARE(range.max, 4.0F);
    QCOMPARE(range.mean, 1.0);
    QCOMPARE(range.rootMeanSquare, std::sqrt(7.5));
    QCOMPARE(rangeOf(Tensor()).max, 0.0F);
}

QTEST_APPLESS_MAIN(TestFilters)
#include "tst_filters.moc"
