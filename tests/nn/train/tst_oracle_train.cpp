#include "nn/base/brackets.h"
#include "nn/base/text.h"
#include "nn/io/keras_json.h"
#include "nn/train/callback.h"
#include "nn/train/run_checks.h"
#include "nn/train/train_step.h"
#include "tests/support/huber_delta.h"
#include "tests/support/oracle.h"

#include <QTest>
#include <cmath>

using namespace nn;
using tests::OracleCase;
using tests::Outcome;

namespace {

constexpr double kLossTolerance = 1e-5;
constexpr double kWeightTolerance = 1e-4;

/// Arguments of an optimizer or loss from Keras' config; what has no value here must be unset.
Expected<ParamMap> argumentsFrom(const io::Json& config, const std::vector<ParamSpec>& specs) {
    ParamMap params;
    for (const auto& [name, value] : config.items()) {
        const ParamSpec* spec = findSpec(specs, name);
        const bool unset = value.is_null() || value == false || name == "name" ||
                           name == "reduction" || name == "axis" || name == "ema_momentum" ||
                           (value.is_number() && value == 0.0);
        if (spec == nullptr && unset) {
            continue;
        }
        if (spec == nullptr || (value.is_object() && spec->family == nullptr)) {
            return failure(ErrorCode::Unsupported, "the argument " + name + " is not there yet");
        }
        io::Json given = value;
        if (given.is_object() && given.contains("config")) {
            given["config"].erase("name");
        }
        const Expected<ParamValue> read = io::paramFromJson(*spec, given);
        Expected<ParamMap> next =
            read ? withParam(params, specs, name, *read) : tl::unexpected(read.error());
        if (!next) {
            return next;
        }
        params = *std::move(next);
    }
    return params;
}

Expected<TrainSettings> settingsFrom(const io::Json& description, std::int64_t batch) {
    TrainSettings settings;
    settings.batchSize = batch;
    const io::Json& optimizer = description["optimizer"];
    settings.optimizer = optimizer["class_name"].get<std::string>();
    const OptimizerDef* optimizerDef = findOptimizerDef(settings.optimizer);
    const io::Json& loss = description["loss"];
    settings.loss =
        loss.is_string() ? loss.get<std::string>() : loss["class_name"].get<std::string>();
    const LossDef* lossDef = findLossDef(settings.loss);
    if (optimizerDef == nullptr || lossDef == nullptr) {
        return failure(ErrorCode::Unsupported,
                       (optimizerDef == nullptr ? "the optimizer " + settings.optimizer
                                                : "the loss " + settings.loss) +
                           " is not there yet");
    }
    const auto optimizerParams = argumentsFrom(optimizer["config"], optimizerDef->params);
    const auto lossParams =
        argumentsFrom(loss.is_string() ? io::Json::object() : loss["config"], lossDef->params);
    if (!optimizerParams || !lossParams) {
        return tl::unexpected(!optimizerParams ? optimizerParams.error() : lossParams.error());
    }
    settings.optimizerParams = *optimizerParams;
    // `exclude_from_weight_decay` is a call, not an argument: Keras' config does not tell of it.
    if (description["case"].get<std::string>().find("exclude_bias") != std::string::npos) {
        settings.optimizerParams["exclude_from_weight_decay"] = std::string("bias");
    }
    settings.lossParams = *lossParams;
    if (auto checked = checkSettings(settings); !checked) {
        return tl::unexpected(checked.error());
    }
    return settings;
}

/// Key of every variable in the arrays, in the order of the network's variables.
Expected<std::vector<std::string>> keysOf(const io::Json& description, const Network& network) {
    std::vector<std::string> keys;
    for (const Variable& variable : network.variables()) {
        for (const io::Json& layer : description["layers"]) {
            for (const io::Json& weight : layer.value("weights", io::Json::array())) {
                if (layer["name"] == variable.layer && weight["name"] == variable.spec.name) {
                    keys.push_back(weight["key"].get<std::string>());
                }
            }
        }
    }
    if (keys.size() != network.variables().size()) {
        return failure(ErrorCode::InvalidFile, "its weights do not match the network's variables");
    }
    return keys;
}

double relativeDifference(std::span<const float> ours, const Tensor& keras) {
    double difference = 0.0;
    double size = 0.0;
    for (std::size_t i = 0; i < ours.size(); ++i) {
        difference += std::pow(static_cast<double>(ours[i] - keras.values()[i]), 2.0);
        size += std::pow(static_cast<double>(keras.values()[i]), 2.0);
    }
    return std::sqrt(difference) / std::max(std::sqrt(size), 1e-3);
}

/// A network with the weights, settings and arrays of a case.
struct Replay {
    Graph graph;
    std::shared_ptr<const Network> network;
    TrainSettings settings;
    std::vector<std::string> keys;
    Weights weights;
    tests::Npz arrays;
};

Expected<Replay> replayOf(const OracleCase& each, std::int64_t batch) {
    Replay replay;
    const auto model = io::modelFromKeras(each.modelJson());
    if (!model) {
        return tl::unexpected(model.error());
    }
    const auto network = Network::compile(model->graph);
    const auto settings = settingsFrom(each.description, batch);
    auto arrays = each.arrays();
    if (!network || !settings || !arrays) {
        return tl::unexpected(!network    ? network.error()
                              : !settings ? settings.error()
                                          : arrays.error());
    }
    const auto keys = keysOf(each.description, **network);
    if (!keys) {
        return tl::unexpected(keys.error());
    }
    replay.network = *network;
    replay.settings = *settings;
    replay.graph = model->graph;
    replay.keys = *keys;
    replay.arrays = *std::move(arrays);
    replay.weights.variables = replay.network->variables();
    for (const std::string& key : replay.keys) {
        replay.weights.tensors.push_back(replay.arrays.at(key).tensor());
    }
    return replay;
}

/// Targets of a batch in the form the case gives them.
struct BatchTargets {
    Tensor values;
    std::vector<std::int32_t> labels;
    [[nodiscard]] Targets targets() const {
        return labels.empty() ? Targets{.values = values.values()} : Targets{.labels = labels};
    }
};

BatchTargets targetsOf(const tests::NpyArray& y, Tensor rows) {
    BatchTargets result;
    if (y.type == "<i4") {
        for (const float label : rows.values()) {
            result.labels.push_back(static_cast<std::int32_t>(label));
        }
    } else {
        result.values = std::move(rows);
    }
    return result;
}

std::string weightProblem(const Replay& replay, const std::string& prefix,
                          const std::optional<std::int64_t>& step) {
    for (std::size_t i = 0; i < replay.keys.size(); ++i) {
        const tests::NpyArray& expected = replay.arrays.at(prefix + replay.keys[i].substr(1));
        const double difference = relativeDifference(
            replay.weights.tensors[i].values(), step ? expected.row(*step) : expected.tensor());
        if (!(difference <= kWeightTolerance)) {
            return replay.keys[i] + " differs by " + numberText(difference);
        }
    }
    return {};
}

/// Keys of the arrays of inputs or outputs, in the order of the network's layers of that kind.
std::vector<std::string> arrayKeys(const io::Json& description, const char* kind, const char* keys,
                                   const Network& network, const std::vector<std::size_t>& layers) {
    const std::string single(1, keys[0]);
    if (!description.contains(keys) || description[keys].size() < 2) {
        return {single};
    }
    std::vector<std::string> ordered;
    for (const std::size_t layer : layers) {
        for (std::size_t i = 0; i < description[kind].size(); ++i) {
            if (description[kind][i]["layer"] == network.layers()[layer].name) {
                ordered.push_back(description[keys][i].get<std::string>());
            }
        }
    }
    return ordered;
}

/// The arrays of one step, kept while spans point to them.
struct StepArrays {
    std::vector<Tensor> images;
    std::vector<BatchTargets> wanted;
    Tensor weights;
    std::vector<std::span<const float>> inputs;
    std::vector<Targets> targets;

