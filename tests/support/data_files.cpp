#include "tests/support/data_files.h"

#include <QTest>
#include <fstream>
#include <iterator>
#include <zlib.h>

namespace tests {

namespace fs = std::filesystem;
using nn::ErrorCode;
using nn::Expected;
using nn::failure;
using nn::data::Image;
using nn::data::ImageDecoder;
using nn::data::ImageShape;

fs::path TestFolder::write(const std::string& name, const Bytes& content) const {
    const fs::path file = path() / name;
    fs::create_directories(file.parent_path());
    std::ofstream stream(file, std::ios::binary);
    stream.write(reinterpret_cast<const char*>(content.data()), std::ssize(content));
    return file;
}

Bytes bytes(std::string_view text) {
    return {text.begin(), text.end()};
}

Bytes counting(std::size_t count) {
    Bytes data(count);
    for (std::size_t i = 0; i < count; ++i) {
        data[i] = static_cast<std::uint8_t>(i % 251);
    }
    return data;
}

Bytes idx(std::uint8_t type, const std::vector<std::uint32_t>& extents, const Bytes& data) {
    Bytes file{0, 0, type, static_cast<std::uint8_t>(extents.size())};
    for (const std::uint32_t extent : extents) {
        for (const int shift : {24, 16, 8, 0}) {
            file.push_back(static_cast<std::uint8_t>(extent >> shift));
        }
    }
    file.insert(file.end(), data.begin(), data.end());
    return file;
}

Bytes gzip(const Bytes& content) {
    z_stream stream{};
    if (deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK) {
        qFatal("deflateInit2 failed");
    }
    Bytes packed(deflateBound(&stream, content.size()));
    Bytes input = content;
    stream.next_in = input.data();
    stream.avail_in = static_cast<uInt>(input.size());
    stream.next_out = packed.data();
    stream.avail_out = static_cast<uInt>(packed.size());
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END) {
        qFatal("deflate failed");
    }
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

Bytes pnm(const ImageShape& shape, const Bytes& pixels) {
    Bytes file = bytes((shape.channels == 1 ? "P5\n" : "P6\n") + std::to_string(shape.width) + " " +
                       std::to_string(shape.height) + "\n255\n");
    file.insert(file.end(), pixels.begin(), pixels.end());
    return file;
}

namespace {

Expected<Image> decodedPnm(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    std::string magic;
    int maximum = 0;
    Image image;
    stream >> magic >> image.shape.width >> image.shape.height >> maximum;
    if (!stream || (magic != "P5" && magic != "P6") || stream.get() != '\n') {
        return failure(ErrorCode::InvalidFile,
                       path.string() + ", byte 0: expected P5 or P6, this is no such picture.");
    }
    image.shape.channels = magic == "P5" ? 1 : 3;
    image.pixels.resize(image.shape.bytes());
    stream.read(reinterpret_cast<char*>(image.pixels.data()), std::ssize(image.pixels));
    if (!stream) {
        return failure(ErrorCode::InvalidFile, path.string() + ": the picture is cut off.");
    }
    return image;
}

Expected<ImageShape> probedPnm(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    std::string magic;
    ImageShape shape;
    stream >> magic >> shape.width >> shape.height;
    if (!stream || (magic != "P5" && magic != "P6")) {
        return failure(ErrorCode::InvalidFile, path.string() + ", byte 0: this is no picture.");
    }
    shape.channels = magic == "P5" ? 1 : 3;
    return shape;
}

} // namespace

ImageDecoder pnmDecoder() {
    return {.probe = probedPnm, .decode = decodedPnm};
}

} // namespace tests
