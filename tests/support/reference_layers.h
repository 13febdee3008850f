#pragma once

#include "nn/exec/network.h"
#include "nn/model/layer_def.h"
#include "tests/support/reference_kernels.h"

#include <string>
#include <vector>

/// Layers and whole networks again in double precision, as plainly as possible.
namespace reference {

/// A layer in its place: what it is given and how it runs. Shapes are without batch.
struct LayerRun {
    const nn::LayerDef* def = nullptr;
    nn::ParamMap params{};
    std::vector<nn::Shape> inputs{};
    nn::Shape output{};
    std::int64_t batch = 1;
    nn::Phase phase = nn::Phase::Inference;
    bool frozen = false;
    nn::StepKey key{};
};

/// The output of a layer for inputs [batch][…] and weights by `WeightSpec`.
[[nodiscard]] Values layerForward(const LayerRun& run, const std::vector<Values>& inputs,
                                  const std::vector<Values>& weights);

/// A network and how it runs.
struct NetworkRun {
    const nn::Graph* graph = nullptr;
    const nn::Network* network = nullptr;
    std::int64_t batch = 1;
    nn::Phase phase = nn::Phase::Inference;
    nn::StepKey key{};
};

/// The activation of every layer. `inputs` in the order of the network's inputs, `weights` of its
/// variables.
[[nodiscard]] std::vector<Values> networkForward(const NetworkRun& run,
                                                 const std::vector<Values>& inputs,
                                                 const std::vector<Values>& weights);

/// The gradient of a function of some numbers by central differences.
template <typename Function>
[[nodiscard]] Values centralDifferences(Values& numbers, const Function& function,
                                        double step = 1e-5) {
    Values gradient(numbers.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const double value = numbers[i];
        numbers[i] = value + step;
        const double above = function();
        numbers[i] = value - step;
        const double below = function();
        numbers[i] = value;
        gradient[i] = (above - below) / (2.0 * step);
    }
    return gradient;
}

/// ‖actual − expected‖ / ‖expected‖; infinite for NaN, and for unequal sizes.
[[nodiscard]] double normError(std::span<const float> actual, const Values& expected);

} // namespace reference
