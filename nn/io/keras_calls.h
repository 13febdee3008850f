#pragma once

#include "nn/io/json.h"

#include <optional>

namespace nn::io {

/// A member of a JSON object, or nullptr.
[[nodiscard]] const Json* jsonMember(const Json& object, const char* name);

/// A tensor as Keras names it: which layer made it, by which call, which of its results.
struct KerasTensor {
    std::string layer;
    std::int64_t call = 0;
    std::int64_t tensor = 0;
};

/// One call of a layer: what it reads, by port, and how.
struct KerasCall {
    std::vector<KerasTensor> tensors;
    std::optional<bool> training; ///< Keras' argument of the call, when it is fixed.
};

/// The calls in 'inbound_nodes', in Keras 3's form ({"args", "kwargs"}) or Keras 2's
/// ([[layer, call, tensor, {}], …]).
[[nodiscard]] Expected<std::vector<KerasCall>> kerasCalls(const Json& inboundNodes);

/// The tensors in 'input_layers' or 'output_layers': one, a list or a dictionary of them.
[[nodiscard]] std::optional<std::vector<KerasTensor>> kerasTensors(const Json& value);

/// Keras 2 writes each call as a list.
[[nodiscard]] bool isKeras2Call(const Json& call);

} // namespace nn::io
