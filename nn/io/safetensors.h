#pragma once

#include "nn/base/error.h"
#include "nn/tensor/tensor.h"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace nn::io {

/// A tensor and the name it has in a file.
struct NamedTensor {
    std::string name = {};
    Tensor tensor = {};
    bool operator==(const NamedTensor&) const = default;
};

/// The head of a safetensors file: eight bytes of length, then JSON, padded to eight bytes. The
/// numbers of the tensors follow in this order, float32 little endian.
[[nodiscard]] std::string
safetensorsHead(const std::vector<std::pair<std::string, Shape>>& tensors);

/// Reads a safetensors file. Everything is checked before memory is taken: sizes, shapes, and that
/// the data areas follow each other without holes or overlaps. Takes F32 only.
[[nodiscard]] Expected<std::vector<NamedTensor>> tensorsFromSafetensors(std::string_view content);

/// Writes a file of its own, replacing an old one as a whole.
[[nodiscard]] Expected<void> saveSafetensors(const std::filesystem::path& path,
                                             const std::vector<NamedTensor>& tensors);

} // namespace nn::io
