#include "nn/io/safetensors.h"

#include "nn/base/text.h"
#include "nn/io/file.h"
#include "nn/io/json.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace nn::io {
namespace {

static_assert(std::endian::native == std::endian::little, "float32 is written as it lies");

constexpr std::size_t kLengthBytes = 8;
constexpr std::uint64_t kLongestHead = 100'000'000;

/// Where a tensor of the file lies, relative to the end of the head.
struct Entry {
    std::string name;
    Shape shape;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

Expected<Shape> shapeOf(const Json& json, const std::string& name) {
    std::vector<std::int64_t> extents;
    if (!json.is_array()) {
        return invalidFile("Tensor \"" + name + "\": expected a list as its shape.");
    }
    for (const Json& extent : json) {
        if (!extent.is_number_unsigned() ||
            extent.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX)) {
            return invalidFile("Tensor \"" + name +
                               "\": expected whole numbers from 0 in its shape, but "
                               "received " +
                               extent.dump().substr(0, 40) + ".");
        }
        extents.push_back(extent.get<std::int64_t>());
    }
    return Shape(std::move(extents));
}

Expected<Entry> entryOf(const std::string& name, const Json& json) {
    const Expected<std::string> type = textMember(json, "dtype");
    if (!type) {
        return tl::unexpected(type.error().in("Tensor \"" + name + "\""));
    }
    if (*type != "F32") {
        return failure(ErrorCode::Unsupported, "Tensor \"" + name +
                                                   "\": expected float32 (F32), but received " +
                                                   *type + ". Convert the file to float32.");
    }
    const auto shapeMember = json.find("shape");
    const auto offsets = json.find("data_offsets");
    if (shapeMember == json.end() || offsets == json.end() || !offsets->is_array() ||
        offsets->size() != 2 || !(*offsets)[0].is_number_unsigned() ||
        !(*offsets)[1].is_number_unsigned()) {
        return invalidFile("Tensor \"" + name + "\": expected a shape and two data_offsets.");
    }
    Expected<Shape> shape = shapeOf(*shapeMember, name);
    if (!shape) {
        return tl::unexpected(shape.error());
    }
    Entry entry{name, *std::move(shape), (*offsets)[0].get<std::uint64_t>(),
                (*offsets)[1].get<std::uint64_t>()};
    const std::optional<std::int64_t> elements = entry.shape.elements();
    const std::optional<std::int64_t> bytes =
        elements ? checkedProduct(*elements, sizeof(float)) : std::nullopt;
    if (!bytes || entry.end < entry.begin ||
        entry.end - entry.begin != static_cast<std::uint64_t>(*bytes)) {
        return invalidFile("Tensor \"" + name + "\": its shape " + shapeText(entry.shape) +
                           " does not agree with its data_offsets " + std::to_string(entry.begin) +
                           " to " + std::to_string(entry.end) + ".");
    }
    return entry;
}

Expected<void> checkAreas(std::vector<Entry>& entries, std::uint64_t dataBytes) {
    std::ranges::sort(entries, {}, &Entry::begin);
    std::uint64_t expected = 0;
    for (const Entry& entry : entries) {
        if (entry.begin != expected) {
            return invalidFile(
                "Tensor \"" + entry.name + "\": expected its data at " + std::to_string(expected) +
                ", but it begins at " + std::to_string(entry.begin) +
                (entry.begin < expected ? ", inside another tensor." : ", leaving a hole."));
        }
        expected = entry.end;
    }
    if (expected != dataBytes) {
        return invalidFile("The tensors take " + std::to_string(expected) +
                           " bytes, but the file holds " + std::to_string(dataBytes) +
                           (expected > dataBytes ? ": it is cut off." : "."));
    }
    return {};
}

} // namespace

std::string safetensorsHead(const std::vector<std::pair<std::string, Shape>>& tensors) {
    Json json = Json::object();
    std::int64_t offset = 0;
    for (const auto& [name, shape] : tensors) {
        const std::int64_t end = offset + shape.count() * static_cast<std::int64_t>(sizeof(float));
        json[name] = {
            {"dtype", "F32"}, {"shape", shape.extents()}, {"data_offsets", {offset, end}}};
        offset = end;
    }
    std::string text = json.dump();
    text.append((8 - text.size() % 8) % 8, ' ');
    const std::uint64_t length = text.size();
    std::string head(kLengthBytes, '\0');
    std::memcpy(head.data(), &length, kLengthBytes);
    return head + text;
}

Expected<std::vector<NamedTensor>> tensorsFromSafetensors(std::string_view content) {
    std::uint64_t length = 0;
    if (content.size() < kLengthBytes) {
        return invalidFile("Expected a safetensors file, but it has only " +
                           std::to_string(content.size()) + " bytes.");
    }
    std::memcpy(&length, content.data(), kLengthBytes);
    if (length > kLongestHead || length > content.size() - kLengthBytes) {
        return invalidFile("The head should be " + std::to_string(length) +
                           " bytes long (byte 0), but the file has " +
                           std::to_string(content.size()) + " bytes in all.");
    }
    const Expected<Json> head = parsedJson(content.substr(kLengthBytes, length));
    if (!head) {
        return tl::unexpected(head.error().in("head of the safetensors file"));
    }
    if (!head->is_object()) {
        return invalidFile("Expected an object as the head of the safetensors file.");
    }
    std::vector<Entry> entries;
    for (const auto& [name, json] : head->items()) {
        if (name == "__metadata__") {
            continue;
        }
        Expected<Entry> entry = entryOf(name, json);
        if (!entry) {
            return tl::unexpected(entry.error());
        }
        entries.push_back(*std::move(entry));
    }
    const std::string_view data = content.substr(kLengthBytes + length);
    if (auto checked = checkAreas(entries, data.size()); !checked) {
        return tl::unexpected(checked.error());
    }
    std::vector<NamedTensor> tensors;
    for (const Entry& entry : entries) {
        Tensor tensor(entry.shape);
        std::memcpy(tensor.values().data(), data.data() + entry.begin, entry.end - entry.begin);
        tensors.push_back({entry.name, std::move(tensor)});
    }
    return tensors;
}

Expected<void> saveSafetensors(const std::filesystem::path& path,
                               const std::vector<NamedTensor>& tensors) {
    std::vector<std::pair<std::string, Shape>> shapes;
    for (const NamedTensor& tensor : tensors) {
        shapes.emplace_back(tensor.name, tensor.tensor.shape());
    }
    std::string content = safetensorsHead(shapes);
    for (const NamedTensor& tensor : tensors) {
        const auto bytes = std::as_bytes(tensor.tensor.values());
        content.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
    return replaceFile(path, std::string_view(content));
}

} // namespace nn::io