    StepArrays(const OracleCase& each, const Replay& replay, std::int64_t step) {
        const Network& network = *replay.network;
        for (const std::string& key :
             arrayKeys(each.description, "inputs", "x_keys", network, network.inputs())) {
            images.push_back(replay.arrays.at(key).row(step));
        }
        for (const std::string& key :
             arrayKeys(each.description, "outputs", "y_keys", network, network.outputs())) {
            const tests::NpyArray& y = replay.arrays.at(key);
            wanted.push_back(targetsOf(y, y.row(step)));
        }
        if (replay.arrays.contains("sw")) {
            weights = replay.arrays.at("sw").row(step);
        }
        for (const Tensor& image : images) {
            inputs.emplace_back(image.values());
        }
        for (const BatchTargets& target : wanted) {
            targets.push_back(target.targets());
            targets.back().weights = weights.values();
        }
    }
};

/// Huber's delta is not in Keras' description.
void readHuberDelta(const OracleCase& each, Replay& replay, Parallel& parallel) {
    const io::Json& loss = each.description["loss"];
    if (replay.settings.loss != "Huber" || loss["config"].contains("delta")) {
        return;
    }
    const StepArrays arrays(each, replay, 0);
    Executor executor(replay.network, {.batchCapacity = replay.settings.batchSize}, parallel);
    executor.forward(arrays.inputs, replay.settings.batchSize, replay.weights);
    replay.settings.lossParams["delta"] = tests::huberDelta(
        outputsOf(executor), arrays.targets.front(), replay.arrays.at("loss").values.front());
}

Outcome checkSteps(const OracleCase& each) {
    const auto batch = each.description["batch"].get<std::int64_t>();
    Expected<Replay> replay = replayOf(each, batch);
    if (!replay) {
        return tests::refusal(replay.error());
    }
    Parallel parallel(2);
    readHuberDelta(each, *replay, parallel);
    const auto outputs = plannedOutputs(replay->settings, replay->graph, infer(replay->graph));
    if (!outputs) {
        return tests::refusal(outputs.error());
    }
    TrainStep step(replay->network, replay->settings, *outputs, parallel);
    const tests::NpyArray& losses = replay->arrays.at("loss");
    for (std::int64_t s = 0; s < losses.shape[0]; ++s) {
        const StepArrays arrays(each, *replay, s);
        const StepResult result = step.run(replay->weights, arrays.inputs, batch, arrays.targets,
                                           {.step = static_cast<std::uint64_t>(s)});
        const double expected = losses.values[static_cast<std::size_t>(s)];
        const std::string where = "step " + std::to_string(s) + ": ";
        if (!(std::abs(result.loss - expected) <= kLossTolerance * std::max(1.0, expected))) {
            return tests::failed(where + "loss " + numberText(result.loss) + ", Keras " +
                                 numberText(expected));
        }
        if (const std::string problem = weightProblem(*replay, "ws", s); !problem.empty()) {
            return tests::failed(where + problem);
        }
    }
    const std::string problem = weightProblem(*replay, "wfin", std::nullopt);
    return problem.empty() ? tests::passed() : tests::failed("at the end: " + problem);
}

std::shared_ptr<const ArrayData> arraysOf(const Replay& replay, const char* x, const char* y) {
    const tests::NpyArray& wanted = replay.arrays.at(y);
    BatchTargets targets = targetsOf(wanted, wanted.tensor());
    ArrayData data;
    data.inputs = {replay.arrays.at(x).tensor()};
    data.targets = {{.labels = std::move(targets.labels), .values = std::move(targets.values)}};
    return std::make_shared<const ArrayData>(std::move(data));
}

/// Arguments of `fit` and callbacks, as the case describes them.
Expected<void> readFit(const io::Json& description, TrainSettings& settings) {
    const io::Json& fit = description["fit"];
    settings.epochs = fit["epochs"].get<std::int64_t>();
    settings.shuffle = false;
    settings.validationSplit = fit.value("validation_split", 0.0);
    const io::Json classWeights = fit.value("class_weight", io::Json::object());
    for (const auto& [label, weight] : classWeights.items()) {
        settings.classWeights[*parseInteger(label)] = weight.get<double>();
    }
    settings.metrics.clear();
    const io::Json& history = description["history"];
    if (history.contains("learning_rate")) {
        // The description holds the rate the callback left at the end.
        settings.optimizerParams["learning_rate"] = history["learning_rate"].front().get<double>();
    }
    for (const auto& [name, column] : history.items()) {
        if (name != "loss" && name != "learning_rate" && !name.starts_with("val_")) {
            const Expected<ParamObject> metric = parsedMetric(name);
            if (!metric) {
                return tl::unexpected(metric.error());
            }
            settings.metrics.push_back(*metric);
        }
    }
    if (description["callbacks"].is_string()) {
        const auto text = description["callbacks"].get<std::string>();
        for (const std::string_view part : outerParts(text, ",")) {
            const Expected<ParamObject> callback = parsedObject(callbackFamily(), part);
            if (!callback) {
                return tl::unexpected(callback.error());
            }
            settings.callbacks.push_back(*callback);
        }
    }
    return {};
}

std::optional<double> figure(const EpochResult& epoch, const std::string& name) {
    return name == "loss"           ? std::optional(epoch.loss)
           : name == "accuracy"     ? std::optional(epoch.accuracy)
           : name == "val_loss"     ? std::optional(epoch.valLoss)
           : name == "val_accuracy" ? std::optional(epoch.valAccuracy)
                                    : logged(epoch.values, name);
}

std::string historyProblem(const io::Json& history, const std::vector<EpochResult>& epochs) {
    for (const auto& [name, column] : history.items()) {
        if (column.size() != epochs.size()) {
            return std::to_string(epochs.size()) + " epochs, Keras " +
                   std::to_string(column.size());
        }
        for (std::size_t e = 0; e < epochs.size(); ++e) {
            const double expected = column[e].get<double>();
            const std::optional<double> ours = figure(epochs[e], name);
            if (!ours || !(std::abs(*ours - expected) <=
                           10.0 * kLossTolerance * std::max(1.0, std::abs(expected)))) {
                return "epoch " + std::to_string(e) + ": " + name + " " +
                       (ours ? numberText(*ours) : "missing") + ", Keras " + numberText(expected);
            }
        }
    }
    return {};
}

std::string evaluationProblem(const Replay& replay, const io::Json& description) {
    TrainSettings settings = replay.settings;
    settings.batchSize = 5;
    const auto result =
        evaluate(replay.graph, replay.weights, arraysOf(replay, "x", "y"), {.settings = settings});
    if (!result) {
        return result.error().message;
    }
    EpochResult measured{.loss = result->loss, .accuracy = result->accuracy};
    measured.values = result->values;
    for (const auto& [name, expected] : description["evaluate_train_batch5"].items()) {
        const std::optional<double> ours = figure(measured, name);
        if (!ours || !(std::abs(*ours - expected.get<double>()) <= 10.0 * kLossTolerance)) {
            return "evaluate: " + name + " " + (ours ? numberText(*ours) : "missing") + ", Keras " +
                   numberText(expected.get<double>());
        }
    }
    return {};
}

Outcome checkFit(const OracleCase& each) {
    Expected<Replay> replay =
        replayOf(each, each.description["fit"]["batch_size"].get<std::int64_t>());
    if (!replay) {
        return tests::refusal(replay.error());
    }
    if (auto read = readFit(each.description, replay->settings); !read) {
        return tests::failed(read.error().message);
    }
    TrainJob job{.graph = replay->graph,
                 .weights = std::make_shared<const Weights>(replay->weights),
                 .training = arraysOf(*replay, "x", "y"),
                 .validation = {},
                 .settings = replay->settings};
    if (replay->arrays.contains("xv")) {
        job.validation = arraysOf(*replay, "xv", "yv");
    }
    TrainControl control;
    Expected<TrainResult> result = train(job, control, {});
    if (!result) {
        return tests::failed(result.error().message);
    }
    replay->weights = std::move(result->weights);
    std::string problem = historyProblem(each.description["history"], result->history.epochs);
    if (problem.empty()) {
        problem = weightProblem(*replay, "wfin", std::nullopt);
    }
    if (problem.empty() && each.description.contains("evaluate_train_batch5")) {
        problem = evaluationProblem(*replay, each.description);
    }
    return problem.empty() ? tests::passed() : tests::failed(problem);
}

} // namespace

class TestOracleTrain : public QObject {
    Q_OBJECT

private slots:
    void stepsAndFitsEqualKeras() {
        const tests::OracleCounts counts = tests::runOracle("train", [](const OracleCase& each) {
            return each.description.contains("fit") ? checkFit(each) : checkSteps(each);
        });
        QCOMPARE(counts.failed, 0);
        QVERIFY(counts.passed > 0);
    }
};

QTEST_APPLESS_MAIN(TestOracleTrain)
#include "tst_oracle_train.moc"
