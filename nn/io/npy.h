#pragma once

#include "nn/base/error.h"
#include "nn/tensor/tensor.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace nn::io {

/// Reads NumPy's .npy (format 1.0 to 3.0): float32, float64, and 8- to 64-bit whole numbers,
/// little endian, C order; all become float32. Pickled objects are refused.
[[nodiscard]] Expected<Tensor> tensorFromNpy(std::string_view content);

/// A .npy file of format 1.0 with float32.
[[nodiscard]] std::string npyText(const Tensor& tensor);

} // namespace nn::io
