#pragma once

#include "nn/base/error.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nn::io {

/// One file to put into an archive: pieces of memory written one after the other, which must live
/// until the archive is written.
struct ZipEntry {
    std::string name = {};
    std::vector<std::span<const std::byte>> pieces = {};
    bool compressed = false;
};

/// Writes an archive in this order, with fixed times: equal content gives equal bytes.
[[nodiscard]] Expected<void> writeZip(const std::filesystem::path& path,
                                      std::span<const ZipEntry> entries);

/// An archive open for reading. Names are keys only; nothing is unpacked to the disk.
class ZipReader {
public:
    /// Refuses what is no zip, more than 10,000 members, and names given twice.
    [[nodiscard]] static Expected<ZipReader> open(const std::filesystem::path& path);

    [[nodiscard]] bool contains(std::string_view name) const;
    /// A member's content. Refuses more than `limit` bytes, and packings over 100 to 1 of more
    /// than a megabyte, by the declared size before anything is read; never reads beyond it.
    [[nodiscard]] Expected<std::string> content(std::string_view name, std::int64_t limit) const;

private:
    struct Archive;
    explicit ZipReader(std::shared_ptr<Archive> archive) : m_archive(std::move(archive)) {}
    std::shared_ptr<Archive> m_archive;
};

} // namespace nn::io
