#include "nn/data/idx.h"

#include "nn/base/text.h"
#include "nn/data/byte_source.h"
#include "nn/tensor/shape.h"

#include <array>
#include <optional>

namespace nn::data {
namespace {

constexpr std::int32_t kLargestLabel = 99'999;
constexpr std::uint8_t kLargestRank = 4;

std::size_t elementBytes(IdxType type) {
    switch (type) {
    case IdxType::UInt8:
    case IdxType::Int8:
        return 1;
    case IdxType::Int16:
        return 2;
    case IdxType::Int32:
    case IdxType::Float32:
        return 4;
    case IdxType::Float64:
        return 8;
    }
    return 0;
}

std::optional<IdxType> idxType(std::uint8_t code) {
    if ((code >= 0x08 && code <= 0x0E) && code != 0x0A) {
        return static_cast<IdxType>(code);
    }
    return std::nullopt;
}

std::string hexText(std::span<const std::uint8_t> bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t byte : bytes) {
        text += text.empty() ? "" : " ";
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

tl::unexpected<Error> fault(const std::string& name, std::uint64_t offset,
                            const std::string& what) {
    return failure(ErrorCode::InvalidFile, name + ", byte " +
                                               withThousands(static_cast<std::int64_t>(offset)) +
                                               ": " + what);
}

std::string countedBytes(std::uint64_t count) {
    return withThousands(static_cast<std::int64_t>(count)) + (count == 1 ? " byte" : " bytes");
}

/// Reads one IDX array from a source, checking each step before the next.
class Reader {
public:
    Reader(ByteSource& source, std::string name) : m_source(source) {
        m_array.name = std::move(name);
    }

    Expected<IdxArray> read(std::uint64_t memoryBudget) {
        const Expected<void> header = readHeader();
        if (!header) {
            return tl::unexpected(header.error());
        }
        const Expected<std::uint64_t> size = checkedSize(memoryBudget);
        if (!size) {
            return tl::unexpected(size.error());
        }
        const Expected<void> data = readData(*size);
        if (!data) {
            return tl::unexpected(data.error());
        }
        return std::move(m_array);
    }

private:
    Expected<void> readHeader() {
        std::array<std::uint8_t, 4> magic{};
        const Expected<void> read = readExactly(magic, "the 4 bytes of an IDX header");
        if (!read) {
            return read;
        }
        const std::optional<IdxType> type = idxType(magic[2]);
        if (magic[0] != 0 || magic[1] != 0 || !type || magic[3] < 1 || magic[3] > kLargestRank) {
            return fault(m_array.name, 0,
                         "expected the start of an IDX file (00 00, a type such as 08, 1 to 4 "
                         "dimensions), found " +
                             hexText(magic) +
                             ". Choose an IDX file such as "
                             "train-images-idx3-ubyte.gz.");
        }
        m_array.type = *type;
        for (int axis = 0; axis < magic[3]; ++axis) {
            std::array<std::uint8_t, 4> extent{};
            const Expected<void> extentRead = readExactly(extent, "4 bytes of a dimension");
            if (!extentRead) {
                return extentRead;
            }
            m_array.extents.push_back((std::int64_t{extent[0]} << 24) | (extent[1] << 16) |
                                      (extent[2] << 8) | extent[3]);
        }
        return {};
    }

    Expected<std::uint64_t> checkedSize(std::uint64_t memoryBudget) const {
        std::optional<std::int64_t> size = static_cast<std::int64_t>(elementBytes(m_array.type));
        for (const std::int64_t extent : m_array.extents) {
            size = size ? checkedProduct(*size, extent) : size;
        }
        const std::string claim = "the header says " + shapeText(Shape(m_array.extents));
        if (!size) {
            return fault(m_array.name, 4,
                         claim + " elements, more than any file can hold. The header is damaged; "
                                 "get the file again.");
        }
        const auto bytes = static_cast<std::uint64_t>(*size);
        if (bytes > m_source.bound()) {
            return fault(m_array.name, 4,
                         claim + ", so " + countedBytes(bytes) + " must follow, but " +
                             (m_source.isUnpacked() ? "the packed data cannot hold more than "
                                                    : "the file has only ") +
                             countedBytes(m_source.bound()) +
                             ". The file is cut off or its header is wrong; get it again.");
        }
        if (bytes > memoryBudget) {
            return failure(ErrorCode::TooLarge,
                           m_array.name + ": " + claim + ", which needs " + byteText(*size) +
                               " of memory; at most " +
                               byteText(static_cast<std::int64_t>(memoryBudget)) +
                               " may be used. Use fewer or smaller images.");
        }
        return bytes;
    }

    Expected<void> readData(std::uint64_t size) {
        m_array.bytes.resize(size);
        const Expected<void> read = readExactly(m_array.bytes, "");
        if (!read) {
            return read;
        }
        std::array<std::uint8_t, 1> more{};
        const Expected<std::size_t> count = m_source.read(more);
        if (!count) {
            return tl::unexpected(count.error());
        }
        if (*count > 0) {
            return fault(m_array.name, m_offset,
                         "the header says " + shapeText(Shape(m_array.extents)) +
                             ", so the data should end here, but more bytes follow. The header "
                             "and the data do not belong together; get the file again.");
        }
        return {};
    }

    Expected<void> readExactly(std::span<std::uint8_t> out, const std::string& what) {
        const Expected<std::size_t> count = m_source.read(out);
        if (!count) {
            return tl::unexpected(count.error());
        }
        m_offset += *count;
        if (*count < out.size()) {
            const std::string expected =
                what.empty() ? countedBytes(out.size()) + " of data" : what;
            return fault(m_array.name, m_offset,
                         "expected " + expected + ", but " +
                             (m_source.isUnpacked() ? "the unpacked data end" : "the file ends") +
                             " after " + countedBytes(*count) +
                             " of them. The file is cut off; get it again.");
        }
        return {};
    }

    ByteSource& m_source;
    IdxArray m_array;
    std::uint64_t m_offset = 0;
};

/// Big-endian whole number; the type has been checked.
std::int32_t wholeNumber(const IdxArray& array, std::size_t index) {
    const std::size_t width = elementBytes(array.type);
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < width; ++i) {
        value = (value << 8) | array.bytes[index * width + i];
    }
    switch (array.type) {
    case IdxType::Int8:
        return static_cast<std::int8_t>(value);
    case IdxType::Int16:
        return static_cast<std::int16_t>(value);
    case IdxType::UInt8:
    case IdxType::Int32:
    case IdxType::Float32:
    case IdxType::Float64:
        break;
    }
    return static_cast<std::int32_t>(value);
}

Expected<IdxArray> readFrom(const Expected<std::unique_ptr<ByteSource>>& source,
                            const std::string& name, std::uint64_t memoryBudget) {
    if (!source) {
        return tl::unexpected(source.error());
    }
    return Reader(**source, name).read(memoryBudget);
}

} // namespace

std::size_t IdxArray::offsetOf(std::size_t index) const {
    return 4 + 4 * extents.size() + index * elementBytes(type);
}

Expected<IdxArray> readIdx(const std::filesystem::path& path, std::uint64_t memoryBudget) {
    return readFrom(openFile(path), path.string(), memoryBudget);
}

Expected<IdxArray> parseIdx(std::span<const std::byte> bytes, const std::string& name,
                            std::uint64_t memoryBudget) {
    return readFrom(openMemory(bytes, name), name, memoryBudget);
}

Expected<std::vector<std::int32_t>> idxLabels(const IdxArray& array) {
    if (array.extents.size() != 1 || array.type == IdxType::Float32 ||
        array.type == IdxType::Float64) {
        return fault(array.name, 2,
                     "expected labels (1 dimension of whole numbers), found " +
                         shapeText(Shape(array.extents)) +
                         (array.extents.size() == 1 ? " of fractions" : "") +
                         ". Choose the file with labels in its name.");
    }
    std::vector<std::int32_t> labels(static_cast<std::size_t>(array.extents[0]));
    for (std::size_t i = 0; i < labels.size(); ++i) {
        labels[i] = wholeNumber(array, i);
        if (labels[i] < 0 || labels[i] > kLargestLabel) {
            return fault(array.name, array.offsetOf(i),
                         "label " + std::to_string(labels[i]) + " of image " +
                             withThousands(static_cast<std::int64_t>(i)) +
                             " is out of range; expected 0 to " + withThousands(kLargestLabel) +
                             ". Correct the label.");
        }
    }
    return labels;
}

} // namespace nn::data
