#pragma once

#include "nn/io/json.h"
#include "nn/model/graph.h"

namespace nn::io {

/// A network read from Keras' description of it.
struct KerasModel {
    Graph graph;
    std::vector<std::string> warnings; ///< What was left out because it changes nothing here.
};

/// Reads `model.to_json()`, config.json or model_config of Keras 3 and Keras 2. Nothing is run.
/// Layers and arguments this program does not know are refused, all layers named at once.
[[nodiscard]] Expected<KerasModel> modelFromKerasJson(std::string_view text);
[[nodiscard]] Expected<KerasModel> modelFromKeras(const Json& json);

} // namespace nn::io
