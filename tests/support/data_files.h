#pragma once

#include "nn/data/image.h"

#include <QTemporaryDir>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

/// Files that the tests of data sets write: good ones and hostile ones.
namespace tests {

using Bytes = std::vector<std::uint8_t>;

/// A folder that is removed at the end of the test.
class TestFolder {
public:
    [[nodiscard]] std::filesystem::path path() const { return m_folder.path().toStdString(); }
    /// Writes a file, makes the folders above it.
    std::filesystem::path write(const std::string& name, const Bytes& content) const;

private:
    QTemporaryDir m_folder;
};

[[nodiscard]] Bytes bytes(std::string_view text);
/// Numbers 0, 1, 2… modulo 251.
[[nodiscard]] Bytes counting(std::size_t count);
/// An IDX file with that type and those extents, whatever the data are.
[[nodiscard]] Bytes idx(std::uint8_t type, const std::vector<std::uint32_t>& extents,
                        const Bytes& data);
[[nodiscard]] Bytes gzip(const Bytes& content);
/// A binary PGM (1 channel) or PPM (3 channels).
[[nodiscard]] Bytes pnm(const nn::data::ImageShape& shape, const Bytes& pixels);
/// Decodes what `pnm` writes; anything else is an error.
[[nodiscard]] nn::data::ImageDecoder pnmDecoder();

} // namespace tests
