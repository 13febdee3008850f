#include "nn/base/text.h"
#include "nn/io/keras_json.h"
#include "nn/train/run_checks.h"
#include "nn/train/train_step.h"
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
        if (spec == nullptr || value.is_object()) {
            return failure(ErrorCode::Unsupported, "the argument " + name + " is not there yet");
        }
        const Expected<ParamValue> read = io::paramFromJson(*spec, value);
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
    std::shared_ptr<const Network> network;
    TrainSettings settings;
    const LossDef* loss = nullptr;
    std::vector<std::string> keys;
    Weights weights;
    tests::Npz arrays;
};

/// What `model.to_json()` would say; the cases of `fit` list their layers only.
io::Json modelJson(const io::Json& description) {
    if (description.contains("model_json")) {
        return description["model_json"];
    }
    io::Json layers = io::Json::array();
    layers.push_back({{"class_name", "InputLayer"},
                      {"config",
                       {{"name", description["inputs"][0]["layer"]},
                        {"batch_shape", description["inputs"][0]["shape"]}}}});
    for (const io::Json& layer : description["layers"]) {
        layers.push_back({{"class_name", layer["class"]}, {"config", layer["config"]}});
    }
    return {{"class_name", "Sequential"},
            {"config", {{"name", description["model_name"]}, {"layers", layers}}}};
}

Expected<Replay> replayOf(const OracleCase& each, std::int64_t batch) {
    Replay replay;
    const auto model = io::modelFromKeras(modelJson(each.description));
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
    replay.loss = findLossDef(settings->loss);
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

Outcome checkSteps(const OracleCase& each) {
    const auto batch = each.description["batch"].get<std::int64_t>();
    if (each.description.contains("x_keys") && each.description["x_keys"].size() > 1) {
        return tests::skipped("training networks with several inputs is not there yet");
    }
    Expected<Replay> replay = replayOf(each, batch);
    if (!replay) {
        return tests::refusal(replay.error());
    }
    Parallel parallel(2);
    TrainStep step(replay->network, replay->settings, *replay->loss, parallel);
    const tests::NpyArray& x = replay->arrays.at("x");
    const tests::NpyArray& y = replay->arrays.at("y");
    for (std::int64_t s = 0; s < x.shape[0]; ++s) {
        const Tensor images = x.row(s);
        const BatchTargets wanted = targetsOf(y, y.row(s));
        const Tensor weights =
            replay->arrays.contains("sw") ? replay->arrays.at("sw").row(s) : Tensor();
        Targets targets = wanted.targets();
        targets.weights = weights.values();
        const std::span<const float> inputs[] = {images.values()};
        const StepResult result = step.run(replay->weights, inputs, batch, targets,
                                           {.step = static_cast<std::uint64_t>(s)});
        const double expected = replay->arrays.at("loss").values[static_cast<std::size_t>(s)];
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

Tensor rowsOf(const tests::NpyArray& array, std::int64_t first, std::int64_t count) {
    const Tensor all = array.tensor();
    std::vector<std::int64_t> extents = array.shape.extents();
    const auto length = static_cast<std::size_t>(all.size() / extents[0]);
    extents[0] = count;
    return {Shape(extents), all.values().subspan(static_cast<std::size_t>(first) * length,
                                                 static_cast<std::size_t>(count) * length)};
}

/// Mean loss of the arrays xv, yv in inference mode.
double validationLoss(const Replay& replay, const Loss& loss, Parallel& parallel) {
    const tests::NpyArray& y = replay.arrays.at("yv");
    const Tensor images = replay.arrays.at("xv").tensor();
    Executor executor(replay.network,
                      {.batchCapacity = y.shape[0], .output = outputFormFor(*replay.network, loss)},
                      parallel);
    const std::span<const float> inputs[] = {images.values()};
    executor.forward(inputs, y.shape[0], replay.weights);
    return loss.value(outputsOf(executor), targetsOf(y, y.tensor()).targets());
}

Outcome checkFit(const OracleCase& each) {
    const io::Json& fit = each.description["fit"];
    if (!each.description["callbacks"].is_null()) {
        return tests::skipped("callbacks are not there yet");
    }
    if (each.description["kind"] != "sequential") {
        return tests::skipped("only a sequential model can be rebuilt from its list of layers");
    }
    if (fit.contains("class_weight") || fit.contains("validation_split")) {
        return tests::skipped("class weights and splits of arrays are not there yet");
    }
    const auto batch = fit["batch_size"].get<std::int64_t>();
    Expected<Replay> replay = replayOf(each, batch);
    if (!replay) {
        return tests::refusal(replay.error());
    }
    Parallel parallel(2);
    TrainStep step(replay->network, replay->settings, *replay->loss, parallel);
    const tests::NpyArray& x = replay->arrays.at("x");
    const tests::NpyArray& y = replay->arrays.at("y");
    const io::Json& history = each.description["history"];
    for (std::size_t epoch = 0; epoch < history["loss"].size(); ++epoch) {
        double sum = 0.0;
        for (std::int64_t first = 0; first < x.shape[0]; first += batch) {
            const std::int64_t count = std::min(batch, x.shape[0] - first);
            const Tensor images = rowsOf(x, first, count);
            const BatchTargets targets = targetsOf(y, rowsOf(y, first, count));
            const std::span<const float> inputs[] = {images.values()};
            sum += static_cast<double>(count) *
                   step.run(replay->weights, inputs, count, targets.targets(), {}).loss;
        }
        const double loss = sum / static_cast<double>(x.shape[0]);
        const double checked = validationLoss(*replay, step.loss(), parallel);
        if (std::abs(loss - history["loss"][epoch].get<double>()) > kLossTolerance * 10.0 ||
            std::abs(checked - history["val_loss"][epoch].get<double>()) > kLossTolerance * 10.0) {
            return tests::failed("epoch " + std::to_string(epoch) + ": loss " + numberText(loss) +
                                 ", val_loss " + numberText(checked));
        }
    }
    const std::string problem = weightProblem(*replay, "wfin", std::nullopt);
    return problem.empty() ? tests::passed() : tests::failed("at the end: " + problem);
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
