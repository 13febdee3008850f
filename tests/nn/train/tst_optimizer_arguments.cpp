#include "nn/train/optimizer.h"

#include <QTest>
#include <cmath>

using nn::OptimizerDef;

/// The arguments of optimizers: names, defaults and ranges.
class OptimizerArgumentsTest : public QObject {
    Q_OBJECT

private slots:
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

    void refusesTwoClippings() {
        const OptimizerDef& adam = *nn::findOptimizerDef("Adam");
        const auto checked =
            nn::checkOptimizerParams(adam, {{"clipnorm", 1.0}, {"global_clipnorm", 1.0}});
        QVERIFY(!checked);
        QVERIFY(checked.error().message.find("clipnorm and global_clipnorm") != std::string::npos);
        QVERIFY(nn::checkOptimizerParams(adam, {{"clipnorm", nn::None{}}, {"clipvalue", 1.0}}));
    }
};

QTEST_APPLESS_MAIN(OptimizerArgumentsTest)
#include "tst_optimizer_arguments.moc"
