#pragma once

#include "nn/exec/executor.h"
#include "tests/support/reference_layers.h"

#include <string>
#include <string_view>

namespace tests {

/// A network from text with random weights and inputs, ready to run.
struct NetworkCase {
    nn::Graph graph;
    std::shared_ptr<const nn::Network> network;
    nn::Weights weights;
    std::vector<std::vector<float>> inputs; ///< In the order of the network's inputs.
    std::int64_t batch = 1;

    [[nodiscard]] std::vector<std::span<const float>> inputSpans() const {
        return {inputs.begin(), inputs.end()};
    }
};

[[nodiscard]] NetworkCase networkCase(const nn::Graph& graph, std::int64_t batch,
                                      std::uint64_t seed = 1);
[[nodiscard]] NetworkCase networkCase(std::string_view text, std::int64_t batch,
                                      std::uint64_t seed = 1);

/// All activations in double precision.
[[nodiscard]] std::vector<reference::Values>
referenceActivations(const NetworkCase& net, nn::Phase phase, const nn::StepKey& key = {});

/// What the loss is: a fixed weighting of all outputs, or cross-entropy against random classes
/// computed from softmax outputs or from the scores before them.
enum class TestLoss { WeightedSum, CrossEntropy, CrossEntropyFromLogits };

/// How far the executor's gradient is from central differences of the double-precision network
/// through the same loss: ‖difference‖ / ‖gradient‖.
struct GradientError {
    double whole = 0.0;    ///< Of all variables together.
    double variable = 0.0; ///< Of the worst variable by itself.
    std::string name;      ///< Whose that is.
};
[[nodiscard]] GradientError gradientError(NetworkCase& net, TestLoss loss, nn::Parallel& parallel);

} // namespace tests
