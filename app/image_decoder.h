#pragma once

#include "nn/data/image.h"

#include <QImage>
#include <span>

namespace app {

/// Pictures with more pixels than this are refused before they are decoded.
inline constexpr qint64 kMaxImagePixels = qint64{64} * 1024 * 1024;

/// Reads picture files with Qt; works without a window. Everything with a limit.
[[nodiscard]] nn::data::ImageDecoder imageDecoder();

/// A picture as the engine has it: grey or RGB; transparency lies on black.
[[nodiscard]] nn::data::Image toImage(const QImage& picture);
/// A picture of the engine as Qt shows it.
[[nodiscard]] QImage toQImage(const nn::data::Image& image);
/// The same for bytes of a data set.
[[nodiscard]] QImage toQImage(std::span<const std::uint8_t> pixels,
                              const nn::data::ImageShape& shape);

} // namespace app
