#include "nn/train/train_data.h"

namespace nn {

const ArrayData* TrainData::arrays() const {
    const auto* arrays = std::get_if<std::shared_ptr<const ArrayData>>(&m_data);
    return arrays == nullptr ? nullptr : arrays->get();
}

std::int64_t TrainData::size() const {
    if (const data::Dataset* dataset = images()) {
        return dataset->size();
    }
    if (m_rows != nullptr) {
        return static_cast<std::int64_t>(m_rows->size());
    }
    return arrays() == nullptr ? 0 : arrays()->size();
}

std::int64_t TrainData::bytes() const {
    if (const data::Dataset* dataset = images()) {
        return dataset->storedBytes();
    }
    std::int64_t bytes = 0;
    if (const ArrayData* all = arrays()) {
        const auto add = [&bytes](std::size_t count, std::size_t size) {
            bytes += static_cast<std::int64_t>(count * size);
        };
        for (const Tensor& input : all->inputs) {
            add(input.values().size(), sizeof(float));
        }
        for (const TargetArray& target : all->targets) {
            add(target.labels.size(), sizeof(std::int32_t));
            add(target.values.values().size(), sizeof(float));
        }
        add(all->sampleWeights.size(), sizeof(float));
    }
    return bytes;
}

bool TrainData::sharesMemory(const TrainData& other) const {
    if (images() != nullptr && other.images() != nullptr) {
        return images()->sharesPixels(*other.images());
    }
    return arrays() != nullptr && arrays() == other.arrays();
}

TrainData TrainData::subset(std::span<const std::int64_t> rows) const {
    if (const data::Dataset* dataset = images()) {
        return dataset->subset(rows);
    }
    std::vector<std::int64_t> chosen;
    chosen.reserve(rows.size());
    for (const std::int64_t index : rows) {
        chosen.push_back(row(index));
    }
    TrainData part = *this;
    part.m_rows = std::make_shared<const std::vector<std::int64_t>>(std::move(chosen));
    return part;
}

} // namespace nn
