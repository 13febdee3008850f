#include "nn/model/templates.h"
#include "nn/train/run_checks.h"
#include "tests/support/sanitized.h"
#include "tests/support/text_graph.h"

#include <QCoreApplication>
#include <QProcess>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>

using namespace nn;

namespace {

constexpr std::int64_t kMegabyte = std::int64_t{1} << 20;

/// A run whose memory is compared with the forecast.
struct Example {
    const char* name;
    const char* network; ///< The name of a template, or a text.
    std::int64_t batch = 32;
    const char* optimizer = "Adam";
    ParamMap params = {};
    std::int64_t images = 0; ///< 0: one batch.
    double validationSplit = 0.0;
};

const std::vector<Example>& examples() {
    static const std::vector<Example> all{
        {.name = "seed-a, large batches", .network = "seed-a", .batch = 2048},
        {.name = "lenet5", .network = "lenet5", .batch = 128},
        {.name = "lenet5, large batches", .network = "lenet5", .batch = 4096},
        {.name = "mnist-cnn", .network = "mnist-cnn", .batch = 128},
        {.name = "mnist-cnn, large batches", .network = "mnist-cnn", .batch = 1500},
        {.name = "cifar-vgg", .network = "cifar-vgg", .batch = 32},
        {.name = "cifar-vgg, large batches", .network = "cifar-vgg", .batch = 400},
        {.name = "cifar-vgg, averages",
         .network = "cifar-vgg",
         .batch = 64,
         .params = {{"use_ema", true}, {"amsgrad", true}}},
        {.name = "resnet-mini", .network = "resnet-mini", .batch = 128, .optimizer = "SGD"},
        {.name = "resnet-mini, validation",
         .network = "resnet-mini",
         .batch = 256,
         .optimizer = "SGD",
         .images = 512,
         .validationSplit = 0.5},
        {.name = "seed-c-gap", .network = "seed-c-gap", .batch = 2},
        {.name = "seed-b", .network = "seed-b", .batch = 4, .optimizer = "SGD"},
        {.name = "a large Dense layer with Adam",
         .network =
             "64x64x12 -> Flatten -> Dense(500, activation=relu) -> Dense(10, activation=softmax)",
         .batch = 4},
        {.name = "a large Dense layer, gradient stored",
         .network =
             "64x64x12 -> Flatten -> Dense(500, activation=relu) -> Dense(10, activation=softmax)",
         .batch = 4,
         .params = {{"global_clipnorm", 1.0}}},
        {.name = "a large Dense layer, sums of gradients",
         .network =
             "64x64x12 -> Flatten -> Dense(300, activation=relu) -> Dense(10, activation=softmax)",
         .batch = 4,
         .optimizer = "SGD",
         .params = {{"gradient_accumulation_steps", std::int64_t{2}}}},
        {.name = "wide convolutions",
         .network = "96x96x3 -> Conv2D(64, 5, padding=same, activation=relu) -> "
                    "Conv2D(96, 3, activation=tanh) -> AveragePooling2D -> "
                    "Conv2D(128, 1, activation=relu) -> GlobalAveragePooling2D -> Dense(10, "
                    "activation=softmax)",
         .batch = 8},
        {.name = "depthwise and separable",
         .network =
             "128x128x3 -> SeparableConv2D(48, 5, padding=same, activation=relu) -> "
             "BatchNormalization -> DepthwiseConv2D(3) -> GroupNormalization(8) -> MaxPooling2D -> "
             "Flatten -> Dense(10, activation=softmax)",
         .batch = 16},
        {.name = "transposed",
         .network = "48x48x3 -> Conv2D(32, 3, strides=2, activation=relu) -> "
                    "Conv2DTranspose(24, 4, strides=2) -> UpSampling2D -> LayerNormalization -> "
                    "GlobalMaxPooling2D -> Dense(10, activation=softmax)",
         .batch = 32},
        {.name = "many photos",
         .network = "256x256x3 -> AveragePooling2D(8) -> Flatten -> Dense(10, activation=softmax)",
         .batch = 16,
         .images = 1500,
         .validationSplit = 0.1},
        {.name = "large photos in large batches",
         .network = "256x256x3 -> MaxPooling2D(4) -> Flatten -> Dense(10, activation=softmax)",
         .batch = 256},
    };
    return all;
}

data::Dataset greyImages(const Shape& shape, std::int64_t count) {
    data::DatasetParts parts;
    parts.shape = {static_cast<int>(shape[0]), static_cast<int>(shape[1]), 3};
    parts.shape.channels = static_cast<int>(shape[2]);
    parts.pixels.resize(parts.shape.bytes() * static_cast<std::size_t>(count), 128);
    parts.labels.resize(static_cast<std::size_t>(count), 0);
    parts.classNames.resize(10, "class");
    return data::Dataset::fromParts(std::move(parts)).value();
}

/// Inputs with more channels than a photo has come as arrays.
TrainData dataFor(const Shape& shape, std::int64_t count) {
    if (shape[2] <= 3) {
        return greyImages(shape, count);
    }
    auto arrays = std::make_shared<ArrayData>();
    arrays->inputs.emplace_back(shape.withBatch(count));
    arrays->targets.push_back(
        {.labels = std::vector<std::int32_t>(static_cast<std::size_t>(count)), .values = {}});
    return std::shared_ptr<const ArrayData>(std::move(arrays));
}

TrainJob jobOf(const Example& example) {
    const Template* found = findTemplate(example.network);
    TrainJob job;
    job.graph = found != nullptr ? templateGraph(*found) : tests::graph(example.network);
    const Inference inference = infer(job.graph);
    const Shape& input = *inference.find(inference.inputs.front())->output;
    job.training = dataFor(input, example.images > 0 ? example.images : example.batch);
    job.settings = {.optimizer = example.optimizer,
                    .optimizerParams = example.params,
                    .batchSize = example.batch,
                    .epochs = 1,
                    .validationSplit = example.validationSplit,
                    .threads = 2};
    job.keepsCheckpoint = true;
    return job;
}

/// The most memory this process had so far.
std::int64_t peakBytes() {
    std::ifstream status("/proc/self/status");
    std::string word;
    std::int64_t kilobytes = 0;
    while (status >> word) {
        if (word == "VmHWM:") {
            status >> kilobytes;
        }
    }
    return kilobytes * 1024;
}

/// Trains one example in this process; prints what was forecast and what was used.
int trainAlone(const Example& example) {
    const TrainJob job = jobOf(example);
    const Expected<CheckedJob> checked = checkedJob(job, machineMemory());
    if (!checked) {
        std::puts(checked.error().message.c_str());
        return 1;
    }
    TrainControl control;
    const Expected<TrainResult> result = train(job, control, {});
    if (!result) {
        std::puts(result.error().message.c_str());
        return 1;
    }
    std::printf("%lld %lld\n", static_cast<long long>(checked->forecast.totalBytes),
                static_cast<long long>(peakBytes()));
    return 0;
}

} // namespace

