#include "tests/support/optimizer_bench.h"

#include <QTest>
#include <cmath>

using nn::OptimizerDef;
using nn::ParamMap;
using nn::Tensor;
using tests::oneWeight;
using tests::OptimizerBench;
using tests::variable;

namespace {

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

/// What all optimizers have in common: clipping, decay, averages, state.
class OptimizerTest : public QObject {
    Q_OBJECT

private slots:
    void clipsByNormByValueAndGlobally() {
        const std::vector<nn::Variable> two{variable("kernel", {2}), variable("bias", {1})};
        const auto changes = [&](const ParamMap& params) {
            ParamMap all = params;
            all["learning_rate"] = 1.0;
            OptimizerBench bench("SGD", all, two);
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

    void refusesGradientsThatAreNotFinite() {
        for (const OptimizerDef& def : nn::optimizerDefs()) {
            OptimizerBench bench(def.name, {}, {variable("kernel", {3}), variable("bias", {1})});
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
            OptimizerBench bench(def.name,
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
        OptimizerBench bench = oneWeight(
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
        OptimizerBench bench = oneWeight("SGD", {{"learning_rate", 1.0},
                                                 {"clipnorm", 0.5},
                                                 {"gradient_accumulation_steps", std::int64_t{2}}});
        QVERIFY(bench.apply(4.0F) && bench.apply(-4.4F));
        QVERIFY(std::abs(bench.weight() - 1.2) < 1e-5);
    }

    void averagesWeights() {
        const ParamMap params{{"learning_rate", 1.0}, {"use_ema", true}, {"ema_momentum", 0.5}};
        OptimizerBench bench = oneWeight("SGD", params);
        QVERIFY(bench.apply(0.5F)); // the first average is the weight itself: 0.5
        QVERIFY(bench.apply(0.5F)); // weight 0, average 0.25
        QCOMPARE(bench.weight(), 0.0);
        QCOMPARE(bench.optimizer().average(0)[0], 0.25F);
        QVERIFY(bench.optimizer().finishChangesWeights());
        bench.optimizer().finish(bench.parallel(), bench.weights());
        QCOMPARE(bench.weight(), 0.25);
    }

    void overwritesWeightsByAveragesEveryFewSteps() {
        OptimizerBench bench = oneWeight("SGD", {{"learning_rate", 1.0},
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
            OptimizerBench bench(def.name, richParams(def), variedVariables());
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
            OptimizerBench whole(def.name, richParams(def), variables);
            whole.applyRandom(0, 9);
            OptimizerBench first(def.name, richParams(def), variables);
            first.applyRandom(0, 5); // in the middle of an accumulation
            OptimizerBench second(def.name, richParams(def), variables);
            QVERIFY2(second.optimizer().restore(first.optimizer().state()), def.name.c_str());
            second.weights() = first.weights();
            second.applyRandom(5, 9);
            QVERIFY2(second.weights() == whole.weights(), def.name.c_str());
            QVERIFY2(second.optimizer().state() == whole.optimizer().state(), def.name.c_str());
        }
    }

    void refusesAStateThatDoesNotFit() {
        OptimizerBench adam = oneWeight("Adam", {});
        QVERIFY(adam.apply(0.1F));
        const nn::OptimizerState state = adam.optimizer().state();
        QVERIFY(!oneWeight("SGD", {}).optimizer().restore(state));
        QVERIFY(!oneWeight("Adam", {{"amsgrad", true}}).optimizer().restore(state));
        OptimizerBench other("Adam", {}, {variable("kernel", {2})});
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
            OptimizerBench one(def.name, params, variables, 1);
            one.applyRandom(0, 4);
            for (const int threads : {2, 4}) {
                OptimizerBench many(def.name, params, variables, threads);
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
        OptimizerBench bench("Adam", {{"amsgrad", true}, {"use_ema", true}},
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
};

QTEST_APPLESS_MAIN(OptimizerTest)
#include "tst_optimizer.moc"
