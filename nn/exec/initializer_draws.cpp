#include "nn/exec/initializer_draws.h"

#include "nn/exec/initializers.h"
#include "nn/model/object_table.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace nn {

/// Which number of neighbours scales the variance.
enum class FanMode { In, Out, Average };
template <>
struct ChoiceNames<FanMode> {
    static constexpr std::array<std::string_view, 3> names{"fan_in", "fan_out", "fan_avg"};
};

/// What VarianceScaling draws from.
enum class ScaledDistribution { TruncatedNormal, UntruncatedNormal, Uniform };
template <>
struct ChoiceNames<ScaledDistribution> {
    static constexpr std::array<std::string_view, 3> names{"truncated_normal", "untruncated_normal",
                                                           "uniform"};
};

namespace {

using Axes = std::optional<std::vector<std::int64_t>>;
using Seed = std::optional<std::int64_t>;

struct Fixed {};
struct Constant {
    double value = 0.0;
};
struct Normal {
    double mean = 0.0;
    double stddev = 0.05;
    Seed seed;
};
struct Uniform {
    double minval = -0.05;
    double maxval = 0.05;
    Seed seed;
};
struct Fan {
    Seed seed;
    Axes inputAxes;
    Axes outputAxes;
};
struct VarianceScaling : Fan {
    double scale = 1.0;
    FanMode mode = FanMode::In;
    ScaledDistribution distribution = ScaledDistribution::TruncatedNormal;
};
struct Orthogonal {
    double gain = 1.0;
    Seed seed;
};
struct Identity {
    double gain = 1.0;
};

/// Standard deviation of a standard normal cut off at ±2.
constexpr double kTruncatedDeviation = 0.87962566103423978;

using Draws = std::function<InitializerDraw(const Shape&)>;

/// Fans with the axes named by the user; all others are the receptive field.
Fans fansOf(const Shape& shape, const Axes& inputAxes, const Axes& outputAxes) {
    if (!inputAxes || !outputAxes) {
        return nn::fansOf(shape);
    }
    const auto rank = static_cast<std::int64_t>(shape.rank());
    const auto isAmong = [rank](const std::vector<std::int64_t>& axes, std::int64_t axis) {
        return std::ranges::any_of(
            axes, [&](std::int64_t named) { return (named < 0 ? named + rank : named) == axis; });
    };
    Fans fans;
    for (std::int64_t axis = 0; axis < rank; ++axis) {
        const auto extent = static_cast<double>(shape[static_cast<std::size_t>(axis)]);
        fans.in *= isAmong(*outputAxes, axis) ? 1.0 : extent;
        fans.out *= isAmong(*inputAxes, axis) ? 1.0 : extent;
    }
    return fans;
}

/// Keras' VarianceScaling: the variance is scale / fan.
InitializerDraw scaledDraw(const VarianceScaling& options, const Shape& shape) {
    const Fans fans = fansOf(shape, options.inputAxes, options.outputAxes);
    double fan = (fans.in + fans.out) / 2.0;
    switch (options.mode) {
    case FanMode::In:
        fan = fans.in;
        break;
    case FanMode::Out:
        fan = fans.out;
        break;
    case FanMode::Average:
        break;
    }
    const double variance = options.scale / std::max(1.0, fan);
    switch (options.distribution) {
    case ScaledDistribution::Uniform:
        return {Distribution::Uniform, 0.0, std::sqrt(3.0 * variance), options.seed};
    case ScaledDistribution::UntruncatedNormal:
        return {Distribution::Normal, 0.0, std::sqrt(variance), options.seed};
    case ScaledDistribution::TruncatedNormal:
        break;
    }
    return {Distribution::TruncatedNormal, 0.0, std::sqrt(variance) / kTruncatedDeviation,
            options.seed};
}

template <typename Options>
void addSeed(ParamTable<Options>& table, Seed Options::*seed) {
    table.add(
        seed, "seed",
        {.min = 0,
         .max = 4294967295.0,
         .step = 1,
         .help = "A number that fixes what is drawn; None takes it from the seed of the run."});
}

template <typename Options>
void addFan(ParamTable<Options>& table) {
    addSeed<Options>(table, static_cast<Seed Options::*>(&Options::seed));
    const auto axes = [](std::string help) {
        return ParamDetail{.min = -16, .max = 16, .help = std::move(help)};
    };
    table.add(static_cast<Axes Options::*>(&Options::inputAxes), "input_axes",
              axes("Axes that count as inputs, when they are not the last but one. Both lists of "
                   "axes must be given."));
    table.add(static_cast<Axes Options::*>(&Options::outputAxes), "output_axes",
              axes("Axes that count as outputs, when they are not the last one. Both lists of axes "
                   "must be given."));
}

/// One of Glorot, He and LeCun: VarianceScaling with everything decided but the seed.
struct FanClass {
    double scale = 1.0;
    FanMode mode = FanMode::In;
    ScaledDistribution distribution = ScaledDistribution::Uniform;
};

void addFanClass(ObjectTable<Draws>& table, ObjectDef def, const FanClass& fanClass) {
    ParamTable<Fan> params;
    addFan(params);
    table.add<Fan>(std::move(def), params, [fanClass](const Fan& fan) -> Draws {
        VarianceScaling options{fan, fanClass.scale, fanClass.mode, fanClass.distribution};
        return [options](const Shape& shape) { return scaledDraw(options, shape); };
    });
}

void addFanClasses(ObjectTable<Draws>& table) {
    using enum ScaledDistribution;
    addFanClass(table,
                {.type = "GlorotUniform",
                 .aliases = {"glorot_uniform"},
                 .title = "Uniform, for tanh and sigmoid",
                 .help = "Uniform numbers whose spread suits both directions (Glorot and Bengio "
                         "2010). Keras' default for kernels."},
                {1.0, FanMode::Average, Uniform});
    addFanClass(table,
                {.type = "GlorotNormal",
                 .aliases = {"glorot_normal"},
                 .title = "Normal, for tanh and sigmoid",
                 .help = "Normal numbers, cut off at two deviations, whose spread suits both "
                         "directions (Glorot and Bengio 2010)."},
                {1.0, FanMode::Average, TruncatedNormal});
    addFanClass(table,
                {.type = "HeUniform",
                 .aliases = {"he_uniform"},
                 .title = "Uniform, for ReLU",
                 .help = "Uniform numbers wide enough for ReLU, which drops half of them (He et "
                         "al. 2015)."},
                {2.0, FanMode::In, Uniform});
    addFanClass(table,
                {.type = "HeNormal",
                 .aliases = {"he_normal"},
                 .title = "Normal, for ReLU",
                 .help = "Normal numbers, cut off at two deviations, wide enough for ReLU, which "
                         "drops half of them (He et al. 2015)."},
                {2.0, FanMode::In, TruncatedNormal});
    addFanClass(table,
                {.type = "LecunUniform",
                 .aliases = {"lecun_uniform"},
                 .title = "Uniform, keeps the variance",
                 .help = "Uniform numbers that keep the variance of what comes in (LeCun 1998)."},
                {1.0, FanMode::In, Uniform});
    addFanClass(table,
                {.type = "LecunNormal",
                 .aliases = {"lecun_normal"},
                 .title = "Normal, for SELU",
                 .help =
                     "Normal numbers, cut off at two deviations, that keep the variance of what "
                     "comes in (LeCun 1998); the one for SELU."},
                {1.0, FanMode::In, TruncatedNormal});
}

void addConstants(ObjectTable<Draws>& table) {
    const auto fixed = [](double value) {
        return [value](const Fixed&) -> Draws {
            return [value](const Shape&) {
                return InitializerDraw{Distribution::Constant, value, 0.0, {}};
            };
        };
    };
    table.add<Fixed>({.type = "Zeros",
                      .aliases = {"zeros", "zero"},
                      .title = "All 0",
                      .help = "Every number is 0. Right for biases, wrong for kernels: all units "
                              "would learn the same."},
                     {}, fixed(0.0));
    table.add<Fixed>({.type = "Ones",
                      .aliases = {"ones", "one"},
                      .title = "All 1",
                      .help = "Every number is 1. For factors such as gamma."},
                     {}, fixed(1.0));
    ParamTable<Constant> params;
    params.add(&Constant::value, "value",
               {.min = -1e30, .max = 1e30, .help = "What every number is."});
    table.add<Constant>(
        {.type = "Constant",
         .aliases = {"constant"},
         .title = "All the same",
         .help = "Every number is the value given."},
        params, [](const Constant& options) -> Draws {
            return [options](const Shape&) {
                return InitializerDraw{Distribution::Constant, options.value, 0.0, {}};
            };
        });
}

void addNormal(ObjectTable<Draws>& table, ObjectDef def, Distribution distribution) {
    ParamTable<Normal> params;
    params.add(&Normal::mean, "mean", {.min = -1e30, .max = 1e30, .help = "Their mean."});
    params.add(&Normal::stddev, "stddev",
               {.min = 0.0, .max = 1e30, .help = "Their standard deviation."});
    addSeed(params, &Normal::seed);
    table.add<Normal>(std::move(def), params, [distribution](const Normal& options) -> Draws {
        return [=](const Shape&) {
            return InitializerDraw{distribution, options.mean, options.stddev, options.seed};
        };
    });
}

void addSimpleDraws(ObjectTable<Draws>& table) {
    addNormal(table,
              {.type = "RandomNormal",
               .aliases = {"random_normal", "normal"},
               .title = "Normal, any spread",
               .help = "Normal numbers with the mean and standard deviation given."},
              Distribution::Normal);
    addNormal(table,
              {.type = "TruncatedNormal",
               .aliases = {"truncated_normal"},
               .title = "Normal, cut off",
               .help = "Normal numbers; those further than two deviations from the mean are drawn "
                       "again."},
              Distribution::TruncatedNormal);
    ParamTable<Uniform> uniform;
    uniform.add(&Uniform::minval, "minval",
                {.min = -1e30, .max = 1e30, .help = "The smallest number."});
    uniform.add(&Uniform::maxval, "maxval",
                {.min = -1e30, .max = 1e30, .help = "The largest number."});
    addSeed(uniform, &Uniform::seed);
    table.add<Uniform>({.type = "RandomUniform",
                        .aliases = {"random_uniform", "uniform"},
                        .title = "Uniform, any range",
                        .help = "Numbers spread evenly between two bounds."},
                       uniform, [](const Uniform& options) -> Draws {
                           return [options](const Shape&) {
                               return InitializerDraw{
                                   Distribution::Uniform, (options.minval + options.maxval) / 2.0,
                                   (options.maxval - options.minval) / 2.0, options.seed};
                           };
                       });
}

void addMatrices(ObjectTable<Draws>& table) {
    ParamTable<Orthogonal> orthogonal;
    orthogonal.add(&Orthogonal::gain, "gain",
                   {.min = -1e30,
                    .max = 1e30,
                    .help = "What the orthonormal matrix is "
                            "multiplied with."});
    addSeed(orthogonal, &Orthogonal::seed);
    table.add<Orthogonal>(
        {.type = "Orthogonal",
         .aliases = {"orthogonal"},
         .title = "Keeps lengths and angles",
         .help = "Rows or columns that are perpendicular and of the same length (Saxe et al. "
                 "2013); needs a variable with two axes or more.",
         .minRank = 2},
        orthogonal, [](const Orthogonal& options) -> Draws {
            return [options](const Shape&) {
                return InitializerDraw{Distribution::Orthogonal, 0.0, options.gain, options.seed};
            };
        });
    ParamTable<Identity> identity;
    identity.add(&Identity::gain, "gain",
                 {.min = -1e30, .max = 1e30, .help = "What stands on the diagonal."});
    table.add<Identity>(
        {.type = "Identity",
         .aliases = {"identity"},
         .title = "Output is input",
         .help = "1 on the diagonal and 0 elsewhere, so the layer first passes on "
                 "what comes in; needs a variable with exactly two axes.",
         .minRank = 2,
         .maxRank = 2},
        identity, [](const Identity& options) -> Draws {
            return [options](const Shape&) {
                return InitializerDraw{Distribution::Identity, 0.0, options.gain, {}};
            };
        });
}

void addVarianceScaling(ObjectTable<Draws>& table) {
    ParamTable<VarianceScaling> params;
    params.add(&VarianceScaling::scale, "scale",
               {.min = 0.0,
                .max = 1e30,
                .minExclusive = true,
                .help = "The variance is this, "
                        "divided by the fan."});
    params.add(&VarianceScaling::mode, "mode",
               {.help = "The fan: inputs of a unit, units an input reaches, or the mean of both."});
    params.add(&VarianceScaling::distribution, "distribution",
               {.help = "What the numbers are drawn from."});
    addFan(params);
    table.add<VarianceScaling>({.type = "VarianceScaling",
                                .aliases = {"variance_scaling"},
                                .title = "Spread by the number of inputs",
                                .help = "The general form of Glorot, He and LeCun: the variance "
                                        "falls with the number of inputs or outputs."},
                               params, [](const VarianceScaling& options) -> Draws {
                                   return [options](const Shape& shape) {
                                       return scaledDraw(options, shape);
                                   };
                               });
}

const ObjectTable<Draws>& initializerTable() {
    static const ObjectTable<Draws> table = [] {
        ObjectTable<Draws> all;
        addFanClasses(all);
        addConstants(all);
        addSimpleDraws(all);
        addVarianceScaling(all);
        addMatrices(all);
        return all;
    }();
    return table;
}

} // namespace

const std::vector<ObjectDef>& initializerDefs() {
    return initializerTable().defs();
}

InitializerDraw initializerDraw(const ParamObject& initializer, const Shape& shape) {
    const std::optional<Draws> draws = initializerTable().made(initializer);
    return draws ? (*draws)(shape) : InitializerDraw{};
}

} // namespace nn
