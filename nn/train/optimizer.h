#pragma once

#include "nn/base/parallel.h"
#include "nn/exec/weights.h"
#include "nn/model/param.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace nn {

/// Applies gradients to weights. Holds the state (momentum, moments) of one run.
class Optimizer {
public:
    Optimizer() = default;
    Optimizer(const Optimizer&) = delete;
    Optimizer& operator=(const Optimizer&) = delete;
    virtual ~Optimizer() = default;

    /// Makes room for the state of these variables; called once. Frozen ones get none.
    virtual void build(std::span<const Variable> variables) = 0;
    /// Updates variable number `index`. `gradientScale` multiplies the gradient first.
    virtual void update(Parallel& parallel, std::size_t index, std::span<const float> gradient,
                        double gradientScale, std::span<float> weights) = 0;
    /// Counts the step; called after the last `update` of a step.
    void finishStep() { ++m_iterations; }

    [[nodiscard]] std::int64_t iterations() const { return m_iterations; }
    [[nodiscard]] double learningRate() const { return m_common.learningRate; }

    /// Arguments every optimizer of Keras has.
    struct Common {
        double learningRate = 0.001;
        std::optional<double> weightDecay;
        std::optional<double> clipnorm;
        std::optional<double> clipvalue;
        std::optional<double> globalClipnorm;
    };
    [[nodiscard]] const Common& common() const { return m_common; }

protected:
    Common m_common;

private:
    std::int64_t m_iterations = 0;
};

/// What a kind of optimizer is; form, checks and files come from it.
struct OptimizerDef {
    std::string name = {}; ///< Keras' class name: "Adam".
    std::string help = {};
    std::vector<ParamSpec> params = {};
    /// Floats of state kept per trainable weight, for the memory forecast.
    std::function<int(const ParamMap&)> stateFloats = {};
    std::function<std::unique_ptr<Optimizer>(const ParamMap&)> make = {};
};

[[nodiscard]] const std::vector<OptimizerDef>& optimizerDefs();
/// The definition of a class name in any spelling of case, or nullptr.
[[nodiscard]] const OptimizerDef* findOptimizerDef(std::string_view name);

} // namespace nn
