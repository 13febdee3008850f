#include "nn/train/callback.h"
#include "nn/train/callbacks/path_template.h"
#include "nn/train/run_checks.h"
#include "nn/train/trainer.h"
#include "tests/support/text_graph.h"
#include "tests/support/training.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>

namespace {

using nn::Logs;
using nn::ParamObject;

/// A run that does nothing by itself.
class QuietRun final : public nn::TrainingRun {
public:
    double rate = 1.0;
    nn::Weights held;
    std::string reason;
    std::vector<std::string> saved;

    [[nodiscard]] double learningRate() const override { return rate; }
    void setLearningRate(double value) override { rate = value; }
    [[nodiscard]] bool hasFixedLearningRate() const override { return true; }
    [[nodiscard]] const nn::Weights& weights() const override { return held; }
    void setWeights(const nn::Weights& weights) override { held = weights; }
    [[nodiscard]] bool keepsAverages() const override { return false; }
    void swapAverages() override {}
    void stop(std::string text) override { reason = std::move(text); }
    nn::Expected<void> saveModel(const std::string& path) override {
        saved.push_back(path);
        return {};
    }
    void backUp(std::string path) override { saved.push_back(std::move(path)); }
    nn::Expected<void> goOnFrom(const std::string& /*path*/) override { return {}; }
    [[nodiscard]] std::vector<Column> columns() const override {
        return {{"loss", nn::Direction::Down},
                {"val_loss", nn::Direction::Down},
                {"val_accuracy", nn::Direction::Up},
                {"odd", std::nullopt}};
    }
};

nn::Weights weightsOf(float value) {
    nn::Weights weights;
    weights.tensors.emplace_back(nn::Shape{1}, std::vector<float>{value});
    return weights;
}

/// Runs a callback over figures of epochs; the weights are the number of the epoch. The epochs
/// run, learning rates logged and messages stay in the run.
std::int64_t epochsRun(const char* callback, const char* figure, const std::vector<double>& values,
                       QuietRun& run, std::vector<double>* rates = nullptr) {
    nn::CallbackList list({*nn::parsedObject(nn::callbackFamily(), callback)});
    if (!list.check(run) || !list.trainBegin(run)) {
        qFatal("%s", callback);
    }
    std::int64_t epoch = 0;
    for (; epoch < std::ssize(values) && run.reason.empty(); ++epoch) {
        run.held = weightsOf(static_cast<float>(epoch));
        list.epochBegin(epoch, run);
        Logs logs{{"loss", 0.0}, {figure, values[static_cast<std::size_t>(epoch)]}};
        if (!list.epochEnd(epoch, logs, run)) {
            qFatal("%s failed", callback);
        }
        if (rates != nullptr) {
            rates->push_back(nn::logged(logs, "learning_rate").value_or(-1.0));
        }
    }
    list.trainEnd(run);
    return epoch;
}

nn::TrainResult trained(const nn::TrainJob& job) {
    nn::TrainControl control;
    nn::Expected<nn::TrainResult> result = nn::train(job, control, {});
    if (!result) {
        qFatal("%s", result.error().message.c_str());
    }
    return *std::move(result);
}

ParamObject callback(const char* text) {
    return *nn::parsedObject(nn::callbackFamily(), text);
}

std::string fileText(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll().toStdString() : std::string();
}

} // namespace

class TestCallbacks : public QObject {
    Q_OBJECT

private slots:
    void earlyStoppingWaitsAndRestores() {
        QuietRun run;
        QCOMPARE(epochsRun("EarlyStopping(patience=2, restore_best_weights=True)", "val_loss",
                           {5.0, 3.0, 4.0, 3.0, 2.0, 1.0}, run),
                 4);
        QVERIFY(run.held == weightsOf(1.0F));
        QVERIFY(run.reason.find("epoch 2") != std::string::npos);
    }

    void earlyStoppingNeverEndsInTheFirstEpoch() {
        QuietRun run;
        QCOMPARE(epochsRun("EarlyStopping(baseline=0.5)", "val_loss", {2.0, 2.5, 3.0}, run), 2);
    }

