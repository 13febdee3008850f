#include "nn/train/run_checks.h"

#include "nn/base/text.h"
#include "nn/train/optimizer.h"
#include "nn/train/train_step.h"

#include <algorithm>

namespace nn {
namespace {

Expected<void> refused(std::string message) {
    return failure(ErrorCode::Usage, std::move(message));
}

Expected<void> checkParams(const std::string& owner, const std::vector<ParamSpec>& specs,
                           const ParamMap& params) {
    for (const auto& [name, value] : params) {
        const ParamSpec* spec = findSpec(specs, name);
        if (spec == nullptr) {
            return refused(owner + " has no argument \"" + name + "\".");
        }
        const Expected<ParamValue> checked = checkedValue(*spec, value);
        if (!checked) {
            return failure(checked.error(), owner);
        }
    }
    return {};
}

Expected<void> checkOptimizer(const TrainSettings& settings) {
    const OptimizerDef* def = findOptimizerDef(settings.optimizer);
    if (def == nullptr) {
        std::vector<std::string> names;
        for (const OptimizerDef& each : optimizerDefs()) {
            names.push_back(each.name);
        }
        return refused("Expected an optimizer (" + join(names, ", ") + "), but received \"" +
                       settings.optimizer + "\".");
    }
    if (auto checked = checkParams(def->name, def->params, settings.optimizerParams); !checked) {
        return checked;
    }
    return checkOptimizerParams(*def, settings.optimizerParams);
}

} // namespace

Expected<void> checkSettings(const TrainSettings& settings) {
    if (auto checked = checkOptimizer(settings); !checked) {
        return checked;
    }
    if (const LossDef* loss = findLossDef(settings.loss)) {
        if (auto checked = checkParams(loss->name, loss->params, settings.lossParams); !checked) {
            return checked;
        }
    }
    if (settings.batchSize < 1 || settings.batchSize > 1'000'000) {
        return refused("Batch size: expected a whole number from 1 to 1,000,000, but received " +
                       withThousands(settings.batchSize) + ".");
    }
    if (settings.epochs < 1 || settings.epochs > 1'000'000) {
        return refused("Epochs: expected a whole number from 1 to 1,000,000, but received " +
                       withThousands(settings.epochs) + ".");
    }
    if (!(settings.validationSplit >= 0.0 && settings.validationSplit < 1.0)) {
        return refused("Validation split: expected a part from 0 up to, not including, 1, but "
                       "received " +
                       numberText(settings.validationSplit) + ".");
    }
    if (settings.threads < 0 || settings.threads > Parallel::maxThreads) {
        return refused("Threads: expected 0 (all cores) to " +
                       std::to_string(Parallel::maxThreads) + ", but received " +
                       std::to_string(settings.threads) + ".");
    }
    return {};
}

Expected<void> checkData(const Graph& graph, const Inference& inference, const LossDef& loss,
                         const data::Dataset& dataset) {
    if (inference.inputs.size() != 1) {
        return failure(ErrorCode::Unsupported,
                       "Image data feeds one input layer, but this network has " +
                           std::to_string(inference.inputs.size()) + ".");
    }
    if (dataset.isEmpty()) {
        return refused("There are no images to train on. Choose data with at least one image.");
    }
    const NodeInference& input = *inference.find(inference.inputs.front());
    const data::ImageShape given = dataset.shape();
    const Shape wanted{given.height, given.width, given.channels};
    if (input.output != wanted) {
        return refused("The network's input \"" + findNode(graph, inference.inputs.front())->name +
                       "\" takes " + shapeText(*input.output) + ", but the images are " +
                       shapeText(wanted) +
                       ". Change the input layer's shape, or have the images fitted to it.");
    }
    const Node& last = *findNode(graph, inference.outputs.front());
    const Shape& output = *inference.find(last.id)->output;
    if (output.rank() != 1) {
        return refused(
            "Class labels need one row of numbers per image from the last layer, but \"" +
            last.name + "\" gives " + shapeText(output) +
            ". Put Flatten or GlobalAveragePooling2D and a Dense layer behind it.");
    }
    const bool regression = output.back() == 1 && loss.name == "mean_squared_error";
    if (!regression && output.back() < dataset.classCount()) {
        return refused("The data has " + withThousands(dataset.classCount()) +
                       " classes, but the last layer \"" + last.name + "\" gives " +
                       withThousands(output.back()) +
                       (output.back() == 1 ? " number" : " numbers") +
                       " per image. Set its units to " + withThousands(dataset.classCount()) + ".");
    }
    return {};
}

Expected<CheckedJob> checkedJob(const TrainJob& job, const MachineMemory& machine) {
    if (auto checked = checkSettings(job.settings); !checked) {
        return tl::unexpected(checked.error());
    }
    CheckedJob result{.inference = infer(job.graph), .loss = nullptr, .forecast = {}};
    for (const Diagnostic& diagnostic : result.inference.diagnostics) {
        if (diagnostic.severity == Severity::Error) {
            return failure(ErrorCode::Usage, diagnostic.message);
        }
    }
    const Expected<const LossDef*> loss = chosenLoss(job.settings, result.inference);
    if (!loss) {
        return tl::unexpected(loss.error());
    }
    result.loss = *loss;
    for (const data::Dataset* dataset :
         {&job.training, job.validation ? &*job.validation : nullptr}) {
        if (dataset == nullptr) {
            continue;
        }
        if (auto checked = checkData(job.graph, result.inference, *result.loss, *dataset);
            !checked) {
            return tl::unexpected(checked.error());
        }
    }
    Expected<MemoryForecast> forecast = forecastTraining(job.graph, result.inference, job.settings);
    if (!forecast) {
        return tl::unexpected(forecast.error());
    }
    result.forecast = *std::move(forecast);
    if (auto checked = checkMemory(result.forecast, machine); !checked) {
        return tl::unexpected(checked.error());
    }
    return result;
}

Expected<void> checkTrainable(const TrainJob& job, const MachineMemory& machine) {
    const Expected<CheckedJob> checked = checkedJob(job, machine);
    return checked ? Expected<void>{} : tl::unexpected(checked.error());
}

} // namespace nn
