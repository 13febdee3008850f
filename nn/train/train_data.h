#pragma once

#include "nn/data/dataset.h"
#include "nn/tensor/tensor.h"

#include <memory>
#include <span>
#include <variant>
#include <vector>

namespace nn {

/// What one output should have been, for all samples. Exactly one of the two is filled.
struct TargetArray {
    std::vector<std::int32_t> labels = {}; ///< Classes: [samples], or [samples][positions].
    Tensor values = {};                    ///< [samples][…], as the output.
};

/// Samples as Keras' fit takes them: an array for each input and each output of the network, in
/// the order of `Network::inputs()` and `outputs()`.
struct ArrayData {
    std::vector<Tensor> inputs = {}; ///< [samples][…]
    std::vector<TargetArray> targets = {};
    std::vector<float> sampleWeights = {}; ///< [samples]; empty: all count once.

    [[nodiscard]] std::int64_t size() const {
        return inputs.empty() || inputs.front().isEmpty() ? 0 : inputs.front().shape()[0];
    }
};

/// What a run learns from or checks with: labelled images, or arrays. A value; copies and subsets
/// share the numbers.
class TrainData {
public:
    TrainData() = default;
    // NOLINTNEXTLINE(google-explicit-constructor): labelled images are the usual data.
    TrainData(data::Dataset images) : m_data(std::move(images)) {}
    // NOLINTNEXTLINE(google-explicit-constructor): and arrays the other kind.
    TrainData(std::shared_ptr<const ArrayData> arrays) : m_data(std::move(arrays)) {}

    [[nodiscard]] std::int64_t size() const;
    [[nodiscard]] bool isEmpty() const { return size() == 0; }
    /// What the samples take in memory. Copies and subsets share it.
    [[nodiscard]] std::int64_t bytes() const;
    [[nodiscard]] bool sharesMemory(const TrainData& other) const;
    [[nodiscard]] TrainData subset(std::span<const std::int64_t> rows) const;

    /// The images, or nullptr.
    [[nodiscard]] const data::Dataset* images() const {
        return std::get_if<data::Dataset>(&m_data);
    }
    /// The arrays, or nullptr.
    [[nodiscard]] const ArrayData* arrays() const;
    /// The row of the arrays that is sample number `index`.
    [[nodiscard]] std::int64_t row(std::int64_t index) const {
        return m_rows == nullptr ? index : (*m_rows)[static_cast<std::size_t>(index)];
    }

private:
    std::variant<data::Dataset, std::shared_ptr<const ArrayData>> m_data;
    std::shared_ptr<const std::vector<std::int64_t>> m_rows; ///< Of arrays; null: all.
};

} // namespace nn
