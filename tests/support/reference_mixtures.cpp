#include "tests/support/reference_mixtures.h"

#include "nn/layers/support/mixing.h"
#include "nn/model/registry.h"
#include "tests/support/reference_augmentation.h"

#include <algorithm>
#include <cmath>

namespace reference {
namespace {

/// A layer in the place of another one.
LayerRun layerRun(const LayerRun& place, std::string_view type, nn::ParamMap params) {
    LayerRun run = place;
    run.def = nn::findLayerDef(type);
    run.params = std::move(params);
    return run;
}

/// The layers RandAugment and AugMix choose from.
std::vector<LayerRun> operations(const LayerRun& place) {
    std::vector<double> factor = param<std::vector<double>>(place, "factor");
    if (factor.size() == 1) {
        factor.insert(factor.begin(), 0.0);
    }
    const auto bits = std::max<std::int64_t>(1, static_cast<std::int64_t>(8 * factor[1]));
    const nn::ParamValue range = param(place, "value_range");
    const nn::ParamValue interpolation = param(place, "interpolation");
    std::vector<LayerRun> runs{
        layerRun(place, "RandomShear",
                 {{"x_factor", factor}, {"y_factor", factor}, {"interpolation", interpolation}}),
        layerRun(place, "RandomTranslation",
                 {{"height_factor", factor},
                  {"width_factor", factor},
                  {"interpolation", interpolation}}),
        layerRun(place, "RandomRotation", {{"factor", factor}, {"interpolation", interpolation}}),
        layerRun(place, "RandomPosterization",
                 {{"factor", std::vector<std::int64_t>{bits}}, {"value_range", range}}),
        layerRun(
            place, "Solarization",
            {{"addition_factor", factor}, {"threshold_factor", factor}, {"value_range", range}}),
        layerRun(place, "AutoContrast", {{"value_range", range}}),
        layerRun(place, "Equalization", {{"value_range", range}})};
    for (const char* type :
         {"RandomBrightness", "RandomContrast", "RandomSharpness", "RandomColorDegeneration"}) {
        runs.push_back(layerRun(place, type, {{"factor", factor}, {"value_range", range}}));
    }
    return runs;
}

Values chained(const std::vector<LayerRun>& layers, const Image& image, RandomSequence& random) {
    Values y = image.copied();
    for (const LayerRun& layer : layers) {
        y = augmentedImage(layer, y.data(), random);
    }
    return y;
}

/// What of the image itself is left in a pixel.
std::function<double(std::int64_t, std::int64_t)> ownShare(const LayerRun& run, double parameter,
                                                           RandomSequence& random) {
    const double weight = nn::betaNumber(random, parameter);
    if (run.def->type == "MixUp") {
        return [weight](std::int64_t, std::int64_t) { return weight; };
    }
    const double side = std::sqrt(1 - weight);
    const auto width = static_cast<double>(run.inputs[0][1]);
    const auto height = static_cast<double>(run.inputs[0][0]);
    const double left = random.uniform() * (width - side * width);
    const double top = random.uniform() * (height - side * height);
    return [=](std::int64_t row, std::int64_t column) {
        const auto y = static_cast<double>(row);
        const auto x = static_cast<double>(column);
        const bool isCut =
            x >= left && x < left + side * width && y >= top && y < top + side * height;
        return isCut ? 0.0 : 1.0;
    };
}

} // namespace

Values mixedBatch(const LayerRun& run, const Values& input) {
    RandomSequence common = batchNumbers(run);
    const double parameter = run.def->type == "MixUp" ? param<double>(run, "alpha")
                                                      : drawn(common, run, "factor", 0.0) + 1e-6;
    std::vector<std::int64_t> order;
    for (std::int64_t i = 0; i < run.batch; ++i) {
        order.push_back(i);
    }
    for (std::size_t i = order.size(); i > 1; --i) {
        std::swap(order[i - 1], order[static_cast<std::size_t>(common.below(i))]);
    }
    const std::int64_t width = run.inputs[0][1];
    const std::int64_t channels = run.inputs[0][2];
    const std::int64_t length = run.inputs[0].count();
    Values y;
    for (std::int64_t sample = 0; sample < run.batch; ++sample) {
        RandomSequence random = imageNumbers(run, sample);
        const auto share = ownShare(run, parameter, random);
        for (std::int64_t i = 0; i < length; ++i) {
            const double own = share(i / channels / width, i / channels % width);
            const std::int64_t other = order[static_cast<std::size_t>(sample)];
            y.push_back(own * input[static_cast<std::size_t>(sample * length + i)] +
                        (1 - own) * input[static_cast<std::size_t>(other * length + i)]);
        }
    }
    return y;
}

Values randAugment(const Image& image, RandomSequence& random) {
    RandomSequence common = batchNumbers(image.run);
    const std::vector<LayerRun> all = operations(image.run);
    std::vector<LayerRun> chosen;
    for (std::int64_t i = 0; i < param<std::int64_t>(image.run, "num_ops"); ++i) {
        chosen.push_back(all[static_cast<std::size_t>(common.below(all.size()))]);
    }
    return chained(chosen, image, random);
}

Values colourJitter(const Image& image, RandomSequence& random) {
    std::vector<LayerRun> steps;
    for (const auto& [argument, type] : {std::pair{"brightness_factor", "RandomBrightness"},
                                         {"contrast_factor", "RandomContrast"},
                                         {"saturation_factor", "RandomSaturation"},
                                         {"hue_factor", "RandomHue"}}) {
        const nn::ParamValue& factor = param(image.run, argument);
        if (!std::holds_alternative<nn::None>(factor)) {
            steps.push_back(
                layerRun(image.run, type,
                         {{"factor", factor}, {"value_range", param(image.run, "value_range")}}));
        }
    }
    return chained(steps, image, random);
}

Values augMix(const Image& image, RandomSequence& random) {
    RandomSequence common = batchNumbers(image.run);
    std::vector<LayerRun> all = operations(image.run);
    if (!param<bool>(image.run, "all_ops")) {
        all.erase(all.begin() + 7, all.end());
    }
    const auto chains = static_cast<std::size_t>(param<std::int64_t>(image.run, "num_chains"));
    const double alpha = param<double>(image.run, "alpha");
    const std::vector<double> weights = nn::dirichletNumbers(common, chains, alpha);
    const double own = nn::betaNumber(common, alpha);
    Values y = image.copied();
    for (double& value : y) {
        value *= own;
    }
    for (const double weight : weights) {
        std::vector<LayerRun> chosen;
        for (std::int64_t i = 0; i < param<std::int64_t>(image.run, "chain_depth"); ++i) {
            const auto index = static_cast<std::size_t>(common.below(all.size() + 1));
            if (index < all.size()) {
                chosen.push_back(all[index]);
            }
        }
        const Values part = chained(chosen, image, random);
        for (std::size_t i = 0; i < y.size(); ++i) {
            y[i] += (1 - own) * weight * part[i];
        }
    }
    const auto bounds = param<std::vector<double>>(image.run, "value_range");
    for (double& value : y) {
        value = std::clamp(value, bounds[0], bounds[1]);
    }
    return y;
}

} // namespace reference
