#pragma once

#include <cstdint>
#include <span>

namespace nn::data {

/// out = pixels / 255, correctly rounded: the bits of Keras' x / 255 on every instruction set.
void unitFloats(std::span<const std::uint8_t> pixels, std::span<float> out);

} // namespace nn::data
