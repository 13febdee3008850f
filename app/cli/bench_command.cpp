#include "app/cli/command.h"
#include "app/cli/console.h"
#include "app/cli/sources.h"
#include "nn/io/json.h"
#include "nn/kernels/winograd.h"
#include "nn/train/benchmark.h"

#include <array>

namespace app::cli {
namespace {

/// One measurement that was asked for.
struct Wanted {
    std::string net;
    nn::Project project;
};

// In the order of docs/command-line.md, from small to large.
constexpr std::array kNets{"seed-a",      "lenet5", "mnist-cnn",  "cifar-vgg",
                           "resnet-mini", "seed-b", "seed-c-gap", "seed-c"};

nn::Expected<std::vector<Wanted>> wantedNets(const QCommandLineParser& parser) {
    std::vector<QString> names(kNets.begin(), kNets.end());
    if (parser.isSet(QStringLiteral("net"))) {
        names = {parser.value(QStringLiteral("net"))};
    }
    std::vector<Wanted> nets;
    for (const QString& name : names) {
        nn::Expected<nn::Project> project = openModel(QStringLiteral("template:") + name);
        if (!project) {
            return tl::unexpected(project.error());
        }
        nets.push_back({name.toStdString(), *std::move(project)});
    }
    for (Wanted& net : nets) {
        if (parser.isSet(QStringLiteral("batch-size"))) {
            const auto size = integerOption(parser, QStringLiteral("batch-size"), 1, 1'000'000);
            if (!size) {
                return tl::unexpected(size.error());
            }
            net.project.training.batchSize = *size;
        }
        const auto threads =
            integerOption(parser, QStringLiteral("threads"), 0, nn::Parallel::maxThreads);
        if (!threads) {
            return tl::unexpected(threads.error());
        }
        net.project.training.threads = static_cast<int>(*threads);
    }
    return nets;
}

double rounded(double value) {
    return QString::number(value, 'g', 5).toDouble();
}

void print(const Wanted& net, const nn::BenchmarkResult& result, bool json) {
    const auto batch = static_cast<double>(net.project.training.batchSize);
    const double trained = batch / result.trainSecondsPerStep;
    const double inferred = batch / result.inferSecondsPerStep;
    if (json) {
        const nn::io::Json line = {{"net", net.net},
                                   {"batch_size", net.project.training.batchSize},
                                   {"threads", result.threads},
                                   {"train_ms_per_step", rounded(result.trainSecondsPerStep * 1e3)},
                                   {"train_images_per_second", rounded(trained)},
                                   {"infer_images_per_second", rounded(inferred)},
                                   {"gflops", rounded(result.trainGflops)},
                                   {"peak_gflops", rounded(result.peakGflops)}};
        printLine(line.dump());
        return;
    }
    printLine(QStringLiteral("%1 %2 %3 %4 %5 %6 %7 %")
                  .arg(QString::fromStdString(net.net), -12)
                  .arg(net.project.training.batchSize, 6)
                  .arg(result.threads, 8)
                  .arg(result.trainSecondsPerStep * 1e3, 11, 'f', 3)
                  .arg(trained, 12, 'f', 0)
                  .arg(inferred, 12, 'f', 0)
                  .arg(100.0 * result.trainGflops / result.peakGflops, 10, 'f', 1)
                  .toStdString());
}

nn::Expected<int> run(const QCommandLineParser& parser) {
    const nn::Expected<std::vector<Wanted>> nets = wantedNets(parser);
    if (!nets) {
        return tl::unexpected(nets.error());
    }
    if (parser.isSet(QStringLiteral("no-winograd"))) {
        nn::allowWinograd(false);
    }
    const bool json = parser.isSet(QStringLiteral("json"));
    if (!json) {
        printLine("net           batch  threads  train ms    train img/s  infer img/s   of peak");
    }
    bool refused = false;
    for (const Wanted& net : *nets) {
        const nn::Expected<nn::BenchmarkResult> result =
            nn::benchmark(*net.project.graph, net.project.training);
        if (!result && nets->size() == 1) {
            return tl::unexpected(result.error());
        }
        if (!result) {
            printError(net.net + ": " + result.error().message);
            refused = true;
            continue;
        }
        print(net, *result, json);
    }
    return refused ? 1 : 0;
}

} // namespace

Command benchCommand() {
    return {
        .name = QStringLiteral("bench"),
        .synopsis =
            QStringLiteral("[--net NAME] [--batch-size N] [--threads N] [--no-winograd] [--json]"),
        .summary = QStringLiteral("measure training and inference speed on this machine"),
        .details = QStringLiteral(
            "A step is forward, loss, backward and update on a fixed batch in memory: warm-up, "
            "then the median\nof at least two seconds. The peak is the median rate of plain "
            "multiply-adds, measured between the steps."),
        .arguments = 0,
        .options = {{QStringLiteral("net"),
                     QStringLiteral("One net; without it all, one after the other."),
                     QStringLiteral("NAME")},
                    {QStringLiteral("batch-size"),
                     QStringLiteral("Images per step; without it each net's own."),
                     QStringLiteral("N")},
                    {QStringLiteral("threads"),
                     QStringLiteral("Threads to use, 0 (default) for all cores."),
                     QStringLiteral("N"), QStringLiteral("0")},
                    {QStringLiteral("no-winograd"),
                     QStringLiteral("Multiply 3×3 filters directly, without Winograd's method.")},
                    {QStringLiteral("json"), QStringLiteral("One line of JSON per net.")}},
        .run = run};
}

} // namespace app::cli