/// The memory a run takes is what the forecast said, each run in a process of its own.
class TestMemoryUse : public QObject {
    Q_OBJECT

private slots:
    void isWhatWasForecast_data() {
        QTest::addColumn<int>("index");
        for (std::size_t i = 0; i < examples().size(); ++i) {
            QTest::newRow(examples()[i].name) << static_cast<int>(i);
        }
    }

    void isWhatWasForecast() {
        if (tests::kIsSanitized) {
            QSKIP("Sanitizers need memory of their own.");
        }
        QFETCH(int, index);
        QProcess process;
        process.start(QCoreApplication::applicationFilePath(), {"--alone", QString::number(index)});
        QVERIFY(process.waitForFinished(120'000));
        const QByteArray output = process.readAllStandardOutput();
        QVERIFY2(process.exitCode() == 0, output.constData());
        const QList<QByteArray> numbers = output.trimmed().split(' ');
        QCOMPARE(numbers.size(), 2);
        const std::int64_t forecast = numbers[0].toLongLong();
        const std::int64_t used = numbers[1].toLongLong();
        const std::int64_t allowed = std::max(used / 10, 64 * kMegabyte);
        const QString text = QStringLiteral("forecast %1 MB, used %2 MB")
                                 .arg(forecast / kMegabyte)
                                 .arg(used / kMegabyte);
        QVERIFY2(std::abs(forecast - used) <= allowed, qPrintable(text));
        qInfo("%s", qPrintable(text));
    }
};

int main(int argc, char* argv[]) {
    if (argc == 3 && std::string_view(argv[1]) == "--alone") {
        return trainAlone(examples()[static_cast<std::size_t>(std::atoi(argv[2]))]);
    }
    const QCoreApplication application(argc, argv);
    TestMemoryUse test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_memory_use.moc"
