#pragma once

#include "nn/data/dataset.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace nn::data {

/// T-shirt/top, Trouser, … Ankle boot.
[[nodiscard]] const std::vector<std::string>& fashionClassNames();

/// Title, licence and attribution of Fashion-MNIST or a part of it.
[[nodiscard]] Provenance fashionProvenance(const std::string& title, const std::string& location);

/// "0", "1", … for data whose names are not known.
[[nodiscard]] std::vector<std::string> numberedClassNames(std::size_t count);

/// True when the labels begin as those of Fashion-MNIST's training or test file do.
[[nodiscard]] bool areFashionLabels(std::span<const std::int32_t> labels);

} // namespace nn::data
