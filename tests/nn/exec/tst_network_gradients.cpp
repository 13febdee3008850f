#include "tests/support/instruction_set.h"
#include "tests/support/network_case.h"
#include "tests/support/text_graph.h"

#include <QTest>

using namespace tests;

/// Whole networks, through the loss, against central differences in double precision.
class TestNetworkGradients : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void agreeWithCentralDifferences_data();
    void agreeWithCentralDifferences();
    void passThroughFrozenLayers();
    void cleanupTestCase();

private:
    double m_worst = 0.0;
    QByteArray m_worstCase;
};

void TestNetworkGradients::initTestCase() {
    if (const std::string missing = tests::missingInstructionSet(); !missing.empty()) {
        QSKIP(missing.c_str());
    }
}

void TestNetworkGradients::agreeWithCentralDifferences_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("loss");
    const auto row = [](const char* name, const char* text, TestLoss loss) {
        QTest::newRow(name) << QByteArray(text) << static_cast<int>(loss);
    };
    using enum TestLoss;
    const char* plain = "8x8x1 -> Conv2D(4, activation=relu) -> MaxPooling2D -> Flatten -> "
                        "Dropout(0.5) -> Dense(5, activation=softmax)";
    row("cross-entropy", plain, CrossEntropy);
    row("cross-entropy from logits", plain, CrossEntropyFromLogits);
    row("softmax as a layer", "6 -> Dense(8, activation=tanh) -> Dense(4) -> Softmax",
        CrossEntropyFromLogits);
    row("softmax as an activation layer, probabilities",
        "6 -> Dense(8, activation=gelu) -> Dense(4) -> Activation(softmax)", CrossEntropy);
    row("residual block",
        "6x6x2 -> a: Conv2D(4, padding=same, use_bias=False) -> BatchNormalization -> b: ReLU -> "
        "Conv2D(4, padding=same, use_bias=False) -> c: BatchNormalization; [c, b] -> Add -> "
        "Activation(relu) -> GlobalAveragePooling2D -> Dense(3, activation=softmax)",
        CrossEntropyFromLogits);
    row("branches of different depth",
        "7x7x2 -> s: Conv2D(3, activation=elu); s -> a: Conv2D(2, padding=same); "
        "s -> AveragePooling2D(3, strides=1, padding=same) -> b: Conv2D(2, kernel_size=1); "
        "[s, a, b] -> Concatenate -> Flatten -> Dense(4, activation=softmax)",
        CrossEntropy);
    row("one layer read three times, twice by one",
        "5 -> d: Dense(4); [d, d] -> e: Add; [e, d] -> Concatenate -> Dense(2)", WeightedSum);
    row("view of a layer that others read",
        "4x3x2 -> c: Conv2D(3, kernel_size=2); c -> Flatten -> a: Dense(3); "
        "c -> GlobalAveragePooling2D -> b: Dense(3); [a, b] -> Add",
        WeightedSum);
    row("identity chain",
        "6 -> Dense(5) -> Activation(linear) -> Dropout(0) -> ReLU -> Flatten -> Dense(2)",
        WeightedSum);
    row("in place after in place",
        "6 -> Dense(5) -> ReLU -> Dropout(0.3) -> BatchNormalization -> Activation(sigmoid) -> "
        "Dense(2)",
        WeightedSum);
    row("two inputs, two outputs",
        "a: 4; b: 3; a -> c: Dense(3); [b, c] -> d: Add -> Dense(2); d -> Dense(1)", WeightedSum);
    row("strided, dilated, grouped",
        "11x11x2 -> Conv2D(4, strides=2, padding=same, activation=silu) -> "
        "Conv2D(4, dilation_rate=2, padding=same, groups=2, activation=softplus) -> "
        "AveragePooling2D -> Flatten -> Dense(3)",
        WeightedSum);
    row("output without weights", "5x5x2 -> Conv2D(3) -> MaxPooling2D -> Flatten", WeightedSum);
    row("seed network",
        "9x9x1 -> Conv2D(8, activation=relu) -> MaxPooling2D -> Flatten -> "
        "Dense(10, activation=softmax)",
        CrossEntropyFromLogits);
}

void TestNetworkGradients::agreeWithCentralDifferences() {
    QFETCH(QByteArray, text);
    QFETCH(int, loss);
    nn::Parallel parallel(2);
    NetworkCase net = networkCase(text.toStdString(), 4);
    const GradientError error = gradientError(net, static_cast<TestLoss>(loss), parallel);
    if (error.whole > m_worst) {
        m_worst = error.whole;
        m_worstCase = QTest::currentDataTag();
    }
    QVERIFY2(error.whole <= 1e-6, qPrintable(QString::number(error.whole)));
    // Normalization makes some variables' gradients small differences of large numbers.
    QVERIFY2(error.variable <= 5e-6, qPrintable(QString("%1: relative error %2")
                                                    .arg(QString::fromStdString(error.name))
                                                    .arg(error.variable)));
}

void TestNetworkGradients::passThroughFrozenLayers() {
    nn::Graph graph = tests::graph("6x6x2 -> Conv2D(3) -> BatchNormalization -> Conv2D(2) -> "
                                   "Flatten -> Dense(2)");
    for (const std::string_view name : {"batch_normalization", "conv2d_1"}) {
        graph = nn::apply(graph, nn::SetTrainable{tests::node(graph, name), false}).value();
    }
    nn::Parallel parallel(1);
    NetworkCase net = networkCase(graph, 3);
    const GradientError error = gradientError(net, TestLoss::WeightedSum, parallel);
    QVERIFY2(error.whole <= 1e-6, error.name.c_str());
}

void TestNetworkGradients::cleanupTestCase() {
    qInfo("largest relative error %.2e: %s", m_worst, m_worstCase.constData());
}

QTEST_APPLESS_MAIN(TestNetworkGradients)
#include "tst_network_gradients.moc"
