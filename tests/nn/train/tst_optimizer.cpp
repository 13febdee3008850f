#include "nn/train/optimizer.h"

#include "nn/base/random.h"

#include <QTest>
#include <cmath>

using nn::OptimizerDef;
using nn::ParamMap;
using nn::Tensor;

namespace {

nn::Variable variable(const char* name, const nn::Shape& shape) {
    return {.node = 1, .layer = "dense", .spec = {.name = name, .shape = shape}};
}

/// An optimizer with the weights it works on and random gradients for them.
class Bench {
public:
    Bench(const std::string& name, const ParamMap& params, std::vector<nn::Variable> variables,
          int threads = 1)
        : m_parallel(threads), m_optimizer(nn::findOptimizerDef(name)->make(params)) {
        m_weights.variables = std::move(variables);
        for (const nn::Variable& each : m_weights.variables) {
            Tensor tensor(each.spec.shape);
            std::ranges::fill(tensor.values(), 1.0F);
            m_weights.tensors.push_back(std::move(tensor));
        }
        m_optimizer->build(m_weights.variables);
    }

    bool apply(const std::vector<std::vector<float>>& gradients) {
        std::vector<std::span<const float>> spans(gradients.begin(), gradients.end());
        return m_optimizer->apply(m_parallel, spans, m_weights);
    }
    /// The same gradient for every weight.
    bool apply(float gradient) {
        std::vector<std::vector<float>> gradients;
        for (const Tensor& tensor : m_weights.tensors) {
            gradients.emplace_back(tensor.values().size(), gradient);
        }
        return apply(gradients);
    }
    /// Steps first … last − 1 with gradients that depend on the number of the step alone.
    void applyRandom(int first, int last) {
        for (int step = first; step < last; ++step) {
            nn::RandomSequence random({.seed = 7}, static_cast<std::uint64_t>(step));
            std::vector<std::vector<float>> gradients;
            for (const Tensor& tensor : m_weights.tensors) {
                std::vector<float>& gradient = gradients.emplace_back(tensor.values().size());
                for (float& value : gradient) {
                    value = static_cast<float>(random.normal());
                }
            }
            QVERIFY(apply(gradients));
        }
    }

    [[nodiscard]] double weight() const {
        return static_cast<double>(m_weights.tensors[0].values()[0]);
    }
    nn::Weights& weights() { return m_weights; }
    nn::Optimizer& optimizer() { return *m_optimizer; }
    nn::Parallel& parallel() { return m_parallel; }

private:
    nn::Parallel m_parallel;
    std::unique_ptr<nn::Optimizer> m_optimizer;
    nn::Weights m_weights;
};

Bench oneWeight(const std::string& name, const ParamMap& params) {
    return {name, params, {variable("kernel", {1})}};
}

/// One weight that starts at 1 and sees the gradients 0.1, −0.2, 0.3: its value after each step.
QList<double> path(const std::string& name, const ParamMap& params) {
    Bench bench = oneWeight(name, params);
    QList<double> values;
    for (const float gradient : {0.1F, -0.2F, 0.3F}) {
        values << (bench.apply(gradient) ? bench.weight() : std::nan(""));
    }
    return values;
}

/// Arguments with which an optimizer keeps all the state it can.
ParamMap richParams(const OptimizerDef& def) {
    ParamMap params{{"use_ema", true}, {"gradient_accumulation_steps", std::int64_t{2}}};
    for (const char* name : {"amsgrad", "centered", "nesterov"}) {
        if (nn::findSpec(def.params, name) != nullptr) {
            params[name] = true;
        }
    }
    if (nn::findSpec(def.params, "momentum") != nullptr) {
        params["momentum"] = 0.9;
    }
    return params;
}

std::vector<nn::Variable> variedVariables() {
    std::vector<nn::Variable> variables{variable("kernel", {3, 3, 17, 130}),
                                        variable("bias", {130}), variable("moving_mean", {130}),
                                        variable("matrix", {40, 33})};
    variables[2].trainable = false;
    return variables;
}

} // namespace

