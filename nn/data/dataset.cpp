#include "nn/data/dataset.h"

#include "nn/base/text.h"
#include "nn/data/unit_floats.h"

#include <algorithm>
#include <cassert>

namespace nn::data {
namespace {

std::string count(std::size_t value) {
    return withThousands(static_cast<std::int64_t>(value));
}

Expected<void> checkParts(const DatasetParts& parts) {
    const ImageShape& shape = parts.shape;
    const bool isKnown = shape.channels == 1 || shape.channels == 3 || shape.channels == 4;
    if (shape.height < 1 || shape.width < 1 || !isKnown) {
        return failure(ErrorCode::InvalidFile,
                       parts.provenance.title + ": images of " + text(shape) +
                           " cannot be used. Expected at least 1×1 pixels, grey or RGB.");
    }
    if (parts.labels.empty()) {
        return failure(ErrorCode::InvalidFile, parts.provenance.title +
                                                   ": there are no images. Use data with at least "
                                                   "one image for each class.");
    }
    if (parts.pixels.size() != shape.bytes() * parts.labels.size()) {
        return failure(ErrorCode::InvalidFile,
                       parts.provenance.title + ": expected " + count(parts.labels.size()) +
                           " images of " + text(shape) + ", one for each label, received " +
                           count(parts.pixels.size() / shape.bytes()) +
                           " images. Use images and labels that belong together.");
    }
    const auto classes = static_cast<std::int32_t>(parts.classNames.size());
    const auto wrong = std::ranges::find_if(
        parts.labels, [&](std::int32_t label) { return label < 0 || label >= classes; });
    if (wrong != parts.labels.end()) {
        const auto at = static_cast<std::size_t>(wrong - parts.labels.begin());
        return failure(ErrorCode::InvalidFile,
                       parts.provenance.title + ": label " + std::to_string(*wrong) + " of image " +
                           count(at) + " is out of range; expected 0 to " +
                           std::to_string(classes - 1) + ". Correct the label.");
    }
    return {};
}

/// Removes the fourth channel in place.
void dropAlpha(DatasetParts& parts) {
    const std::size_t pixelCount = parts.pixels.size() / 4;
    for (std::size_t i = 0; i < pixelCount; ++i) {
        std::copy_n(parts.pixels.begin() + static_cast<std::ptrdiff_t>(4 * i), 3,
                    parts.pixels.begin() + static_cast<std::ptrdiff_t>(3 * i));
    }
    parts.pixels.resize(3 * pixelCount);
    parts.shape.channels = 3;
}

} // namespace

struct Dataset::Storage {
    ImageShape shape;
    std::vector<std::uint8_t> pixels;
    std::vector<std::string> classNames;
    Provenance provenance;
};

Dataset::Dataset()
    : m_storage(std::make_shared<const Storage>()),
      m_labels(std::make_shared<const std::vector<std::int32_t>>()) {}

Expected<Dataset> Dataset::fromParts(DatasetParts parts) {
    const Expected<void> checked = checkParts(parts);
    if (!checked) {
        return tl::unexpected(checked.error());
    }
    if (parts.shape.channels == 4) {
        dropAlpha(parts);
    }
    Dataset dataset;
    dataset.m_storage = std::make_shared<const Storage>(
        Storage{parts.shape, std::move(parts.pixels), std::move(parts.classNames),
                std::move(parts.provenance)});
    dataset.m_labels = std::make_shared<const std::vector<std::int32_t>>(std::move(parts.labels));
    return dataset;
}

std::int64_t Dataset::size() const {
    return static_cast<std::int64_t>(m_labels->size());
}

ImageShape Dataset::shape() const {
    return m_storage->shape;
}

std::int64_t Dataset::classCount() const {
    return static_cast<std::int64_t>(m_storage->classNames.size());
}

const std::vector<std::string>& Dataset::classNames() const {
    return m_storage->classNames;
}

const Provenance& Dataset::provenance() const {
    return m_storage->provenance;
}

std::span<const std::int32_t> Dataset::labels() const {
    return *m_labels;
}

std::span<const std::uint8_t> Dataset::sample(std::int64_t index) const {
    assert(index >= 0 && index < size());
    const auto at = static_cast<std::size_t>(index);
    const std::size_t row = m_rows ? static_cast<std::size_t>((*m_rows)[at]) : at;
    const std::size_t bytes = m_storage->shape.bytes();
    return std::span(m_storage->pixels).subspan(row * bytes, bytes);
}

Image Dataset::image(std::int64_t index) const {
    const std::span<const std::uint8_t> pixels = sample(index);
    return {shape(), {pixels.begin(), pixels.end()}};
}

std::int32_t Dataset::label(std::int64_t index) const {
    assert(index >= 0 && index < size());
    return (*m_labels)[static_cast<std::size_t>(index)];
}

const std::string& Dataset::labelName(std::int64_t index) const {
    return m_storage->classNames[static_cast<std::size_t>(label(index))];
}

std::int64_t Dataset::storedBytes() const {
    return static_cast<std::int64_t>(m_storage->pixels.capacity() +
                                     m_labels->capacity() * sizeof(std::int32_t));
}

bool Dataset::sharesPixels(const Dataset& other) const {
    return m_storage == other.m_storage;
}

std::vector<std::int64_t> Dataset::classCounts() const {
    std::vector<std::int64_t> counts(m_storage->classNames.size());
    for (const std::int32_t label : *m_labels) {
        ++counts[static_cast<std::size_t>(label)];
    }
    return counts;
}

std::optional<std::int64_t> Dataset::firstOf(std::int32_t label) const {
    const auto found = std::ranges::find(*m_labels, label);
    if (found == m_labels->end()) {
        return std::nullopt;
    }
    return found - m_labels->begin();
}

void Dataset::gather(std::span<const std::int64_t> indices, std::span<float> out) const {
    assert(out.size() == indices.size() * m_storage->shape.bytes());
    const std::size_t bytes = m_storage->shape.bytes();
    for (std::size_t i = 0; i < indices.size(); ++i) {
        unitFloats(sample(indices[i]), out.subspan(i * bytes, bytes));
    }
}

void Dataset::gatherLabels(std::span<const std::int64_t> indices,
                           std::span<std::int32_t> out) const {
    assert(out.size() == indices.size());
    std::ranges::transform(indices, out.begin(), [this](std::int64_t i) { return label(i); });
}

Dataset Dataset::subset(std::span<const std::int64_t> indices) const {
    std::vector<std::int64_t> rows;
    std::vector<std::int32_t> labels;
    rows.reserve(indices.size());
    labels.reserve(indices.size());
    for (const std::int64_t index : indices) {
        rows.push_back(m_rows ? (*m_rows)[static_cast<std::size_t>(index)] : index);
        labels.push_back(label(index));
    }
    Dataset part = *this;
    part.m_rows = std::make_shared<const std::vector<std::int64_t>>(std::move(rows));
    part.m_labels = std::make_shared<const std::vector<std::int32_t>>(std::move(labels));
    return part;
}

} // namespace nn::data
