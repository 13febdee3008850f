#pragma once

#include "nn/base/error.h"
#include "nn/data/sources.h"

#include <filesystem>

namespace nn::data {

/// Reads root/class/*.png|jpg|…; with root/train and root/test (or val) the test set is given.
[[nodiscard]] Expected<DataSource> openImageFolder(const std::filesystem::path& root,
                                                   const DataOptions& options);

} // namespace nn::data
