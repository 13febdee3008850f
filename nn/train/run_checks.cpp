#include "nn/train/run_checks.h"

#include "nn/base/text.h"
#include "nn/train/callback.h"
#include "nn/train/optimizer.h"
#include "nn/train/train_step.h"

#include <algorithm>
#include <cmath>

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

Expected<void> checkLoss(const std::string& name, const ParamMap& params) {
    const LossDef* loss = findLossDef(name);
    return loss == nullptr ? Expected<void>{} : checkParams(loss->name, loss->params, params);
}

Expected<void> checkObjects(const ObjectFamily& family, const std::vector<ParamObject>& objects) {
    for (const ParamObject& object : objects) {
        if (const auto checked = checkedObject(family, object); !checked) {
            return tl::unexpected(checked.error());
        }
    }
    return {};
}

/// Losses, metrics, callbacks and class weights.
Expected<void> checkGoals(const TrainSettings& settings) {
    if (auto checked = checkLoss(settings.loss, settings.lossParams); !checked) {
        return checked;
    }
    for (const auto& [output, loss] : settings.outputLosses) {
        if (auto checked = checkLoss(loss.loss, loss.lossParams); !checked) {
            return checked;
        }
        if (!std::isfinite(loss.weight)) {
            return refused("Loss weight of " + output + ": expected a number, but received " +
                           numberText(loss.weight) + ".");
        }
    }
    if (auto checked = checkObjects(metricFamily(), settings.metrics); !checked) {
        return checked;
    }
    if (auto checked = checkObjects(callbackFamily(), settings.callbacks); !checked) {
        return checked;
    }
    for (const auto& [label, weight] : settings.classWeights) {
        if (!(weight >= 0.0) || !std::isfinite(weight)) {
            return refused("Weight of class " + std::to_string(label) +
                           ": expected a number from 0, but received " + numberText(weight) + ".");
        }
    }
    return {};
}

/// One row of numbers per image with a place for every class.
Expected<void> checkLabels(const Node& last, const Shape& output, const OutputPlan& plan,
                           const data::Dataset& dataset) {
    if (output.rank() != 1) {
        return refused(
            "Class labels need one row of numbers per image from the last layer, but \"" +
            last.name + "\" gives " + shapeText(output) +
            ". Put Flatten or GlobalAveragePooling2D and a Dense layer behind it.");
    }
    const bool oneNumber =
        output.back() == 1 &&
        (plan.loss->family == LossFamily::Regression ||
         (plan.loss->family != LossFamily::Classes && dataset.classCount() <= 2));
    if (!oneNumber && output.back() < dataset.classCount()) {
        return refused("The data has " + withThousands(dataset.classCount()) +
                       " classes, but the last layer \"" + last.name + "\" gives " +
                       withThousands(output.back()) +
                       (output.back() == 1 ? " number" : " numbers") +
                       " per image. Set its units to " + withThousands(dataset.classCount()) + ".");
    }
    return {};
}

std::string inputText(const Graph& graph, const Inference& inference, NodeId id) {
    const NodeInference* known = inference.find(id);
    return "\"" + findNode(graph, id)->name + "\" (" + shapeText(*known->output) + ")";
}

