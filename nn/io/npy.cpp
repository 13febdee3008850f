#include "nn/io/npy.h"

#include "nn/base/text.h"
#include "nn/io/file.h"

#include <array>
#include <bit>
#include <cstring>
#include <optional>

namespace nn::io {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are read as they lie");

constexpr std::string_view kMagic = "\x93NUMPY";

/// The text behind 'key': in the dictionary of the header, up to a comma outside brackets.
std::optional<std::string> headerValue(std::string_view header, std::string_view key) {
    const std::size_t at = header.find("'" + std::string(key) + "'");
    const std::size_t colon = at == std::string_view::npos ? at : header.find(':', at);
    if (colon == std::string_view::npos) {
        return std::nullopt;
    }
    int depth = 0;
    for (std::size_t i = colon + 1; i < header.size(); ++i) {
        const char c = header[i];
        if (depth == 0 && (c == ',' || c == '}')) {
            return std::string(trimmed(header.substr(colon + 1, i - colon - 1)));
        }
        depth += c == '(' ? 1 : (c == ')' ? -1 : 0);
    }
    return std::nullopt;
}

std::optional<Shape> shapeFrom(std::string_view text) {
    if (text.size() < 2 || text.front() != '(' || text.back() != ')') {
        return std::nullopt;
    }
    std::vector<std::int64_t> extents;
    for (const std::string& part : split(text.substr(1, text.size() - 2), ',')) {
        const std::string_view word = trimmed(part);
        if (word.empty()) {
            continue;
        }
        const std::optional<std::int64_t> extent = parseInteger(word);
        if (!extent || *extent < 0) {
            return std::nullopt;
        }
        extents.push_back(*extent);
    }
    return Shape(std::move(extents));
}

template <typename T>
void convert(std::string_view data, std::span<float> values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        T value{};
        std::memcpy(&value, data.data() + i * sizeof(T), sizeof(T));
        values[i] = static_cast<float>(value);
    }
}

struct ElementType {
    std::string_view code;
    std::size_t bytes;
    void (*convert)(std::string_view, std::span<float>);
};

constexpr std::array kTypes{
    ElementType{"<f4", 4, convert<float>},         ElementType{"<f8", 8, convert<double>},
    ElementType{"|u1", 1, convert<std::uint8_t>},  ElementType{"|i1", 1, convert<std::int8_t>},
    ElementType{"<u2", 2, convert<std::uint16_t>}, ElementType{"<i2", 2, convert<std::int16_t>},
    ElementType{"<u4", 4, convert<std::uint32_t>}, ElementType{"<i4", 4, convert<std::int32_t>},
    ElementType{"<u8", 8, convert<std::uint64_t>}, ElementType{"<i8", 8, convert<std::int64_t>},
};

/// Length of the header dictionary and where it starts.
Expected<std::string_view> headerOf(std::string_view content, std::size_t& dataBegin) {
    if (content.size() < 10 || !content.starts_with(kMagic)) {
        return invalidFile("Expected a NumPy .npy file, but the first bytes are not "
                           "\"\\x93NUMPY\" (byte 0).");
    }
    const auto byteAt = [&](std::size_t i) {
        return static_cast<std::size_t>(static_cast<unsigned char>(content[i]));
    };
    const std::size_t version = byteAt(6);
    if (version < 1 || version > 3) {
        return invalidFile("Expected .npy format 1 to 3 (byte 6), but received " +
                           std::to_string(version) + ".");
    }
    const std::size_t lengthBytes = version == 1 ? 2 : 4;
    std::size_t length = 0;
    for (std::size_t i = 0; i < lengthBytes && 8 + i < content.size(); ++i) {
        length |= byteAt(8 + i) << (8 * i);
    }
    dataBegin = 8 + lengthBytes + length;
    if (dataBegin > content.size()) {
        return invalidFile("The header should end at byte " + std::to_string(dataBegin) +
                           ", but the file has " + std::to_string(content.size()) + " bytes.");
    }
    return content.substr(8 + lengthBytes, length);
}

} // namespace

Expected<Tensor> tensorFromNpy(std::string_view content) {
    std::size_t dataBegin = 0;
    const Expected<std::string_view> header = headerOf(content, dataBegin);
    if (!header) {
        return tl::unexpected(header.error());
    }
    const std::string type = headerValue(*header, "descr").value_or("");
    const std::optional<Shape> shape = shapeFrom(headerValue(*header, "shape").value_or(""));
    if (!shape || headerValue(*header, "fortran_order") != "False") {
        return invalidFile("Expected a shape and 'fortran_order': False in the .npy "
                           "header. Save it with numpy.ascontiguousarray.");
    }
    for (const ElementType& element : kTypes) {
        if (type != "'" + std::string(element.code) + "'") {
            continue;
        }
        const std::int64_t elements = shape->elements().value_or(INT64_MAX);
        const std::int64_t bytes =
            checkedProduct(elements, static_cast<std::int64_t>(element.bytes)).value_or(INT64_MAX);
        const std::string_view data = content.substr(dataBegin);
        if (static_cast<std::uint64_t>(bytes) != data.size()) {
            return invalidFile("The shape " + shapeText(*shape) + " needs " +
                               std::to_string(bytes) + " bytes from byte " +
                               std::to_string(dataBegin) + ", but the file has " +
                               std::to_string(data.size()) + ".");
        }
        Tensor tensor(*shape);
        element.convert(data, tensor.values());
        return tensor;
    }
    return failure(ErrorCode::Unsupported,
                   "Expected numbers (float32, float64 or whole numbers) in little endian, but "
                   "received the type " +
                       (type.empty() ? std::string("(none)") : type.substr(0, 80)) +
                       ". Save the array with .astype('float32').");
}

std::string npyText(const Tensor& tensor) {
    std::string shape;
    for (const std::int64_t extent : tensor.shape()) {
        shape += std::to_string(extent) + ", ";
    }
    if (tensor.shape().rank() > 1) {
        shape.resize(shape.size() - 2);
    } else if (tensor.shape().rank() == 1) {
        shape.pop_back();
    }
    std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + shape + "), }";
    constexpr std::size_t preamble = 10;
    header.append(63 - (preamble + header.size()) % 64, ' ');
    header += '\n';
    std::string content(kMagic);
    content += '\x01';
    content += '\0';
    content += static_cast<char>(header.size() & 0xFFU);
    content += static_cast<char>(header.size() >> 8U);
    content += header;
    const auto bytes = std::as_bytes(tensor.values());
    content.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return content;
}

} // namespace nn::io
