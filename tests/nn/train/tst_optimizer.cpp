#include "nn/train/optimizer.h"

#include <QTest>
#include <cmath>

namespace {

/// One weight that starts at 1 and sees the gradients 0.1, −0.2, 0.3: its value after each step.
std::vector<double> path(const char* name, const nn::ParamMap& params) {
    const nn::OptimizerDef* def = nn::findOptimizerDef(name);
    const std::unique_ptr<nn::Optimizer> optimizer = def->make(params);
    const nn::Variable variables[] = {
        {.node = 1, .layer = "dense", .spec = {.name = "kernel", .shape = {1}}, .trainable = true}};
    optimizer->build(variables);
    nn::Parallel parallel(1);
    std::vector<float> weight{1.0F};
    std::vector<double> values;
    for (const float gradient : {0.1F, -0.2F, 0.3F}) {
        optimizer->update(parallel, 0, std::span(&gradient, 1), 1.0, weight);
        optimizer->finishStep();
        values.push_back(static_cast<double>(weight[0]));
    }
    return values;
}

} // namespace

class TestOptimizer : public QObject {
    Q_OBJECT

private slots:
    // Values after each step from Keras in float64.
    void followsKeras_data() {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QString>("arguments");
        QTest::addColumn<QList<double>>("expected");
        QTest::newRow("SGD") << QByteArray("SGD") << QString() << QList<double>{.999, 1.001, .998};
        QTest::newRow("momentum") << QByteArray("SGD") << QStringLiteral("momentum")
                                  << QList<double>{.999, 1.0001, .99809};
        QTest::newRow("nesterov") << QByteArray("SGD") << QStringLiteral("momentum,nesterov")
                                  << QList<double>{.9981, 1.00109, .996281};
        QTest::newRow("Adam") << QByteArray("Adam") << QString()
                              << QList<double>{.9990000316, .9993661300, .9990228918};
        QTest::newRow("AdamW") << QByteArray("Adam") << QStringLiteral("weight_decay")
                               << QList<double>{.9989960316, .9993581340, .9990108984};
    }

    void followsKeras() {
        QFETCH(QByteArray, name);
        QFETCH(QString, arguments);
        QFETCH(QList<double>, expected);
        nn::ParamMap params;
        if (arguments.contains(QStringLiteral("momentum"))) {
            params["momentum"] = 0.9;
        }
        if (arguments.contains(QStringLiteral("nesterov"))) {
            params["nesterov"] = true;
        }
        if (arguments.contains(QStringLiteral("weight_decay"))) {
            params["weight_decay"] = 0.004;
        }
        const std::vector<double> values = path(name.constData(), params);
        for (std::size_t i = 0; i < values.size(); ++i) {
            QVERIFY2(std::abs(values[i] - expected[static_cast<qsizetype>(i)]) < 2e-7,
                     qPrintable(QString::number(values[i], 'g', 10)));
        }
    }

    void countsItsState() {
        const nn::OptimizerDef& sgd = *nn::findOptimizerDef("sgd");
        QCOMPARE(sgd.stateFloats({}), 0);
        QCOMPARE(sgd.stateFloats({{"momentum", 0.9}}), 1);
        const nn::OptimizerDef& adam = *nn::findOptimizerDef("adam");
        QCOMPARE(adam.stateFloats({}), 2);
        QCOMPARE(adam.stateFloats({{"amsgrad", true}}), 3);
    }

    void argumentsHaveKerasDefaults() {
        const nn::OptimizerDef& adam = *nn::findOptimizerDef("Adam");
        const auto value = [&](const char* name) {
            return std::get<double>(nn::paramValue({}, *nn::findSpec(adam.params, name)));
        };
        QCOMPARE(value("learning_rate"), 0.001);
        QCOMPARE(value("beta_1"), 0.9);
        QCOMPARE(value("beta_2"), 0.999);
        QCOMPARE(value("epsilon"), 1e-7);
        const nn::OptimizerDef& sgd = *nn::findOptimizerDef("SGD");
        QCOMPARE(std::get<double>(nn::paramValue({}, *nn::findSpec(sgd.params, "learning_rate"))),
                 0.01);
    }

    void refusesValuesOutOfRange() {
        for (const nn::OptimizerDef& def : nn::optimizerDefs()) {
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
