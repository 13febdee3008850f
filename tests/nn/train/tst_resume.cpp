#include "nn/base/random.h"
#include "nn/io/model_saver.h"
#include "nn/io/project_file.h"
#include "nn/train/callback.h"
#include "nn/train/trainer.h"
#include "tests/support/text_graph.h"
#include "tests/support/training.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>

using nn::Checkpoint;
using nn::TrainControl;
using nn::TrainJob;
using nn::TrainResult;

namespace {

constexpr int kRandomPlaces = 10; // for each of the three networks

/// A run whose memory is tried: dropout, moving statistics, momentum, schedule.
struct Case {
    const char* name = "";
    const char* graph = "";
    const char* optimizer = "";
    nn::ParamMap params = {};
};

std::vector<Case> cases() {
    const auto schedule = [](const std::string& text) {
        return *nn::parsedObject(nn::scheduleFamily(), text);
    };
    return {
        {.name = "augmentation, dropout, Adam",
         .graph =
             "8x8x1 -> RandomTranslation(0.2, 0.2) -> RandomErasing(0.5, value_range=(0, 1)) -> "
             "Conv2D(4, 3, activation=relu) -> Dropout(0.3) -> Flatten -> "
             "Dropout(0.2) -> Dense(4, activation=softmax)",
         .optimizer = "Adam",
         .params = {{"amsgrad", true}, {"clipnorm", 1.0}}},
        {.name = "batch normalization, momentum, schedule",
         .graph = "8x8x1 -> Conv2D(4, 3) -> BatchNormalization -> ReLU -> Flatten -> "
                  "Dense(4, activation=softmax)",
         .optimizer = "SGD",
         .params = {{"learning_rate", schedule("CosineDecay(0.1, 30, warmup_target=0.2, "
                                               "warmup_steps=5)")},
                    {"momentum", 0.9},
                    {"nesterov", true}}},
        {.name = "augmentation, averages and accumulation",
         .graph = "8x8x1 -> RandomFlip -> MixUp(0.4) -> RandomElasticTransform -> "
                  "Conv2D(4, 3, activation=relu) -> BatchNormalization -> Dropout(0.25) "
                  "-> GlobalAveragePooling2D -> Dense(4, activation=softmax)",
         .optimizer = "Nadam",
         .params = {{"use_ema", true},
                    {"ema_momentum", 0.8},
                    {"gradient_accumulation_steps", std::int64_t{3}}}}};
}

TrainJob jobOf(const Case& each) {
    TrainJob job = tests::cornerJob();
    job.graph = tests::graph(each.graph);
    job.settings.optimizer = each.optimizer;
    job.settings.optimizerParams = each.params;
    job.settings.batchSize = 9; // 64 images: 8 batches, the last of one image
    job.settings.epochs = 4;
    job.settings.threads = 2;
    job.keepsCheckpoint = true;
    return job;
}

/// Trains until `batches` batches are done in all.
TrainResult stoppedAfter(const TrainJob& job, std::int64_t batches,
                         const std::function<void(const nn::BatchProgress&)>& seen = {}) {
    TrainControl control;
    nn::TrainSink sink;
    sink.batchDone = [&](const nn::BatchProgress& progress) {
        if (seen) {
            seen(progress);
        }
        if (progress.step >= batches) {
            control.stop();
        }
    };
    auto result = nn::train(job, control, sink);
    return result ? *std::move(result) : TrainResult{};
}

TrainResult whole(const TrainJob& job) {
    return stoppedAfter(job, std::numeric_limits<std::int64_t>::max());
}

/// The checkpoint with the weights that a result left in its own place.
std::shared_ptr<const Checkpoint> complete(const TrainResult& result) {
    Checkpoint checkpoint = result.checkpoint.value();
    if (checkpoint.weights == nullptr) {
        checkpoint.weights = std::make_shared<const nn::Weights>(result.weights);
    }
    return std::make_shared<const Checkpoint>(std::move(checkpoint));
}

/// What a checkpoint is after it was written to a project file and read again.
std::shared_ptr<const Checkpoint> throughFile(const TrainJob& job, const TrainResult& result) {
    const QTemporaryDir folder;
    const std::filesystem::path path = folder.filePath(QStringLiteral("p.receptive")).toStdString();
    nn::Project project;
    project.graph = std::make_shared<const nn::Graph>(job.graph);
    project.weights = std::make_shared<const nn::Weights>(result.weights);
    Checkpoint checkpoint = result.checkpoint.value();
    if (checkpoint.weights == nullptr) {
        checkpoint.weights = project.weights;
    }
    project.checkpoint = std::make_shared<const Checkpoint>(std::move(checkpoint));
    if (!nn::io::saveProject(path, project)) {
        return nullptr;
    }
    const auto loaded = nn::io::loadProject(path);
    return loaded ? loaded->project.checkpoint : nullptr;
}

bool same(double a, double b) {
    return a == b || (std::isnan(a) && std::isnan(b));
}

/// Empty when two runs measured the same but for times.
std::string difference(const TrainResult& a, const TrainResult& b) {
    if (a.weights.tensors != b.weights.tensors) {
        return "weights";
    }
    if (a.steps != b.steps || a.history.batches.size() != b.history.batches.size() ||
        a.history.epochs.size() != b.history.epochs.size()) {
        return "length";
    }
    for (std::size_t i = 0; i < a.history.batches.size(); ++i) {
        const nn::BatchProgress& x = a.history.batches[i];
        const nn::BatchProgress& y = b.history.batches[i];
        if (x.step != y.step || x.epoch != y.epoch || x.batch != y.batch || !same(x.loss, y.loss) ||
            !same(x.accuracy, y.accuracy)) {
            return "batch " + std::to_string(i);
        }
    }
    for (std::size_t i = 0; i < a.history.epochs.size(); ++i) {
        const nn::EpochResult& x = a.history.epochs[i];
        const nn::EpochResult& y = b.history.epochs[i];
        if (x.epoch != y.epoch || !same(x.loss, y.loss) || !same(x.accuracy, y.accuracy) ||
            !same(x.valLoss, y.valLoss) || !same(x.valAccuracy, y.valAccuracy)) {
            return "epoch " + std::to_string(i);
        }
    }
    return a.checkpoint->optimizer == b.checkpoint->optimizer ? "" : "optimizer";
}

/// A job with BackupAndRestore in a folder.
TrainJob backedUpJob(const Case& each, const QTemporaryDir& folder, const QByteArray& arguments) {
    TrainJob job = jobOf(each);
    const std::string text = "BackupAndRestore('" +
                             folder.filePath(QStringLiteral("backup")).toStdString() + "'" +
                             arguments.toStdString() + ")";
    job.settings.callbacks = {*nn::parsedObject(nn::callbackFamily(), text)};
    nn::Project project;
    project.graph = std::make_shared<const nn::Graph>(job.graph);
    job.saveRun = nn::io::runSaver(project);
    job.loadRun = nn::io::loadedRun;
    return job;
}

std::string refusal(const TrainJob& job) {
    TrainControl control;
    const auto result = nn::train(job, control, {});
    return result ? std::string() : result.error().message;
}

} // namespace