    void earlyStoppingBeatsItsBaselineOrEnds() {
        QuietRun run;
        QCOMPARE(epochsRun("EarlyStopping(patience=2, baseline=1.0)", "val_loss",
                           {5.0, 4.0, 4.5, 3.0}, run),
                 3);
        QuietRun better;
        QCOMPARE(epochsRun("EarlyStopping(patience=2, baseline=1.0)", "val_loss",
                           {0.5, 4.0, 0.4, 3.0}, better),
                 4);
    }

    void earlyStoppingKnowsWhichWayIsBetter() {
        QuietRun run;
        QCOMPARE(epochsRun("EarlyStopping('val_accuracy', patience=1)", "val_accuracy",
                           {0.1, 0.2, 0.3, 0.3}, run),
                 4);
        QuietRun reversed;
        QCOMPARE(epochsRun("EarlyStopping('val_accuracy', mode='min', patience=1)", "val_accuracy",
                           {0.1, 0.2, 0.3, 0.3}, reversed),
                 2);
        QuietRun late;
        QCOMPARE(epochsRun("EarlyStopping(patience=1, start_from_epoch=3)", "val_loss",
                           {1.0, 2.0, 3.0, 4.0, 5.0, 6.0}, late),
                 5);
        QuietRun smallSteps;
        QCOMPARE(epochsRun("EarlyStopping(patience=2, min_delta=0.5)", "val_loss",
                           {1.0, 0.9, 0.8, 0.7}, smallSteps),
                 3);
    }

    void figuresThatAreNotThereAreRefused() {
        const QuietRun run;
        const auto refusal = [&](const char* text) {
            const auto checked = nn::CallbackList({callback(text)}).check(run);
            return checked ? std::string() : checked.error().message;
        };
        QVERIFY(refusal("EarlyStopping('val_mae')").find("val_accuracy") != std::string::npos);
        QVERIFY(refusal("ReduceLROnPlateau('odd')").find("mode") != std::string::npos);
        QVERIFY(refusal("ReduceLROnPlateau('odd', mode='max')").empty());
        QVERIFY(refusal("ModelCheckpoint('best.keras')").find(".receptive") != std::string::npos);
        QVERIFY(refusal("CSVLogger('/no/such/folder/a.csv')").find("folder") != std::string::npos);
    }

    void plateauLowersTheRate() {
        QuietRun run;
        std::vector<double> rates;
        epochsRun("ReduceLROnPlateau(factor=0.5, patience=2, cooldown=1, min_lr=0.3)", "val_loss",
                  {1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0}, run, &rates);
        QCOMPARE(rates, (std::vector<double>{1.0, 1.0, 1.0, 0.5, 0.5, 0.3, 0.3, 0.3, 0.3}));
    }

    void checkpointsAreSavedWhenBest() {
        QuietRun run;
        epochsRun("ModelCheckpoint('m-{epoch:02d}-{val_loss:.2f}.receptive', save_best_only=True)",
                  "val_loss", {1.5, 2.0, 0.25}, run);
        QCOMPARE(run.saved,
                 (std::vector<std::string>{"m-01-1.50.receptive", "m-03-0.25.receptive"}));
        QuietRun always;
        epochsRun("ModelCheckpoint('m{epoch}.receptive')", "val_loss", {1.0, 2.0}, always);
        QCOMPARE(always.saved, (std::vector<std::string>{"m1.receptive", "m2.receptive"}));
        QuietRun threshold;
        epochsRun("ModelCheckpoint('m{epoch}.receptive', save_best_only=True, "
                  "initial_value_threshold=1.2)",
                  "val_loss", {1.5, 1.0}, threshold);
        QCOMPARE(threshold.saved, (std::vector<std::string>{"m2.receptive"}));
    }

