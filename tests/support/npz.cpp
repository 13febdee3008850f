#include "tests/support/npz.h"

#include "nn/base/text.h"

#include <QFile>
#include <cstring>

namespace tests {
namespace {

using nn::ErrorCode;
using nn::Expected;
using nn::failure;

/// Little-endian numbers at places that are checked.
class Bytes {
public:
    explicit Bytes(std::string_view bytes) : m_bytes(bytes) {}

    template <typename T>
    [[nodiscard]] std::optional<T> at(std::size_t offset) const {
        if (offset > m_bytes.size() || m_bytes.size() - offset < sizeof(T)) {
            return std::nullopt;
        }
        T value{};
        std::memcpy(&value, m_bytes.data() + offset, sizeof(T));
        return value;
    }
    [[nodiscard]] std::optional<std::string_view> part(std::size_t offset, std::size_t size) const {
        if (offset > m_bytes.size() || m_bytes.size() - offset < size) {
            return std::nullopt;
        }
        return m_bytes.substr(offset, size);
    }

private:
    std::string_view m_bytes;
};

template <typename T>
std::vector<double> numbers(std::string_view bytes) {
    std::vector<double> values(bytes.size() / sizeof(T));
    for (std::size_t i = 0; i < values.size(); ++i) {
        T value{};
        std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
        values[i] = static_cast<double>(value);
    }
    return values;
}

/// What stands behind a key of the header: {'descr': '<f4', 'fortran_order': False, 'shape': (2,)}
std::string_view headerValue(std::string_view header, std::string_view key, char end) {
    const std::size_t found = header.find(key);
    if (found == std::string_view::npos) {
        return {};
    }
    header.remove_prefix(found + key.size());
    return nn::trimmed(header.substr(0, header.find(end)));
}

std::optional<nn::Shape> shapeFrom(std::string_view text) {
    std::vector<std::int64_t> extents;
    for (const std::string& part : nn::split(text, ',')) {
        if (nn::trimmed(part).empty()) {
            continue;
        }
        const auto extent = nn::parseInteger(nn::trimmed(part));
        if (!extent || *extent < 0) {
            return std::nullopt;
        }
        extents.push_back(*extent);
    }
    return nn::Shape(std::move(extents));
}

struct Member {
    std::string name;
    std::string_view content;
};

/// One entry of the central directory, and where the next begins.
std::optional<Member> memberAt(const Bytes& bytes, std::size_t& entry) {
    const auto size = bytes.at<std::uint32_t>(entry + 24);
    const auto nameSize = bytes.at<std::uint16_t>(entry + 28);
    const auto extraSize = bytes.at<std::uint16_t>(entry + 30);
    const auto commentSize = bytes.at<std::uint16_t>(entry + 32);
    const auto local = bytes.at<std::uint32_t>(entry + 42);
    if (!local || bytes.at<std::uint32_t>(entry) != 0x02014B50U ||
        bytes.at<std::uint16_t>(entry + 10) != 0) {
        return std::nullopt;
    }
    const auto name = bytes.part(entry + 46, *nameSize);
    const auto localName = bytes.at<std::uint16_t>(*local + 26U);
    const auto localExtra = bytes.at<std::uint16_t>(*local + 28U);
    if (!name || !localName || !localExtra) {
        return std::nullopt;
    }
    const auto content = bytes.part(*local + 30U + *localName + *localExtra, *size);
    entry += 46U + *nameSize + *extraSize + *commentSize;
    return content ? std::optional(Member{std::string(*name), *content}) : std::nullopt;
}

} // namespace

nn::Tensor NpyArray::tensor() const {
    const std::vector<float> floats(values.begin(), values.end());
    return nn::Tensor(shape, floats);
}

nn::Tensor NpyArray::row(std::int64_t index) const {
    const nn::Shape inner(std::vector<std::int64_t>(shape.begin() + 1, shape.end()));
    const auto first = values.begin() + index * inner.count();
    const std::vector<float> floats(first, first + inner.count());
    return nn::Tensor(inner, floats);
}

Expected<NpyArray> readNpy(std::string_view content) {
    const Bytes bytes(content);
    const auto headerSize = bytes.at<std::uint16_t>(8);
    const auto header = headerSize ? bytes.part(10, *headerSize) : std::nullopt;
    if (!header || !content.starts_with("\x93NUMPY\x01")) {
        return failure(ErrorCode::InvalidFile, "not a .npy of format 1.0");
    }
    const std::string_view type = headerValue(*header, "'descr': '", '\'');
    const auto shape = shapeFrom(headerValue(*header, "'shape': (", ')'));
    const std::string_view data = content.substr(10U + *headerSize);
    if (!shape || headerValue(*header, "'fortran_order': ", ',') != "False") {
        return failure(ErrorCode::InvalidFile, "a header that cannot be read");
    }
    NpyArray array{*shape, std::string(type), {}};
    if (type == "<f4") {
        array.values = numbers<float>(data);
    } else if (type == "<f8") {
        array.values = numbers<double>(data);
    } else if (type == "<i4") {
        array.values = numbers<std::int32_t>(data);
    } else if (type == "<i8") {
        array.values = numbers<std::int64_t>(data);
    } else {
        return failure(ErrorCode::Unsupported, "numbers of type " + array.type);
    }
    if (static_cast<std::int64_t>(array.values.size()) != shape->count()) {
        return failure(ErrorCode::InvalidFile, "a different count of numbers than its shape");
    }
    return array;
}

Expected<Npz> readNpz(const std::filesystem::path& path) {
    QFile file(QString::fromStdString(path.string()));
    if (!file.open(QIODevice::ReadOnly)) {
        return failure(ErrorCode::Io, path.string() + " cannot be read");
    }
    const std::string content = file.readAll().toStdString();
    const std::size_t end = content.rfind("PK\x05\x06");
    const Bytes bytes(content);
    const auto count = end == std::string::npos ? std::nullopt : bytes.at<std::uint16_t>(end + 10);
    const auto start = end == std::string::npos ? std::nullopt : bytes.at<std::uint32_t>(end + 16);
    if (!count || !start) {
        return failure(ErrorCode::InvalidFile, path.string() + " is no zip file");
    }
    Npz arrays;
    std::size_t entry = *start;
    for (int i = 0; i < *count; ++i) {
        const std::optional<Member> member = memberAt(bytes, entry);
        if (!member || !member->name.ends_with(".npy")) {
            return failure(ErrorCode::InvalidFile, path.string() + ": a member cannot be read");
        }
        Expected<NpyArray> array = readNpy(member->content);
        if (!array) {
            return failure(array.error(), member->name);
        }
        arrays.emplace(member->name.substr(0, member->name.size() - 4), std::move(*array));
    }
    return arrays;
}

} // namespace tests
