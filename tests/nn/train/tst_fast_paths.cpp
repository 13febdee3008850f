#include "nn/kernels/winograd.h"
#include "nn/model/templates.h"
#include "nn/train/train_step.h"
#include "tests/support/kernel_cases.h"
#include "tests/support/reference_kernels.h"
#include "tests/support/sanitized.h"
#include "tests/support/text_graph.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string_view>

using namespace nn;
using reference::Values;

namespace {

std::vector<std::int32_t> labelsOf(kernel_cases::Dice& dice, std::int64_t batch,
                                   std::int64_t classes) {
    std::vector<std::int32_t> labels(static_cast<std::size_t>(batch));
    std::ranges::generate(labels,
                          [&] { return static_cast<std::int32_t>(dice.number(0, classes - 1)); });
    return labels;
}

/// What some steps on one fixed batch gave.
struct Trained {
    std::vector<double> losses = {};
    std::vector<std::size_t> digests = {}; ///< Of the bits of every variable.
    bool operator==(const Trained&) const = default;
};

Trained trained(const Graph& graph, const TrainSettings& settings, std::int64_t steps,
                int threads) {
    const Inference inference = infer(graph);
    const auto network = Network::compile(graph, inference).value();
    Parallel parallel(threads);
    TrainStep step(network, settings, **chosenLoss(settings, inference), parallel);
    Weights weights = initialWeights(network->variables(), 1);
    kernel_cases::Dice dice(2);
    const std::int64_t batch = settings.batchSize;
    const auto& layers = network->layers();
    const auto x = dice.values(batch * layers[network->inputs()[0]].output.count());
    const auto labels = labelsOf(dice, batch, layers[network->outputs()[0]].output.back());
    const std::span<const float> input(x);
    Trained result;
    for (std::int64_t i = 0; i < steps; ++i) {
        const StepResult done = step.run(weights, {&input, 1}, batch, {.labels = labels},
                                         {.seed = 1, .step = static_cast<std::uint64_t>(i)});
        result.losses.push_back(done.loss);
    }
    for (const Tensor& tensor : weights.tensors) {
        const std::span<const float> values = tensor.values();
        const std::string_view bytes(reinterpret_cast<const char*>(values.data()),
                                     values.size_bytes());
        result.digests.push_back(std::hash<std::string_view>()(bytes));
    }
    return result;
}

constexpr const char* kGuarded = "14x14x1 -> Conv2D(32, activation=relu) -> "
                                 "Conv2D(32, activation=relu) -> MaxPooling2D -> Flatten -> "
                                 "Dense(10, activation=softmax)";

/// `kGuarded` with plain SGD in double precision.
class DoubleNet {
public:
    DoubleNet(const Weights& weights, std::int64_t batch, double rate)
        : m_batch(batch), m_rate(rate) {
        for (const Tensor& tensor : weights.tensors) {
            m_weights.push_back(kernel_cases::doubles(tensor.values()));
        }
    }

    /// The loss before the step.
    double step(const Values& x, const std::vector<std::int32_t>& labels) {
        const Values a =
            relu(reference::convForward(m_first, m_batch, x, m_weights[0], m_weights[1]));
        const Values b =
            relu(reference::convForward(m_second, m_batch, a, m_weights[2], m_weights[3]));
        const Values c = reference::maxPoolForward(m_pool, m_batch, b).y;
        const DenseGeometry dense{.rows = m_batch, .inputs = 5 * 5 * 32, .units = 10};
        const Values p = reference::softmaxForward(
            {.rows = m_batch, .classes = 10},
            reference::denseForward(dense, c, m_weights[4], m_weights[5]));
        double loss = 0.0;
        Values dz = p;
        for (std::size_t r = 0; r < labels.size(); ++r) {
            const std::size_t at = r * 10 + static_cast<std::size_t>(labels[r]);
            loss -= std::log(p[at]);
            dz[at] -= 1.0;
        }
        for (double& value : dz) {
            value /= static_cast<double>(m_batch);
        }
        const Values dc = reference::denseBackwardData(dense, dz, m_weights[4]);
        const Values db = masked(reference::maxPoolBackward(m_pool, m_batch, b, dc), b);
        const Values da =
            masked(reference::convBackwardData(m_second, m_batch, db, m_weights[2]), a);
        descend(0, reference::convBackwardWeights(m_first, m_batch, x, da));
        descend(1, reference::sumToChannels(da, 32));
        descend(2, reference::convBackwardWeights(m_second, m_batch, a, db));
        descend(3, reference::sumToChannels(db, 32));
        descend(4, reference::denseBackwardWeights(dense, c, dz));
        descend(5, reference::sumToChannels(dz, 10));
        return loss / static_cast<double>(m_batch);
    }

private:
    static ConvGeometry convolution(std::int64_t size, std::int64_t channels) {
        return {.inHeight = size,
                .inWidth = size,
                .inChannels = channels,
                .outHeight = size - 2,
                .outWidth = size - 2,
                .outChannels = 32,
                .kernelHeight = 3,
                .kernelWidth = 3};
    }
    static Values relu(Values values) {
        for (double& value : values) {
            value = std::max(value, 0.0);
        }
        return values;
    }
    static Values masked(Values gradient, const Values& output) {
        for (std::size_t i = 0; i < gradient.size(); ++i) {
            gradient[i] = output[i] > 0.0 ? gradient[i] : 0.0;
        }
        return gradient;
    }
    void descend(std::size_t index, const Values& gradient) {
        for (std::size_t i = 0; i < gradient.size(); ++i) {
            m_weights[index][i] -= m_rate * gradient[i];
        }
    }

