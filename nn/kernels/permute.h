#pragma once

#include "nn/base/parallel.h"
#include "nn/tensor/shape.h"

#include <span>
#include <vector>

namespace nn {

/// Axes in another order: axis i of the result is axis order[i] of the source. Shapes are without
/// batch.
class Permutation {
public:
    Permutation(const Shape& source, const std::vector<std::size_t>& order);

    /// Nothing moves.
    [[nodiscard]] bool isIdentity() const { return m_isIdentity; }
    [[nodiscard]] Permutation inverse() const;
    void run(Parallel& parallel, std::int64_t batch, std::span<const float> source,
             std::span<float> target) const;

private:
    /// A matrix within a sample: along `columns` the target, along `rows` the source is contiguous.
    struct Patch {
        std::int64_t source = 0;
        std::int64_t target = 0;
    };
    void copyPatch(const float* source, float* target) const;

    Shape m_result;
    std::vector<std::size_t> m_inverse;
    bool m_isIdentity = false;
    std::int64_t m_sampleFloats = 1;
    std::int64_t m_rows = 1;
    std::int64_t m_columns = 1;
    std::int64_t m_sourceStride = 1; ///< Between columns.
    std::int64_t m_targetStride = 1; ///< Between rows.
    std::vector<Patch> m_patches;
};

} // namespace nn