class TestResume : public QObject {
    Q_OBJECT

private slots:
    void goesOnFromAnyStepWithTheSameBits() {
        nn::RandomSequence random({.seed = 11});
        for (const Case& each : cases()) {
            const TrainJob job = jobOf(each);
            const TrainResult expected = whole(job);
            QCOMPARE(expected.steps, 32);
            for (int i = 0; i < kRandomPlaces; ++i) {
                const auto place = static_cast<std::int64_t>(1 + random.below(31));
                TrainJob next = job;
                const TrainResult first = stoppedAfter(job, place);
                QCOMPARE(first.outcome, nn::TrainOutcome::Stopped);
                QCOMPARE(first.steps, place);
                next.resume = i % 2 == 0 ? complete(first) : throughFile(job, first);
                QVERIFY2(next.resume != nullptr, each.name);
                const TrainResult second = whole(next);
                const std::string wrong = difference(expected, second);
                QVERIFY2(wrong.empty(),
                         (std::string(each.name) + ", step " + std::to_string(place) + ": " + wrong)
                             .c_str());
            }
        }
    }

    // BackupAndRestore: a run that was cut off and started again as it was.
    void startsAgainWhereItWasBackedUp_data() {
        QTest::addColumn<QByteArray>("arguments");
        QTest::addColumn<int>("cutOff");
        QTest::addColumn<int>("goesOnAfter");
        QTest::newRow("epochs") << QByteArray("") << 21 << 16;
        QTest::newRow("batches") << QByteArray(", save_freq='5'") << 21 << 20;
        QTest::newRow("last batch of an epoch") << QByteArray(", save_freq='8'") << 9 << 8;
        QTest::newRow("two states") << QByteArray(", double_checkpoint=True") << 21 << 16;
        QTest::newRow("before the first") << QByteArray("") << 3 << 0;
    }
    void startsAgainWhereItWasBackedUp() {
        QFETCH(QByteArray, arguments);
        QFETCH(int, cutOff);
        QFETCH(int, goesOnAfter);
        for (const Case& each : cases()) {
            const QTemporaryDir folder;
            const TrainJob job = backedUpJob(each, folder, arguments);
            TrainJob plain = job;
            plain.settings.callbacks.clear();
            const TrainResult expected = whole(plain);
            QCOMPARE(stoppedAfter(job, cutOff).steps, cutOff);
            std::vector<std::int64_t> steps;
            const TrainResult second = stoppedAfter(
                job, std::numeric_limits<std::int64_t>::max(),
                [&](const nn::BatchProgress& progress) { steps.push_back(progress.step); });
            QCOMPARE(steps.front(), goesOnAfter + 1);
            QCOMPARE(difference(expected, second), std::string());
            QVERIFY(!QDir(folder.filePath(QStringLiteral("backup"))).exists());
        }
    }