    std::int64_t m_batch;
    double m_rate;
    std::vector<Values> m_weights;
    ConvGeometry m_first = convolution(14, 1);
    ConvGeometry m_second = convolution(12, 32);
    PoolGeometry m_pool{.inHeight = 10,
                        .inWidth = 10,
                        .channels = 32,
                        .outHeight = 5,
                        .outWidth = 5,
                        .poolHeight = 2,
                        .poolWidth = 2,
                        .strideHeight = 2,
                        .strideWidth = 2};
};

} // namespace

/// Winograd's method, fused layers and threads change no result.
class TestFastPaths : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void givesSameBitsForAllThreads_data();
    void givesSameBitsForAllThreads();
    void followsDoublePrecisionForHundredSteps();
};

void TestFastPaths::initTestCase() {
    allowWinograd(true);
}

void TestFastPaths::givesSameBitsForAllThreads_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("batch");
    for (const char* name : {"seed-a", "lenet5", "mnist-cnn", "cifar-vgg", "resnet-mini"}) {
        QTest::newRow(name) << QByteArray(findTemplate(name)->text.c_str()) << 5;
    }
    // Minutes under sanitizers, for kernels that the others run as well.
    if (!tests::kIsSanitized) {
        for (const char* name : {"seed-b", "seed-c-gap"}) {
            QTest::newRow(name) << QByteArray(findTemplate(name)->text.c_str()) << 1;
        }
    }
}

void TestFastPaths::givesSameBitsForAllThreads() {
    QFETCH(QByteArray, text);
    QFETCH(int, batch);
    const Graph graph = tests::graph(text.toStdString());
    const TrainSettings settings{.batchSize = batch};
    const Trained single = trained(graph, settings, 2, 1);
    for (const int threads : {2, 3, 4}) {
        QVERIFY(trained(graph, settings, 2, threads) == single);
    }
}

void TestFastPaths::followsDoublePrecisionForHundredSteps() {
    if (tests::kIsSanitized) {
        QSKIP("Says how well a network learns, and nothing about memory or threads.");
    }
    constexpr std::int64_t batch = 4;
    constexpr std::int64_t steps = 100;
    const TrainSettings settings{
        .optimizer = "SGD", .optimizerParams = {{"learning_rate", 0.02}}, .batchSize = batch};
    const Graph graph = tests::graph(kGuarded);
    const std::vector<double> losses = trained(graph, settings, steps, 2).losses;
    const auto network = Network::compile(graph).value();
    DoubleNet exact(initialWeights(network->variables(), 1), batch, 0.02);
    kernel_cases::Dice dice(2);
    const Values x = kernel_cases::doubles(dice.values(batch * 14 * 14));
    const auto labels = labelsOf(dice, batch, 10);
    double worst = 0.0;
    double last = 0.0;
    for (std::size_t i = 0; i < steps; ++i) {
        last = exact.step(x, labels);
        worst = std::max(worst, std::abs(last - losses[i]));
    }
    QVERIFY2(worst < 1e-3, std::to_string(worst).c_str());
    QVERIFY(last < 0.5 * losses[0]);
}

QTEST_APPLESS_MAIN(TestFastPaths)
#include "tst_fast_paths.moc"