    void pathsAreFilledAsPythonDoes() {
        const Logs logs{{"loss", 0.123456}, {"val_loss", 12.0}};
        const auto filled = [&](const char* pattern) {
            return *nn::filledPath(pattern, 4, std::int64_t{9}, logs);
        };
        QCOMPARE(filled("a{epoch}b{batch:03d}"), std::string("a5b010"));
        QCOMPARE(filled("{loss:.3f}-{val_loss:08.2f}"), std::string("0.123-00012.00"));
        QCOMPARE(filled("{loss:.2e}"), std::string("1.23e-01"));
        QVERIFY(!nn::filledPath("{acc}", 0, std::nullopt, logs));
        QVERIFY(!nn::filledPath("{batch}", 0, std::nullopt, logs));
        QVERIFY(!nn::filledPath("{epoch", 0, std::nullopt, logs));
        QVERIFY(!nn::filledPath("{epoch:x}", 0, std::nullopt, logs));
    }

    void statesGoOnWhereTheyWere() {
        QuietRun run;
        nn::CallbackList first({callback("EarlyStopping(patience=3, restore_best_weights=True)"),
                                callback("ReduceLROnPlateau(patience=9)")});
        QVERIFY(first.trainBegin(run).has_value());
        for (std::int64_t epoch = 0; epoch < 3; ++epoch) {
            Logs logs{{"val_loss", 1.0 + static_cast<double>(epoch)}};
            run.held = weightsOf(static_cast<float>(epoch));
            QVERIFY(first.epochEnd(epoch, logs, run).has_value());
        }
        nn::CallbackList second({callback("EarlyStopping(patience=3, restore_best_weights=True)"),
                                 callback("ReduceLROnPlateau(patience=9)")});
        QVERIFY(second.trainBegin(run).has_value());
        second.restore(first.states());
        QVERIFY(second.states()[0].values == first.states()[0].values);
        QVERIFY(second.states()[1].values == first.states()[1].values);
        Logs logs{{"val_loss", 5.0}};
        QVERIFY(second.epochEnd(3, logs, run).has_value());
        QVERIFY(!run.reason.empty());
        second.trainEnd(run);
        QVERIFY(run.held == weightsOf(0.0F));
    }

    void figuresAreWrittenToAFile() {
        const QTemporaryDir folder;
        const QString file = folder.filePath("log.csv");
        nn::TrainJob job = tests::cornerJob();
        job.settings.epochs = 2;
        job.settings.callbacks = {ParamObject("CSVLogger", {{"filename", file.toStdString()}})};
        trained(job);
        const std::string text = fileText(file);
        QVERIFY(text.starts_with("epoch,accuracy,loss,val_accuracy,val_loss\r\n0,"));
        QCOMPARE(std::ranges::count(text, '\n'), 3);
        job.settings.callbacks = {
            ParamObject("CSVLogger", {{"filename", file.toStdString()}, {"append", true}})};
        trained(job);
        QCOMPARE(std::ranges::count(fileText(file), '\n'), 5);
    }

    void relativePathsBeginInTheFolderOfTheJob() {
        const QTemporaryDir folder;
        nn::TrainJob job = tests::cornerJob();
        job.settings.epochs = 1;
        job.folder = folder.path().toStdString();
        std::vector<std::string> saved;
        job.saveModel = [&](const std::string& path, const nn::Weights&, const nn::History&) {
            saved.push_back(path);
            return nn::Expected<void>();
        };
        job.saveRun = [&](const std::string& path, const nn::Checkpoint&) {
            saved.push_back(path);
            return nn::Expected<void>();
        };
        job.settings.callbacks = {callback("CSVLogger('log.csv')"),
                                  callback("ModelCheckpoint('m{epoch}.receptive')"),
                                  callback("BackupAndRestore('backup')"),
                                  callback("ModelCheckpoint('/elsewhere/m.receptive')")};
        trained(job);
        QVERIFY(fileText(folder.filePath("log.csv")).starts_with("epoch,"));
        const auto inFolder = [&](const char* name) { return folder.filePath(name).toStdString(); };
        QCOMPARE(saved,
                 (std::vector<std::string>{inFolder("m1.receptive"), "/elsewhere/m.receptive",
                                           inFolder("backup/latest.receptive")}));
    }

