// What a training step and a network cost besides their arithmetic: the fixed cost of a step, of
// meeting the threads, and compiling and planning every network of the benchmark.
#include "nn/model/templates.h"
#include "nn/model/text_graph.h"
#include "nn/train/train_step.h"

#include <benchmark/benchmark.h>

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

} // namespace
