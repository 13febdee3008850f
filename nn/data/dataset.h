#pragma once

#include "nn/base/error.h"
#include "nn/data/image.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace nn::data {

/// What images may take in memory unless the caller says otherwise.
inline constexpr std::uint64_t kMemoryBudget = std::uint64_t{4} << 30;

/// Where images come from and under which terms.
struct Provenance {
    std::string title;
    std::string location;
    std::string licence;
    std::string attribution;

    bool operator==(const Provenance&) const = default;
};

/// What a Dataset is made of: images [N][H][W][C], one label per image.
struct DatasetParts {
    ImageShape shape;
    std::vector<std::uint8_t> pixels;
    std::vector<std::int32_t> labels;
    std::vector<std::string> classNames;
    Provenance provenance;
};

/// Labelled images of one size; a value, copies and subsets share the pixels.
class Dataset {
public:
    Dataset();

    /// Fails when sizes disagree or a label has no class name.
    [[nodiscard]] static Expected<Dataset> fromParts(DatasetParts parts);

    [[nodiscard]] std::int64_t size() const;
    [[nodiscard]] bool isEmpty() const { return size() == 0; }
    [[nodiscard]] ImageShape shape() const;
    [[nodiscard]] std::int64_t classCount() const;
    [[nodiscard]] const std::vector<std::string>& classNames() const;
    [[nodiscard]] const Provenance& provenance() const;
    [[nodiscard]] std::span<const std::int32_t> labels() const;

    /// Bytes of image `index`, [H][W][C].
    [[nodiscard]] std::span<const std::uint8_t> sample(std::int64_t index) const;
    [[nodiscard]] Image image(std::int64_t index) const;
    [[nodiscard]] std::int32_t label(std::int64_t index) const;
    /// Name of the class of image `index`.
    [[nodiscard]] const std::string& labelName(std::int64_t index) const;

    /// What all images that are kept take in memory, also those that are not in this part.
    [[nodiscard]] std::int64_t storedBytes() const;
    [[nodiscard]] bool sharesPixels(const Dataset& other) const;

    /// Images of each class.
    [[nodiscard]] std::vector<std::int64_t> classCounts() const;
    /// First image of class `label`, if there is one.
    [[nodiscard]] std::optional<std::int64_t> firstOf(std::int32_t label) const;

    /// Writes the images at `indices` to `out` as pixel / 255 (the same bits as Keras' x / 255).
    void gather(std::span<const std::int64_t> indices, std::span<float> out) const;
    void gatherLabels(std::span<const std::int64_t> indices, std::span<std::int32_t> out) const;

    /// The images at `indices`, in that order, without copying pixels.
    [[nodiscard]] Dataset subset(std::span<const std::int64_t> indices) const;

private:
    struct Storage;

    std::shared_ptr<const Storage> m_storage;
    std::shared_ptr<const std::vector<std::int64_t>> m_rows; // null: all, in order
    std::shared_ptr<const std::vector<std::int32_t>> m_labels;
};

/// Where the test images of a source come from.
enum class TestOrigin { None, Given, HeldOut };

/// What opening a data set gives.
struct DataSource {
    Dataset train;
    std::optional<Dataset> test = std::nullopt;
    TestOrigin testOrigin = TestOrigin::None;
    /// Sentences the user has to be told: what was resized, skipped, held out.
    std::vector<std::string> notes = {};
};

} // namespace nn::data
