#include "nn/train/batch_feeder.h"

#include <algorithm>

namespace nn {

BatchFeeder::BatchFeeder(const data::Dataset& dataset, std::int64_t batchSize, Parallel& parallel)
    : m_dataset(dataset),
      m_batchSize(std::min(batchSize, std::max<std::int64_t>(dataset.size(), 1))),
      m_parallel(parallel), m_images(Shape{m_batchSize, dataset.shape().height,
                                           dataset.shape().width, dataset.shape().channels}),
      m_labels(static_cast<std::size_t>(m_batchSize)) {}

void BatchFeeder::begin(std::vector<std::int64_t> order) {
    m_order = std::move(order);
}

std::int64_t BatchFeeder::batches() const {
    return (static_cast<std::int64_t>(m_order.size()) + m_batchSize - 1) / m_batchSize;
}

Batch BatchFeeder::batch(std::int64_t index) {
    constexpr std::int64_t imagesPerTask = 16;
    const std::int64_t first = index * m_batchSize;
    const std::int64_t size =
        std::min(m_batchSize, static_cast<std::int64_t>(m_order.size()) - first);
    const auto imageFloats = static_cast<std::size_t>(m_images.size() / m_batchSize);
    const std::span<const std::int64_t> rows =
        std::span(m_order).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(size));
    const std::span<float> images = m_images.values();

    m_parallel.run((size + imagesPerTask - 1) / imagesPerTask, [&](std::int64_t task, int) {
        const auto begin = static_cast<std::size_t>(task * imagesPerTask);
        const std::size_t count = std::min<std::size_t>(imagesPerTask, rows.size() - begin);
        m_dataset.gather(rows.subspan(begin, count),
                         images.subspan(begin * imageFloats, count * imageFloats));
    });
    const std::span<std::int32_t> labels = std::span(m_labels).first(rows.size());
    m_dataset.gatherLabels(rows, labels);
    return {.images = images.first(rows.size() * imageFloats), .labels = labels, .size = size};
}

} // namespace nn
