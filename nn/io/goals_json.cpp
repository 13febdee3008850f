#include "nn/io/goals_json.h"

#include "nn/base/text.h"
#include "nn/train/callback.h"
#include "nn/train/loss.h"
#include "nn/train/metric.h"

namespace nn::io {
namespace {

Json objectsJson(const std::vector<ParamObject>& objects) {
    Json list = Json::array();
    for (const ParamObject& object : objects) {
        Json config = Json::object();
        for (const auto& [name, value] : object.params()) {
            config[name] = toJson(value);
        }
        list.push_back({{"class_name", object.type()}, {"config", std::move(config)}});
    }
    return list;
}

Expected<std::vector<ParamObject>> objectsFromJson(const Json& json, const char* member,
                                                   const ObjectFamily& family) {
    if (!json.is_array() || json.size() > 1000) {
        return failure(ErrorCode::InvalidFile,
                       "Expected a list as \"" + std::string(member) + "\".");
    }
    const ParamSpec spec{.name = member, .kind = ParamKind::Object, .family = &family};
    std::vector<ParamObject> objects;
    for (const Json& each : json) {
        const Expected<ParamValue> value = paramFromJson(spec, each);
        if (!value) {
            return tl::unexpected(value.error());
        }
        const auto* object = std::get_if<ParamObject>(&*value);
        if (object == nullptr) {
            return failure(ErrorCode::InvalidFile,
                           "Expected classes of Keras in \"" + std::string(member) + "\".");
        }
        objects.push_back(*object);
    }
    return objects;
}

Expected<OutputLoss> outputLossFromJson(const Json& json) {
    const Expected<std::string> name = textMember(json, "loss");
    const Expected<double> weight = realMember(json, "weight");
    if (!name || !weight) {
        return tl::unexpected(!name ? name.error() : weight.error());
    }
    OutputLoss loss{.loss = *name, .lossParams = {}, .weight = *weight};
    const auto config = json.find("loss_config");
    const LossDef* def = findLossDef(*name);
    if (def != nullptr && config != json.end()) {
        Expected<ParamMap> params = paramsFromJson(def->params, *config);
        if (!params) {
            return tl::unexpected(params.error());
        }
        loss.lossParams = *std::move(params);
    }
    return loss;
}

Json outputLossJson(const OutputLoss& loss) {
    const LossDef* def = findLossDef(loss.loss);
    return {{"loss", loss.loss},
            {"loss_config", def == nullptr ? Json::object() : toJson(loss.lossParams, def->params)},
            {"weight", loss.weight}};
}

Expected<void> readClassWeights(const Json& json, TrainSettings& settings) {
    for (const auto& [key, value] : json.items()) {
        const std::optional<std::int64_t> label = parseInteger(key);
        if (!label || !value.is_number()) {
            return failure(ErrorCode::InvalidFile,
                           "Expected numbers by class in \"class_weight\".");
        }
        settings.classWeights[*label] = value.get<double>();
    }
    return {};
}

Expected<void> readObjects(const Json& training, const char* member, const ObjectFamily& family,
                           std::vector<ParamObject>& objects) {
    const auto found = training.find(member);
    if (found == training.end()) {
        return {};
    }
    Expected<std::vector<ParamObject>> read = objectsFromJson(*found, member, family);
    if (!read) {
        return tl::unexpected(read.error());
    }
    objects = *std::move(read);
    return {};
}

} // namespace

void addGoals(Json& training, const TrainSettings& settings) {
    const TrainSettings defaults;
    if (settings.stratified) {
        training["stratified"] = true;
    }
    if (settings.metrics != defaults.metrics) {
        training["metrics"] = objectsJson(settings.metrics);
    }
    if (!settings.callbacks.empty()) {
        training["callbacks"] = objectsJson(settings.callbacks);
    }
    for (const auto& [label, weight] : settings.classWeights) {
        training["class_weight"][std::to_string(label)] = weight;
    }
    for (const auto& [output, loss] : settings.outputLosses) {
        training["output_losses"][output] = outputLossJson(loss);
    }
}

Expected<void> readGoals(const Json& training, TrainSettings& settings) {
    if (const auto stratified = training.find("stratified"); stratified != training.end()) {
        if (!stratified->is_boolean()) {
            return failure(ErrorCode::InvalidFile, "Expected true or false as \"stratified\".");
        }
        settings.stratified = stratified->get<bool>();
    }
    if (auto read = readObjects(training, "metrics", metricFamily(), settings.metrics); !read) {
        return read;
    }
    if (auto read = readObjects(training, "callbacks", callbackFamily(), settings.callbacks);
        !read) {
        return read;
    }
    if (const auto weights = training.find("class_weight"); weights != training.end()) {
        if (auto read = readClassWeights(*weights, settings); !read) {
            return read;
        }
    }
    if (const auto losses = training.find("output_losses"); losses != training.end()) {
        for (const auto& [output, json] : losses->items()) {
            Expected<OutputLoss> loss = outputLossFromJson(json);
            if (!loss) {
                return tl::unexpected(loss.error());
            }
            settings.outputLosses[output] = *std::move(loss);
        }
    }
    return {};
}

} // namespace nn::io
