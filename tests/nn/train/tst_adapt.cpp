#include "nn/train/adapt.h"

#include "tests/support/kernel_cases.h"
#include "tests/support/text_graph.h"

#include <QTest>

#include <cmath>

using namespace nn;

namespace {

/// A network with its weights, adapted to 60 samples in batches of 25.
struct Adapted {
    Graph graph;
    std::shared_ptr<const Network> network;
    Weights weights;
    std::vector<float> data;
};

void adapt(Adapted& net) {
    Parallel parallel(2);
    const std::int64_t length = net.network->layers()[net.network->inputs()[0]].output.count();
    const auto total = static_cast<std::int64_t>(net.data.size()) / length;
    const auto source = [&](const BatchVisitor& visit) {
        for (std::int64_t first = 0; first < total; first += 25) {
            const std::int64_t rows = std::min<std::int64_t>(25, total - first);
            const std::span<const float> batch[] = {std::span(net.data).subspan(
                static_cast<std::size_t>(first * length), static_cast<std::size_t>(rows * length))};
            visit(batch, rows);
        }
    };
    adaptNormalizations({.graph = net.graph, .network = net.network, .batchSize = 25}, source,
                        net.weights, parallel);
}

Adapted adapted(std::string_view text) {
    Adapted net{.graph = tests::graph(text), .network = {}, .weights = {}, .data = {}};
    net.network = Network::compile(net.graph).value();
    net.weights = initialWeights(net.network->variables(), 1);
    kernel_cases::Dice dice(3);
    net.data = dice.values(60 * net.network->layers()[net.network->inputs()[0]].output.count());
    for (std::size_t i = 0; i < net.data.size(); ++i) {
        net.data[i] = net.data[i] * static_cast<float>(1 + i % 3) + 100.0F;
    }
    adapt(net);
    return net;
}

/// Mean and variance of every third value from `channel` on.
std::pair<double, double> momentsOf(const std::vector<float>& values, std::size_t channel) {
    double mean = 0.0;
    double squares = 0.0;
    const auto count = static_cast<double>(values.size() / 3);
    for (std::size_t i = channel; i < values.size(); i += 3) {
        mean += static_cast<double>(values[i]) / count;
    }
    for (std::size_t i = channel; i < values.size(); i += 3) {
        squares += std::pow(static_cast<double>(values[i]) - mean, 2) / count;
    }
    return {mean, squares};
}

} // namespace

/// Normalization layers measure the training data before training.
class TestAdapt : public QObject {
    Q_OBJECT

private slots:
    void measuresEachChannel();
    void measuresAllValuesTogetherWithoutAxes();
    void measuresBehindOtherLayers();
    void keepsWhatWasMeasuredBefore();
};

void TestAdapt::measuresEachChannel() {
    const Adapted net = adapted("4x5x3 -> Normalization");
    for (std::size_t channel = 0; channel < 3; ++channel) {
        const auto [mean, variance] = momentsOf(net.data, channel);
        const auto& tensors = net.weights.tensors;
        QVERIFY(std::abs(static_cast<double>(tensors[0].values()[channel]) - mean) < 1e-5);
        QVERIFY(std::abs(static_cast<double>(tensors[1].values()[channel]) / variance - 1.0) <
                1e-6);
    }
    QCOMPARE(net.weights.tensors[2].values()[0], 1200.0F);
}

void TestAdapt::measuresAllValuesTogetherWithoutAxes() {
    const Adapted net = adapted("4x5x3 -> Normalization(axis=[])");
    double mean = 0.0;
    for (const float value : net.data) {
        mean += static_cast<double>(value) / static_cast<double>(net.data.size());
    }
    QCOMPARE(net.weights.tensors[0].size(), std::int64_t{1});
    QVERIFY(std::abs(static_cast<double>(net.weights.tensors[0].values()[0]) - mean) < 1e-5);
}

void TestAdapt::measuresBehindOtherLayers() {
    const Adapted net = adapted("4x5x3 -> Rescaling(0.5, offset=-50) -> Normalization");
    const auto [mean, variance] = momentsOf(net.data, 1);
    const auto& tensors = net.weights.tensors;
    QVERIFY(std::abs(static_cast<double>(tensors[0].values()[1]) - (0.5 * mean - 50.0)) < 1e-5);
    QVERIFY(std::abs(static_cast<double>(tensors[1].values()[1]) / (0.25 * variance) - 1.0) < 1e-4);
}

void TestAdapt::keepsWhatWasMeasuredBefore() {
    Adapted net = adapted("4x5x3 -> Normalization");
    const Weights before = net.weights;
    for (float& value : net.data) {
        value += 1.0F;
    }
    adapt(net);
    QCOMPARE(net.weights.tensors[0].values()[0], before.tensors[0].values()[0]);
}

QTEST_APPLESS_MAIN(TestAdapt)
#include "tst_adapt.moc"
