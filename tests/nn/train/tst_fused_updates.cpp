#include "nn/train/train_step.h"
#include "tests/support/kernel_cases.h"
#include "tests/support/sanitized.h"
#include "tests/support/text_graph.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <cstring>

using namespace nn;

namespace {

// 4.2 million weights in the first layer: just large enough.
constexpr const char* kLarge = "2100 -> Dense(2001, activation=tanh) -> Dense(3)";

/// Steps on one fixed batch with mean squared error.
class Run {
public:
    Run(const char* text, TrainSettings settings, int threads = 2)
        : m_settings(std::move(settings)), m_parallel(threads),
          m_network(Network::compile(tests::graph(text)).value()),
          m_step(m_network, m_settings, *findLossDef("mean_squared_error"), m_parallel),
          m_weights(initialWeights(m_network->variables(), 1)) {
        kernel_cases::Dice dice(3);
        m_x = dice.values(m_settings.batchSize * rowOf(m_network->inputs()[0]));
        m_y = dice.values(m_settings.batchSize * rowOf(m_network->outputs()[0]));
    }

    StepResult step(std::int64_t rows) {
        const std::span<const float> x =
            std::span(m_x).first(static_cast<std::size_t>(rows * rowOf(m_network->inputs()[0])));
        const std::span<const float> y =
            std::span(m_y).first(static_cast<std::size_t>(rows * rowOf(m_network->outputs()[0])));
        return m_step.run(m_weights, {&x, 1}, rows, {.values = y}, {.seed = 1, .step = m_number++});
    }

    [[nodiscard]] int products() const {
        int count = 0;
        for (std::size_t i = 0; i < m_network->variables().size(); ++i) {
            count += m_step.executor().plan().productLayers[i].has_value() ? 1 : 0;
        }
        return count;
    }
    [[nodiscard]] const Executor& executor() const { return m_step.executor(); }
    [[nodiscard]] Weights& weights() { return m_weights; }
    [[nodiscard]] std::vector<float>& x() { return m_x; }
    [[nodiscard]] std::vector<float>& y() { return m_y; }
    [[nodiscard]] OptimizerState state() const { return m_step.optimizer().state(); }

private:
    [[nodiscard]] std::int64_t rowOf(std::size_t layer) const {
        return m_network->layers()[layer].output.count();
    }

    TrainSettings m_settings;
    Parallel m_parallel;
    std::shared_ptr<const Network> m_network;
    TrainStep m_step;
    Weights m_weights;
    std::vector<float> m_x;
    std::vector<float> m_y;
    std::uint64_t m_number = 0;
};

bool sameBits(const Tensor& a, const Tensor& b) {
    return a.size() == b.size() &&
           std::memcmp(a.values().data(), b.values().data(), a.values().size_bytes()) == 0;
}

bool sameBits(const Weights& a, const Weights& b) {
    return std::ranges::equal(a.tensors, b.tensors,
                              [](const Tensor& x, const Tensor& y) { return sameBits(x, y); });
}

bool sameBits(const OptimizerState& a, const OptimizerState& b) {
    return std::ranges::equal(a.values, b.values, [](const SlotValue& x, const SlotValue& y) {
        return sameBits(x.values, y.values);
    });
}

/// Arguments that ask for everything a rule can do to single numbers.
ParamMap richParams(const OptimizerDef& def) {
    ParamMap params{{"weight_decay", 0.01}, {"clipvalue", 1e-4}, {"use_ema", true}};
    for (const char* name : {"amsgrad", "centered", "nesterov"}) {
        if (findSpec(def.params, name) != nullptr) {
            params[name] = true;
        }
    }
    if (findSpec(def.params, "momentum") != nullptr) {
        params["momentum"] = 0.9;
    }
    return params;
}

} // namespace

