#pragma once

#include "nn/base/error.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace nn::data {

/// Height, width and channels (1 grey, 3 RGB) of one image.
struct ImageShape {
    int height = 0;
    int width = 0;
    int channels = 1;

    /// Number of bytes of one image.
    [[nodiscard]] std::size_t bytes() const;

    bool operator==(const ImageShape&) const = default;
};

/// "28×28 grey", "32×32 RGB".
[[nodiscard]] std::string text(const ImageShape& shape);

/// One picture, rows from the top, channels interleaved (HWC), 8 bits each.
struct Image {
    ImageShape shape;
    std::vector<std::uint8_t> pixels;

    bool operator==(const Image&) const = default;
};

/// Reads image files; passed in because the engine has no decoder of its own.
struct ImageDecoder {
    /// The shape from the file's header alone; must be quick.
    std::function<Expected<ImageShape>(const std::filesystem::path&)> probe;
    /// The whole picture in its own size; 4 channels are accepted, alpha is dropped.
    std::function<Expected<Image>(const std::filesystem::path&)> decode;
};

} // namespace nn::data
