#include "tests/support/optimizer_bench.h"

#include "nn/base/random.h"

#include <QTest>
#include <algorithm>

namespace tests {

nn::Variable variable(const char* name, const nn::Shape& shape) {
    return {.node = 1, .layer = "dense", .spec = {.name = name, .shape = shape}};
}

OptimizerBench::OptimizerBench(const std::string& name, const nn::ParamMap& params,
                               std::vector<nn::Variable> variables, int threads)
    : m_parallel(threads), m_optimizer(nn::findOptimizerDef(name)->make(params)) {
    m_weights.variables = std::move(variables);
    for (const nn::Variable& each : m_weights.variables) {
        nn::Tensor tensor(each.spec.shape);
        std::ranges::fill(tensor.values(), 1.0F);
        m_weights.tensors.push_back(std::move(tensor));
    }
    m_optimizer->build(m_weights.variables);
}

bool OptimizerBench::apply(const std::vector<std::vector<float>>& gradients) {
    std::vector<std::span<const float>> spans(gradients.begin(), gradients.end());
    return m_optimizer->apply(m_parallel, spans, m_weights);
}

bool OptimizerBench::apply(float gradient) {
    std::vector<std::vector<float>> gradients;
    for (const nn::Tensor& tensor : m_weights.tensors) {
        gradients.emplace_back(tensor.values().size(), gradient);
    }
    return apply(gradients);
}

void OptimizerBench::applyRandom(int first, int last) {
    for (int step = first; step < last; ++step) {
        nn::RandomSequence random({.seed = 7}, static_cast<std::uint64_t>(step));
        std::vector<std::vector<float>> gradients;
        for (const nn::Tensor& tensor : m_weights.tensors) {
            std::vector<float>& gradient = gradients.emplace_back(tensor.values().size());
            for (float& value : gradient) {
                value = static_cast<float>(random.normal());
            }
        }
        QVERIFY(apply(gradients));
    }
}

OptimizerBench oneWeight(const std::string& name, const nn::ParamMap& params) {
    return {name, params, {variable("kernel", {1})}};
}

} // namespace tests