/// The gradients of large Dense layers are never stored: the update is part of their product.
class TestFusedUpdates : public QObject {
    Q_OBJECT

private slots:
    void givesTheBitsOfStoredGradients_data();
    void givesTheBitsOfStoredGradients();
    void givesSameBitsForAllThreads();
    void needsNoMemoryForTheGradient();
    void storesGradientsThatAreNeededWhole_data();
    void storesGradientsThatAreNeededWhole();
    void keepsWeightsWhereTheProductIsNotFinite();
    void keepsWeightsWhereAnEarlierGradientIsNotFinite();
    void refusesUpdatesOutOfRangeAsStoredGradientsDo();
};

void TestFusedUpdates::givesTheBitsOfStoredGradients_data() {
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<bool>("isRich");
    for (const OptimizerDef& def : optimizerDefs()) {
        // Under sanitizers, where all take five minutes, the one with most slots.
        const bool isChosen = !tests::kIsSanitized || def.name == "Adam";
        // Others need their gradients whole: see below.
        if (isChosen && def.make({})->takesProducts()) {
            const QByteArray name(def.name.c_str());
            QTest::newRow(name + " plain") << name << false;
            QTest::newRow(name + " rich") << name << true;
        }
    }
}

void TestFusedUpdates::givesTheBitsOfStoredGradients() {
    QFETCH(QByteArray, name);
    QFETCH(bool, isRich);
    const OptimizerDef& def = *findOptimizerDef(name.toStdString());
    TrainSettings settings{.optimizer = def.name,
                           .optimizerParams = isRich ? richParams(def) : ParamMap{},
                           .batchSize = 37};
    Run fused(kLarge, settings);
    QCOMPARE(fused.products(), 1);
    // The graph's regularizer adds nothing, but only to a gradient that is stored.
    Run stored("2100 -> Dense(2001, activation=tanh, kernel_regularizer=L2(l2=0.0)) -> Dense(3)",
               settings);
    QCOMPARE(stored.products(), 0);
    for (const std::int64_t rows : {37, 4}) {
        QCOMPARE(fused.step(rows).loss, stored.step(rows).loss);
    }
    QVERIFY(sameBits(fused.weights(), stored.weights()));
    QVERIFY(sameBits(fused.state(), stored.state()));
}

void TestFusedUpdates::givesSameBitsForAllThreads() {
    const TrainSettings settings{.batchSize = 3};
    Run single(kLarge, settings, 1);
    QVERIFY(single.step(3).notFinite.empty());
    for (const int threads : {2, 3, 4}) {
        Run several(kLarge, settings, threads);
        QVERIFY(several.step(3).notFinite.empty());
        QVERIFY(sameBits(single.weights(), several.weights()));
    }
}

void TestFusedUpdates::needsNoMemoryForTheGradient() {
    const Run fused(kLarge, {.batchSize = 2});
    const std::int64_t weightBytes = std::int64_t{4} * 2100 * 2001;
    QVERIFY(fused.executor().plan().bytes < weightBytes / 2);
    QVERIFY(fused.executor().gradient(0).empty());
    QVERIFY(!fused.executor().gradient(1).empty());
}

void TestFusedUpdates::storesGradientsThatAreNeededWhole_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("optimizer");
    QTest::addColumn<QByteArray>("argument");
    const auto row = [](const char* name, const char* text, const char* optimizer,
                        const char* argument) {
        QTest::newRow(name) << QByteArray(text) << QByteArray(optimizer) << QByteArray(argument);
    };
    row("clipnorm", kLarge, "SGD", "clipnorm");
    row("global_clipnorm", kLarge, "SGD", "global_clipnorm");
    row("gradient_accumulation_steps", kLarge, "SGD", "gradient_accumulation_steps");
    row("Lamb", kLarge, "Lamb", "");
    row("Adafactor", kLarge, "Adafactor", "");
    row("Muon", kLarge, "Muon", "");
    row("a small layer", "2000 -> Dense(2000, activation=tanh) -> Dense(3)", "SGD", "");
    row("a regularizer",
        "2100 -> Dense(2001, activation=tanh, kernel_regularizer=L2(l2=0.01)) -> Dense(3)", "SGD",
        "");
}

