#pragma once

#include "nn/exec/kernel.h"
#include "tests/support/reference_layers.h"

#include <string>
#include <string_view>

/// One layer alone, with memory of its own: unwritten outputs show as NaN.
namespace tests {

/// A layer, its numbers, and what it made of them.
struct LayerCase {
    reference::LayerRun run;
    std::vector<nn::WeightSpec> specs;
    std::shared_ptr<const nn::Kernel> kernel;
    std::vector<std::vector<float>> inputs;  ///< By port, [batch][…].
    std::vector<std::vector<float>> weights; ///< By `WeightSpec`.
    std::vector<float> outputGradient;

    std::vector<float> output;
    std::vector<std::vector<float>> updatedWeights;
    std::vector<std::vector<float>> inputGradients;
    std::vector<std::vector<float>> weightGradients;
};

/// The last layer of a text graph, with random numbers for `batch` samples.
[[nodiscard]] LayerCase layerCase(std::string_view text, std::int64_t batch,
                                  std::uint64_t seed = 1);
/// The example of a definition.
[[nodiscard]] LayerCase exampleCase(const nn::LayerDef& def, std::int64_t batch,
                                    std::uint64_t seed = 1);

/// Runs the forward pass and, while training, the backward pass.
void runLayer(LayerCase& layer, nn::Parallel& parallel);

/// The same case with row `row` only.
[[nodiscard]] LayerCase rowOf(const LayerCase& layer, std::int64_t row);

/// How far one result of a layer is from the double-precision reference.
struct LayerError {
    std::string what; ///< "output", "input 0", "kernel"
    double error = 0.0;
};
/// Compares the output of a case that has run with the reference and, while training, its
/// gradients with central differences of the reference: ‖difference‖ / ‖reference‖.
[[nodiscard]] std::vector<LayerError> layerErrors(const LayerCase& layer);

} // namespace tests
