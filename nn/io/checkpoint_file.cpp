#include "nn/io/checkpoint_file.h"

#include "nn/io/history_json.h"
#include "nn/io/settings_json.h"

#include <algorithm>
#include <cmath>

namespace nn::io {
namespace {

constexpr std::int64_t kVersion = 1;

tl::unexpected<Error> broken(const std::string& what) {
    return failure(ErrorCode::InvalidFile, "Checkpoint: " + what + ".");
}

/// By number, so that a layer may get another name meanwhile.
std::string nameOf(const Variable& variable) {
    return std::to_string(variable.node) + "/" + variable.spec.name;
}

/// Tensors of the file, taken out by name.
class Tensors {
public:
    explicit Tensors(std::vector<NamedTensor> all) {
        for (NamedTensor& each : all) {
            m_all.emplace(std::move(each.name), std::move(each.tensor));
        }
    }
    std::optional<Tensor> take(const std::string& name) {
        auto node = m_all.extract(name);
        return node.empty() ? std::nullopt : std::optional(std::move(node.mapped()));
    }
    [[nodiscard]] bool isEmpty() const { return m_all.empty(); }

private:
    std::map<std::string, Tensor> m_all;
};

void addWeights(CheckpointParts& parts, const std::string& prefix, const Weights& weights) {
    for (std::size_t i = 0; i < weights.variables.size(); ++i) {
        parts.tensors.push_back({prefix + nameOf(weights.variables[i]), &weights.tensors[i]});
    }
}

Expected<std::shared_ptr<const Weights>> weightsFrom(Tensors& tensors, const std::string& prefix,
                                                     const std::vector<Variable>& variables) {
    auto weights = std::make_shared<Weights>();
    for (const Variable& variable : variables) {
        std::optional<Tensor> tensor = tensors.take(prefix + nameOf(variable));
        if (!tensor || tensor->shape() != variable.spec.shape) {
            return broken("expected the weights \"" + prefix + nameOf(variable) + "\" of " +
                          shapeText(variable.spec.shape));
        }
        weights->variables.push_back(variable);
        weights->tensors.push_back(*std::move(tensor));
    }
    return weights;
}

Json numbersJson(const std::vector<std::pair<std::string, double>>& numbers) {
    Json json = Json::object();
    for (const auto& [name, value] : numbers) {
        json[name] = std::isfinite(value) ? Json(value) : Json(nullptr);
    }
    return json;
}

Expected<std::vector<std::pair<std::string, double>>> numbersFrom(const Json& json,
                                                                  const char* member) {
    const auto found = json.find(member);
    if (found == json.end() || !found->is_object()) {
        return broken("expected numbers in \"" + std::string(member) + "\"");
    }
    std::vector<std::pair<std::string, double>> numbers;
    for (const auto& [name, value] : found->items()) {
        if (!value.is_number() && !value.is_null()) {
            return broken("expected a number as \"" + name.substr(0, 40) + "\"");
        }
        numbers.emplace_back(name, value.is_null() ? kNotMeasured : value.get<double>());
    }
    return numbers;
}

Json listJson(const std::vector<double>& numbers) {
    Json json = Json::array();
    for (const double value : numbers) {
        json.push_back(std::isfinite(value) ? Json(value) : Json(nullptr));
    }
    return json;
}

Expected<std::vector<double>> listFrom(const Json& json, const char* member) {
    const auto found = json.find(member);
    std::vector<double> numbers;
    if (found == json.end() || !found->is_array()) {
        return broken("expected a list \"" + std::string(member) + "\"");
    }
    for (const Json& value : *found) {
        if (!value.is_number() && !value.is_null()) {
            return broken("expected numbers in \"" + std::string(member) + "\"");
        }
        numbers.push_back(value.is_null() ? kNotMeasured : value.get<double>());
    }
    return numbers;
}

/// Reads counts of an object into their members; none may be negative.
Expected<void> readCounts(const Json& json,
                          std::initializer_list<std::pair<const char*, std::int64_t*>> members) {
    for (const auto& [name, target] : members) {
        const Expected<std::int64_t> value = integerMember(json, name);
        if (!value || *value < 0) {
            return broken("expected a count \"" + std::string(name) + "\"");
        }
        *target = *value;
    }
    return {};
}

/// [variable, slot] of each slot, in the order of the optimizer's state.
Json slotsJson(const Checkpoint& checkpoint, CheckpointParts& parts) {
    Json names = Json::array();
    for (const SlotValue& value : checkpoint.optimizer.values) {
        const auto& variables = checkpoint.weights->variables;
        const auto owner = std::ranges::find_if(variables, [&](const Variable& variable) {
            return variable.node == value.node && variable.spec.name == value.variable;
        });
        if (owner != variables.end()) {
            const std::string name = nameOf(*owner) + "/" + value.slot;
            parts.tensors.push_back({"optimizer/" + name, &value.values});
            names.push_back({nameOf(*owner), value.slot});
        }
    }
    return names;
}

Expected<OptimizerState> optimizerFrom(const Json& json, Tensors& tensors,
                                       const std::vector<Variable>& variables) {
    OptimizerState state;
    const Expected<std::string> name = textMember(json, "name");
    const Expected<double> rate = realMember(json, "learning_rate");
    const auto counts = readCounts(json, {{"iterations", &state.iterations}});
    auto scalars = numbersFrom(json, "scalars");
    const auto names = json.find("slots");
    if (!name || !rate || !counts || !scalars || names == json.end() || !names->is_array()) {
        return broken("expected name, learning_rate, iterations, scalars and slots of the "
                      "optimizer");
    }
    state.optimizer = *name;
    state.learningRate = *rate;
    state.scalars = *std::move(scalars);
    for (const Json& slot : *names) {
        if (!slot.is_array() || slot.size() != 2 || !slot[0].is_string() || !slot[1].is_string()) {
            return broken("expected pairs of names in \"slots\"");
        }
        const auto owner = slot[0].get<std::string>();
        const auto kind = slot[1].get<std::string>();
        const auto variable = std::ranges::find(variables, owner, nameOf);
        std::optional<Tensor> values = tensors.take("optimizer/" + owner + "/" + kind);
        if (variable == variables.end() || !values) {
            return broken("the optimizer's " + kind.substr(0, 40) + " of \"" + owner.substr(0, 80) +
                          "\" is missing or belongs to no layer");
        }
        state.values.push_back({.node = variable->node,
                                .variable = variable->spec.name,
                                .slot = kind,
                                .values = *std::move(values)});
    }
    return state;
}

Json callbacksJson(const Checkpoint& checkpoint, CheckpointParts& parts) {
    Json callbacks = Json::array();
    for (std::size_t i = 0; i < checkpoint.callbacks.size(); ++i) {
        const CallbackRecord& record = checkpoint.callbacks[i];
        callbacks.push_back({{"values", record.values}, {"weights", record.weights != nullptr}});
        if (record.weights != nullptr) {
            addWeights(parts, "callback" + std::to_string(i) + "/", *record.weights);
        }
    }
    return callbacks;
}

Expected<std::vector<CallbackRecord>> callbacksFrom(const Json& json, Tensors& tensors,
                                                    const std::vector<Variable>& variables) {
    std::vector<CallbackRecord> callbacks;
    const auto found = json.find("callbacks");
    if (found == json.end() || !found->is_array()) {
        return broken("expected a list \"callbacks\"");
    }
    for (const Json& each : *found) {
        const Expected<std::string> values = textMember(each, "values");
        const auto own = each.is_object() ? each.find("weights") : each.end();
        if (!values || own == each.end() || !own->is_boolean()) {
            return broken("expected values and weights of a callback");
        }
        CallbackRecord record{.values = *values};
        if (own->get<bool>()) {
            auto weights = weightsFrom(tensors, "callback" + std::to_string(callbacks.size()) + "/",
                                       variables);
            if (!weights) {
                return tl::unexpected(weights.error());
            }
            record.weights = *weights;
        }
        callbacks.push_back(std::move(record));
    }
    return callbacks;
}

} // namespace

CheckpointParts checkpointParts(const Checkpoint& checkpoint,
                                const std::shared_ptr<const Weights>& shared) {
    CheckpointParts parts;
    const bool own = checkpoint.weights != shared;
    if (own) {
        addWeights(parts, "weights/", *checkpoint.weights);
    }
    const OptimizerState& optimizer = checkpoint.optimizer;
    Json slots = slotsJson(checkpoint, parts);
    Json callbacks = callbacksJson(checkpoint, parts);
    parts.json = {{"format", "receptive-checkpoint"},
                  {"version", kVersion},
                  {"settings", settingsJson(checkpoint.settings)},
                  {"images", checkpoint.images},
                  {"epoch", checkpoint.epoch},
                  {"batch", checkpoint.batch},
                  {"steps", checkpoint.steps},
                  {"seconds", checkpoint.seconds},
                  {"averages_in_place", checkpoint.averagesInPlace},
                  {"sums", listJson(checkpoint.sums)},
                  {"own_weights", own},
                  {"optimizer",
                   {{"name", optimizer.optimizer},
                    {"iterations", optimizer.iterations},
                    {"learning_rate", optimizer.learningRate},
                    {"scalars", numbersJson(optimizer.scalars)},
                    {"slots", std::move(slots)}}},
                  {"callbacks", std::move(callbacks)},
                  {"history_every", checkpoint.historyEvery},
                  {"history_seen", checkpoint.historySeen},
                  {"history", historyJson(checkpoint.history)}};
    return parts;
}

Expected<Checkpoint> checkpointFrom(const Json& json, std::vector<NamedTensor> named,
                                    const std::vector<Variable>& variables,
                                    const std::shared_ptr<const Weights>& shared) {
    Checkpoint result;
    Tensors tensors(std::move(named));
    const Expected<std::string> format = textMember(json, "format");
    const Expected<std::int64_t> version = integerMember(json, "version");
    if (!format || *format != "receptive-checkpoint" || !version || *version != kVersion) {
        return broken("expected one of version " + std::to_string(kVersion));
    }
    for (const char* member : {"settings", "optimizer", "history", "own_weights"}) {
        if (!json.contains(member)) {
            return broken("the member \"" + std::string(member) + "\" is missing");
        }
    }
    const auto counts = readCounts(json, {{"images", &result.images},
                                          {"epoch", &result.epoch},
                                          {"batch", &result.batch},
                                          {"steps", &result.steps},
                                          {"history_every", &result.historyEvery},
                                          {"history_seen", &result.historySeen}});
    const Expected<double> seconds = realMember(json, "seconds");
    auto settings = settingsFromJson(json["settings"]);
    auto sums = listFrom(json, "sums");
    auto optimizer = optimizerFrom(json["optimizer"], tensors, variables);
    auto history = historyFromJson(json["history"]);
    auto callbacks = callbacksFrom(json, tensors, variables);
    const bool own = json["own_weights"] == true;
    auto weights = own ? weightsFrom(tensors, "weights/", variables)
                       : Expected<std::shared_ptr<const Weights>>(shared);
    for (const Error* error : std::initializer_list<const Error*>{
             counts ? nullptr : &counts.error(), seconds ? nullptr : &seconds.error(),
             settings ? nullptr : &settings.error(), sums ? nullptr : &sums.error(),
             optimizer ? nullptr : &optimizer.error(), history ? nullptr : &history.error(),
             callbacks ? nullptr : &callbacks.error(), weights ? nullptr : &weights.error()}) {
        if (error != nullptr) {
            return tl::unexpected(*error);
        }
    }
    if (*weights == nullptr || !tensors.isEmpty() || result.historyEvery < 1) {
        return broken("its weights are missing, or there are numbers that belong to nothing");
    }
    result.seconds = *seconds;
    result.averagesInPlace = json.value("averages_in_place", Json(false)) == true;
    result.settings = *std::move(settings);
    result.sums = *std::move(sums);
    result.optimizer = *std::move(optimizer);
    result.history = *std::move(history);
    result.callbacks = *std::move(callbacks);
    result.weights = *std::move(weights);
    return result;
}

} // namespace nn::io