    void saysWhenItGoesOnFromABackup() {
        const QTemporaryDir folder;
        TrainJob job = backedUpJob(cases()[0], folder, ", delete_checkpoint=False");
        const std::string file =
            folder.filePath(QStringLiteral("backup/latest.receptive")).toStdString();
        std::vector<std::string> said;
        nn::TrainSink sink;
        sink.wentOn = [&](const Checkpoint& from, const std::string& path) {
            said.push_back(nn::goingOnText(from, path, job.settings.epochs));
        };
        TrainControl control;
        stoppedAfter(job, 21);
        QVERIFY(nn::train(job, control, sink)); // goes on, and is finished
        QVERIFY(nn::train(job, control, sink)); // finds nothing left to do
        ++job.settings.epochs;
        QVERIFY(nn::train(job, control, sink));
        QDir(folder.filePath(QStringLiteral("backup"))).removeRecursively();
        QVERIFY(nn::train(job, control, sink)); // a new run
        QCOMPARE(said.size(), std::size_t{3});
        QCOMPARE(said[0],
                 "Going on with the run kept in " + file + ", at the start of epoch 3 of 4.");
        QVERIFY2(said[1].find("has done its 4 epochs: nothing is left") != std::string::npos,
                 said[1].c_str());
        QVERIFY2(said[2].ends_with("at the start of epoch 5 of 5."), said[2].c_str());
    }

    void takesTheStateBeforeADamagedOne() {
        const QTemporaryDir folder;
        const TrainJob job = backedUpJob(cases()[1], folder, ", double_checkpoint=True");
        const TrainResult expected = whole(job);
        stoppedAfter(job, 21);
        QFile latest(folder.filePath(QStringLiteral("backup/latest.receptive")));
        QVERIFY(latest.exists() && latest.resize(latest.size() / 2));
        std::int64_t first = 0;
        const TrainResult second = stoppedAfter(
            job, std::numeric_limits<std::int64_t>::max(),
            [&](const nn::BatchProgress& progress) { first = first == 0 ? progress.step : first; });
        QCOMPARE(first, 9);
        QCOMPARE(difference(expected, second), std::string());
    }

    void refusesTheBackupOfAnotherRun() {
        const QTemporaryDir folder;
        TrainJob job = backedUpJob(cases()[0], folder, ", delete_checkpoint=False");
        QCOMPARE(whole(job).outcome, nn::TrainOutcome::Finished);
        QVERIFY(QFile::exists(folder.filePath(QStringLiteral("backup/latest.receptive"))));
        job.settings.batchSize = 8;
        const std::string message = refusal(job);
        QVERIFY2(message.find("the batch size was 9 and is 8 now") != std::string::npos &&
                     message.find("Delete the folder") != std::string::npos,
                 message.c_str());
    }

    void goesOnFromTheCheckpointOfAnEpoch() {
        const TrainJob job = jobOf(cases()[1]);
        const TrainResult expected = whole(job);
        std::vector<std::shared_ptr<const Checkpoint>> kept;
        TrainControl control;
        nn::TrainSink sink;
        sink.checkpoint = [&](const Checkpoint& checkpoint) {
            kept.push_back(std::make_shared<const Checkpoint>(checkpoint));
        };
        QVERIFY(nn::train(job, control, sink));
        QCOMPARE(kept.size(), std::size_t{4});
        QCOMPARE(kept[1]->epoch, 2);
        QCOMPARE(kept[1]->batch, 0);
        QVERIFY(!kept[2]->isFinished() && kept[3]->isFinished());
        TrainJob next = job;
        next.resume = kept[1];
        QCOMPARE(difference(expected, whole(next)), std::string());
    }

