#include "nn/base/random.h"
#include "nn/train/callback.h"
#include "nn/train/run_checks.h"
#include "nn/train/trainer.h"
#include "tests/support/text_graph.h"
#include "tests/support/training.h"

#include <QTest>
#include <cmath>

namespace {

using nn::ArrayData;

nn::TrainResult trained(const nn::TrainJob& job) {
    nn::TrainControl control;
    nn::Expected<nn::TrainResult> result = nn::train(job, control, {});
    if (!result) {
        qFatal("%s", result.error().message.c_str());
    }
    return *std::move(result);
}

std::string refusal(const nn::TrainJob& job) {
    const auto checked = nn::checkTrainable(job, nn::machineMemory());
    return checked ? std::string() : checked.error().message;
}

nn::Tensor randomTensor(nn::Shape shape, std::uint32_t stream) {
    nn::Tensor tensor(std::move(shape));
    nn::RandomSequence random({.seed = 5, .stream = stream});
    for (float& value : tensor.values()) {
        value = static_cast<float>(random.normal());
    }
    return tensor;
}

/// Two inputs; the sum of the left numbers and whether left leads right are to be found.
ArrayData twoInputs(std::int64_t samples) {
    ArrayData data;
    data.inputs = {randomTensor({samples, 3}, 1), randomTensor({samples, 3}, 2)};
    nn::Tensor sums(nn::Shape{samples, 1});
    std::vector<std::int32_t> leads;
    for (std::int64_t s = 0; s < samples; ++s) {
        float left = 0.0F;
        float right = 0.0F;
        for (std::size_t i = 0; i < 3; ++i) {
            left += data.inputs[0].values()[static_cast<std::size_t>(s) * 3 + i];
            right += data.inputs[1].values()[static_cast<std::size_t>(s) * 3 + i];
        }
        sums.values()[static_cast<std::size_t>(s)] = left;
        leads.push_back(left > right ? 1 : 0);
    }
    data.targets = {{.labels = {}, .values = sums}, {.labels = leads, .values = {}}};
    return data;
}

nn::TrainJob twoByTwo() {
    nn::TrainJob job;
    job.graph = tests::graph("left: 3; right: 3; left -> sum: Dense(1); [left, right] -> "
                             "Concatenate -> Dense(8, activation=relu) -> "
                             "lead: Dense(2, activation=softmax)");
    job.training = std::make_shared<const ArrayData>(twoInputs(60));
    job.settings.outputLosses = {{"sum", {.loss = "mse", .weight = 0.5}},
                                 {"lead", {.loss = "sparse_categorical_crossentropy"}}};
    job.settings.metrics = {nn::ParamObject("accuracy")};
    job.settings.optimizerParams = {{"learning_rate", 0.02}};
    job.settings.validationSplit = 0.25;
    job.settings.epochs = 30;
    job.settings.batchSize = 8;
    job.settings.threads = 1;
    return job;
}

double figure(const nn::EpochResult& epoch, const char* name) {
    return nn::logged(epoch.values, name).value_or(std::nan(""));
}

} // namespace

class TestArrayTraining : public QObject {
    Q_OBJECT

private slots:
    void severalInputsAndOutputsLearn() {
        const nn::TrainResult result = trained(twoByTwo());
        const nn::EpochResult& first = result.history.epochs.front();
        const nn::EpochResult& last = result.history.epochs.back();
        QVERIFY(last.loss < 0.5 * first.loss);
        QVERIFY(figure(last, "lead_accuracy") > 0.85);
        QVERIFY(figure(last, "val_sum_loss") < figure(first, "val_sum_loss"));
        for (const nn::EpochResult& epoch : {first, last}) {
            QVERIFY(std::abs(epoch.loss - 0.5 * figure(epoch, "sum_loss") -
                             figure(epoch, "lead_loss")) < 1e-9);
            QVERIFY(std::abs(epoch.valLoss - 0.5 * figure(epoch, "val_sum_loss") -
                             figure(epoch, "val_lead_loss")) < 1e-9);
        }
    }

    void outputsOfWeightNothingTeachNothing() {
        nn::TrainJob job = twoByTwo();
        job.settings.outputLosses["sum"].weight = 0.0;
        job.settings.epochs = 2;
        const nn::NodeId sum = tests::node(job.graph, "sum");
        const nn::Weights before =
            nn::initialWeights(nn::variablesOf(job.graph, nn::infer(job.graph)), job.settings.seed);
        const nn::TrainResult result = trained(job);
        QVERIFY(*result.weights.find(sum, "kernel") == *before.find(sum, "kernel"));
        const nn::NodeId lead = tests::node(job.graph, "lead");
        QVERIFY(!(*result.weights.find(lead, "kernel") == *before.find(lead, "kernel")));
    }

