// A network trains while its filters and feature maps are shown.
#include "app/template_project.h"

#include "benchmarks/app/event_latency.h"
#include "benchmarks/app/window.h"
#include "benchmarks/statistics.h"

#include <QElapsedTimer>
#include <benchmark/benchmark.h>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

namespace benchmarks {

namespace {

constexpr int kWatchedMilliseconds = 8000;

/// The window while a network learns Debian's Fashion-MNIST in batches of 128; the images are made
/// to fit its input.
class TrainingWindow : public Window {
public:
    explicit TrainingWindow(const char* net = "mnist-cnn") {
        nn::Project project = app::templateProject(*nn::findTemplate(net));
        project.data.source = "fashion-mnist";
        project.training.batchSize = 128;
        project.training.epochs = 1000;
        const nn::NodeId convolution = project.graph->nodes.at(2).id;
        session.document.reset(std::move(project), {});
        session.selection.set({convolution});
    }

    /// False when there are no data.
    [[nodiscard]] bool begin() {
        session.startTraining();
        return runUntil(&session.training, &app::TrainingController::batchesDone);
    }

    /// Milliseconds from the wish to stop until the window has the weights of the run, which never
    /// ends before the window hears of it.
    [[nodiscard]] double stopped() {
        QElapsedTimer timer;
        timer.start();
        session.training.stop();
        const bool hasEnded = runUntil(&session, &app::Session::trainingEnded);
        return hasEnded ? static_cast<double>(timer.nsecsElapsed()) * 1e-6 : -1.0;
    }
};

/// Seconds of processor time of each thread of this process, by its number.
std::map<std::string, double> threadSeconds() {
    std::map<std::string, double> seconds;
    for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task")) {
        double nanoseconds = 0.0;
        std::ifstream(thread.path() / "schedstat") >> nanoseconds;
        seconds[thread.path().filename().string()] = nanoseconds * 1e-9;
    }
    return seconds;
}

/// Processor time of the threads that do not train, in percent of all cores' time: those that
/// worked for less than a quarter of it.
class OtherWork {
public:
    OtherWork() { m_timer.start(); }
    [[nodiscard]] double percent() const {
        const double wall = static_cast<double>(m_timer.nsecsElapsed()) * 1e-9;
        double others = 0.0;
        for (const auto& [thread, now] : threadSeconds()) {
            const auto before = m_before.find(thread);
            const double worked = now - (before == m_before.end() ? 0.0 : before->second);
            others += worked < 0.25 * wall ? worked : 0.0;
        }
        return 100.0 * others / (wall * std::thread::hardware_concurrency());
    }

private:
    std::map<std::string, double> m_before = threadSeconds();
    QElapsedTimer m_timer;
};

/// What a stretch of training took.
struct Stretch {
    double seconds = 0.0;
    double processor = 0.0; ///< Milliseconds of all threads.
    double batches = 0.0;
    double othersPercent = 0.0; ///< Of the processor, by `OtherWork`.

