#include "tests/support/reference_values.h"

#include "nn/layers/support/dropout_key.h"
#include "tests/support/reference_activations.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace reference {
namespace {

using Inputs = std::vector<Values>;
using Integers = std::vector<std::int64_t>;

template <typename T>
T param(const LayerRun& run, std::string_view name) {
    return std::get<T>(nn::paramValue(run.params, *nn::findSpec(run.def->params, name)));
}

template <typename T>
std::optional<T> optionalParam(const LayerRun& run, std::string_view name) {
    const nn::ParamValue& value = nn::paramValue(run.params, *nn::findSpec(run.def->params, name));
    const T* given = std::get_if<T>(&value);
    return given == nullptr ? std::nullopt : std::optional<T>(*given);
}

bool hasParam(const LayerRun& run, std::string_view name) {
    return nn::findSpec(run.def->params, name) != nullptr;
}

std::size_t axisIndex(std::int64_t axis, std::size_t rank) {
    return static_cast<std::size_t>(axis < 0 ? static_cast<std::int64_t>(rank) + axis : axis - 1);
}

/// The position of a value of [batch][shape]: the sample, then an index along each axis.
Integers positionOf(const nn::Shape& shape, std::size_t index) {
    Integers position(shape.rank() + 1);
    auto rest = static_cast<std::int64_t>(index);
    for (std::size_t i = shape.rank(); i-- > 0;) {
        position[i + 1] = rest % shape[i];
        rest /= shape[i];
    }
    position[0] = rest;
    return position;
}

/// The value of [batch][shape] at a position; axes of 1 repeat, axes missing in front too.
double valueAt(const nn::Shape& shape, const Values& values, const Integers& position) {
    const std::size_t missing = position.size() - 1 - shape.rank();
    std::int64_t index = position[0];
    for (std::size_t i = 0; i < shape.rank(); ++i) {
        index = index * shape[i] + (shape[i] == 1 ? 0 : position[i + 1 + missing]);
    }
    return values[static_cast<std::size_t>(index)];
}

/// Groups of values that are normalized together, and which weight belongs to each value.
struct Grouping {
    std::vector<Integers> keys; ///< By value: values with equal keys are one group.
    std::vector<std::size_t> weight;
};

std::vector<std::size_t> axesOf(const LayerRun& run) {
    std::vector<std::size_t> axes;
    for (const std::int64_t axis : param<Integers>(run, "axis")) {
        axes.push_back(axisIndex(axis, run.inputs[0].rank()));
    }
    std::sort(axes.begin(), axes.end());
    return axes;
}

Grouping alongAxes(const LayerRun& run, std::size_t count) {
    const std::vector<std::size_t> axes = axesOf(run);
    Grouping grouping;
    for (std::size_t i = 0; i < count; ++i) {
        Integers key = positionOf(run.inputs[0], i);
        std::size_t weight = 0;
        for (const std::size_t axis : axes) {
            weight = weight * static_cast<std::size_t>(run.inputs[0][axis]) +
                     static_cast<std::size_t>(key[axis + 1]);
            key[axis + 1] = 0;
        }
        grouping.keys.push_back(key);
        grouping.weight.push_back(weight);
    }
    return grouping;
}

Grouping alongGroups(const LayerRun& run, std::size_t count) {
    const std::size_t axis = axisIndex(param<std::int64_t>(run, "axis"), run.inputs[0].rank());
    const std::int64_t channels = run.inputs[0][axis];
    const std::int64_t groups = param<std::int64_t>(run, "groups");
    const std::int64_t width = groups < 0 ? 1 : channels / groups;
    Grouping grouping;
    for (std::size_t i = 0; i < count; ++i) {
        const Integers position = positionOf(run.inputs[0], i);
        grouping.keys.push_back({position[0], position[axis + 1] / width});
        grouping.weight.push_back(static_cast<std::size_t>(position[axis + 1]));
    }
    return grouping;
}

/// A sum of term(value) over each group, per value.
template <typename Term>
Values groupSums(const Grouping& grouping, const Values& x, const Term& term) {
    std::map<Integers, double> sums;
    for (std::size_t i = 0; i < x.size(); ++i) {
        sums[grouping.keys[i]] += term(i);
    }
    Values result;
    for (const Integers& key : grouping.keys) {
        result.push_back(sums[key]);
    }
    return result;
}

Values normalized(const LayerRun& run, const Grouping& grouping, const Values& x,
                  const Inputs& weights) {
    const bool scales = !hasParam(run, "scale") || param<bool>(run, "scale");
    const bool centers = hasParam(run, "center") && param<bool>(run, "center");
    const bool subtracts = hasParam(run, "center");
    const Values counts = groupSums(grouping, x, [](std::size_t) { return 1.0; });
    Values mean = groupSums(grouping, x, [&](std::size_t i) { return x[i] / counts[i]; });
    if (!subtracts) {
        mean.assign(mean.size(), 0.0);
    }
    const Values variance = groupSums(grouping, x, [&](std::size_t i) {
        return (x[i] - mean[i]) * (x[i] - mean[i]) / counts[i];
    });
    Values y(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double gamma = scales ? weights[0][grouping.weight[i]] : 1.0;
        const double beta = centers ? weights[scales ? 1 : 0][grouping.weight[i]] : 0.0;
        y[i] = gamma * (x[i] - mean[i]) / std::sqrt(variance[i] + param<double>(run, "epsilon")) +
               beta;
    }
    return y;
}

Values normalizedAlongAxes(const LayerRun& run, const Inputs& inputs, const Inputs& weights) {
    return normalized(run, alongAxes(run, inputs[0].size()), inputs[0], weights);
}

Values normalizedInGroups(const LayerRun& run, const Inputs& inputs, const Inputs& weights) {
    return normalized(run, alongGroups(run, inputs[0].size()), inputs[0], weights);
}

Values unitLength(const LayerRun& run, const Inputs& inputs, const Inputs& /*weights*/) {
    const Values& x = inputs[0];
    const Values squares =
        groupSums(alongAxes(run, x.size()), x, [&](std::size_t i) { return x[i] * x[i]; });
    Values y(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
        y[i] = x[i] / std::max(std::sqrt(squares[i]), 1e-12);
    }
    return y;
}

/// Merges values at the same place from the first input to the last.
template <typename Merge>
LayerFunction merging(const Merge& merge) {
    return [merge](const LayerRun& run, const Inputs& inputs, const Inputs&) {
        Values y(static_cast<std::size_t>(run.batch * run.output.count()));
        for (std::size_t i = 0; i < y.size(); ++i) {
            const Integers position = positionOf(run.output, i);
            y[i] = valueAt(run.inputs[0], inputs[0], position);
            for (std::size_t port = 1; port < inputs.size(); ++port) {
                y[i] = merge(y[i], valueAt(run.inputs[port], inputs[port], position));
            }
        }
        return y;
    };
}

Values average(const LayerRun& run, const Inputs& inputs, const Inputs& weights) {
    Values y = merging(std::plus<>())(run, inputs, weights);
    for (double& value : y) {
        value /= static_cast<double>(inputs.size());
    }
    return y;
}

Values permute(const LayerRun& run, const Inputs& inputs, const Inputs& /*weights*/) {
    const auto dims = param<Integers>(run, "dims");
    Values y(inputs[0].size());
    for (std::size_t i = 0; i < y.size(); ++i) {
        const Integers position = positionOf(run.output, i);
        Integers source = position;
        for (std::size_t axis = 0; axis < dims.size(); ++axis) {
            source[static_cast<std::size_t>(dims[axis])] = position[axis + 1];
        }
        y[i] = valueAt(run.inputs[0], inputs[0], source);
    }
    return y;
}

Values repeatVector(const LayerRun& run, const Inputs& inputs, const Inputs& /*weights*/) {
    Values y;
    for (std::int64_t i = 0; i < run.batch * run.output.count(); ++i) {
        const Integers position = positionOf(run.output, static_cast<std::size_t>(i));
        y.push_back(valueAt(run.inputs[0], inputs[0], {position[0], position[2]}));
    }
    return y;
}

Values rescaling(const LayerRun& run, const Inputs& inputs, const Inputs& /*weights*/) {
    Values y = inputs[0];
    for (double& value : y) {
        value = value * param<double>(run, "scale") + param<double>(run, "offset");
    }
    return y;
}

/// An activation over every value.
Values valueWise(const nn::Activation& f, Values x) {
    for (double& value : x) {
        value = activation(f, value);
    }
    return x;
}

nn::DropoutKey keyOf(const LayerRun& run) {
    return nn::dropoutKey(run.key, optionalParam<std::int64_t>(run, "seed"));
}

std::uint32_t wordOf(const nn::DropoutKey& key, std::uint64_t row, std::size_t index) {
    return nn::randomBlock(key.key, row, static_cast<std::uint32_t>(index / 4))[index % 4];
}

/// Whether each value is kept; decisions are shared along axes of 1.
std::vector<bool> keptValues(const LayerRun& run, const Integers& noiseShape, std::size_t count) {
    const nn::DropoutKey key = keyOf(run);
    std::vector<bool> kept;
    for (std::size_t i = 0; i < count; ++i) {
        const Integers position = positionOf(run.output, i);
        std::int64_t index = 0;
        for (std::size_t axis = 0; axis < run.output.rank(); ++axis) {
            const bool shares = noiseShape[axis + 1] == 1;
            index = shares ? index : index * run.output[axis] + position[axis + 1];
        }
        const std::uint64_t row =
            noiseShape[0] == 1 ? 0 : key.firstRow + static_cast<std::uint64_t>(position[0]);
        const double limit = (1.0 - param<double>(run, "rate")) * 0x1p32;
        kept.push_back(wordOf(key, row, static_cast<std::size_t>(index)) < limit);
    }
    return kept;
}

Values dropout(const LayerRun& run, const Values& x, const Integers& noiseShape) {
    const double rate = param<double>(run, "rate");
    if (run.phase == nn::Phase::Inference || rate == 0.0) {
        return x;
    }
    const std::vector<bool> kept = keptValues(run, noiseShape, x.size());
    Values y(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
        y[i] = kept[i] ? x[i] / (1.0 - rate) : 0.0;
    }
    return y;
}

Integers noiseShapeOf(const LayerRun& run) {
    return optionalParam<Integers>(run, "noise_shape")
        .value_or(Integers(run.output.rank() + 1, nn::kUnknown));
}

Values spatialDropout(const LayerRun& run, const Inputs& inputs, const Inputs& /*weights*/) {
    Integers shape(run.output.rank() + 1, 1);
    shape.front() = shape.back() = nn::kUnknown;
    return dropout(run, inputs[0], shape);
}

Values alphaDropout(const LayerRun& run, const Inputs& inputs, const Inputs& /*weights*/) {
    const double rate = param<double>(run, "rate");
    if (run.phase == nn::Phase::Inference || rate == 0.0) {
        return inputs[0];
    }
    const double floor = -1.6732632423543772 * 1.0507009873554805;
    const double a = std::pow((1.0 - rate) * (1.0 + rate * floor * floor), -0.5);
    const double b = -a * floor * rate;
    const std::vector<bool> kept = keptValues(run, noiseShapeOf(run), inputs[0].size());
    Values y(inputs[0].size());
    for (std::size_t i = 0; i < y.size(); ++i) {
        y[i] = a * (kept[i] ? inputs[0][i] : floor) + b;
    }
    return y;
}

/// Number `index` of a sample's normal noise.
double noiseAt(const nn::DropoutKey& key, std::uint64_t row, std::size_t index) {
    const std::size_t first = index / 32 * 32 + index % 16;
    const double u = (static_cast<double>(wordOf(key, row, first) >> 8) + 1.0) * 0x1p-24;
    const double angle =
        static_cast<double>(wordOf(key, row, first + 16) >> 8) * 0x1p-24 * 2.0 * std::numbers::pi;
    return std::sqrt(-2.0 * std::log(u)) * (index % 32 < 16 ? std::cos(angle) : std::sin(angle));
}

Values noise(const LayerRun& run, const Values& x, double deviation) {
    if (run.phase == nn::Phase::Inference || deviation == 0.0) {
        return Values(x.size(), 0.0);
    }
    const nn::DropoutKey key = keyOf(run);
    const auto length = static_cast<std::size_t>(run.output.count());
    Values y(x.size());
    for (std::size_t i = 0; i < y.size(); ++i) {
        y[i] = deviation * noiseAt(key, key.firstRow + i / length, i % length);
    }
    return y;
}

Values gaussianNoise(const LayerRun& run, const Inputs& inputs, const Inputs& /*weights*/) {
    Values y = noise(run, inputs[0], param<double>(run, "stddev"));
    for (std::size_t i = 0; i < y.size(); ++i) {
        y[i] += inputs[0][i];
    }
    return y;
}

Values gaussianDropout(const LayerRun& run, const Inputs& inputs, const Inputs& /*weights*/) {
    const double rate = param<double>(run, "rate");
    Values y = noise(run, inputs[0], std::sqrt(rate / (1.0 - rate)));
    for (std::size_t i = 0; i < y.size(); ++i) {
        y[i] = inputs[0][i] * (1.0 + y[i]);
    }
    return y;
}

Values prelu(const LayerRun& run, const Inputs& inputs, const Inputs& weights) {
    nn::Shape alpha = run.inputs[0];
    for (const std::int64_t axis :
         optionalParam<Integers>(run, "shared_axes").value_or(Integers{})) {
        alpha[axisIndex(axis, alpha.rank())] = 1;
    }
    Values y = inputs[0];
    for (std::size_t i = 0; i < y.size(); ++i) {
        Integers position = positionOf(run.inputs[0], i);
        position[0] = 0; // The same slopes for every sample.
        y[i] *= y[i] < 0.0 ? valueAt(alpha, weights[0], position) : 1.0;
    }
    return y;
}

Values normalization(const LayerRun& run, const Inputs& inputs, const Inputs& weights) {
    nn::Shape shape(std::vector<std::int64_t>(run.inputs[0].rank(), 1));
    for (const std::int64_t axis : param<Integers>(run, "axis")) {
        const std::size_t index = axisIndex(axis, shape.rank());
        shape[index] = run.inputs[0][index];
    }
    const auto numbers = [&](std::string_view name, std::size_t variable) {
        auto given = optionalParam<Values>(run, name);
        if (given && given->size() == 1) {
            given->assign(static_cast<std::size_t>(shape.count()), given->front());
        }
        return given ? *given : weights[variable];
    };
    const Values mean = numbers("mean", 0);
    const Values variance = numbers("variance", 1);
    Values y = inputs[0];
    for (std::size_t i = 0; i < y.size(); ++i) {
        Integers position = positionOf(run.inputs[0], i);
        position[0] = 0;
        const double deviation = std::max(std::sqrt(valueAt(shape, variance, position)), 1e-7);
        const double center = valueAt(shape, mean, position);
        y[i] = param<bool>(run, "invert") ? y[i] * deviation + center : (y[i] - center) / deviation;
    }
    return y;
}

/// Vectors of unit length along an axis.
Values scaledToUnit(const nn::Shape& shape, std::size_t axis, const Values& x) {
    std::map<Integers, double> squares;
    const auto key = [&](std::size_t i) {
        Integers position = positionOf(shape, i);
        position[axis + 1] = 0;
        return position;
    };
    for (std::size_t i = 0; i < x.size(); ++i) {
        squares[key(i)] += x[i] * x[i];
    }
    Values y = x;
    for (std::size_t i = 0; i < x.size(); ++i) {
        y[i] /= std::max(std::sqrt(squares[key(i)]), 1e-7);
    }
    return y;
}

/// Positions of all axes but one, with `k` along that one.
Integers insertedAt(Integers position, std::size_t axis, std::int64_t k) {
    position.insert(position.begin() + static_cast<std::ptrdiff_t>(axis) + 1, k);
    return position;
}

Values dot(const LayerRun& run, const Inputs& inputs, const Inputs& /*weights*/) {
    const auto axes = param<Integers>(run, "axes");
    const std::size_t first = axisIndex(axes.front(), run.inputs[0].rank());
    const std::size_t second = axisIndex(axes.back(), run.inputs[1].rank());
    const bool normalizes = param<bool>(run, "normalize");
    const Values a = normalizes ? scaledToUnit(run.inputs[0], first, inputs[0]) : inputs[0];
    const Values b = normalizes ? scaledToUnit(run.inputs[1], second, inputs[1]) : inputs[1];
    const auto rest = static_cast<std::ptrdiff_t>(run.inputs[0].rank()); // The batch and rank - 1.
    Values y(static_cast<std::size_t>(run.batch * run.output.count()), 0.0);
    for (std::size_t i = 0; i < y.size(); ++i) {
        const Integers position = positionOf(run.output, i);
        const Integers left(position.begin(), position.begin() + rest);
        Integers right{position[0]};
        right.insert(right.end(), position.begin() + rest, position.end());
        right.resize(run.inputs[1].rank());
        for (std::int64_t k = 0; k < run.inputs[0][first]; ++k) {
            y[i] += valueAt(run.inputs[0], a, insertedAt(left, first, k)) *
                    valueAt(run.inputs[1], b, insertedAt(right, second, k));
        }
    }
    return y;
}

Values unchanged(const LayerRun& /*run*/, const Inputs& inputs, const Inputs& /*weights*/) {
    return inputs[0];
}

std::map<std::string, LayerFunction> madeTable() {
    std::map<std::string, LayerFunction> table{{"LayerNormalization", normalizedAlongAxes},
                                               {"RMSNormalization", normalizedAlongAxes},
                                               {"GroupNormalization", normalizedInGroups},
                                               {"UnitNormalization", unitLength},
                                               {"Average", average},
                                               {"Permute", permute},
                                               {"PReLU", prelu},
                                               {"Normalization", normalization},
                                               {"Dot", dot},
                                               {"RepeatVector", repeatVector},
                                               {"Reshape", unchanged},
                                               {"Identity", unchanged},
                                               {"Rescaling", rescaling},
                                               {"SpatialDropout1D", spatialDropout},
                                               {"SpatialDropout2D", spatialDropout},
                                               {"AlphaDropout", alphaDropout},
                                               {"GaussianNoise", gaussianNoise},
                                               {"GaussianDropout", gaussianDropout}};
    table["Subtract"] = merging(std::minus<>());
    table["Multiply"] = merging(std::multiplies<>());
    table["Maximum"] = merging([](double a, double b) { return std::max(a, b); });
    table["Minimum"] = merging([](double a, double b) { return std::min(a, b); });
    table["Dropout"] = [](const LayerRun& run, const Inputs& inputs, const Inputs&) {
        return dropout(run, inputs[0], noiseShapeOf(run));
    };
    table["LeakyReLU"] = [](const LayerRun& run, const Inputs& inputs, const Inputs&) {
        return valueWise(
            {.kind = nn::ActivationKind::Relu,
             .negativeSlope = static_cast<float>(param<double>(run, "negative_slope"))},
            inputs[0]);
    };
    table["ELU"] = [](const LayerRun& run, const Inputs& inputs, const Inputs&) {
        return valueWise({.kind = nn::ActivationKind::Elu,
                          .alpha = static_cast<float>(param<double>(run, "alpha"))},
                         inputs[0]);
    };
    return table;
}

} // namespace

const std::map<std::string, LayerFunction>& valueLayers() {
    static const std::map<std::string, LayerFunction> table = madeTable();
    return table;
}

} // namespace reference
