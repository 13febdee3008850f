#include "nn/train/callback.h"
#include "nn/train/run_checks.h"
#include "nn/train/trainer.h"
#include "tests/support/text_graph.h"
#include "tests/support/training.h"

#include <QTest>
#include <cmath>
#include <future>
#include <numeric>

namespace {

nn::TrainResult trained(const nn::TrainJob& job, const nn::TrainSink& sink = {}) {
    nn::TrainControl control;
    nn::Expected<nn::TrainResult> result = nn::train(job, control, sink);
    if (!result) {
        qFatal("%s", result.error().message.c_str());
    }
    return *std::move(result);
}

std::string refusal(const nn::TrainJob& job) {
    const nn::Expected<void> checked = nn::checkTrainable(job, nn::machineMemory());
    return checked ? std::string() : checked.error().message;
}

bool contains(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

bool allFinite(const nn::Weights& weights) {
    return std::ranges::all_of(weights.tensors, [](const nn::Tensor& tensor) {
        return std::ranges::all_of(tensor.values(), [](float v) { return std::isfinite(v); });
    });
}

} // namespace

class TestTrainer : public QObject {
    Q_OBJECT

private slots:
    void learns() {
        nn::TrainJob job = tests::cornerJob();
        job.settings.epochs = 12;
        job.settings.optimizerParams["learning_rate"] = 0.01;
        const nn::TrainResult result = trained(job);
        QCOMPARE(result.outcome, nn::TrainOutcome::Finished);
        QCOMPARE(result.history.epochs.size(), std::size_t{12});
        QVERIFY(result.history.epochs.back().loss < 0.5 * result.history.epochs.front().loss);
        QVERIFY(result.history.epochs.back().valAccuracy >= 0.9);
    }

    void reportsEveryBatchAndEpoch() {
        const nn::TrainJob job = tests::cornerJob();
        std::vector<nn::BatchProgress> batches;
        std::vector<nn::EpochResult> epochs;
        nn::TrainSink sink;
        sink.batchDone = [&](const nn::BatchProgress& batch) { batches.push_back(batch); };
        sink.epochDone = [&](const nn::EpochResult& epoch) { epochs.push_back(epoch); };
        const nn::TrainResult result = trained(job, sink);
        QCOMPARE(batches.size(), std::size_t{21}); // 64 images: six batches of 10, one of 4
        QCOMPARE(result.steps, 21);
        QCOMPARE(batches.back().batch, 7);
        QCOMPARE(batches.back().batchesPerEpoch, 7);
        QCOMPARE(epochs.size(), std::size_t{3});
        QVERIFY(!std::isnan(epochs.front().valLoss));
        double sum = 0.0;
        for (std::size_t i = 0; i < 7; ++i) {
            sum += batches[i].loss * (i < 6 ? 10.0 : 4.0);
        }
        QVERIFY(std::abs(epochs.front().loss - sum / 64.0) < 1e-12);
    }

    void sameSeedGivesSameBitsForAnyThreads() {
        nn::TrainJob job = tests::cornerJob();
        const nn::TrainResult one = trained(job);
        for (const int threads : {1, 2, 4}) {
            job.settings.threads = threads;
            const nn::TrainResult other = trained(job);
            QVERIFY(other.weights == one.weights);
            for (std::size_t e = 0; e < one.history.epochs.size(); ++e) {
                QCOMPARE(other.history.epochs[e].loss, one.history.epochs[e].loss);
                QCOMPARE(other.history.epochs[e].valLoss, one.history.epochs[e].valLoss);
            }
        }
        job.settings.seed = 2;
        QVERIFY(trained(job).weights != one.weights);
    }

    void goesOnFromWeightsGiven() {
        nn::TrainJob job = tests::cornerJob();
        const nn::TrainResult first = trained(job);
        job.weights = std::make_shared<const nn::Weights>(first.weights);
        const nn::TrainResult second = trained(job);
        QVERIFY(second.history.epochs.front().loss < first.history.epochs.front().loss);
    }

    void frozenLayersKeepTheirWeights() {
        nn::TrainJob job = tests::cornerJob();
        const nn::NodeId conv = tests::node(job.graph, "conv2d");
        job.graph = *nn::apply(job.graph, nn::SetTrainable{conv, false});
        const nn::Weights before =
            nn::initialWeights(nn::variablesOf(job.graph, nn::infer(job.graph)), job.settings.seed);
        const nn::TrainResult result = trained(job);
        QVERIFY(*result.weights.find(conv, "kernel") == *before.find(conv, "kernel"));
        const nn::NodeId dense = tests::node(job.graph, "dense");
        QVERIFY(!(*result.weights.find(dense, "kernel") == *before.find(dense, "kernel")));
    }

