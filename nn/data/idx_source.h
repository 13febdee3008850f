#pragma once

#include "nn/base/error.h"
#include "nn/data/idx.h"
#include "nn/data/sources.h"

#include <filesystem>
#include <string>
#include <vector>

namespace nn::data {

/// True when the name is that of an IDX file of images, such as "train-images-idx3-ubyte.gz".
[[nodiscard]] bool isIdxImagesName(const std::string& fileName);

/// True when the name is that of an IDX file of labels.
[[nodiscard]] bool isIdxLabelsName(const std::string& fileName);

/// One part (training or test) from images and labels that were read.
[[nodiscard]] Expected<DatasetParts> partsFromIdx(IdxArray images, const IdxArray& labels);

/// A training and, if there is one, a test part; both get the class names of the larger.
[[nodiscard]] Expected<DataSource> sourceFromParts(std::vector<DatasetParts> parts,
                                                   const DataOptions& options);

/// A folder with the four MNIST-named files, or one pair of images and labels.
[[nodiscard]] Expected<DataSource> openIdxFolder(const std::filesystem::path& folder,
                                                 const DataOptions& options);

/// One IDX file of images (or its labels); the other file of the pair is found beside it.
[[nodiscard]] Expected<DataSource> openIdxFile(const std::filesystem::path& file,
                                               const DataOptions& options);

} // namespace nn::data
