#include "tests/support/reference_activations.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

namespace reference {
namespace {

/// Activations that work value by value, by Keras' names.
nn::Activation named(const std::string& name) {
    using enum nn::ActivationKind;
    static const std::map<std::string, nn::Activation> kinds{
        {"linear", {.kind = Linear}},
        {"relu", {.kind = Relu}},
        {"relu6", {.kind = Relu, .maxValue = 6.0F}},
        {"leaky_relu", {.kind = Relu, .negativeSlope = 0.2F}},
        {"sigmoid", {.kind = Sigmoid}},
        {"tanh", {.kind = Tanh}},
        {"elu", {.kind = Elu}},
        {"celu", {.kind = Elu}},
        {"selu", {.kind = Selu}},
        {"softplus", {.kind = Softplus}},
        {"softsign", {.kind = Softsign}},
        {"silu", {.kind = Silu}},
        {"swish", {.kind = Silu}},
        {"gelu", {.kind = Gelu}},
        {"exponential", {.kind = Exponential}},
        {"hard_sigmoid", {.kind = HardSigmoid}},
        {"hard_silu", {.kind = HardSilu}},
        {"hard_swish", {.kind = HardSilu}},
        {"mish", {.kind = Mish}},
        {"hard_tanh", {.kind = HardTanh}},
        {"hard_shrink", {.kind = HardShrink}},
        {"soft_shrink", {.kind = SoftShrink}},
        {"tanh_shrink", {.kind = TanhShrink}},
        {"squareplus", {.kind = SquarePlus}},
        {"log_sigmoid", {.kind = LogSigmoid}},
        {"sparse_plus", {.kind = SparsePlus}},
        {"sparse_sigmoid", {.kind = SparseSigmoid}}};
    return kinds.at(name);
}

Values logSoftmax(const Values& row) {
    double sum = 0.0;
    for (const double value : row) {
        sum += std::exp(value);
    }
    Values y = row;
    for (double& value : y) {
        value -= std::log(sum);
    }
    return y;
}

/// The projection on the simplex through sorting.
Values sparsemax(const Values& row) {
    Values sorted = row;
    std::sort(sorted.begin(), sorted.end(), std::greater<>());
    double sum = 0.0;
    double threshold = 0.0;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        sum += sorted[i];
        const auto count = static_cast<double>(i + 1);
        if (1.0 + count * sorted[i] > sum) {
            threshold = (sum - 1.0) / count;
        }
    }
    Values y = row;
    for (double& value : y) {
        value = std::max(value - threshold, 0.0);
    }
    return y;
}

Values gated(const Values& row) {
    Values y(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(row.size() / 2));
    for (std::size_t i = 0; i < y.size(); ++i) {
        y[i] /= 1.0 + std::exp(-row[y.size() + i]);
    }
    return y;
}

} // namespace

Values activated(const std::string& name, std::int64_t channels, Values x) {
    using Row = std::function<Values(const Values&)>;
    static const std::map<std::string, Row> rows{
        {"softmax",
         [](const Values& row) {
             return softmaxForward({1, static_cast<std::int64_t>(row.size())}, row);
         }},
        {"log_softmax", logSoftmax},
        {"sparsemax", sparsemax},
        {"glu", gated}};
    const auto ofRow = rows.find(name);
    if (ofRow == rows.end()) {
        const nn::Activation function = named(name);
        for (double& value : x) {
            value = activation(function, value);
        }
        return x;
    }
    Values y;
    for (auto at = x.begin(); at != x.end(); at += channels) {
        const Values row = ofRow->second(Values(at, at + channels));
        y.insert(y.end(), row.begin(), row.end());
    }
    return y;
}

} // namespace reference
