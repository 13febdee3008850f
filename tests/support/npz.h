#pragma once

#include "nn/base/error.h"
#include "nn/tensor/tensor.h"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tests {

/// An array of float32, float64, int32 or int64; a double holds all of them that occur.
struct NpyArray {
    nn::Shape shape;
    std::string type; ///< NumPy's: "<f4"
    std::vector<double> values;

    /// The numbers as float32.
    [[nodiscard]] nn::Tensor tensor() const;
    /// Row `index` of the outermost axis.
    [[nodiscard]] nn::Tensor row(std::int64_t index) const;
};

using Npz = std::map<std::string, NpyArray, std::less<>>;

[[nodiscard]] nn::Expected<NpyArray> readNpy(std::string_view content);
/// All members of a file written by `numpy.savez`.
[[nodiscard]] nn::Expected<Npz> readNpz(const std::filesystem::path& path);

} // namespace tests
