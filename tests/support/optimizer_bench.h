#pragma once

#include "nn/base/parallel.h"
#include "nn/train/optimizer.h"

#include <memory>
#include <string>
#include <vector>

namespace tests {

[[nodiscard]] nn::Variable variable(const char* name, const nn::Shape& shape);

/// An optimizer with the weights it works on, all 1 at first, and gradients for them.
class OptimizerBench {
public:
    OptimizerBench(const std::string& name, const nn::ParamMap& params,
                   std::vector<nn::Variable> variables, int threads = 1);

    bool apply(const std::vector<std::vector<float>>& gradients);
    /// The same gradient for every weight.
    bool apply(float gradient);
    /// Steps first … last − 1 with gradients that depend on the number of the step alone.
    void applyRandom(int first, int last);

    [[nodiscard]] double weight() const {
        return static_cast<double>(m_weights.tensors[0].values()[0]);
    }
    [[nodiscard]] nn::Weights& weights() { return m_weights; }
    [[nodiscard]] nn::Optimizer& optimizer() { return *m_optimizer; }
    [[nodiscard]] nn::Parallel& parallel() { return m_parallel; }

private:
    nn::Parallel m_parallel;
    std::unique_ptr<nn::Optimizer> m_optimizer;
    nn::Weights m_weights;
};

[[nodiscard]] OptimizerBench oneWeight(const std::string& name, const nn::ParamMap& params);

} // namespace tests
