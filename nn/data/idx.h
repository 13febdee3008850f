#pragma once

#include "nn/base/error.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace nn::data {

/// Element types of the IDX format; the values are those in the file.
enum class IdxType : std::uint8_t {
    UInt8 = 0x08,
    Int8 = 0x09,
    Int16 = 0x0B,
    Int32 = 0x0C,
    Float32 = 0x0D,
    Float64 = 0x0E,
};

/// One IDX file: 00 00 type rank, the extents as big-endian 32-bit numbers, the elements.
struct IdxArray {
    IdxType type = IdxType::UInt8;
    std::vector<std::int64_t> extents;
    std::vector<std::uint8_t> bytes; // elements as in the file: big-endian
    std::string name;                // for messages

    /// Where in the (unpacked) file element `index` starts.
    [[nodiscard]] std::size_t offsetOf(std::size_t index) const;
};

/// Reads a file, packed with gzip or not; nothing is allocated before its size has been checked.
[[nodiscard]] Expected<IdxArray> readIdx(const std::filesystem::path& path,
                                         std::uint64_t memoryBudget);

/// The same from memory; `name` is for messages.
[[nodiscard]] Expected<IdxArray> parseIdx(std::span<const std::byte> bytes, const std::string& name,
                                          std::uint64_t memoryBudget);

/// A list of labels: rank 1, whole numbers, none below 0.
[[nodiscard]] Expected<std::vector<std::int32_t>> idxLabels(const IdxArray& array);

} // namespace nn::data