void TestFusedUpdates::storesGradientsThatAreNeededWhole() {
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, optimizer);
    QFETCH(QByteArray, argument);
    ParamMap params;
    if (argument == "gradient_accumulation_steps") {
        params[argument.toStdString()] = std::int64_t{2};
    } else if (!argument.isEmpty()) {
        params[argument.toStdString()] = 1.0;
    }
    Run run(text,
            {.optimizer = optimizer.toStdString(), .optimizerParams = params, .batchSize = 2});
    QCOMPARE(run.products(), 0);
    // Its products of such a matrix take as long as everything else here.
    if (optimizer != "Muon") {
        QVERIFY(run.step(2).notFinite.empty());
    }
}

void TestFusedUpdates::keepsWeightsWhereTheProductIsNotFinite() {
    Run run("2100 -> Dense(2001, kernel_initializer=Zeros)", {.optimizer = "Adam", .batchSize = 2});
    QCOMPARE(run.products(), 1);
    QVERIFY(run.step(2).notFinite.empty());
    const Weights before = run.weights();
    const OptimizerState state = run.state();
    // The output stays small, but the gradient of one weight is 1e20 · 1e30.
    std::ranges::fill(run.weights().tensors[0].values().first(2001), 0.0F);
    const Weights zeroed = run.weights();
    run.x()[0] = 1e30F;
    run.y()[5] = 1e20F;
    const StepResult result = run.step(2);
    QVERIFY(std::isfinite(result.loss));
    QCOMPARE(result.notFinite, std::string("the gradient of kernel in layer \"dense\""));
    QVERIFY(sameBits(run.weights(), zeroed));
    QVERIFY(sameBits(run.state(), state));
}

void TestFusedUpdates::keepsWeightsWhereAnEarlierGradientIsNotFinite() {
    Run run("3 -> Dense(2100, kernel_initializer=Zeros, activation=tanh) -> Dense(2001)",
            {.optimizer = "SGD", .batchSize = 2});
    QCOMPARE(run.products(), 1);
    const Weights before = run.weights();
    run.x()[0] = 1e38F;
    run.y()[5] = 1e10F;
    const StepResult result = run.step(2);
    QVERIFY(std::isfinite(result.loss));
    QCOMPARE(result.notFinite, std::string("the gradient of kernel in layer \"dense\""));
    QVERIFY(sameBits(run.weights(), before));
}

void TestFusedUpdates::refusesUpdatesOutOfRangeAsStoredGradientsDo() {
    // ‖x‖ ‖dy‖ may exceed what a step may move although the gradient itself does not.
    for (const float size : {1e10F, 1e26F, 1e29F, 1e31F, 1e34F}) {
        TrainSettings settings{
            .optimizer = "SGD", .optimizerParams = {{"learning_rate", 1.0}}, .batchSize = 2};
        Run fused("2100 -> Dense(2001, kernel_initializer=Zeros)", settings);
        settings.optimizerParams["clipvalue"] = 1e38;
        Run stored("2100 -> Dense(2001, kernel_initializer=Zeros, "
                   "kernel_regularizer=L2(l2=0.0))",
                   settings);
        for (Run* run : {&fused, &stored}) {
            std::ranges::fill(run->x(), 0.0F);
            run->x()[7] = 3000.0F * size;      // only in the first row
            run->y()[2001 + 3] = 1e-3F * size; // matters only in the second
        }
        QCOMPARE(fused.step(2).notFinite.empty(), stored.step(2).notFinite.empty());
        QVERIFY(sameBits(fused.weights(), stored.weights()));
    }
}

QTEST_APPLESS_MAIN(TestFusedUpdates)
#include "tst_fused_updates.moc"
