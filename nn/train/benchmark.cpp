#include "nn/train/benchmark.h"

#include "nn/base/random.h"
#include "nn/kernels/peak.h"
#include "nn/train/forecast.h"
#include "nn/train/train_step.h"

#include <algorithm>
#include <chrono>

namespace nn {
namespace {

constexpr int kWarmUpSteps = 3;
constexpr std::size_t kLeastSteps = 3;
constexpr double kSecondsPerPeak = 0.05;

/// Fixed random images and classes for every input of a network.
struct FixedBatch {
    std::vector<Tensor> images;
    std::vector<std::int32_t> labels;

    FixedBatch(const Network& network, std::int64_t batch) {
        std::uint32_t stream = 0;
        for (const std::size_t input : network.inputs()) {
            Tensor& tensor = images.emplace_back(network.layers()[input].output.withBatch(batch));
            RandomSequence random({.seed = 1, .stream = stream++});
            std::ranges::generate(tensor.values(), [&] { return unitFloat(random.word()); });
        }
        const Shape& output = network.layers()[network.outputs().front()].output;
        const std::int64_t rows = output.count() / output.back() * batch;
        RandomSequence random({.seed = 2, .stream = stream});
        for (std::int64_t i = 0; i < rows; ++i) {
            labels.push_back(
                static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(output.back()))));
        }
    }

    [[nodiscard]] std::vector<std::span<const float>> inputs() const {
        std::vector<std::span<const float>> spans;
        for (const Tensor& tensor : images) {
            spans.push_back(tensor.values());
        }
        return spans;
    }
};

double medianOf(std::vector<double>& values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    return *middle;
}

struct Seconds {
    double median = 0.0;
    double mean = 0.0;
};

/// Seconds of a call over at least so many seconds; now and then measures the machine's rate of
/// multiply-adds between two calls.
template <typename Step>
Seconds secondsOf(double seconds, Parallel& parallel, std::vector<double>& peaks, Step step) {
    using Clock = std::chrono::steady_clock;
    for (int i = 0; i < kWarmUpSteps; ++i) {
        step();
    }
    std::vector<double> times;
    double total = 0.0;
    double lastPeak = -kSecondsPerPeak;
    while (total < seconds || times.size() < kLeastSteps) {
        if (total - lastPeak >= kSecondsPerPeak) {
            peaks.push_back(peakGflopsNow(parallel));
            lastPeak = total;
        }
        const Clock::time_point start = Clock::now();
        step();
        times.push_back(std::chrono::duration<double>(Clock::now() - start).count());
        total += times.back();
    }
    return {.median = medianOf(times), .mean = total / static_cast<double>(times.size())};
}

} // namespace

double trainingMacs(const Graph& graph, const Inference& inference) {
    std::unordered_map<NodeId, bool> trained; // something in or before the node has weights
    double macs = 0.0;
    for (const NodeId id : inference.order) {
        const NodeInference& node = *inference.find(id);
        const bool before = std::ranges::any_of(
            node.inputs, [&](NodeId input) { return trained.contains(input) && trained[input]; });
        const bool own = node.trainableParams > 0 && findNode(graph, id)->trainable;
        trained[id] = before || own;
        const int passes = 1 + (own ? 1 : 0) + (before ? 1 : 0);
        macs += static_cast<double>(node.cost.macs) * passes;
    }
    return macs;
}

Expected<BenchmarkResult> benchmark(const Graph& graph, const TrainSettings& settings,
                                    double seconds) {
    const Inference inference = infer(graph);
    const Expected<const LossDef*> loss = chosenLoss(settings, inference);
    if (!loss) {
        return tl::unexpected(loss.error());
    }
    const Expected<MemoryForecast> forecast = forecastTraining(graph, inference, settings);
    if (!forecast) {
        return tl::unexpected(forecast.error());
    }
    if (auto checked = checkMemory(*forecast, machineMemory()); !checked) {
        return tl::unexpected(checked.error());
    }
    const Expected<std::shared_ptr<const Network>> network = Network::compile(graph, inference);
    if (!network) {
        return tl::unexpected(network.error());
    }
    Parallel parallel(settings.threads);
    const FixedBatch fixed(**network, settings.batchSize);
    const std::vector<std::span<const float>> inputs = fixed.inputs();
    Weights weights = initialWeights((*network)->variables(), settings.seed);
    BenchmarkResult result{.threads = parallel.threads()};
    std::vector<double> peaks;
    {
        TrainStep step(*network, settings, **loss, parallel);
        std::uint64_t number = 0;
        const Seconds training = secondsOf(seconds, parallel, peaks, [&] {
            static_cast<void>(step.run(weights, inputs, settings.batchSize,
                                       {.labels = fixed.labels},
                                       {.seed = settings.seed, .step = number++}));
        });
        result.trainSecondsPerStep = training.median;
        result.meanTrainSecondsPerStep = training.mean;
    }
    Executor executor(*network, {.batchCapacity = settings.batchSize}, parallel);
    result.inferSecondsPerStep = secondsOf(seconds, parallel, peaks, [&] {
                                     executor.forward(inputs, settings.batchSize, weights);
                                 }).median;
    result.peakGflops = medianOf(peaks);
    result.trainGflops = 2.0 * trainingMacs(graph, inference) *
                         static_cast<double>(settings.batchSize) / result.trainSecondsPerStep / 1e9;
    return result;
}

} // namespace nn