/// Labelled images feed one input; their labels are the targets of every output.
Expected<void> checkImages(const Graph& graph, const Inference& inference,
                           const std::vector<OutputPlan>& outputs, const data::Dataset& dataset) {
    if (inference.inputs.size() != 1) {
        std::vector<std::string> names;
        for (const NodeId id : inference.inputs) {
            names.push_back(inputText(graph, inference, id));
        }
        return failure(ErrorCode::Unsupported,
                       "Labelled images feed one input layer, but this network has " +
                           std::to_string(names.size()) + ": " + join(names, ", ") +
                           ". It needs data with an array for each of them, which the library "
                           "takes (nn::ArrayData).");
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
    for (std::size_t o = 0; o < outputs.size(); ++o) {
        const Node& last = *findNode(graph, inference.outputs[o]);
        if (auto checked = checkLabels(last, *inference.find(last.id)->output, outputs[o], dataset);
            !checked) {
            return checked;
        }
    }
    return {};
}

Expected<void> checkArray(const std::string& what, const Shape& given, const Shape& wanted,
                          std::int64_t samples) {
    if (given != wanted.withBatch(samples)) {
        return refused("The array of " + what + ": expected " +
                       shapeText(wanted.withBatch(samples)) + ", but received " + shapeText(given) +
                       ".");
    }
    return {};
}

Expected<void> checkTarget(const std::string& what, const TargetArray& target, const Shape& output,
                           std::int64_t samples) {
    if (target.labels.empty()) {
        return checkArray(what, target.values.shape(), output, samples);
    }
    const std::int64_t rows = samples * output.count() / output.back();
    if (static_cast<std::int64_t>(target.labels.size()) != rows) {
        return refused("The labels of " + what + ": expected " + withThousands(rows) +
                       ", but received " +
                       withThousands(static_cast<std::int64_t>(target.labels.size())) + ".");
    }
    return {};
}

/// Arrays: one for each input and each output, of its shape.
Expected<void> checkArrays(const Graph& graph, const Inference& inference,
                           const ArrayData& arrays) {
    if (arrays.inputs.size() != inference.inputs.size() ||
        arrays.targets.size() != inference.outputs.size()) {
        return refused("Expected " + std::to_string(inference.inputs.size()) + " input and " +
                       std::to_string(inference.outputs.size()) + " target arrays, but received " +
                       std::to_string(arrays.inputs.size()) + " and " +
                       std::to_string(arrays.targets.size()) + ".");
    }
    const std::int64_t samples = arrays.size();
    if (samples == 0) {
        return refused("There is nothing to train on. Give arrays with at least one sample.");
    }
    for (std::size_t i = 0; i < arrays.inputs.size(); ++i) {
        const NodeId id = inference.inputs[i];
        if (auto checked =
                checkArray("input " + findNode(graph, id)->name, arrays.inputs[i].shape(),
                           *inference.find(id)->output, samples);
            !checked) {
            return checked;
        }
    }
    for (std::size_t o = 0; o < arrays.targets.size(); ++o) {
        const NodeId id = inference.outputs[o];
        if (auto checked = checkTarget("output " + findNode(graph, id)->name, arrays.targets[o],
                                       *inference.find(id)->output, samples);
            !checked) {
            return checked;
        }
    }
    if (!arrays.sampleWeights.empty() &&
        static_cast<std::int64_t>(arrays.sampleWeights.size()) != samples) {
        return refused("Sample weights: expected " + withThousands(samples) + ", but received " +
                       withThousands(static_cast<std::int64_t>(arrays.sampleWeights.size())) + ".");
    }
    return {};
}

} // namespace

Expected<void> checkSettings(const TrainSettings& settings) {
    if (auto checked = checkOptimizer(settings); !checked) {
        return checked;
    }
    if (auto checked = checkGoals(settings); !checked) {
        return checked;
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

Expected<void> checkData(const Graph& graph, const Inference& inference,
                         const std::vector<OutputPlan>& outputs, const TrainData& data) {
    return data.images() != nullptr ? checkImages(graph, inference, outputs, *data.images())
                                    : checkArrays(graph, inference, *data.arrays());
}

Expected<CheckedJob> checkedJob(const TrainJob& job, const MachineMemory& machine) {
    if (auto checked = checkSettings(job.settings); !checked) {
        return tl::unexpected(checked.error());
    }
    CheckedJob result{.inference = infer(job.graph), .outputs = {}, .forecast = {}};
    for (const Diagnostic& diagnostic : result.inference.diagnostics) {
        if (diagnostic.severity == Severity::Error) {
            return failure(ErrorCode::Usage, diagnostic.message);
        }
    }
    Expected<std::vector<OutputPlan>> outputs =
        plannedOutputs(job.settings, job.graph, result.inference);
    if (!outputs) {
        return tl::unexpected(outputs.error());
    }
    result.outputs = *std::move(outputs);
    for (const TrainData* data : {&job.training, job.validation ? &*job.validation : nullptr}) {
        if (data == nullptr) {
            continue;
        }
        if (auto checked = checkData(job.graph, result.inference, result.outputs, *data);
            !checked) {
            return tl::unexpected(checked.error());
        }
    }
    Expected<MemoryForecast> forecast =
        forecastTraining(job.graph, result.inference, job.settings,
                         sampleMemory(job.training, job.validation, job.settings));
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
