#include "nn/train/batch_feeder.h"

#include <algorithm>
#include <cmath>

namespace nn {
namespace {

/// The class of row `row`: its label, its number, or the place of its largest value.
std::int64_t classOfRow(const Targets& targets, std::size_t row, std::size_t width) {
    if (!targets.labels.empty()) {
        return targets.labels[row];
    }
    const std::span<const float> values = targets.values.subspan(row * width, width);
    return width == 1 ? static_cast<std::int64_t>(std::lround(values.front()))
                      : std::ranges::max_element(values) - values.begin();
}

template <typename T>
void appendRow(std::vector<T>& rows, std::span<const T> all, std::int64_t row, std::size_t length) {
    const auto part = all.subspan(static_cast<std::size_t>(row) * length, length);
    rows.insert(rows.end(), part.begin(), part.end());
}

} // namespace

BatchFeeder::BatchFeeder(const TrainData& data, std::int64_t batchSize, Parallel& parallel,
                         std::map<std::int64_t, double> classWeights)
    : m_data(data), m_batchSize(std::min(batchSize, std::max<std::int64_t>(data.size(), 1))),
      m_parallel(parallel), m_classWeights(std::move(classWeights)) {
    if (const data::Dataset* images = data.images()) {
        const data::ImageShape shape = images->shape();
        m_inputs.emplace_back(Shape{m_batchSize, shape.height, shape.width, shape.channels});
        m_targets.resize(1);
    } else {
        for (const Tensor& input : data.arrays()->inputs) {
            Shape shape = input.shape();
            shape[0] = m_batchSize;
            m_inputs.emplace_back(shape);
        }
        m_targets.resize(data.arrays()->targets.size());
    }
}

void BatchFeeder::begin(std::vector<std::int64_t> order) {
    m_order = std::move(order);
}

std::int64_t BatchFeeder::batches() const {
    return (static_cast<std::int64_t>(m_order.size()) + m_batchSize - 1) / m_batchSize;
}

Batch BatchFeeder::batch(std::int64_t index) {
    const std::int64_t first = index * m_batchSize;
    Batch batch;
    batch.size = std::min(m_batchSize, static_cast<std::int64_t>(m_order.size()) - first);
    const std::span<const std::int64_t> samples = std::span(m_order).subspan(
        static_cast<std::size_t>(first), static_cast<std::size_t>(batch.size));
    if (m_data.images() != nullptr) {
        gatherImages(samples, batch);
    } else {
        gatherArrays(samples, batch);
    }
    return batch;
}

void BatchFeeder::gatherImages(std::span<const std::int64_t> samples, Batch& batch) {
    constexpr std::int64_t imagesPerTask = 16;
    const data::Dataset& images = *m_data.images();
    Tensor& input = m_inputs.front();
    const auto imageFloats = static_cast<std::size_t>(input.size() / m_batchSize);
    const std::span<float> values = input.values();
    m_parallel.run((batch.size + imagesPerTask - 1) / imagesPerTask, [&](std::int64_t task, int) {
        const auto begin = static_cast<std::size_t>(task * imagesPerTask);
        const std::size_t count = std::min<std::size_t>(imagesPerTask, samples.size() - begin);
        images.gather(samples.subspan(begin, count),
                      values.subspan(begin * imageFloats, count * imageFloats));
    });
    TargetBuffer& target = m_targets.front();
    target.labels.resize(samples.size());
    images.gatherLabels(samples, target.labels);
    batch.inputs.emplace_back(values.first(samples.size() * imageFloats));
    Targets targets{.labels = target.labels};
    weigh(samples, 1, target, targets);
    batch.targets.push_back(targets);
}

void BatchFeeder::gatherArrays(std::span<const std::int64_t> samples, Batch& batch) {
    const ArrayData& arrays = *m_data.arrays();
    const auto all = static_cast<std::size_t>(arrays.size());
    for (std::size_t i = 0; i < m_inputs.size(); ++i) {
        const std::span<const float> from = arrays.inputs[i].values();
        const std::span<float> to = m_inputs[i].values();
        const std::size_t length = from.size() / all;
        for (std::size_t s = 0; s < samples.size(); ++s) {
            const auto row = static_cast<std::size_t>(m_data.row(samples[s]));
            std::ranges::copy(from.subspan(row * length, length),
                              to.subspan(s * length, length).begin());
        }
        batch.inputs.emplace_back(to.first(samples.size() * length));
    }
    for (std::size_t o = 0; o < m_targets.size(); ++o) {
        const TargetArray& from = arrays.targets[o];
        TargetBuffer& to = m_targets[o];
        to.labels.clear();
        to.values.clear();
        for (const std::int64_t sample : samples) {
            appendRow(to.labels, std::span(from.labels), m_data.row(sample),
                      from.labels.size() / all);
            appendRow(to.values, from.values.values(), m_data.row(sample),
                      static_cast<std::size_t>(from.values.size()) / all);
        }
        Targets targets{.labels = to.labels, .values = to.values};
        const Shape& shape = from.values.shape();
        weigh(samples, shape.rank() > 1 ? static_cast<std::size_t>(shape.back()) : 1, to, targets);
        batch.targets.push_back(targets);
    }
}

/// Sample weight times class weight; one for each row where rows of a sample differ in class.
void BatchFeeder::weigh(std::span<const std::int64_t> samples, std::size_t width,
                        TargetBuffer& target, Targets& targets) const {
    const ArrayData* arrays = m_data.arrays();
    const bool hasSampleWeights = arrays != nullptr && !arrays->sampleWeights.empty();
    if (m_classWeights.empty() && !hasSampleWeights) {
        return;
    }
    const std::size_t rows =
        targets.labels.empty() ? targets.values.size() / width : targets.labels.size();
    target.weights.assign(m_classWeights.empty() ? samples.size() : rows, 1.0F);
    for (std::size_t r = 0; r < target.weights.size(); ++r) {
        double weight = 1.0;
        if (hasSampleWeights) {
            const std::size_t sample = r * samples.size() / target.weights.size();
            const std::int64_t row = m_data.row(samples[sample]);
            weight = static_cast<double>(arrays->sampleWeights[static_cast<std::size_t>(row)]);
        }
        if (!m_classWeights.empty()) {
            const auto found = m_classWeights.find(classOfRow(targets, r, width));
            weight *= found == m_classWeights.end() ? 1.0 : found->second;
        }
        target.weights[r] = static_cast<float>(weight);
    }
    targets.weights = target.weights;
}

} // namespace nn
