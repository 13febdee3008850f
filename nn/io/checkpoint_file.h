#pragma once

#include "nn/io/json.h"
#include "nn/io/safetensors.h"
#include "nn/train/checkpoint.h"

namespace nn::io {

/// A checkpoint as a file holds it: a text, and tensors by name that outlive neither the
/// checkpoint nor the weights it was made from.
struct CheckpointParts {
    Json json;
    struct Piece {
        std::string name;
        const Tensor* tensor = nullptr;
    };
    std::vector<Piece> tensors = {};
};

/// `shared`: weights that the file holds anyway; not written again where they are the same.
[[nodiscard]] CheckpointParts checkpointParts(const Checkpoint& checkpoint,
                                              const std::shared_ptr<const Weights>& shared);

/// Back from a file, for a network with these variables; refuses what does not belong together.
[[nodiscard]] Expected<Checkpoint> checkpointFrom(const Json& json,
                                                  std::vector<NamedTensor> tensors,
                                                  const std::vector<Variable>& variables,
                                                  const std::shared_ptr<const Weights>& shared);

} // namespace nn::io
