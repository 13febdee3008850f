#include "tests/support/optimizer_bench.h"

#include <QTest>
#include <cmath>

using nn::ParamMap;
using tests::oneWeight;
using tests::OptimizerBench;
using tests::variable;

namespace {

/// One weight that starts at 1 and sees the gradients 0.1, −0.2, 0.3: its value after each step.
QList<double> path(const std::string& name, const ParamMap& params) {
    OptimizerBench bench = oneWeight(name, params);
    QList<double> values;
    for (const float gradient : {0.1F, -0.2F, 0.3F}) {
        values << (bench.apply(gradient) ? bench.weight() : std::nan(""));
    }
    return values;
}

} // namespace

/// What each optimizer computes.
class OptimizerRulesTest : public QObject {
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
        OptimizerBench bench = oneWeight("Lamb", {});
        QVERIFY(bench.apply(0.1F));
        QVERIFY(std::abs(bench.weight() - 0.999) < 1e-6);
        OptimizerBench larger = oneWeight("Lamb", {});
        larger.weights().tensors[0].values()[0] = 5.0F;
        QVERIFY(larger.apply(0.1F));
        QVERIFY(std::abs(larger.weight() - 4.995) < 1e-5);
    }

    void ftrlWithoutPenaltyIsAdagradFromZero() {
        // Follow the regularized leader: w = −z / (√n / lr) with z the sum of gradients corrected
        // for the change of √n times w; computed here in double precision.
        OptimizerBench bench = oneWeight("Ftrl", {{"learning_rate", 0.5}});
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
        OptimizerBench root = oneWeight("Ftrl", {{"learning_rate", 0.5}});
        OptimizerBench near =
            oneWeight("Ftrl", {{"learning_rate", 0.5}, {"learning_rate_power", -0.50001}});
        QVERIFY(root.apply(0.3F) && root.apply(0.2F));
        QVERIFY(near.apply(0.3F) && near.apply(0.2F));
        QVERIFY(root.weight() != 1.0);
        QVERIFY(std::abs(root.weight() - near.weight()) < 1e-4);
    }

    void adafactorFollowsItsRule() {
        // Of a single weight the root of the mean square is the weight itself, and the first
        // velocity is the squared gradient: the step is rate · w · sign(g). Later ones in double
        // precision.
        OptimizerBench bench = oneWeight("Adafactor", {{"learning_rate", 0.1}});
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
        OptimizerBench bench("Adafactor", {{"learning_rate", 0.1}, {"clip_threshold", 100.0}},
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
        OptimizerBench bench("Muon", params, {variable("kernel", {2, 2})});
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
        OptimizerBench muon("Muon", {}, variables);
        OptimizerBench adam("AdamW", {}, variables);
        OptimizerBench excluded("Muon", {{"exclude_layers", std::string("other, dense")}},
                                variables);
        for (OptimizerBench* bench : {&muon, &adam, &excluded}) {
            bench->applyRandom(0, 3);
        }
        QVERIFY(muon.weights().tensors[0] != adam.weights().tensors[0]);
        QVERIFY(muon.weights().tensors[1] == adam.weights().tensors[1]);
        QVERIFY(muon.weights().tensors[2] == adam.weights().tensors[2]);
        QVERIFY(excluded.weights().tensors == adam.weights().tensors);
    }

    void scheduleFreeEndsWithTheMeanOfItsPath() {
        OptimizerBench bench = oneWeight("ScheduleFreeAdamW", {{"learning_rate", 0.1}});
        // Constant gradient: Adam's corrected step is the learning rate itself, so the path goes
        // through 0.9, 0.8, 0.7.
        QVERIFY(bench.apply(0.5F) && bench.apply(0.5F) && bench.apply(0.5F));
        QVERIFY(std::abs(bench.weight() - (0.1 * 0.7 + 0.9 * 0.8)) < 1e-5);
        bench.optimizer().finish(bench.parallel(), bench.weights());
        QVERIFY2(std::abs(bench.weight() - 0.8) < 1e-5,
                 qPrintable(QString::number(bench.weight())));
    }
};

QTEST_APPLESS_MAIN(OptimizerRulesTest)
#include "tst_optimizer_rules.moc"
