// How much of the speed on batches in memory is left when a run gathers its batches from images,
// measures, reports and keeps a history: both in one run, in turns. Each is all its steps by the
// time they took together, interruptions by the system included; of these shares the median.
#include "benchmarks/statistics.h"
#include "nn/base/random.h"
#include "nn/model/templates.h"
#include "nn/train/benchmark.h"
#include "nn/train/trainer.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>

namespace {

constexpr int kRounds = 9;
constexpr double kSeconds = 0.6; // of each measurement

nn::data::Dataset randomImages(const nn::Shape& shape, std::int64_t count) {
    nn::data::DatasetParts parts;
    parts.shape = {static_cast<int>(shape[0]), static_cast<int>(shape[1]),
                   static_cast<int>(shape[2])};
    parts.pixels.resize(parts.shape.bytes() * static_cast<std::size_t>(count));
    nn::RandomSequence random({.seed = 1});
    std::ranges::generate(parts.pixels, [&] { return static_cast<std::uint8_t>(random.word()); });
    for (std::int64_t i = 0; i < count; ++i) {
        parts.labels.push_back(static_cast<std::int32_t>(random.below(10)));
    }
    parts.classNames.resize(10, "class");
    return nn::data::Dataset::fromParts(std::move(parts)).value();
}

/// Images per second of one epoch, as `receptive train` runs it.
double trained(const nn::TrainJob& job) {
    using Clock = std::chrono::steady_clock;
    nn::TrainControl control;
    nn::TrainSink sink;
    Clock::time_point begin;
    Clock::time_point end;
    std::int64_t batches = 0;
    sink.batchDone = [&](const nn::BatchProgress& progress) {
        // The first batches warm up.
        if (progress.batch == 3) {
            begin = Clock::now();
        }
        end = Clock::now();
        batches = progress.batch - 3;
    };
    static_cast<void>(nn::train(job, control, sink));
    return static_cast<double>(batches * job.settings.batchSize) /
           std::chrono::duration<double>(end - begin).count();
}

void pipeline(benchmark::State& state, const char* net, std::int64_t batch) {
    nn::TrainJob job;
    job.graph = nn::templateGraph(*nn::findTemplate(net));
    job.settings.batchSize = batch;
    job.settings.epochs = 1;
    const nn::Inference inference = nn::infer(job.graph);
    const nn::Shape& input = *inference.find(inference.inputs.front())->output;
    std::vector<double> inMemory;
    std::vector<double> whole;
    for (auto _ : state) {
        for (int round = 0; round < kRounds; ++round) {
            const double step =
                nn::benchmark(job.graph, job.settings, kSeconds)->meanTrainSecondsPerStep;
            inMemory.push_back(static_cast<double>(batch) / step);
            const auto batches = static_cast<std::int64_t>(kSeconds / step) + 10;
            job.training = randomImages(input, batches * batch);
            whole.push_back(trained(job));
        }
    }
    std::vector<double> shares;
    for (std::size_t i = 0; i < whole.size(); ++i) {
        shares.push_back(whole[i] / inMemory[i]);
    }
    state.counters["in_memory_img/s"] = benchmarks::median(inMemory);
    state.counters["pipeline_img/s"] = benchmarks::median(whole);
    state.counters["share_%"] = 100.0 * benchmarks::median(shares);
}

BENCHMARK_CAPTURE(pipeline, mnist_cnn_128, "mnist-cnn", 128)->Iterations(1);
BENCHMARK_CAPTURE(pipeline, mnist_cnn_32, "mnist-cnn", 32)->Iterations(1);
BENCHMARK_CAPTURE(pipeline, cifar_vgg_128, "cifar-vgg", 128)->Iterations(1);
BENCHMARK_CAPTURE(pipeline, cifar_vgg_32, "cifar-vgg", 32)->Iterations(1);
BENCHMARK_CAPTURE(pipeline, seed_a_128, "seed-a", 128)->Iterations(1);
BENCHMARK_CAPTURE(pipeline, seed_a_32, "seed-a", 32)->Iterations(1);

} // namespace