    void stopsAfterTheBatchUnderWay() {
        nn::TrainJob job = tests::cornerJob();
        job.settings.epochs = 1'000'000;
        nn::TrainControl control;
        nn::TrainSink sink;
        sink.batchDone = [&](const nn::BatchProgress& batch) {
            if (batch.step == 5) {
                control.stop();
            }
        };
        const nn::Expected<nn::TrainResult> result = nn::train(job, control, sink);
        QCOMPARE(result->outcome, nn::TrainOutcome::Stopped);
        QCOMPARE(result->steps, 5);
        QVERIFY(allFinite(result->weights));
    }

    void pausesStepsAndGoesOn() {
        nn::TrainJob job = tests::cornerJob();
        job.settings.epochs = 1;
        nn::TrainControl control;
        std::atomic<int> batches{0};
        std::atomic<bool> paused{false};
        nn::TrainSink sink;
        sink.batchDone = [&](const nn::BatchProgress&) { ++batches; };
        sink.pausedChanged = [&](bool now) { paused = now; };
        control.pause();
        auto run = std::async(std::launch::async, [&] { return nn::train(job, control, sink); });
        QTRY_VERIFY(paused);
        QCOMPARE(batches.load(), 0);
        control.step();
        QTRY_COMPARE(batches.load(), 1);
        control.step();
        QTRY_COMPARE(batches.load(), 2);
        control.resume();
        const nn::Expected<nn::TrainResult> result = run.get();
        QCOMPARE(result->outcome, nn::TrainOutcome::Finished);
        QCOMPARE(batches.load(), 7);
        QVERIFY(!paused);
    }

    void hidesNothingWhenItDiverges() {
        nn::TrainJob job = tests::cornerJob();
        job.graph = tests::graph("8x8x1 -> Conv2D(4) -> Flatten -> Dense(4)");
        job.settings.loss = "mean_squared_error";
        job.settings.optimizer = "SGD";
        job.settings.optimizerParams["learning_rate"] = 1000.0;
        job.settings.epochs = 50;
        const nn::TrainResult result = trained(job);
        QCOMPARE(result.outcome, nn::TrainOutcome::Diverged);
        QVERIFY(contains(result.message, "epoch"));
        QVERIFY(contains(result.message, "batch"));
        QVERIFY2(contains(result.message, "layer \""), result.message.c_str());
        QVERIFY(contains(result.message, "learning rate"));
        QVERIFY(allFinite(result.weights));
    }

    void keepsMovingStatisticsFiniteWhenItDiverges() {
        nn::TrainJob job = tests::cornerJob();
        job.settings.optimizer = "SGD";
        job.settings.optimizerParams["learning_rate"] = 1000.0;
        job.settings.optimizerParams["momentum"] = 0.99;
        job.graph = tests::graph("8x8x1 -> Conv2D(4) -> Conv2D(4) -> Conv2D(4) -> "
                                 "BatchNormalization -> Flatten -> Dense(4)");
        job.settings.loss = "mean_squared_error";
        job.settings.epochs = 50;
        const nn::TrainResult result = trained(job);
        QCOMPARE(result.outcome, nn::TrainOutcome::Diverged);
        QVERIFY(allFinite(result.weights));
    }

    void handsOutSnapshotsOnlyWhenAsked() {
        const nn::TrainJob job = tests::cornerJob();
        nn::TrainControl control;
        int snapshots = 0;
        nn::TrainSink sink;
        sink.batchDone = [&](const nn::BatchProgress& batch) {
            if (batch.step % 7 == 0) {
                control.requestSnapshot();
            }
        };
        std::shared_ptr<const nn::Weights> held;
        sink.snapshot = [&](std::shared_ptr<const nn::Weights> weights, std::int64_t) {
            ++snapshots;
            if (held == nullptr) {
                held = std::move(weights);
            }
        };
        const nn::Expected<nn::TrainResult> result = nn::train(job, control, sink);
        QCOMPARE(snapshots, 3);
        QVERIFY(!(*held == result->weights)); // the first one is not overwritten by later ones
    }

    void validationSplitTakesTheLastImages() {
        nn::TrainJob job = tests::cornerJob();
        job.settings.validationSplit = 0.25;
        job.validation.reset();
        std::int64_t perEpoch = 0;
        nn::TrainSink sink;
        sink.batchDone = [&](const nn::BatchProgress& b) { perEpoch = b.batchesPerEpoch; };
        const nn::TrainResult result = trained(job, sink);
        QCOMPARE(perEpoch, 5); // 48 images
        QVERIFY(!std::isnan(result.history.epochs.front().valLoss));
    }

    void stratifiedSplitKeepsThePartOfEveryClass() {
        nn::TrainJob job = tests::cornerJob();
        const nn::data::Dataset& images = *job.training.images();
        std::vector<std::int64_t> sorted(static_cast<std::size_t>(images.size()));
        std::iota(sorted.begin(), sorted.end(), 0);
        std::ranges::stable_sort(sorted, {}, [&](std::int64_t index) {
            return images.labels()[static_cast<std::size_t>(index)];
        });
        job.training = images.subset(sorted);
        job.validation.reset();
        job.settings.validationSplit = 0.25;
        job.settings.epochs = 12;
        job.settings.optimizerParams["learning_rate"] = 0.01;
        // The last quarter is one class, of which nothing is left to learn from.
        const double cutOff = trained(job).history.epochs.back().valAccuracy;
        job.settings.stratified = true;
        QVERIFY(trained(job).history.epochs.back().valAccuracy > cutOff);
    }

