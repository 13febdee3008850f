#include "nn/data/sources.h"
#include "nn/model/templates.h"
#include "nn/train/trainer.h"

#include <QTest>

using namespace nn;

namespace {

/// A template trained on the data it recommends, as a new user would.
History trainedHistory(const char* name, std::int64_t epochs, std::uint64_t seed) {
    const Template& entry = *findTemplate(name);
    auto source = data::openDataset(entry.data, {});
    if (!source) {
        qFatal("%s", source.error().message.c_str());
    }
    TrainJob job{.graph = templateGraph(entry),
                 .weights = nullptr,
                 .training = source->train,
                 .validation = source->test,
                 .settings = {}};
    job.settings.optimizer = entry.optimizer;
    job.settings.optimizerParams = entry.optimizerParams;
    job.settings.batchSize = entry.batchSize;
    job.settings.epochs = epochs;
    job.settings.seed = seed;
    TrainControl control;
    auto result = train(job, control, {});
    if (!result) {
        qFatal("%s", result.error().message.c_str());
    }
    return result->history;
}

} // namespace

class TemplateTrainingTest : public QObject {
    Q_OBJECT

private slots:
    void digitsAreRecognised();
    void starterLearnsInItsFirstEpoch();
};

void TemplateTrainingTest::digitsAreRecognised() {
    const std::int64_t epochs = findTemplate("digits-cnn")->epochs;
    for (const std::uint64_t seed : {1U, 2U}) {
        const History history = trainedHistory("digits-cnn", epochs, seed);
        const double accuracy = history.epochs.back().valAccuracy;
        qInfo("digits-cnn, seed %d: %.4f on the held-out part, %.1f s per epoch",
              static_cast<int>(seed), accuracy, history.epochs.back().seconds);
        QVERIFY2(accuracy >= 0.97, qPrintable(QString::number(accuracy)));
    }
}

void TemplateTrainingTest::starterLearnsInItsFirstEpoch() {
    const History history = trainedHistory("starter", 1, 1);
    const double accuracy = history.epochs.back().valAccuracy;
    qInfo("starter, one epoch: loss %.3f, %.3f on the test set, %.1f s", history.epochs.back().loss,
          accuracy, history.epochs.back().seconds);
    QVERIFY2(accuracy >= 0.7, qPrintable(QString::number(accuracy)));
}

QTEST_APPLESS_MAIN(TemplateTrainingTest)
#include "tst_template_training.moc"
