#include "nn/io/keras_calls.h"

#include <algorithm>
#include <map>

namespace nn::io {
namespace {

tl::unexpected<Error> notUnderstood() {
    return failure(ErrorCode::InvalidFile, "its 'inbound_nodes' do not name the layers it reads");
}

/// [layer, call, tensor], perhaps followed by a dictionary of arguments.
std::optional<KerasTensor> tensorFrom(const Json& list) {
    if (!list.is_array() || list.size() < 3 || !list[0].is_string() ||
        !list[1].is_number_integer() || !list[2].is_number_integer()) {
        return std::nullopt;
    }
    return KerasTensor{list[0].get<std::string>(), list[1].get<std::int64_t>(),
                       list[2].get<std::int64_t>()};
}

/// Dictionaries of tensors are read in the order of their keys, as Keras does.
std::map<std::string, const Json*> sorted(const Json& object) {
    std::map<std::string, const Json*> members;
    for (const auto& [key, value] : object.items()) {
        members.emplace(key, &value);
    }
    return members;
}

/// Keras 3: a tensor is an object with a history; several are in lists or dictionaries.
bool addTensors(const Json& value, std::vector<KerasTensor>& tensors) {
    if (value.is_array()) {
        return std::ranges::all_of(value,
                                   [&](const Json& item) { return addTensors(item, tensors); });
    }
    if (value.is_null()) {
        return true; // An argument that is not given.
    }
    const Json* config = jsonMember(value, "config");
    const Json* history = config == nullptr ? nullptr : jsonMember(*config, "keras_history");
    if (history == nullptr && value.is_object() && !value.contains("class_name")) {
        return std::ranges::all_of(
            sorted(value), [&](const auto& member) { return addTensors(*member.second, tensors); });
    }
    const auto tensor = history == nullptr ? std::nullopt : tensorFrom(*history);
    if (tensor) {
        tensors.push_back(*tensor);
    }
    return tensor.has_value();
}

bool holdsTensor(const Json& value) {
    if (value.is_object() && value.contains("keras_history")) {
        return true;
    }
    return value.is_structured() &&
           std::ranges::any_of(value, [](const Json& item) { return holdsTensor(item); });
}

/// What a call says besides its tensors. Nothing but 'training' may be set.
Expected<void> readArguments(const Json& arguments, KerasCall& call) {
    if (!arguments.is_object()) {
        return {};
    }
    for (const auto& [key, value] : arguments.items()) {
        if (value.is_null()) {
            continue;
        }
        if (key == "training" && value.is_boolean()) {
            call.training = value.get<bool>();
            continue;
        }
        return failure(ErrorCode::Unsupported,
                       holdsTensor(value)
                           ? "it is given the input '" + key +
                                 "' by name, but only inputs by position are understood"
                           : "it is called with the argument '" + key + "', which is not known");
    }
    return {};
}

Expected<KerasCall> keras3Call(const Json& json) {
    KerasCall call;
    const Json* args = jsonMember(json, "args");
    if (args == nullptr || !args->is_array() || !addTensors(*args, call.tensors)) {
        return notUnderstood();
    }
    if (const Json* arguments = jsonMember(json, "kwargs")) {
        if (const auto read = readArguments(*arguments, call); !read) {
            return tl::unexpected(read.error());
        }
    }
    return call;
}

Expected<KerasCall> keras2Call(const Json& json) {
    KerasCall call;
    // A call of one tensor may be written without the list around it.
    const bool isSingle = tensorFrom(json).has_value();
    for (const Json& item : isSingle ? Json::array({json}) : json) {
        const auto tensor = tensorFrom(item);
        if (!tensor) {
            return notUnderstood();
        }
        call.tensors.push_back(*tensor);
        if (item.size() > 3) {
            if (const auto read = readArguments(item[3], call); !read) {
                return tl::unexpected(read.error());
            }
        }
    }
    return call;
}

} // namespace

const Json* jsonMember(const Json& object, const char* name) {
    if (!object.is_object()) {
        return nullptr;
    }
    const auto found = object.find(name);
    return found == object.end() ? nullptr : &*found;
}

bool isKeras2Call(const Json& call) {
    return call.is_array();
}

Expected<std::vector<KerasCall>> kerasCalls(const Json& inboundNodes) {
    if (!inboundNodes.is_array()) {
        return notUnderstood();
    }
    std::vector<KerasCall> calls;
    for (const Json& json : inboundNodes) {
        if (json.is_array() && json.empty()) {
            continue; // Keras 2 writes an empty call for some inputs.
        }
        Expected<KerasCall> call = isKeras2Call(json) ? keras2Call(json) : keras3Call(json);
        if (!call) {
            return tl::unexpected(call.error());
        }
        calls.push_back(*std::move(call));
    }
    return calls;
}

std::optional<std::vector<KerasTensor>> kerasTensors(const Json& value) {
    if (const auto tensor = tensorFrom(value)) {
        return std::vector{*tensor};
    }
    if (!value.is_structured()) {
        return std::nullopt;
    }
    std::vector<const Json*> items;
    if (value.is_object()) {
        for (const auto& [key, item] : sorted(value)) {
            items.push_back(item);
        }
    } else {
        for (const Json& item : value) {
            items.push_back(&item);
        }
    }
    std::vector<KerasTensor> tensors;
    for (const Json* item : items) {
        const auto inner = kerasTensors(*item);
        if (!inner) {
            return std::nullopt;
        }
        tensors.insert(tensors.end(), inner->begin(), inner->end());
    }
    return tensors;
}

} // namespace nn::io