class TestOptimizer : public QObject {
    Q_OBJECT

private slots:
    // Values after each step from Keras in float64.
    void followsKeras_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("argument");
        QTest::addColumn<QList<double>>("expected");
        const auto row = [](const char* label, const char* name, const char* argument,
                            const QList<double>& expected) {
            QTest::newRow(label) << QString::fromLatin1(name) << QString::fromLatin1(argument)
                                 << expected;
        };
        row("plain", "SGD", "", {.999, 1.001, .998});
        row("momentum", "SGD", "momentum", {.999, 1.0001, .99809});
        row("nesterov", "SGD", "momentum,nesterov", {.9981, 1.00109, .996281});
        row("Adam", "Adam", "", {.9990000316, .9993661300, .9990228918});
        row("AdamW", "AdamW", "", {.9989960316, .9993581340, .9990108984});
        row("RMSprop", "RMSprop", "", {.9968378804, .9996949941, .9971043650});
        row("RMSprop with momentum", "RMSprop", "momentum",
            {.9968378804, .9968490865, .9942685429});
        row("centered", "RMSprop", "centered", {.9966668518, .9995599085, .9969293505});
        row("Adagrad", "Adagrad", "", {.9996984888, 1.0002148864, .9996025141});
        row("Adadelta", "Adadelta", "", {.9999985859, 1.0000003837, .9999982194});
        row("Adamax", "Adamax", "", {.9990000010, .9992894745, .9990422421});
        row("Nadam", "Nadam", "", {.9989372133, .9998188784, .9989871558});
        row("Lion", "Lion", "", {.999, 1.000, .999});
    }

    void followsKeras() {
        QFETCH(QString, name);
        QFETCH(QString, argument);
        QFETCH(QList<double>, expected);
        ParamMap params;
        if (argument.contains(QStringLiteral("momentum"))) {
            params["momentum"] = 0.9;
        }
        for (const char* flag : {"nesterov", "centered"}) {
            if (argument.contains(QLatin1String(flag))) {
                params[flag] = true;
            }
        }
        const QList<double> values = path(name.toStdString(), params);
        for (qsizetype i = 0; i < values.size(); ++i) {
            QVERIFY2(std::abs(values[i] - expected[i]) < 2e-7,
                     qPrintable(QString::number(values[i], 'g', 10)));
        }
    }

    void lambStepsAreAsLongAsItsWeights() {
        Bench bench = oneWeight("Lamb", {});
        QVERIFY(bench.apply(0.1F));
        QVERIFY(std::abs(bench.weight() - 0.999) < 1e-6);
        Bench larger = oneWeight("Lamb", {});
        larger.weights().tensors[0].values()[0] = 5.0F;
        QVERIFY(larger.apply(0.1F));
        QVERIFY(std::abs(larger.weight() - 4.995) < 1e-5);
    }

    void ftrlWithoutPenaltyIsAdagradFromZero() {
        // Follow the regularized leader: w = −z / (√n / lr) with z the sum of gradients corrected
        // for the change of √n times w; computed here in double precision.
        Bench bench = oneWeight("Ftrl", {{"learning_rate", 0.5}});
        double n = 0.1;
        double z = 0.0;
        double w = 1.0;
        for (const float gradient : {0.1F, -0.2F, 0.3F}) {
            const auto g = static_cast<double>(gradient);
            z += g - (std::sqrt(n + g * g) - std::sqrt(n)) / 0.5 * w;
            n += g * g;
            w = -z / (std::sqrt(n) / 0.5);
            QVERIFY(bench.apply(gradient));
            QVERIFY2(std::abs(bench.weight() - w) < 2e-6,
                     qPrintable(QString::number(bench.weight())));
        }
    }

    void ftrlTakesAnyPower() {
        Bench root = oneWeight("Ftrl", {{"learning_rate", 0.5}});
        Bench near = oneWeight("Ftrl", {{"learning_rate", 0.5}, {"learning_rate_power", -0.50001}});
        QVERIFY(root.apply(0.3F) && root.apply(0.2F));
        QVERIFY(near.apply(0.3F) && near.apply(0.2F));
        QVERIFY(root.weight() != 1.0);
        QVERIFY(std::abs(root.weight() - near.weight()) < 1e-4);
    }

    void adafactorFollowsItsRule() {
        // Of a single weight the root of the mean square is the weight itself, and the first
        // velocity is the squared gradient: the step is rate · w · sign(g). Later ones in double
        // precision.
        Bench bench = oneWeight("Adafactor", {{"learning_rate", 0.1}});
        double v = 0.0;
        double w = 1.0;
        int t = 0;
        for (const float gradient : {0.1F, -0.2F, 0.3F}) {
            const auto g = static_cast<double>(gradient);
            const double fresh = std::pow(++t, -0.8);
            v = (1 - fresh) * v + fresh * (g * g + 1e-30);
            const double u = g / std::sqrt(v);
            w -= std::min(0.1, 1 / std::sqrt(t)) * std::max(1e-3, std::abs(w)) * u /
                 std::max(1.0, std::abs(u));
            QVERIFY(bench.apply(gradient));
            QVERIFY2(std::abs(bench.weight() - w) < 1e-6,
                     qPrintable(QString::number(bench.weight(), 'g', 10)));
        }
    }

    void adafactorFactorsMatrices() {
        // 2×2 with squared gradients 1, 4, 9, 16: rows 2.5 and 12.5, columns 5 and 10.
        Bench bench("Adafactor", {{"learning_rate", 0.1}, {"clip_threshold", 100.0}},
                    {variable("kernel", {2, 2})});
        QVERIFY(bench.apply({{1.0F, 2.0F, -3.0F, 4.0F}}));
        const double velocities[]{2.5 / 7.5 * 5, 2.5 / 7.5 * 10, 12.5 / 7.5 * 5, 12.5 / 7.5 * 10};
        const double gradients[]{1, 2, -3, 4};
        for (std::size_t i = 0; i < 4; ++i) {
            const double expected = 1 - 0.1 * gradients[i] / std::sqrt(velocities[i]);
            const auto found = static_cast<double>(bench.weights().tensors[0].values()[i]);
            QVERIFY2(std::abs(found - expected) < 1e-6, qPrintable(QString::number(found, 'g', 9)));
        }
    }

    void muonMovesMatricesEquallyFarInAllDirections() {
        // The momentum diag(4, 1) divided by its length has singular values 0.970 and 0.243; both
        // come near 1, whichever was larger.
        const ParamMap params{{"learning_rate", 1.0},
                              {"weight_decay", nn::None{}},
                              {"nesterov", false},
                              {"rms_rate", nn::None{}}};
        Bench bench("Muon", params, {variable("kernel", {2, 2})});
        QVERIFY(bench.apply({{4.0F, 0.0F, 0.0F, 1.0F}}));
        const auto polynomial = [](double x) {
            for (int i = 0; i < 5; ++i) {
                x = 3.4445 * x - 4.775 * std::pow(x, 3) + 2.0315 * std::pow(x, 5);
            }
            return x;
        };
        const std::span<const float> values = std::as_const(bench.weights().tensors[0]).values();
        const double length = std::sqrt(17.0) + 1e-7;
        QVERIFY(std::abs(static_cast<double>(values[0]) - (1 - polynomial(4 / length))) < 1e-5);
        QVERIFY(std::abs(static_cast<double>(values[3]) - (1 - polynomial(1 / length))) < 1e-5);
        QCOMPARE(values[1], 1.0F);
        QVERIFY(values[0] < 0.35F && values[3] < 0.35F);
    }

    void muonLeavesOtherVariablesToAdamW() {
        const std::vector<nn::Variable> variables{variable("kernel", {2, 3}), variable("bias", {3}),
                                                  variable("kernel", {3, 3, 1, 2})};
        Bench muon("Muon", {}, variables);
        Bench adam("AdamW", {}, variables);
        Bench excluded("Muon", {{"exclude_layers", std::string("other, dense")}}, variables);
        for (Bench* bench : {&muon, &adam, &excluded}) {
            bench->applyRandom(0, 3);
        }
        QVERIFY(muon.weights().tensors[0] != adam.weights().tensors[0]);
        QVERIFY(muon.weights().tensors[1] == adam.weights().tensors[1]);
        QVERIFY(muon.weights().tensors[2] == adam.weights().tensors[2]);
        QVERIFY(excluded.weights().tensors == adam.weights().tensors);
    }

    void scheduleFreeEndsWithTheMeanOfItsPath() {
        Bench bench = oneWeight("ScheduleFreeAdamW", {{"learning_rate", 0.1}});
        // Constant gradient: Adam's corrected step is the learning rate itself, so the path goes
        // through 0.9, 0.8, 0.7.
        QVERIFY(bench.apply(0.5F) && bench.apply(0.5F) && bench.apply(0.5F));
        QVERIFY(std::abs(bench.weight() - (0.1 * 0.7 + 0.9 * 0.8)) < 1e-5);
        bench.optimizer().finish(bench.parallel(), bench.weights());
        QVERIFY2(std::abs(bench.weight() - 0.8) < 1e-5,
                 qPrintable(QString::number(bench.weight())));
    }

    void clipsByNormByValueAndGlobally() {
        const std::vector<nn::Variable> two{variable("kernel", {2}), variable("bias", {1})};
        const auto changes = [&](const ParamMap& params) {
            ParamMap all = params;
            all["learning_rate"] = 1.0;
            Bench bench("SGD", all, two);
            const bool done = bench.apply({{3.0F, 4.0F}, {12.0F}});
            QList<double> values;
            for (const Tensor& tensor : bench.weights().tensors) {
                for (const float value : tensor.values()) {
                    values << (done ? 1.0 - static_cast<double>(value) : std::nan(""));
                }
            }
            return values;
        };
        const auto near = [](const QList<double>& a, const QList<double>& b) {
            return std::ranges::equal(a, b,
                                      [](double x, double y) { return std::abs(x - y) < 2e-6; });
        };
        QVERIFY(near(changes({}), {3.0, 4.0, 12.0}));
        QVERIFY(near(changes({{"clipnorm", 1.0}}), {0.6, 0.8, 1.0}));
        QVERIFY(near(changes({{"clipnorm", 100.0}}), {3.0, 4.0, 12.0}));
        QVERIFY(near(changes({{"clipvalue", 3.5}}), {3.0, 3.5, 3.5}));
        QVERIFY(near(changes({{"global_clipnorm", 1.3}}), {0.3, 0.4, 1.2}));
    }

    void refusesTwoClippings() {
        const OptimizerDef& adam = *nn::findOptimizerDef("Adam");
        const auto checked =
            nn::checkOptimizerParams(adam, {{"clipnorm", 1.0}, {"global_clipnorm", 1.0}});
        QVERIFY(!checked);
        QVERIFY(checked.error().message.find("clipnorm and global_clipnorm") != std::string::npos);
        QVERIFY(nn::checkOptimizerParams(adam, {{"clipnorm", nn::None{}}, {"clipvalue", 1.0}}));
    }

    void refusesGradientsThatAreNotFinite() {
        for (const OptimizerDef& def : nn::optimizerDefs()) {
            Bench bench(def.name, {}, {variable("kernel", {3}), variable("bias", {1})});
            const nn::Weights before = bench.weights();
            QVERIFY2(!bench.apply({{1.0F, 1.0F, std::nanf("")}, {1.0F}}), def.name.c_str());
            QVERIFY2(!bench.apply({{1.0F, 1.0F, 1.0F}, {HUGE_VALF}}), def.name.c_str());
            QVERIFY(bench.weights() == before);
            QCOMPARE(bench.optimizer().iterations(), 0);
        }
    }

    void decaysApartFromTheGradientAndLeavesOutWhatIsNamed() {
        for (const OptimizerDef& def : nn::optimizerDefs()) {
            if (def.name == "Ftrl" || def.name == "Muon") {
                // Ftrl's weights do not depend on their former values alone; Muon's decay of
                // variables that are no matrices is an argument of its own.
                continue;
            }
            Bench bench(def.name,
                        {{"learning_rate", 0.1},
                         {"weight_decay", 0.5},
                         {"exclude_from_weight_decay", std::string("gamma, bias")}},
                        {variable("kernel", {1}), variable("bias", {1})});
            QVERIFY(bench.apply(0.0F));
            const double kernel = bench.weight();
            const double bias = static_cast<double>(bench.weights().tensors[1].values()[0]);
            // ScheduleFreeAdamW decays the weights trained with, not its momentum: the first
            // average is the momentum alone, which is still 1.
            const double expected = def.name == "ScheduleFreeAdamW" ? 1.0 : 0.95;
            QVERIFY2(std::abs(kernel - expected) < 1e-6, def.name.c_str());
            QVERIFY2(std::abs(bias - 1.0) < 1e-6, def.name.c_str());
        }
    }

    void accumulatesGradientsOfSeveralBatches() {
        Bench bench = oneWeight(
            "SGD", {{"learning_rate", 1.0}, {"gradient_accumulation_steps", std::int64_t{3}}});
        QVERIFY(bench.apply(0.3F) && bench.apply(0.6F));
        QCOMPARE(bench.weight(), 1.0);
        QVERIFY(bench.apply(0.9F));
        QVERIFY(std::abs(bench.weight() - 0.4) < 1e-6);
        QCOMPARE(bench.optimizer().iterations(), 3);
        QVERIFY(bench.apply(0.0F) && bench.apply(0.0F) && bench.apply(0.3F));
        QVERIFY(std::abs(bench.weight() - 0.3) < 1e-6);
    }

    void clipsWhatWasAccumulated() {
        Bench bench = oneWeight("SGD", {{"learning_rate", 1.0},
                                        {"clipnorm", 0.5},
                                        {"gradient_accumulation_steps", std::int64_t{2}}});
        QVERIFY(bench.apply(4.0F) && bench.apply(-4.4F));
        QVERIFY(std::abs(bench.weight() - 1.2) < 1e-5);
    }

    void averagesWeights() {
        const ParamMap params{{"learning_rate", 1.0}, {"use_ema", true}, {"ema_momentum", 0.5}};
        Bench bench = oneWeight("SGD", params);
        QVERIFY(bench.apply(0.5F)); // the first average is the weight itself: 0.5
        QVERIFY(bench.apply(0.5F)); // weight 0, average 0.25
        QCOMPARE(bench.weight(), 0.0);
        QCOMPARE(bench.optimizer().average(0)[0], 0.25F);
        QVERIFY(bench.optimizer().finishChangesWeights());
        bench.optimizer().finish(bench.parallel(), bench.weights());
        QCOMPARE(bench.weight(), 0.25);
    }

    void overwritesWeightsByAveragesEveryFewSteps() {
        Bench bench = oneWeight("SGD", {{"learning_rate", 1.0},
                                        {"use_ema", true},
                                        {"ema_momentum", 0.5},
                                        {"ema_overwrite_frequency", std::int64_t{2}}});
        QVERIFY(bench.apply(0.5F));
        QCOMPARE(bench.weight(), 0.5);
        QVERIFY(bench.apply(0.5F));
        QCOMPARE(bench.weight(), 0.25);
    }

    void frozenVariablesStay() {
        for (const OptimizerDef& def : nn::optimizerDefs()) {
            Bench bench(def.name, richParams(def), variedVariables());
            const Tensor before = bench.weights().tensors[2];
            for (int step = 0; step < 4; ++step) {
                std::vector<std::vector<float>> gradients;
                for (const nn::Variable& each : bench.weights().variables) {
                    const auto count = static_cast<std::size_t>(each.spec.shape.count());
                    gradients.emplace_back(each.trainable ? count : 0, 0.1F);
                }
                QVERIFY(bench.apply(gradients));
            }
            QVERIFY2(bench.weights().tensors[2] == before, def.name.c_str());
            QVERIFY2(bench.weight() < 1.0, def.name.c_str());
        }
    }

    void goesOnFromASavedStateWithTheSameBits() {
        for (const OptimizerDef& def : nn::optimizerDefs()) {
            std::vector<nn::Variable> variables = variedVariables();
            variables.erase(variables.begin() + 2);
            Bench whole(def.name, richParams(def), variables);
            whole.applyRandom(0, 9);
            Bench first(def.name, richParams(def), variables);
            first.applyRandom(0, 5); // in the middle of an accumulation
            Bench second(def.name, richParams(def), variables);
            QVERIFY2(second.optimizer().restore(first.optimizer().state()), def.name.c_str());
            second.weights() = first.weights();
            second.applyRandom(5, 9);
            QVERIFY2(second.weights() == whole.weights(), def.name.c_str());
            QVERIFY2(second.optimizer().state() == whole.optimizer().state(), def.name.c_str());
        }
    }

    void refusesAStateThatDoesNotFit() {
        Bench adam = oneWeight("Adam", {});
        QVERIFY(adam.apply(0.1F));
        const nn::OptimizerState state = adam.optimizer().state();
        QVERIFY(!oneWeight("SGD", {}).optimizer().restore(state));
        QVERIFY(!oneWeight("Adam", {{"amsgrad", true}}).optimizer().restore(state));
        Bench other("Adam", {}, {variable("kernel", {2})});
        const auto refused = other.optimizer().restore(state);
        QVERIFY(!refused);
        QVERIFY(refused.error().message.find("momentum of dense/kernel") != std::string::npos);
        nn::OptimizerState more = state;
        more.values.push_back(state.values.front());
        QVERIFY(!oneWeight("Adam", {}).optimizer().restore(more));
    }

    void givesTheSameBitsForAnyNumberOfThreads() {
        for (const OptimizerDef& def : nn::optimizerDefs()) {
            std::vector<nn::Variable> variables = variedVariables();
            variables.erase(variables.begin() + 2);
            ParamMap params = richParams(def);
            params["clipnorm"] = 0.5;
            Bench one(def.name, params, variables, 1);
            one.applyRandom(0, 4);
            for (const int threads : {2, 4}) {
                Bench many(def.name, params, variables, threads);
                many.applyRandom(0, 4);
                QVERIFY2(many.weights() == one.weights(), def.name.c_str());
            }
        }
    }

    void countsItsStateAsKeras() {
        std::vector<nn::Variable> variables{variable("kernel", {10, 3}), variable("bias", {3})};
        variables.push_back(variable("moving_mean", {3}));
        variables.back().trainable = false;
        const auto floats = [&](const char* name, const ParamMap& params) {
            return nn::optimizerStateFloats(*nn::findOptimizerDef(name), params, variables);
        };
        QCOMPARE(floats("SGD", {}), 0);
        QCOMPARE(floats("SGD", {{"momentum", 0.9}}), 33);
        QCOMPARE(floats("Adam", {}), 66);
        QCOMPARE(floats("Adam", {{"amsgrad", true}}), 99);
        QCOMPARE(floats("RMSprop", {{"momentum", 0.9}, {"centered", true}}), 99);
        QCOMPARE(floats("SGD", {{"use_ema", true}}), 33);
        QCOMPARE(floats("SGD", {{"gradient_accumulation_steps", std::int64_t{2}}}), 33);
        const auto numbers = [&](const char* name) {
            return nn::optimizerVariableNumbers(*nn::findOptimizerDef(name), {}, variables);
        };
        QCOMPARE(numbers("SGD"), 2);
        QCOMPARE(numbers("Adam"), 68);
        QCOMPARE(numbers("Nadam"), 69);
    }

    void listsItsStateInKerasOrder() {
        Bench bench("Adam", {{"amsgrad", true}, {"use_ema", true}},
                    {variable("kernel", {2}), variable("bias", {1})});
        std::vector<std::string> names;
        for (const nn::SlotValue& slot : bench.optimizer().state().values) {
            names.push_back(slot.variable + " " + slot.slot);
        }
        const std::vector<std::string> expected{
            "kernel average", "bias average",  "kernel momentum",     "kernel velocity",
            "bias momentum",  "bias velocity", "kernel velocity_hat", "bias velocity_hat"};
        QCOMPARE(names, expected);
    }

    void argumentsHaveKerasDefaults_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("arguments");
        const auto row = [](const char* name, const char* arguments) {
            QTest::newRow(name) << QString::fromLatin1(name) << QString::fromLatin1(arguments);
        };
        row("SGD", "learning_rate=0.01, momentum=0.0, nesterov=False, weight_decay=None");
        row("RMSprop", "learning_rate=0.001, rho=0.9, momentum=0.0, epsilon=1e-07, centered=False, "
                       "weight_decay=None");
        row("Adam", "learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-07, amsgrad=False, "
                    "weight_decay=None");
        row("AdamW", "learning_rate=0.001, weight_decay=0.004, beta_1=0.9, beta_2=0.999, "
                     "epsilon=1e-07, amsgrad=False");
        row("Adagrad", "learning_rate=0.001, initial_accumulator_value=0.1, epsilon=1e-07, "
                       "weight_decay=None");
        row("Adadelta", "learning_rate=0.001, rho=0.95, epsilon=1e-07, weight_decay=None");
        row("Adamax", "learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-07, "
                      "weight_decay=None");
        row("Nadam", "learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-07, "
                     "weight_decay=None");
        row("Lion", "learning_rate=0.001, beta_1=0.9, beta_2=0.99, weight_decay=None");
        row("Ftrl", "learning_rate=0.001, learning_rate_power=-0.5, initial_accumulator_value=0.1, "
                    "l1_regularization_strength=0.0, l2_regularization_strength=0.0, "
                    "l2_shrinkage_regularization_strength=0.0, beta=0.0, weight_decay=None");
        row("Lamb", "learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-07, "
                    "weight_decay=None");
        row("ScheduleFreeAdamW", "learning_rate=0.0025, beta_1=0.9, beta_2=0.999, epsilon=1e-08, "
                                 "warmup_steps=0, weight_decay=None");
        row("Adafactor", "learning_rate=0.001, beta_2_decay=-0.8, epsilon_1=1e-30, "
                         "epsilon_2=0.001, clip_threshold=1.0, relative_step=True, "
                         "weight_decay=None");
        row("Muon", "learning_rate=0.001, adam_beta_1=0.9, adam_beta_2=0.999, "
                    "adam_weight_decay=0.004, epsilon=1e-07, weight_decay=0.004, "
                    "exclude_layers=None, exclude_embeddings=True, muon_a=3.4445, muon_b=-4.775, "
                    "muon_c=2.0315, adam_lr_ratio=1.0, momentum=0.95, ns_steps=5, nesterov=True, "
                    "rms_rate=0.2");
    }

    void argumentsHaveKerasDefaults() {
        QFETCH(QString, name);
        QFETCH(QString, arguments);
        const OptimizerDef* def = nn::findOptimizerDef(name.toStdString());
        QVERIFY(def != nullptr);
        arguments += QStringLiteral(
            ", clipnorm=None, clipvalue=None, global_clipnorm=None, use_ema=False, "
            "ema_momentum=0.99, ema_overwrite_frequency=None, loss_scale_factor=None, "
            "gradient_accumulation_steps=None, exclude_from_weight_decay=None");
        const QStringList expected = arguments.split(QStringLiteral(", "));
        for (const QString& argument : expected) {
            const QString key = argument.section(QLatin1Char('='), 0, 0);
            const nn::ParamSpec* spec = nn::findSpec(def->params, key.toStdString());
            QVERIFY2(spec != nullptr, qPrintable(key));
            QCOMPARE(key + QLatin1Char('=') +
                         QString::fromStdString(nn::pythonText(spec->defaultValue)),
                     argument);
        }
        QCOMPARE(static_cast<qsizetype>(def->params.size()), expected.size());
    }

    void refusesValuesOutOfRange() {
        for (const OptimizerDef& def : nn::optimizerDefs()) {
            const nn::ParamSpec* rate = nn::findSpec(def.params, "learning_rate");
            for (const double bad : {0.0, -1.0, std::nan(""), 1e300}) {
                const auto checked = nn::checkedValue(*rate, bad);
                QVERIFY(!checked);
                QVERIFY(checked.error().message.find("learning_rate") != std::string::npos);
            }
            for (const nn::ParamSpec& spec : def.params) {
                QVERIFY2(spec.help.size() > 20, spec.name.c_str());
            }
        }
    }
};

QTEST_APPLESS_MAIN(TestOptimizer)
#include "tst_optimizer.moc"
