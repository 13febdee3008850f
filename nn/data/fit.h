#pragma once

#include "nn/base/error.h"
#include "nn/data/dataset.h"

#include <cstdint>
#include <string>

namespace nn::data {

/// A data set in another image shape and the sentence that tells the user what was done.
struct FittedDataset {
    Dataset dataset;
    std::string note; // empty when nothing had to change
};

/// "Images are 28×28 grey; the network wants 32×32 RGB: they will be resized and converted."; empty
/// when the shapes are equal.
[[nodiscard]] std::string fitNote(const ImageShape& from, const ImageShape& to);

/// The image in another size and number of channels.
[[nodiscard]] Image fitImage(const Image& image, const ImageShape& to);

/// All images in another size and number of channels; shares the pixels when nothing changes.
[[nodiscard]] Expected<FittedDataset> fitTo(const Dataset& dataset, const ImageShape& to,
                                            std::uint64_t memoryBudget = kMemoryBudget);

/// Both parts of a source; the note is appended to its notes.
[[nodiscard]] Expected<DataSource> fitTo(const DataSource& source, const ImageShape& to,
                                         std::uint64_t memoryBudget = kMemoryBudget);

} // namespace nn::data