    void givesACheckpointAfterABatchWhenAsked() {
        const TrainJob job = jobOf(cases()[0]);
        TrainControl control;
        std::vector<std::int64_t> steps;
        nn::TrainSink sink;
        sink.batchDone = [&](const nn::BatchProgress& progress) {
            if (progress.step == 3) {
                control.requestCheckpoint();
            }
        };
        sink.checkpoint = [&](const Checkpoint& checkpoint) { steps.push_back(checkpoint.steps); };
        QVERIFY(nn::train(job, control, sink));
        QCOMPARE(steps, (std::vector<std::int64_t>{3, 8, 16, 24, 32}));
        steps.clear();
        sink.checkpointsEveryEpoch = false;
        TrainControl again;
        sink.batchDone = [&](const nn::BatchProgress& progress) {
            if (progress.step == 3) {
                again.requestCheckpoint();
            }
        };
        QVERIFY(nn::train(job, again, sink));
        QCOMPARE(steps, (std::vector<std::int64_t>{3}));
    }

    void moreEpochsGoOnWhereARunWasDone() {
        TrainJob longer = jobOf(cases()[2]);
        TrainJob shorter = longer;
        shorter.settings.epochs = 2;
        const TrainResult expected = whole(longer);
        longer.resume = complete(whole(shorter));
        QVERIFY(longer.resume->isFinished());
        QCOMPARE(difference(expected, whole(longer)), std::string());
    }

    void theNumberOfThreadsMayChange() {
        const TrainJob job = jobOf(cases()[0]);
        const TrainResult expected = whole(job);
        TrainJob next = job;
        next.resume = complete(stoppedAfter(job, 5));
        next.settings.threads = 1;
        QCOMPARE(difference(expected, whole(next)), std::string());
    }

    void refusesOtherCircumstances() {
        const TrainJob job = jobOf(cases()[0]);
        const std::shared_ptr<const Checkpoint> checkpoint = complete(stoppedAfter(job, 5));
        const auto with = [&](const auto& change) {
            TrainJob next = job;
            next.resume = checkpoint;
            change(next);
            return refusal(next);
        };
        const auto contains = [](const std::string& text, const char* part) {
            return text.find(part) != std::string::npos;
        };
        QVERIFY(contains(with([](TrainJob& j) { j.settings.batchSize = 8; }),
                         "the batch size was 9 and is 8 now"));
        QVERIFY(contains(with([](TrainJob& j) { j.settings.seed = 2; }), "the seed"));
        QVERIFY(contains(with([](TrainJob& j) { j.settings.optimizerParams["clipnorm"] = 2.0; }),
                         "the arguments of Adam"));
        QVERIFY(contains(with([](TrainJob& j) { j.training = tests::corners(65); }),
                         "64 images, and now there are 65"));
        QVERIFY(contains(with([](TrainJob& j) {
                             j.graph = tests::graph("8x8x1 -> Conv2D(5, 3) -> Flatten -> "
                                                    "Dense(4, activation=softmax)");
                         }),
                         "the network was changed"));
    }

    void averagesAreTheResultButNotWhereTheRunGoesOn() {
        const TrainResult result = whole(jobOf(cases()[2]));
        QVERIFY(result.checkpoint->weights != nullptr);
        QVERIFY(result.checkpoint->weights->tensors != result.weights.tensors);
    }

    void aRenamedLayerKeepsItsState() {
        const TrainJob job = jobOf(cases()[0]);
        const TrainResult first = stoppedAfter(job, 5);
        TrainJob renamed = job;
        const auto graph =
            nn::apply(job.graph, nn::RenameNode{.id = job.graph.nodes[1].id, .name = "another"});
        QVERIFY(graph);
        renamed.graph = *graph;
        renamed.resume = throughFile(renamed, first);
        QVERIFY(renamed.resume != nullptr);
        QCOMPARE(difference(whole(job), whole(renamed)), std::string());
    }
};

QTEST_APPLESS_MAIN(TestResume)
#include "tst_resume.moc"