    void stratifiedSplitNeedsClasses() {
        nn::TrainJob job = tests::cornerJob();
        job.graph = tests::graph("2 -> Dense(1)");
        nn::ArrayData arrays{.inputs = {nn::Tensor(nn::Shape{4, 2})},
                             .targets = {{.values = nn::Tensor(nn::Shape{4, 1})}}};
        job.training = std::make_shared<const nn::ArrayData>(std::move(arrays));
        job.validation.reset();
        job.settings.loss = "mean_squared_error";
        job.settings.validationSplit = 0.5;
        job.settings.stratified = true;
        nn::TrainControl control;
        const auto result = nn::train(job, control, {});
        QVERIFY(!result);
        QVERIFY(contains(result.error().message, "class"));
    }

    void theRateOfAScheduleIsInTheHistory() {
        nn::TrainJob job = tests::cornerJob();
        job.settings.epochs = 2;
        job.settings.optimizerParams["learning_rate"] = nn::ParamObject(
            "PolynomialDecay", {{"initial_learning_rate", 0.1}, {"decay_steps", 8.0}});
        const nn::TrainResult result = trained(job);
        std::vector<double> rates;
        for (const nn::EpochResult& epoch : result.history.epochs) {
            const auto rate = nn::logged(epoch.values, "learning_rate");
            QVERIFY(rate);
            rates.push_back(*rate);
        }
        QVERIFY(rates[0] < 0.1 && rates[1] < rates[0]);
        QVERIFY(!nn::logged(trained(tests::cornerJob()).history.epochs[0].values, "learning_rate"));
    }

    void refusesWhatCannotBeTrained() {
        const nn::TrainJob good = tests::cornerJob();
        QCOMPARE(refusal(good), std::string());

        nn::TrainJob job = good;
        job.settings.optimizerParams["learning_rate"] = std::nan("");
        QVERIFY(contains(refusal(job), "learning_rate"));
        job = good;
        job.settings.batchSize = 0;
        QVERIFY(contains(refusal(job), "Batch size"));
        job = good;
        job.settings.optimizer = "Adamm";
        QVERIFY(contains(refusal(job), "Adam"));
        job = good;
        job.settings.optimizerParams = {{"clipnorm", 1.0}, {"clipvalue", 1.0}};
        QVERIFY(contains(refusal(job), "clipnorm and clipvalue"));
        job = good;
        job.training = nn::data::Dataset();
        QVERIFY(contains(refusal(job), "no images"));
        job = good;
        job.graph = tests::graph("8x8x3 -> Flatten -> Dense(4)");
        QVERIFY(contains(refusal(job), "8×8×3"));
        job.graph = tests::graph("8x8x1 -> Flatten -> Dense(3)");
        QVERIFY(contains(refusal(job), "4 classes"));
        job.graph = tests::graph("8x8x1 -> Conv2D(4)");
        QVERIFY(contains(refusal(job), "Flatten"));
        job.graph = tests::graph("l: 8x8x1; r: 8x8x1; [l, r] -> Add -> Flatten -> Dense(4)");
        QVERIFY(contains(refusal(job), "\"l\" (8×8×1), \"r\" (8×8×1)"));
        job = good;
        job.settings.outputLosses["elsewhere"] = {};
        QVERIFY(contains(refusal(job), "elsewhere"));
        job = good;
        job.settings.metrics = {nn::ParamObject("Accuracy2")};
        QVERIFY(contains(refusal(job), "Accuracy2"));
        job = good;
        job.settings.classWeights = {{0, -1.0}};
        QVERIFY(contains(refusal(job), "class 0"));
    }

    void evaluatesWithoutTouchingTheWeights() {
        const nn::TrainJob job = tests::cornerJob();
        const nn::TrainResult result = trained(job);
        const nn::Expected<nn::Evaluation> evaluation =
            nn::evaluate(job.graph, result.weights, *job.validation, {.settings = job.settings});
        QCOMPARE(evaluation->images, 32);
        QCOMPARE(evaluation->loss, result.history.epochs.back().valLoss);
        QCOMPARE(evaluation->accuracy, result.history.epochs.back().valAccuracy);
        QCOMPARE(evaluation->confusion.classes, 4);
        std::int64_t right = 0;
        for (std::int64_t k = 0; k < 4; ++k) {
            right += evaluation->confusion.count(k, k);
        }
        QCOMPARE(static_cast<double>(right) / 32.0, evaluation->accuracy);
    }
};

QTEST_APPLESS_MAIN(TestTrainer)
#include "tst_trainer.moc"