    [[nodiscard]] double batchesPerSecond() const { return batches / seconds; }
    [[nodiscard]] double processorPerBatch() const { return processor / batches; }
};

/// From the first report of progress to the last within the time given.
Stretch measured(const app::TrainingController& training, int milliseconds) {
    struct Mark {
        std::int64_t step = 0;
        qint64 at = 0;
        double processor = 0.0;
    };
    std::optional<Mark> first;
    Mark last;
    QElapsedTimer timer;
    timer.start();
    QObject context;
    QObject::connect(&training, &app::TrainingController::batchesDone, &context,
                     [&](const std::vector<nn::BatchProgress>& batches) {
                         last = {batches.back().step, timer.nsecsElapsed(), processMilliseconds()};
                         first = first.value_or(last);
                     });
    const OtherWork others;
    runFor(milliseconds);
    const Mark begin = first.value_or(last);
    return {.seconds = static_cast<double>(last.at - begin.at) * 1e-9,
            .processor = last.processor - begin.processor,
            .batches = static_cast<double>(last.step - begin.step),
            .othersPercent = others.percent()};
}

/// How long events wait while a workspace is shown; 0 Design, 1 Data, 2 Train, 3 Inspect.
void watchedTraining(benchmark::State& state) {
    TrainingWindow shown;
    shown.window.showWorkspace(static_cast<app::Workspace>(state.range(0)));
    if (!shown.begin()) {
        state.SkipWithError("training did not begin");
    }
    for (auto _ : state) {
        runFor(1000);
        int looks = 0;
        const auto counted =
            QObject::connect(&shown.session.inspection, &app::InspectionController::inspected,
                             &shown.window, [&looks] { ++looks; });
        EventLatency latency;
        latency.start();
        const Stretch stretch = measured(shown.session.training, kWatchedMilliseconds);
        latency.stop();
        QObject::disconnect(counted);
        state.counters["p50_ms"] = median(latency.waits());
        state.counters["p99_ms"] = percentile(latency.waits(), 0.99);
        state.counters["max_ms"] = percentile(latency.waits(), 1.0);
        state.counters["burst_p99_ms"] = percentile(latency.bursts(), 0.99);
        state.counters["burst_max_ms"] = percentile(latency.bursts(), 1.0);
        state.counters["batch_ms"] = 1000.0 / stretch.batchesPerSecond();
        state.counters["looks_per_s"] = 1000.0 * looks / kWatchedMilliseconds;
    }
    state.counters["stop_ms"] = shown.stopped();
}
BENCHMARK(watchedTraining)
    ->Arg(static_cast<int>(app::Workspace::Design))
    ->Arg(static_cast<int>(app::Workspace::Train))
    ->Arg(static_cast<int>(app::Workspace::Inspect))
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

/// From the wish to stop to the end of the run, against the time of a batch.
void stopTraining(benchmark::State& state) {
    TrainingWindow shown;
    shown.window.showWorkspace(app::Workspace::Train);
    std::vector<double> waits;
    std::vector<double> batches;
    for (auto _ : state) {
        if (!shown.begin()) {
            state.SkipWithError("training did not begin");
            break;
        }
        batches.push_back(1000.0 / measured(shown.session.training, 1000).batchesPerSecond());
        waits.push_back(shown.stopped());
        state.SetIterationTime(waits.back() / 1000.0);
    }
    state.counters["p50_ms"] = median(waits);
    state.counters["max_ms"] = percentile(waits, 1.0);
    state.counters["batch_ms"] = median(batches);
}
BENCHMARK(stopTraining)->Iterations(8)->UseManualTime()->Unit(benchmark::kMillisecond);

/// What it costs the training to be watched: the same run, with a workspace shown and without any
/// window, by turns. The median of the neighbours' ratios says how much slower, and how much
/// processor time more, a batch is; on a machine whose speed changes from second to second both are
/// mostly noise. `others_percent` is not: the part of the processor that the watching itself took.
void costOfWatching(benchmark::State& state, const char* net) {
    constexpr int kTurns = 11;
    constexpr int kTurnMilliseconds = 2000;
    TrainingWindow shown(net);
    shown.window.showWorkspace(static_cast<app::Workspace>(state.range(0)));
    if (!shown.begin()) {
        state.SkipWithError("training did not begin");
    }
    const auto turn = [&shown](bool isShown) {
        shown.window.setVisible(isShown);
        runFor(200);
        return measured(shown.session.training, kTurnMilliseconds);
    };
    for (auto _ : state) {
        runFor(1000);
        std::vector<double> slower;
        std::vector<double> dearer;
        std::vector<double> others;
        Stretch hidden = turn(false);
        for (int i = 0; i < kTurns; ++i) {
            const Stretch watched = turn(true);
            const Stretch after = turn(false);
            others.push_back(watched.othersPercent - after.othersPercent);
            slower.push_back(0.5 * (hidden.batchesPerSecond() + after.batchesPerSecond()) /
                             watched.batchesPerSecond());
            dearer.push_back(2.0 * watched.processorPerBatch() /
                             (hidden.processorPerBatch() + after.processorPerBatch()));
            hidden = after;
        }
        state.counters["time_percent"] = 100.0 * (median(slower) - 1.0);
        state.counters["cpu_percent"] = 100.0 * (median(dearer) - 1.0);
        state.counters["others_percent"] = median(others);
        state.counters["batches_per_s"] = hidden.batchesPerSecond();
    }
    if (shown.stopped() < 0.0) {
        state.SkipWithError("training did not stop");
    }
}
BENCHMARK_CAPTURE(costOfWatching, mnist_cnn, "mnist-cnn")
    ->Arg(static_cast<int>(app::Workspace::Design))
    ->Arg(static_cast<int>(app::Workspace::Train))
    ->Arg(static_cast<int>(app::Workspace::Inspect))
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(costOfWatching, cifar_vgg, "cifar-vgg")
    ->Arg(static_cast<int>(app::Workspace::Train))
    ->Arg(static_cast<int>(app::Workspace::Inspect))
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

} // namespace

} // namespace benchmarks
