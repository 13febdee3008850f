#pragma once

#include "nn/base/error.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace nn::data {

/// Bytes read in order: of a file, of memory, or unpacked from gzip.
class ByteSource {
public:
    ByteSource() = default;
    ByteSource(const ByteSource&) = delete;
    ByteSource& operator=(const ByteSource&) = delete;
    virtual ~ByteSource() = default;

    /// Fills `out`; returns fewer bytes only when there are no more.
    [[nodiscard]] virtual Expected<std::size_t> read(std::span<std::uint8_t> out) = 0;
    /// No more than this many bytes can follow, whatever the content claims.
    [[nodiscard]] virtual std::uint64_t bound() const = 0;
    /// True when positions mean unpacked bytes, not bytes of the file.
    [[nodiscard]] virtual bool isUnpacked() const = 0;
};

/// Opens a regular file; gzip is recognised by its content and unpacked.
[[nodiscard]] Expected<std::unique_ptr<ByteSource>> openFile(const std::filesystem::path& path);

/// Reads memory that outlives the source; `name` is for messages.
[[nodiscard]] Expected<std::unique_ptr<ByteSource>> openMemory(std::span<const std::byte> bytes,
                                                               const std::string& name);

} // namespace nn::data
