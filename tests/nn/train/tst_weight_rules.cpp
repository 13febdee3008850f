#include "nn/train/weight_rules.h"

#include "nn/train/train_step.h"
#include "tests/support/text_graph.h"

#include <QTest>
#include <algorithm>
#include <cmath>

using namespace nn;
using tests::graph;

namespace {

/// A network of one Dense layer, its weights all −2 and 3 in turn.
struct Fixture {
    explicit Fixture(const std::string& arguments, bool trainable = true) {
        Graph drawn = graph("in: 4 -> d: Dense(3, " + arguments + ")");
        drawn.nodes.back().trainable = trainable;
        network = Network::compile(drawn).value();
        weights = initialWeights(network->variables(), 1);
        for (float& value : weights.tensors[0].values()) {
            value = next;
            next = next < 0.0F ? 3.0F : -2.0F;
        }
    }
    float next = -2.0F;
    std::shared_ptr<const Network> network;
    Weights weights;
    Parallel parallel{1};

    [[nodiscard]] double penalty() {
        return WeightRules(network->variables()).penalty(parallel, weights);
    }
    /// The loss and the kernel after one step of SGD on zeros.
    StepResult step(const ParamMap& optimizer = {}) {
        const TrainSettings settings{
            .optimizer = "SGD", .optimizerParams = optimizer, .batchSize = 2};
        TrainStep run(network, settings, *findLossDef("mean_squared_error"), parallel);
        const std::vector<float> images(8, 0.0F);
        const std::vector<float> targets(6, 0.0F);
        const std::span<const float> inputs[] = {images};
        return run.run(weights, inputs, 2, {.values = targets}, {});
    }
};

} // namespace

class TestWeightRules : public QObject {
    Q_OBJECT

private slots:
    void penaltyIsAddedToTheLossAndItsGradient();
    void frozenLayersAddNothing();
    void constraintsHoldAfterEachStep();
    void activityIsAddedToTheLossAndItsGradient();
};

void TestWeightRules::penaltyIsAddedToTheLossAndItsGradient() {
    Fixture fixture("kernel_regularizer=L1L2(l1=0.1, l2=0.5)");
    // Six times 2 and six times 3.
    QCOMPARE(fixture.penalty(), 0.1 * 30.0 + 0.5 * 78.0);
    const StepResult result = fixture.step({{"learning_rate", 0.1}});
    QVERIFY(std::abs(result.loss - 42.0) < 1e-6);
    const auto kernel = fixture.weights.tensors[0].values();
    QVERIFY(std::abs(static_cast<double>(kernel[0]) - (-2.0 - 0.1 * (-0.1 - 2.0))) < 1e-6);
    QVERIFY(std::abs(static_cast<double>(kernel[1]) - (3.0 - 0.1 * (0.1 + 3.0))) < 1e-6);
}

void TestWeightRules::frozenLayersAddNothing() {
    Fixture fixture("kernel_regularizer=L2(1), kernel_constraint=NonNeg", false);
    QCOMPARE(fixture.penalty(), 0.0);
    const Weights before = fixture.weights;
    WeightRules(fixture.network->variables()).constrain(fixture.weights);
    QVERIFY(fixture.weights == before);
}

void TestWeightRules::constraintsHoldAfterEachStep() {
    Fixture fixture("kernel_constraint=NonNeg, bias_constraint=UnitNorm");
    (void)fixture.step();
    const auto kernel = fixture.weights.tensors[0].values();
    QVERIFY(std::ranges::all_of(kernel, [](float value) { return value >= 0.0F; }));
    QCOMPARE(kernel[1], 3.0F);
}

void TestWeightRules::activityIsAddedToTheLossAndItsGradient() {
    Fixture fixture("bias_initializer=Constant(2), activity_regularizer=L2(0.5)");
    // Two rows of three outputs of 2: the mean square is 4, the penalty 0.5 · 24 / 2.
    const StepResult result = fixture.step({{"learning_rate", 0.25}});
    QVERIFY(std::abs(result.loss - 10.0) < 1e-5);
    // Gradient of each output: 2 · 2 / 6 + 2 · 0.5 · 2 / 2; each bias has two of them.
    const double gradient = 2.0 * (4.0 / 6.0 + 1.0);
    const auto bias = fixture.weights.tensors[1].values();
    QVERIFY(std::abs(static_cast<double>(bias[0]) - (2.0 - 0.25 * gradient)) < 1e-5);
}

QTEST_APPLESS_MAIN(TestWeightRules)
#include "tst_weight_rules.moc"
