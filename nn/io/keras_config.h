#pragma once

#include "nn/io/json.h"
#include "nn/model/layer_def.h"

namespace nn::io {

/// The arguments of one layer from its Keras `config`. Keys that ask for something this program
/// cannot do are refused by name; unknown ones are put into `warnings`.
[[nodiscard]] Expected<ParamMap> paramsFromKeras(const LayerDef& def, const Json& config,
                                                 std::vector<std::string>& warnings);

} // namespace nn::io
