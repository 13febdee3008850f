#pragma once

#include "nn/base/error.h"
#include "nn/data/dataset.h"
#include "nn/data/image.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace nn::data {

/// Where packages put data sets: datasets/ below each folder of XDG_DATA_DIRS and /usr/share.
[[nodiscard]] std::vector<std::filesystem::path> systemDataFolders();

/// How data sets are found and read.
struct DataOptions {
    /// Folders of the user's that may hold Fashion-MNIST; looked into first.
    std::vector<std::filesystem::path> searchFolders;
    /// The system's folders of packaged data.
    std::vector<std::filesystem::path> systemFolders = systemDataFolders();
    /// Needed for image folders only.
    ImageDecoder decoder;
    /// Size for image folders; without it the most common size.
    std::optional<ImageShape> imageShape;
    /// Part kept apart for testing where the source has no test set of its own; 0 keeps none.
    double heldOutFraction = 0.2;
    std::uint64_t seed = 0;
    /// Data that would need more memory are refused before they are read.
    std::uint64_t memoryBudget = kMemoryBudget;
    /// Called now and then while an image folder is read.
    std::function<void(std::int64_t done, std::int64_t total)> progress;
    std::stop_token stop;
};

/// A data set that is known by a name.
struct KnownSource {
    std::string spec;
    std::string title;
    std::string description;
};

/// The names `openDataset` understands: digits, fashion-mini, fashion-mnist.
[[nodiscard]] const std::vector<KnownSource>& knownSources();

/// Opens a known name or a path: a folder of IDX files, one IDX file, a folder of image folders.
[[nodiscard]] Expected<DataSource> openDataset(std::string_view spec, const DataOptions& options);

} // namespace nn::data
