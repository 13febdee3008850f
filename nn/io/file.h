#pragma once

#include "nn/base/error.h"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace nn::io {

/// The failure of a file whose content is not what it should be.
[[nodiscard]] inline tl::unexpected<Error> invalidFile(std::string message) {
    return failure(ErrorCode::InvalidFile, std::move(message));
}

/// A whole file, at most `limit` bytes. The error names the file and the reason.
[[nodiscard]] Expected<std::string> fileContent(const std::filesystem::path& path,
                                                std::int64_t limit = std::int64_t{4} << 30);

/// Replaces a file as a whole or not at all: `write` fills a temporary file in the same folder,
/// which is synced to the disk and then renamed over the old one. On any failure the old file is
/// untouched and the temporary one removed.
[[nodiscard]] Expected<void>
replaceFile(const std::filesystem::path& path,
            const std::function<Expected<void>(const std::filesystem::path& temporary)>& write);

/// `replaceFile` with content at hand.
[[nodiscard]] Expected<void> replaceFile(const std::filesystem::path& path,
                                         std::span<const std::byte> content);
[[nodiscard]] Expected<void> replaceFile(const std::filesystem::path& path,
                                         std::string_view content);

} // namespace nn::io
