#pragma once

#include "nn/io/json.h"

namespace nn::io {

/// The name of the class here: Keras 2 also calls a Functional model "Model".
[[nodiscard]] std::string kerasClass(std::string_view className);

/// The list of layers in a model's config. Keras before 2.3 wrote the layers of a Sequential model
/// as the config itself.
[[nodiscard]] const Json* layersOf(const Json& config);

/// Whether this is a model of layers that are known here, in it and in the models inside it. All
/// that are not are named at once, with what to do.
[[nodiscard]] Expected<void> checkKerasClasses(const Json& model);

} // namespace nn::io
