#pragma once

#include "nn/base/error.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace nn::data {

/// The image files of a folder of classes, sorted by class and name.
struct ImageListing {
    struct Entry {
        std::filesystem::path path;
        std::int32_t label = 0;
    };

    std::vector<std::string> classNames;
    std::vector<Entry> entries;
};

/// The sub-folders of a folder that are not hidden, sorted by name.
[[nodiscard]] Expected<std::vector<std::filesystem::path>>
visibleFolders(const std::filesystem::path& root);

/// Lists root/class/*.png|jpg|…; at least two classes, at least one image in each.
[[nodiscard]] Expected<ImageListing> listImages(const std::filesystem::path& root);

} // namespace nn::data
