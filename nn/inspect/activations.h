#pragma once

#include "nn/exec/executor.h"

#include <optional>
#include <span>
#include <vector>

namespace nn {

/// What a network says about one sample.
struct Prediction {
    std::vector<float> output;        ///< The output layer's values as they are.
    std::vector<float> probabilities; ///< One per class; empty when the output is a single number.
    std::int64_t best = -1;           ///< The most probable class; -1 without probabilities.
};

/// Runs samples through a network and hands out what its layers made of them. Keeps its buffers
/// from call to call, so a live view costs one forward pass and nothing else.
class Inspector {
public:
    explicit Inspector(std::shared_ptr<const Network> network, int threads = 1);
    ~Inspector();
    Inspector(const Inspector&) = delete;
    Inspector& operator=(const Inspector&) = delete;

    /// The activations of `layers` for `inputs`, one per input layer and shaped [batch][…] or […]
    /// for a single sample; the results are shaped [batch][…]. Fails when an input does not fit.
    [[nodiscard]] Expected<std::vector<Tensor>> activations(const Weights& weights,
                                                            std::span<const Tensor> inputs,
                                                            std::span<const NodeId> layers);
    /// What the first output says about each sample.
    [[nodiscard]] Expected<std::vector<Prediction>> predictions(const Weights& weights,
                                                                std::span<const Tensor> inputs);

    [[nodiscard]] const Network& network() const { return *m_network; }

private:
    [[nodiscard]] Expected<void> run(const Weights& weights, std::span<const Tensor> inputs);
    [[nodiscard]] Expected<std::int64_t> batchOf(std::span<const Tensor> inputs) const;

    std::shared_ptr<const Network> m_network;
    Parallel m_parallel;
    std::unique_ptr<Executor> m_executor; ///< Made, and made larger, when needed.
};

/// The activations of `layers`, as a pure function.
[[nodiscard]] Expected<std::vector<Tensor>> activations(std::shared_ptr<const Network> network,
                                                        const Weights& weights,
                                                        std::span<const Tensor> inputs,
                                                        std::span<const NodeId> layers);

} // namespace nn
