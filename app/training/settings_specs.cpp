#include "app/training/settings_specs.h"

#include "nn/base/parallel.h"
#include "nn/train/loss.h"
#include "nn/train/optimizer.h"

#include <algorithm>

namespace app {

namespace {

using nn::ParamKind;
using nn::ParamSpec;

constexpr double kMaxCount = 1'000'000.0;
constexpr double kMaxSeed = 9e15;

std::vector<ParamSpec> runSpecs() {
    std::vector<ParamSpec> specs(6);
    const nn::TrainSettings defaults;
    specs[0] = {.name = "batch_size",
                .kind = ParamKind::Integer,
                .min = 1,
                .max = kMaxCount,
                .help = "Images per step. Larger batches are faster per image and take more "
                        "memory; smaller ones learn more per image."};
    specs[0].defaultValue = defaults.batchSize;
    specs[1] = {.name = "epochs",
                .kind = ParamKind::Integer,
                .min = 1,
                .max = kMaxCount,
                .help = "How often all training images are shown."};
    specs[1].defaultValue = defaults.epochs;
    specs[2] = {.name = "validation_split",
                .kind = ParamKind::Real,
                .min = 0.0,
                .max = 1.0,
                .maxExclusive = true,
                .step = 0.05,
                .help = "Part of the training images kept apart to check with. 0: the data's own "
                        "test images are used."};
    specs[2].defaultValue = defaults.validationSplit;
    specs[3] = {.name = "shuffle",
                .kind = ParamKind::Bool,
                .help = "Show the images in a new order in every epoch."};
    specs[3].defaultValue = defaults.shuffle;
    specs[4] = {.name = "seed",
                .kind = ParamKind::Integer,
                .min = 0,
                .max = kMaxSeed,
                .help = "Where all random numbers start. The same seed gives the same result to "
                        "the last bit."};
    specs[4].defaultValue = static_cast<std::int64_t>(defaults.seed);
    specs[5] = {.name = "threads",
                .kind = ParamKind::Integer,
                .min = 0,
                .max = nn::Parallel::maxThreads,
                .help = "Processor threads that compute. 0: as the preferences say. The result "
                        "does not depend on it."};
    specs[5].defaultValue = std::int64_t{defaults.threads};
    return specs;
}

template <typename Defs>
ParamSpec choiceSpec(const std::string& name, const Defs& defs, const std::string& help) {
    ParamSpec spec{.name = name, .kind = ParamKind::Choice, .help = help};
    for (const auto& def : defs) {
        spec.choices.push_back(def.name);
    }
    return spec;
}

std::vector<ParamSpec> optimizerSpecs(const nn::TrainSettings& settings) {
    const nn::OptimizerDef* def = nn::findOptimizerDef(settings.optimizer);
    ParamSpec choice =
        choiceSpec("optimizer", nn::optimizerDefs(), def == nullptr ? std::string() : def->help);
    choice.defaultValue = nn::TrainSettings().optimizer;
    std::vector<ParamSpec> specs{choice};
    if (def != nullptr) {
        specs.insert(specs.end(), def->params.begin(), def->params.end());
    }
    return specs;
}

std::vector<ParamSpec> lossSpecs(const nn::TrainSettings& settings) {
    const nn::LossDef* def = nn::findLossDef(settings.loss);
    ParamSpec choice =
        choiceSpec("loss", nn::lossDefs(),
                   def == nullptr ? "Chosen by the last layer: cross-entropy for classes, squared "
                                    "error for a single number."
                                  : def->help);
    choice.choices.insert(choice.choices.begin(), "auto");
    choice.defaultValue = std::string("auto");
    std::vector<ParamSpec> specs{choice};
    if (def != nullptr) {
        specs.insert(specs.end(), def->params.begin(), def->params.end());
    }
    return specs;
}

/// The arguments of `old` that `specs` know and accept.
nn::ParamMap sharedParams(const nn::ParamMap& old, const std::vector<ParamSpec>& specs) {
    nn::ParamMap shared;
    for (const auto& [name, value] : old) {
        if (auto next = nn::withParam(shared, specs, name, value)) {
            shared = *std::move(next);
        }
    }
    return shared;
}

nn::Expected<nn::TrainSettings> withRunSetting(nn::TrainSettings settings, const std::string& name,
                                               const nn::ParamValue& value) {
    const std::vector<ParamSpec> specs = runSpecs();
    const ParamSpec* spec = nn::findSpec(specs, name);
    if (spec == nullptr) {
        return nn::failure(nn::ErrorCode::Usage, "Training has no setting \"" + name + "\".");
    }
    const auto checked = nn::checkedValue(*spec, value);
    if (!checked) {
        return tl::unexpected(checked.error());
    }
    if (name == "batch_size") {
        settings.batchSize = std::get<std::int64_t>(*checked);
    } else if (name == "epochs") {
        settings.epochs = std::get<std::int64_t>(*checked);
    } else if (name == "validation_split") {
        settings.validationSplit = std::get<double>(*checked);
    } else if (name == "shuffle") {
        settings.shuffle = std::get<bool>(*checked);
    } else if (name == "seed") {
        settings.seed = static_cast<std::uint64_t>(std::get<std::int64_t>(*checked));
    } else {
        settings.threads = static_cast<int>(std::get<std::int64_t>(*checked));
    }
    return settings;
}

/// Sets the choice itself or one of its arguments.
struct ChosenPart {
    std::string& choice;
    nn::ParamMap& params;
};

} // namespace

std::vector<ParamSpec> settingsSpecs(SettingsGroup group, const nn::TrainSettings& settings) {
    switch (group) {
    case SettingsGroup::Run:
        return runSpecs();
    case SettingsGroup::Optimizer:
        return optimizerSpecs(settings);
    case SettingsGroup::Loss:
        return lossSpecs(settings);
    }
    return {};
}

nn::ParamMap settingsValues(SettingsGroup group, const nn::TrainSettings& settings) {
    const std::vector<ParamSpec> specs = settingsSpecs(group, settings);
    nn::ParamMap values;
    switch (group) {
    case SettingsGroup::Run:
        values = {{"batch_size", settings.batchSize},
                  {"epochs", settings.epochs},
                  {"validation_split", settings.validationSplit},
                  {"shuffle", settings.shuffle},
                  {"seed", static_cast<std::int64_t>(settings.seed)},
                  {"threads", std::int64_t{settings.threads}}};
        break;
    case SettingsGroup::Optimizer:
        values = settings.optimizerParams;
        values["optimizer"] = settings.optimizer;
        break;
    case SettingsGroup::Loss:
        values = settings.lossParams;
        values["loss"] = settings.loss;
        break;
    }
    return sharedParams(values, specs);
}

nn::Expected<nn::TrainSettings> withSetting(nn::TrainSettings settings, SettingsGroup group,
                                            const std::string& name, const nn::ParamValue& value) {
    if (group == SettingsGroup::Run) {
        return withRunSetting(std::move(settings), name, value);
    }
    const bool isOptimizer = group == SettingsGroup::Optimizer;
    const ChosenPart part{isOptimizer ? settings.optimizer : settings.loss,
                          isOptimizer ? settings.optimizerParams : settings.lossParams};
    std::vector<ParamSpec> specs = settingsSpecs(group, settings);
    const ParamSpec& choice = specs.front();
    if (name == choice.name) {
        const auto checked = nn::checkedValue(choice, value);
        if (!checked) {
            return tl::unexpected(checked.error());
        }
        part.choice = std::get<std::string>(*checked);
        specs = settingsSpecs(group, settings);
        part.params = sharedParams(part.params, {specs.begin() + 1, specs.end()});
        return settings;
    }
    auto next = nn::withParam(part.params, {specs.begin() + 1, specs.end()}, name, value);
    if (!next) {
        return tl::unexpected(next.error());
    }
    part.params = *std::move(next);
    return settings;
}

} // namespace app
