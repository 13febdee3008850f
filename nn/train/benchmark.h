#pragma once

#include "nn/base/error.h"
#include "nn/model/graph.h"
#include "nn/model/infer.h"
#include "nn/train/settings.h"

#include <cstdint>

namespace nn {

/// What a network does per second on this machine, on fixed batches in memory.
struct BenchmarkResult {
    double trainSecondsPerStep = 0.0; ///< Median: forward, loss, backward, update.
    /// Mean of the same steps: with those that the system interrupted.
    double meanTrainSecondsPerStep = 0.0;
    double inferSecondsPerStep = 0.0; ///< Median: forward only, same batch size.
    /// Multiply-adds of a training step counted as two operations, per second, in 10⁹.
    double trainGflops = 0.0;
    /// The machine's rate of multiply-adds meanwhile: median of rounds between the steps, so that a
    /// machine that slows down does so for both.
    double peakGflops = 0.0;
    int threads = 1;
};

/// Times a network with the batch size, optimizer and threads of `settings`: some steps to warm
/// up, then the median of at least `seconds` of steps. Refuses what does not fit into memory.
[[nodiscard]] Expected<BenchmarkResult> benchmark(const Graph& graph, const TrainSettings& settings,
                                                  double seconds = 2.0);

/// Multiply-accumulates of one training step per image: forward, gradients of the weights, and
/// gradients of the inputs where a layer before has weights to train.
[[nodiscard]] double trainingMacs(const Graph& graph, const Inference& inference);

} // namespace nn
