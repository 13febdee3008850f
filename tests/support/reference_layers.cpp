#include "tests/support/reference_layers.h"

#include "nn/model/registry.h"
#include "tests/support/reference_activations.h"
#include "tests/support/reference_augmentation.h"
#include "tests/support/reference_convolutions.h"
#include "tests/support/reference_spatial.h"
#include "tests/support/reference_values.h"

#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <stdexcept>

namespace reference {
namespace {

const nn::ParamValue& param(const LayerRun& run, std::string_view name) {
    return nn::paramValue(run.params, *nn::findSpec(run.def->params, name));
}

template <typename T>
T param(const LayerRun& run, std::string_view name) {
    return std::get<T>(param(run, name));
}

std::int64_t integer(const LayerRun& run, std::string_view name) {
    return param<std::int64_t>(run, name);
}

double real(const LayerRun& run, std::string_view name) {
    return param<double>(run, name);
}

std::size_t axisOf(const LayerRun& run) {
    const std::int64_t axis = integer(run, "axis");
    const auto rank = static_cast<std::int64_t>(run.inputs[0].rank());
    return static_cast<std::size_t>(axis < 0 ? rank + axis : axis - 1);
}

/// Calls visit(position along the axis, index) for every value of [batch][shape].
template <typename Visit>
void forEachAlong(const nn::Shape& shape, std::size_t axis, std::size_t count, const Visit& visit) {
    std::int64_t inner = 1;
    for (std::size_t i = axis + 1; i < shape.rank(); ++i) {
        inner *= shape[i];
    }
    for (std::size_t i = 0; i < count; ++i) {
        visit(static_cast<std::size_t>(static_cast<std::int64_t>(i) / inner % shape[axis]), i);
    }
}

Values dense(const LayerRun& run, const Inputs& inputs, const Inputs& weights) {
    const std::int64_t units = integer(run, "units");
    const std::int64_t width = run.inputs[0].back();
    const nn::DenseGeometry geometry{static_cast<std::int64_t>(inputs[0].size()) / width, width,
                                     units};
    const bool bias = param<bool>(run, "use_bias");
    return activated(param<std::string>(run, "activation"), units,
                     denseForward(geometry, inputs[0], weights[0], bias ? weights[1] : Values{}));
}

Values batchNormalization(const LayerRun& run, const Inputs& inputs, const Inputs& weights) {
    const Values& x = inputs[0];
    const std::size_t axis = axisOf(run);
    const auto channels = static_cast<std::size_t>(run.inputs[0][axis]);
    const bool scale = param<bool>(run, "scale");
    const bool center = param<bool>(run, "center");
    const std::size_t first = (scale ? 1U : 0U) + (center ? 1U : 0U);
    Values mean = weights[first];
    Values variance = weights[first + 1];
    if (run.phase == nn::Phase::Training && !run.frozen) {
        const auto count = static_cast<double>(x.size() / channels);
        mean.assign(channels, 0.0);
        variance.assign(channels, 0.0);
        forEachAlong(run.inputs[0], axis, x.size(),
                     [&](std::size_t c, std::size_t i) { mean[c] += x[i] / count; });
        forEachAlong(run.inputs[0], axis, x.size(), [&](std::size_t c, std::size_t i) {
            variance[c] += (x[i] - mean[c]) * (x[i] - mean[c]) / count;
        });
    }
    Values y(x.size());
    forEachAlong(run.inputs[0], axis, x.size(), [&](std::size_t c, std::size_t i) {
        const double gamma = scale ? weights[0][c] : 1.0;
        const double beta = center ? weights[scale ? 1 : 0][c] : 0.0;
        y[i] = gamma * (x[i] - mean[c]) / std::sqrt(variance[c] + real(run, "epsilon")) + beta;
    });
    return y;
}

Values softmaxAlong(const LayerRun& run, const Inputs& inputs, const Inputs& /*weights*/) {
    // Values that share all positions but the one along the axis belong together.
    const std::size_t axis = axisOf(run);
    std::int64_t inner = 1;
    for (std::size_t i = axis + 1; i < run.output.rank(); ++i) {
        inner *= run.output[i];
    }
    const std::int64_t extent = run.output[axis];
    Values y = inputs[0];
    std::vector<double> sums(y.size(), 0.0);
    const auto group = [&](std::size_t i) {
        const auto index = static_cast<std::int64_t>(i);
        return static_cast<std::size_t>(index / (extent * inner) * inner + index % inner);
    };
    for (std::size_t i = 0; i < y.size(); ++i) {
        y[i] = std::exp(y[i]);
        sums[group(i)] += y[i];
    }
    for (std::size_t i = 0; i < y.size(); ++i) {
        y[i] /= sums[group(i)];
    }
    return y;
}

Values relu(const LayerRun& run, const Inputs& inputs, const Inputs& /*weights*/) {
    nn::Activation f{nn::ActivationKind::Relu};
    f.negativeSlope = static_cast<float>(real(run, "negative_slope"));
    f.threshold = static_cast<float>(real(run, "threshold"));
    if (const double* limit = std::get_if<double>(&param(run, "max_value"))) {
        f.maxValue = static_cast<float>(*limit);
    }
    Values y = inputs[0];
    for (double& value : y) {
        value = activation(f, value);
    }
    return y;
}

Values add(const LayerRun& run, const Inputs& inputs, const Inputs& /*weights*/) {
    const std::int64_t sample = run.output.count();
    Values y(static_cast<std::size_t>(run.batch * sample), 0.0);
    for (std::size_t port = 0; port < inputs.size(); ++port) {
        const nn::Shape& shape = run.inputs[port];
        const std::size_t offset = run.output.rank() - shape.rank();
        for (std::size_t i = 0; i < y.size(); ++i) {
            std::int64_t rest = static_cast<std::int64_t>(i) % sample;
            std::int64_t index = 0;
            std::int64_t step = 1;
            for (std::size_t axis = run.output.rank(); axis-- > offset;) {
                const std::int64_t extent = shape[axis - offset];
                index += extent == 1 ? 0 : rest % run.output[axis] * step;
                rest /= run.output[axis];
                step *= extent;
            }
            index += static_cast<std::int64_t>(i) / sample * step;
            y[i] += inputs[port][static_cast<std::size_t>(index)];
        }
    }
    return y;
}

Values concatenate(const LayerRun& run, const Inputs& inputs, const Inputs& /*weights*/) {
    const std::size_t axis = axisOf(run);
    std::size_t outer = static_cast<std::size_t>(run.batch);
    for (std::size_t i = 0; i < axis; ++i) {
        outer *= static_cast<std::size_t>(run.output[i]);
    }
    Values y;
    for (std::size_t row = 0; row < outer; ++row) {
        for (const Values& input : inputs) {
            const std::size_t length = input.size() / outer;
            const auto begin = input.begin() + static_cast<std::ptrdiff_t>(row * length);
            y.insert(y.end(), begin, begin + static_cast<std::ptrdiff_t>(length));
        }
    }
    return y;
}

using Layer = std::function<Values(const LayerRun&, const Inputs&, const Inputs&)>;

const std::map<std::string, Layer>& layers() {
    static const std::map<std::string, Layer> table{
        {"Dense", dense},
        {"ActivityRegularization",
         [](const LayerRun&, const Inputs& inputs, const Inputs&) { return inputs[0]; }},
        {"Flatten", [](const LayerRun&, const Inputs& inputs, const Inputs&) { return inputs[0]; }},
        {"Activation",
         [](const LayerRun& run, const Inputs& inputs, const Inputs&) {
             return activated(param<std::string>(run, "activation"), run.inputs[0].back(),
                              inputs[0]);
         }},
        {"BatchNormalization", batchNormalization},
        {"Softmax", softmaxAlong},
        {"ReLU", relu},
        {"Add", add},
        {"Concatenate", concatenate}};
    return table;
}

} // namespace

Values layerForward(const LayerRun& run, const std::vector<Values>& inputs,
                    const std::vector<Values>& weights) {
    if (!inputs.empty()) {
        if (std::optional<Values> values = augmented(run, inputs[0])) {
            return *std::move(values);
        }
    }
    for (const auto* table : {&layers(), &spatialLayers(), &convolutionLayers(), &valueLayers()}) {
        if (const auto found = table->find(run.def->type); found != table->end()) {
            return found->second(run, inputs, weights);
        }
    }
    throw std::runtime_error("no reference for " + run.def->type);
}

std::vector<Values> networkForward(const NetworkRun& run, const std::vector<Values>& inputs,
                                   const std::vector<Values>& weights) {
    std::vector<Values> values;
    std::size_t nextInput = 0;
    for (std::size_t i = 0; i < run.network->layers().size(); ++i) {
        const nn::NetworkLayer& layer = run.network->layers()[i];
        if (layer.kernel == nullptr) {
            values.push_back(inputs[nextInput++]);
            continue;
        }
        LayerRun layerRun{.def = nn::findLayerDef(layer.type),
                          .params = nn::findNode(*run.graph, layer.id)->params,
                          .output = layer.output,
                          .batch = run.batch,
                          .phase = run.phase,
                          .frozen = !layer.trainable,
                          .key = run.key};
        layerRun.key.layer = static_cast<std::uint32_t>(i);
        Inputs layerInputs;
        for (const std::size_t source : layer.inputs) {
            layerRun.inputs.push_back(run.network->layers()[source].output);
            layerInputs.push_back(values[source]);
        }
        Inputs layerWeights;
        for (const std::size_t variable : layer.variables) {
            layerWeights.push_back(weights[variable]);
        }
        values.push_back(layerForward(layerRun, layerInputs, layerWeights));
    }
    return values;
}

double normError(std::span<const float> actual, const Values& expected) {
    if (actual.size() != expected.size()) {
        return std::numeric_limits<double>::infinity();
    }
    double error = 0.0;
    double norm = 1e-30;
    for (std::size_t i = 0; i < actual.size(); ++i) {
        const double difference = static_cast<double>(actual[i]) - expected[i];
        error += difference * difference;
        norm += expected[i] * expected[i];
    }
    const double relative = std::sqrt(error / norm);
    return std::isnan(relative) ? std::numeric_limits<double>::infinity() : relative;
}

} // namespace reference
