#include "app/training/settings_specs.h"

#include "nn/train/loss.h"
#include "nn/train/optimizer.h"

#include <QTest>

using app::SettingsGroup;

/// The training settings as forms show and change them.
class SettingsSpecsTest : public QObject {
    Q_OBJECT

private slots:
    void everyOptimizerAndLossCanBeChosen();
    void defaultsOfTheFormAreTheDefaultsOfTheSettings();
    void anotherOptimizerKeepsTheArgumentsItShares();
    void wrongValuesAreRefusedByName();
    void eachSettingArrives();
};

void SettingsSpecsTest::everyOptimizerAndLossCanBeChosen() {
    nn::TrainSettings settings;
    for (const nn::OptimizerDef& def : nn::optimizerDefs()) {
        const auto next =
            app::withSetting(settings, SettingsGroup::Optimizer, "optimizer", def.name);
        QVERIFY2(next, def.name.c_str());
        QCOMPARE(next->optimizer, def.name);
        QCOMPARE(app::settingsSpecs(SettingsGroup::Optimizer, *next).size(), def.params.size() + 1);
    }
    for (const nn::LossDef& def : nn::lossDefs()) {
        const auto next = app::withSetting(settings, SettingsGroup::Loss, "loss", def.name);
        QVERIFY2(next, def.name.c_str());
        QCOMPARE(next->loss, def.name);
    }
    QVERIFY(app::withSetting(settings, SettingsGroup::Loss, "loss", std::string("auto")));
}

void SettingsSpecsTest::defaultsOfTheFormAreTheDefaultsOfTheSettings() {
    const nn::TrainSettings settings;
    for (const SettingsGroup group :
         {SettingsGroup::Run, SettingsGroup::Optimizer, SettingsGroup::Loss}) {
        QVERIFY(app::settingsValues(group, settings).empty());
        for (const nn::ParamSpec& spec : app::settingsSpecs(group, settings)) {
            QVERIFY2(nn::checkedValue(spec, spec.defaultValue), spec.name.c_str());
        }
    }
}

void SettingsSpecsTest::anotherOptimizerKeepsTheArgumentsItShares() {
    nn::TrainSettings settings;
    settings.optimizerParams = {{"learning_rate", 0.5}, {"beta_1", 0.8}};
    const auto next =
        app::withSetting(settings, SettingsGroup::Optimizer, "optimizer", std::string("SGD"));
    QVERIFY(next);
    QCOMPARE(next->optimizerParams.count("learning_rate"), std::size_t{1});
    QCOMPARE(next->optimizerParams.count("beta_1"), std::size_t{0});
}

void SettingsSpecsTest::wrongValuesAreRefusedByName() {
    const nn::TrainSettings settings;
    const auto refused = [&](SettingsGroup group, const char* name, const nn::ParamValue& value) {
        const auto next = app::withSetting(settings, group, name, value);
        return !next && QString::fromStdString(next.error().message).contains(name);
    };
    QVERIFY(refused(SettingsGroup::Run, "batch_size", std::int64_t{0}));
    QVERIFY(refused(SettingsGroup::Run, "epochs", std::int64_t{-1}));
    QVERIFY(refused(SettingsGroup::Run, "validation_split", 1.0));
    QVERIFY(refused(SettingsGroup::Run, "threads", std::int64_t{1000}));
    QVERIFY(refused(SettingsGroup::Run, "no_such_setting", std::int64_t{1}));
    QVERIFY(refused(SettingsGroup::Optimizer, "learning_rate",
                    std::numeric_limits<double>::quiet_NaN()));
    QVERIFY(refused(SettingsGroup::Optimizer, "optimizer", std::string("Magic")));
}

void SettingsSpecsTest::eachSettingArrives() {
    nn::TrainSettings settings;
    const auto set = [&](const char* name, const nn::ParamValue& value) {
        const auto next = app::withSetting(settings, SettingsGroup::Run, name, value);
        QVERIFY2(next, name);
        settings = *next;
    };
    set("batch_size", std::int64_t{7});
    set("epochs", std::int64_t{8});
    set("validation_split", 0.25);
    set("shuffle", false);
    set("seed", std::int64_t{9});
    set("threads", std::int64_t{2});
    nn::TrainSettings wanted;
    wanted.batchSize = 7;
    wanted.epochs = 8;
    wanted.validationSplit = 0.25;
    wanted.shuffle = false;
    wanted.seed = 9;
    wanted.threads = 2;
    QCOMPARE(settings, wanted);
}

QTEST_APPLESS_MAIN(SettingsSpecsTest)
#include "tst_settings_specs.moc"
