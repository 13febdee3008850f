#pragma once

#include "nn/exec/constraints.h"
#include "nn/exec/executor.h"
#include "nn/exec/regularizers.h"

#include <memory>
#include <vector>

namespace nn {

/// The regularizers and constraints of a network's weights. Those of frozen layers count nothing,
/// as in Keras.
class WeightRules {
public:
    explicit WeightRules(const std::vector<Variable>& variables);

    /// What all regularizers add to the loss.
    [[nodiscard]] double penalty(Parallel& parallel, const Weights& weights) const;
    /// Adds their gradient to that of the last backward pass.
    void addGradients(Parallel& parallel, const Weights& weights, Executor& executor) const;
    /// Restores what the constraints demand; called after every update.
    void constrain(Weights& weights) const;

private:
    struct Rule {
        std::size_t variable = 0;
        std::shared_ptr<const Regularizer> regularizer;
        std::shared_ptr<const Constraint> constraint;
    };
    std::vector<Rule> m_rules;
};

} // namespace nn
