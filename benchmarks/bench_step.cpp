// What a training step and a network cost besides their arithmetic: the fixed cost of a step, of
// meeting the threads, and compiling and planning every network of the benchmark; and what a second
// thread brings.
#include "benchmarks/statistics.h"
#include "nn/base/random.h"
#include "nn/kernels/peak.h"
#include "nn/kernels/winograd.h"
#include "nn/model/templates.h"
#include "nn/model/text_graph.h"
#include "nn/train/train_step.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>

namespace {

/// Forward, loss, backward and update of a network with next to nothing to compute: goal 20 µs.
void fixedCostOfAStep(benchmark::State& state) {
    const nn::Graph graph =
        nn::textGraph("4x4x1 -> Conv2D(2, 3, activation=relu) -> MaxPooling2D(2) -> Flatten -> "
                      "Dense(4, activation=relu) -> Dense(2, activation=softmax)")
            .value();
    const nn::TrainSettings settings{.optimizer = "Adam", .batchSize = 2};
    const nn::Inference inference = nn::infer(graph);
    const auto network = nn::Network::compile(graph, inference).value();
    nn::Parallel parallel(static_cast<int>(state.range(0)));
    nn::TrainStep step(network, settings, **nn::chosenLoss(settings, inference), parallel);
    nn::Weights weights = nn::initialWeights(network->variables(), 1);
    const std::vector<float> images(32, 0.5F);
    const std::span<const float> input(images);
    const std::vector<std::int32_t> labels{0, 1};
    for (auto _ : state) {
        benchmark::DoNotOptimize(
            step.run(weights, {&input, 1}, 2, {.labels = labels}, {.seed = 1}).loss);
    }
}
BENCHMARK(fixedCostOfAStep)->Arg(1)->Arg(2)->Unit(benchmark::kMicrosecond)->UseRealTime();

/// Two empty tasks: what it costs that two threads begin and end together.
void meetingOfThreads(benchmark::State& state) {
    nn::Parallel parallel(2);
    for (auto _ : state) {
        parallel.run(2, [](std::int64_t, int) {});
    }
}
BENCHMARK(meetingOfThreads)->Unit(benchmark::kMicrosecond)->UseRealTime();

/// From the drawing to a network with all memory laid out: goal 50 ms, but for the two whose
/// weights alone take hundreds of megabytes.
void compileAndPlan(benchmark::State& state, const char* name) {
    const nn::Template& chosen = *nn::findTemplate(name);
    const nn::Graph graph = nn::templateGraph(chosen);
    nn::Parallel parallel(2);
    for (auto _ : state) {
        const auto network = nn::Network::compile(graph).value();
        const nn::Executor executor(
            network, {.batchCapacity = chosen.batchSize, .mode = nn::RunMode::Training}, parallel);
        benchmark::DoNotOptimize(executor.plan().bytes);
    }
}
BENCHMARK_CAPTURE(compileAndPlan, seed_a, "seed-a")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(compileAndPlan, lenet5, "lenet5")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(compileAndPlan, mnist_cnn, "mnist-cnn")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(compileAndPlan, cifar_vgg, "cifar-vgg")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(compileAndPlan, resnet_mini, "resnet-mini")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(compileAndPlan, seed_c_gap, "seed-c-gap")->Unit(benchmark::kMillisecond);

/// A network of the benchmark on a fixed batch with so many threads.
class Steps {
public:
    Steps(const nn::Template& net, int threads)
        : m_batch(net.batchSize), m_parallel(threads),
          m_network(nn::Network::compile(nn::templateGraph(net)).value()),
          m_step(m_network, {.batchSize = net.batchSize},
                 **nn::chosenLoss({}, nn::infer(nn::templateGraph(net))), m_parallel),
          m_weights(nn::initialWeights(m_network->variables(), 1)),
          m_images(m_network->layers()[m_network->inputs()[0]].output.withBatch(m_batch)),
          m_labels(static_cast<std::size_t>(m_batch)) {
        nn::RandomSequence random({.seed = 1});
        std::ranges::generate(m_images.values(), [&] { return nn::unitFloat(random.word()); });
    }

    double seconds() {
        const auto start = std::chrono::steady_clock::now();
        const std::span<const float> input = m_images.values();
        benchmark::DoNotOptimize(
            m_step.run(m_weights, {&input, 1}, m_batch, {.labels = m_labels}, {.seed = 1}).loss);
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    }
    double peak() { return nn::peakGflopsNow(m_parallel); }

private:
    std::int64_t m_batch;
    nn::Parallel m_parallel;
    std::shared_ptr<const nn::Network> m_network;
    nn::TrainStep m_step;
    nn::Weights m_weights;
    nn::Tensor m_images;
    std::vector<std::int32_t> m_labels;
};

/// Steps with one and with two threads in turns, and the machine's multiply-adds with one and two
/// in between: medians of the ratios of neighbours.
void oneAndTwoThreads(benchmark::State& state, const char* name, bool winograd) {
    nn::allowWinograd(winograd);
    const nn::Template& net = *nn::findTemplate(name);
    Steps one(net, 1);
    Steps two(net, 2);
    one.seconds();
    two.seconds();
    std::vector<double> ratios;
    std::vector<double> peaks;
    for (auto _ : state) {
        ratios.push_back(one.seconds() / two.seconds());
        peaks.push_back(two.peak() / one.peak());
    }
    nn::allowWinograd(true);
    state.counters["times_faster"] = benchmarks::median(ratios);
    state.counters["multiply_adds"] = benchmarks::median(peaks);
}
BENCHMARK_CAPTURE(oneAndTwoThreads, cifar_vgg, "cifar-vgg", true)->Iterations(60);
BENCHMARK_CAPTURE(oneAndTwoThreads, cifar_vgg_no_winograd, "cifar-vgg", false)->Iterations(60);
BENCHMARK_CAPTURE(oneAndTwoThreads, resnet_mini, "resnet-mini", true)->Iterations(60);
BENCHMARK_CAPTURE(oneAndTwoThreads, mnist_cnn, "mnist-cnn", true)->Iterations(200);
BENCHMARK_CAPTURE(oneAndTwoThreads, lenet5, "lenet5", true)->Iterations(500);

} // namespace