    void imagesTeachEveryOutput() {
        nn::TrainJob job = tests::cornerJob();
        job.graph = tests::graph("8x8x1 -> flat: Flatten; flat -> near: Dense(4, "
                                 "activation=softmax); flat -> Dense(8, activation=relu) -> "
                                 "far: Dense(4, activation=softmax)");
        job.settings.optimizerParams = {{"learning_rate", 0.02}};
        const nn::TrainResult result = trained(job);
        const nn::EpochResult& epoch = result.history.epochs.back();
        QVERIFY(std::isnan(epoch.accuracy));
        QVERIFY(figure(epoch, "near_accuracy") > 0.5);
        QVERIFY(!std::isnan(figure(epoch, "val_far_loss")));
    }

    // Weights of classes and of samples are the same thing.
    void classWeightsAreSampleWeights() {
        ArrayData arrays;
        arrays.inputs = {randomTensor({20, 4}, 3)};
        arrays.targets = {{.labels = {}, .values = {}}};
        for (std::int32_t i = 0; i < 20; ++i) {
            arrays.targets[0].labels.push_back(i % 3);
        }
        nn::TrainJob job;
        job.graph = tests::graph("4 -> Dense(3, activation=softmax)");
        job.settings.epochs = 2;
        job.settings.threads = 1;
        job.settings.classWeights = {{0, 2.0}, {2, 0.25}};
        job.training = std::make_shared<const ArrayData>(arrays);
        const nn::TrainResult byClass = trained(job);
        for (const std::int32_t label : arrays.targets[0].labels) {
            arrays.sampleWeights.push_back(label == 0 ? 2.0F : label == 2 ? 0.25F : 1.0F);
        }
        job.settings.classWeights.clear();
        job.training = std::make_shared<const ArrayData>(arrays);
        const nn::TrainResult bySample = trained(job);
        QVERIFY(byClass.weights == bySample.weights);
        QCOMPARE(byClass.history.epochs[1].loss, bySample.history.epochs[1].loss);
        arrays.sampleWeights.clear();
        job.training = std::make_shared<const ArrayData>(arrays);
        QVERIFY(!(trained(job).weights == bySample.weights));
    }

    void picturesAreLearntPixelByPixel() {
        ArrayData arrays;
        arrays.inputs = {randomTensor({12, 4, 4, 1}, 4)};
        arrays.targets = {{.labels = {}, .values = {}}};
        for (const float value : arrays.inputs[0].values()) {
            arrays.targets[0].labels.push_back(value > 0.0F ? 1 : 0);
        }
        nn::TrainJob job;
        job.graph = tests::graph("4x4x1 -> Conv2D(2, kernel_size=1, activation=softmax)");
        job.training = std::make_shared<const ArrayData>(arrays);
        job.settings.optimizerParams = {{"learning_rate", 0.2}};
        job.settings.epochs = 20;
        QVERIFY(trained(job).history.epochs.back().accuracy > 0.95);
    }

    void arraysOfTheWrongShapeAreRefused() {
        nn::TrainJob job = twoByTwo();
        QCOMPARE(refusal(job), std::string());
        ArrayData data = twoInputs(10);
        data.inputs.pop_back();
        job.training = std::make_shared<const ArrayData>(data);
        QVERIFY(refusal(job).find("2 input and 2 target") != std::string::npos);
        data = twoInputs(10);
        data.inputs[1] = randomTensor({10, 4}, 1);
        job.training = std::make_shared<const ArrayData>(data);
        QVERIFY(refusal(job).find("right") != std::string::npos);
        data = twoInputs(10);
        data.targets[1].labels.pop_back();
        job.training = std::make_shared<const ArrayData>(data);
        QVERIFY(refusal(job).find("lead") != std::string::npos);
        data = twoInputs(10);
        data.sampleWeights = {1.0F};
        job.training = std::make_shared<const ArrayData>(data);
        QVERIFY(refusal(job).find("Sample weights") != std::string::npos);
    }
};

QTEST_APPLESS_MAIN(TestArrayTraining)
#include "tst_array_training.moc"