    void runsEndEarlyAndSaySo() {
        nn::TrainJob job = tests::cornerJob();
        job.settings.epochs = 50;
        job.settings.callbacks = {callback("EarlyStopping('loss', patience=1, min_delta=1000)")};
        const nn::TrainResult result = trained(job);
        QCOMPARE(result.outcome, nn::TrainOutcome::Finished);
        QCOMPARE(result.history.epochs.size(), std::size_t{2});
        QVERIFY(result.message.find("EarlyStopping") != std::string::npos);
    }

    void runsLogTheRateTheyWereTrainedWith() {
        nn::TrainJob job = tests::cornerJob();
        job.settings.epochs = 3;
        job.settings.optimizer = "SGD";
        job.settings.callbacks = {
            callback("ReduceLROnPlateau('loss', patience=0, factor=0.5, min_delta=1000)")};
        const nn::TrainResult result = trained(job);
        const auto rate = [&](std::size_t epoch) {
            return nn::logged(result.history.epochs[epoch].values, "learning_rate").value();
        };
        QVERIFY(std::abs(rate(0) - 0.01) < 1e-8);
        QVERIFY(std::abs(rate(1) - 0.01) < 1e-8);
        QVERIFY(std::abs(rate(2) - 0.005) < 1e-8);
    }

    void notANumberEndsInGoodOrder() {
        nn::TrainJob job = tests::cornerJob();
        job.graph = tests::graph("8x8x1 -> Conv2D(4) -> Flatten -> Dense(4)");
        job.settings.loss = "mean_squared_error";
        job.settings.optimizer = "SGD";
        job.settings.optimizerParams = {{"learning_rate", 1000.0}};
        QCOMPARE(trained(job).outcome, nn::TrainOutcome::Diverged);
        job.settings.callbacks = {callback("TerminateOnNaN()")};
        const nn::TrainResult result = trained(job);
        QCOMPARE(result.outcome, nn::TrainOutcome::Finished);
        QCOMPARE(result.history.epochs.size(), std::size_t{1});
        QVERIFY(result.message.find("TerminateOnNaN") != std::string::npos);
        job.settings.callbacks = {callback("TerminateOnNaN(raise_error=True)")};
        QCOMPARE(trained(job).outcome, nn::TrainOutcome::Diverged);
    }

    void averagesAreValidatedAndPutBack() {
        nn::TrainJob job = tests::cornerJob();
        job.settings.callbacks = {callback("SwapEMAWeights()")};
        const QuietRun withoutAverages;
        const auto refused = nn::CallbackList(job.settings.callbacks).check(withoutAverages);
        QVERIFY(!refused && refused.error().message.find("use_ema") != std::string::npos);
        nn::TrainControl control;
        QVERIFY(!nn::train(job, control, {}));
        job.settings.optimizerParams = {{"use_ema", true}, {"ema_momentum", 0.5}};
        const nn::TrainResult swapped = trained(job);
        job.settings.callbacks.clear();
        const nn::TrainResult plain = trained(job);
        QVERIFY(swapped.weights == plain.weights);
        QCOMPARE(swapped.history.epochs.back().loss, plain.history.epochs.back().loss);
        QVERIFY(swapped.history.epochs.back().valLoss != plain.history.epochs.back().valLoss);
    }

    void everyCallbackExplainsItself() {
        for (const nn::ObjectDef& def : nn::callbackFamily().defs()) {
            QVERIFY2(def.help.size() > 40 && !def.title.empty(), def.type.c_str());
            for (const nn::ParamSpec& spec : def.params) {
                QVERIFY2(spec.help.size() > 20, (def.type + spec.name).c_str());
            }
            // The one argument without a default that a callback has.
            const nn::ParamObject object =
                def.type == "LearningRateScheduler"
                    ? callback("LearningRateScheduler(schedule=ExponentialDecay("
                               "initial_learning_rate=0.1, decay_steps=2, decay_rate=0.5))")
                    : nn::defaultObject(def);
            QVERIFY2(nn::makeCallback(object) != nullptr, def.type.c_str());
        }
    }
};

QTEST_APPLESS_MAIN(TestCallbacks)
#include "tst_callbacks.moc"
