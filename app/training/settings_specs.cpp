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
constexpr double kMaxWeight = 1e6;
constexpr const char* kLossWeight = "loss_weight";

ParamSpec count(std::string name, std::int64_t byDefault, double min, double max,
                std::string help) {
    return {.name = std::move(name),
            .kind = ParamKind::Integer,
            .defaultValue = byDefault,
            .min = min,
            .max = max,
            .help = std::move(help)};
}

std::vector<ParamSpec> runSpecs() {
    const nn::TrainSettings defaults;
    std::vector<ParamSpec> specs;
    specs.push_back(count("batch_size", defaults.batchSize, 1, kMaxCount,
                          "Images per step. Larger batches are faster per image and take more "
                          "memory; smaller ones learn more per image."));
    specs.push_back(
        count("epochs", defaults.epochs, 1, kMaxCount, "How often all training images are shown."));
    specs.push_back({.name = "validation_split",
                     .kind = ParamKind::Real,
                     .defaultValue = defaults.validationSplit,
                     .min = 0.0,
                     .max = 1.0,
                     .maxExclusive = true,
                     .step = 0.05,
                     .help = "Part of the training images kept apart to check with. 0: the data's "
                             "own test images are used."});
    specs.push_back({.name = "stratified",
                     .kind = ParamKind::Bool,
                     .defaultValue = defaults.stratified,
                     .help = "Keeps the same part of every class apart. Off: the last images, as "
                             "Keras cuts them, which fails when the data are sorted by class.",
                     .shownWhenParam = "validation_split",
                     .shownWhenNot = 0.0});
    specs.push_back({.name = "shuffle",
                     .kind = ParamKind::Bool,
                     .defaultValue = defaults.shuffle,
                     .help = "Show the images in a new order in every epoch."});
    specs.push_back(count("seed", static_cast<std::int64_t>(defaults.seed), 0, kMaxSeed,
                          "Where all random numbers start. The same seed gives the same result to "
                          "the last bit."));
    specs.push_back(count("threads", defaults.threads, 0, nn::Parallel::maxThreads,
                          "Processor threads that compute. 0: as the preferences say. The result "
                          "does not depend on it."));
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

/// What chooses a loss, and the arguments of the one chosen.
std::vector<ParamSpec> lossSpecs(const std::string& loss, const std::string& byDefault) {
    const nn::LossDef* def = nn::findLossDef(loss);
    ParamSpec choice =
        choiceSpec("loss", nn::lossDefs(),
                   def == nullptr ? "Chosen by the last layer: cross-entropy for classes, squared "
                                    "error for a single number."
                                  : def->help);
    choice.choices.insert(choice.choices.begin(), {"auto", "crossentropy"});
    choice.defaultValue = byDefault;
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
    } else if (name == "stratified") {
        settings.stratified = std::get<bool>(*checked);
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

template <typename Specs>
nn::Expected<void> setInPart(const ChosenPart& part, const Specs& specsOf, const std::string& name,
                             const nn::ParamValue& value) {
    std::vector<ParamSpec> specs = specsOf();
    const ParamSpec choice = specs.front();
    if (name == choice.name) {
        const auto checked = nn::checkedValue(choice, value);
        if (!checked) {
            return tl::unexpected(checked.error());
        }
        part.choice = std::get<std::string>(*checked);
        specs = specsOf();
        part.params = sharedParams(part.params, {specs.begin() + 1, specs.end()});
        return {};
    }
    auto next = nn::withParam(part.params, {specs.begin() + 1, specs.end()}, name, value);
    if (!next) {
        return tl::unexpected(next.error());
    }
    part.params = *std::move(next);
    return {};
}

} // namespace

std::vector<ParamSpec> settingsSpecs(SettingsGroup group, const nn::TrainSettings& settings) {
    switch (group) {
    case SettingsGroup::Run:
        return runSpecs();
    case SettingsGroup::Optimizer:
        return optimizerSpecs(settings);
    case SettingsGroup::Loss:
        return lossSpecs(settings.loss, "auto");
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
                  {"stratified", settings.stratified},
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
    const auto specs = [&] { return settingsSpecs(group, settings); };
    if (auto set = setInPart(part, specs, name, value); !set) {
        return tl::unexpected(set.error());
    }
    return settings;
}

namespace {

/// The loss of an output: its own, or that for all.
nn::OutputLoss outputLoss(const nn::TrainSettings& settings, const std::string& output) {
    const auto own = settings.outputLosses.find(output);
    return own != settings.outputLosses.end()
               ? own->second
               : nn::OutputLoss{.loss = settings.loss, .lossParams = settings.lossParams};
}

} // namespace

std::vector<ParamSpec> outputLossSpecs(const nn::TrainSettings& settings,
                                       const std::string& output) {
    std::vector<ParamSpec> specs = lossSpecs(outputLoss(settings, output).loss, settings.loss);
    specs.push_back({.name = kLossWeight,
                     .kind = ParamKind::Real,
                     .defaultValue = 1.0,
                     .min = -kMaxWeight,
                     .max = kMaxWeight,
                     .step = 0.1,
                     .help = "How much the loss of this output counts in the sum of all."});
    return specs;
}

nn::ParamMap outputLossValues(const nn::TrainSettings& settings, const std::string& output) {
    const nn::OutputLoss loss = outputLoss(settings, output);
    nn::ParamMap values = loss.lossParams;
    values["loss"] = loss.loss;
    values[kLossWeight] = loss.weight;
    return sharedParams(values, outputLossSpecs(settings, output));
}

nn::Expected<nn::TrainSettings> withOutputLoss(nn::TrainSettings settings,
                                               const std::string& output, const std::string& name,
                                               const nn::ParamValue& value) {
    nn::OutputLoss loss = outputLoss(settings, output);
    if (name == kLossWeight) {
        const auto specs = outputLossSpecs(settings, output);
        const auto weight = nn::checkedValue(specs.back(), value);
        if (!weight) {
            return tl::unexpected(weight.error());
        }
        loss.weight = std::get<double>(*weight);
    } else {
        const auto specs = [&] { return lossSpecs(loss.loss, settings.loss); };
        if (auto set = setInPart({loss.loss, loss.lossParams}, specs, name, value); !set) {
            return tl::unexpected(set.error());
        }
    }
    const nn::OutputLoss common{.loss = settings.loss, .lossParams = settings.lossParams};
    if (loss == common) {
        settings.outputLosses.erase(output);
    } else {
        settings.outputLosses[output] = std::move(loss);
    }
    return settings;
}

std::vector<ParamSpec> classWeightSpecs(const std::vector<std::string>& classes) {
    std::vector<ParamSpec> specs;
    for (const std::string& name : classes) {
        // Names may occur twice; with its number each is itself.
        specs.push_back({.name = std::to_string(specs.size()) + " " + name,
                         .kind = ParamKind::Real,
                         .defaultValue = 1.0,
                         .min = 0.0,
                         .max = kMaxWeight,
                         .step = 0.1,
                         .help = "How much each image of this class counts in the loss. 2: twice; "
                                 "0: not at all."});
    }
    return specs;
}

} // namespace app
