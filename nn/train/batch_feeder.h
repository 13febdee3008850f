#pragma once

#include "nn/base/parallel.h"
#include "nn/data/dataset.h"
#include "nn/tensor/tensor.h"

#include <cstdint>
#include <span>
#include <vector>

namespace nn {

/// One batch, ready for a network: [batch][h][w][c] in 0…1 and the class of every image.
struct Batch {
    std::span<const float> images;
    std::span<const std::int32_t> labels;
    std::int64_t size = 0;
};

/// Turns a data set, in a given order, into batches; the last one may be short.
class BatchFeeder {
public:
    BatchFeeder(const data::Dataset& dataset, std::int64_t batchSize, Parallel& parallel);

    /// Starts over in this order; it names every sample of an epoch.
    void begin(std::vector<std::int64_t> order);
    [[nodiscard]] std::int64_t batches() const;
    /// Batch number `index` of the order; valid until the next call.
    [[nodiscard]] Batch batch(std::int64_t index);

private:
    const data::Dataset& m_dataset;
    std::int64_t m_batchSize;
    Parallel& m_parallel;
    std::vector<std::int64_t> m_order;
    Tensor m_images;
    std::vector<std::int32_t> m_labels;
};

} // namespace nn
