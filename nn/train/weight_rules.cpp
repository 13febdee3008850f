#include "nn/train/weight_rules.h"

namespace nn {

WeightRules::WeightRules(const std::vector<Variable>& variables) {
    for (std::size_t i = 0; i < variables.size(); ++i) {
        const WeightSpec& spec = variables[i].spec;
        if (!variables[i].trainable || (!spec.regularizer && !spec.constraint)) {
            continue;
        }
        m_rules.push_back({i, spec.regularizer ? makeRegularizer(*spec.regularizer) : nullptr,
                           spec.constraint ? makeConstraint(*spec.constraint) : nullptr});
    }
}

double WeightRules::penalty(Parallel& parallel, const Weights& weights) const {
    double sum = 0.0;
    for (const Rule& rule : m_rules) {
        const Tensor& tensor = weights.tensors[rule.variable];
        if (rule.regularizer != nullptr) {
            sum += rule.regularizer->value(parallel, tensor.shape(), tensor.values());
        }
    }
    return sum;
}

void WeightRules::addGradients(Parallel& parallel, const Weights& weights,
                               Executor& executor) const {
    for (const Rule& rule : m_rules) {
        const std::span<float> gradient = executor.mutableGradient(rule.variable);
        if (rule.regularizer != nullptr && !gradient.empty()) {
            const Tensor& tensor = weights.tensors[rule.variable];
            rule.regularizer->addGradient(parallel, tensor.shape(), tensor.values(), gradient);
        }
    }
}

void WeightRules::constrain(Weights& weights) const {
    for (const Rule& rule : m_rules) {
        if (rule.constraint != nullptr) {
            Tensor& tensor = weights.tensors[rule.variable];
            rule.constraint->apply(tensor.shape(), tensor.values());
        }
    }
}

} // namespace nn
