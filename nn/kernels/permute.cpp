#include "nn/kernels/permute.h"

#include "nn/kernels/map.h"

#include <Eigen/Core>
#include <algorithm>
#include <cstring>
#include <utility>

namespace nn {

namespace {

/// An axis of the result: its extent and the steps along it in source and target.
struct Axis {
    std::int64_t extent = 1;
    std::int64_t source = 1;
    std::int64_t target = 1;
};

/// The axes of the result, outermost first; neighbours that stay together are one axis.
std::vector<Axis> mergedAxes(const Shape& source, const std::vector<std::size_t>& order) {
    std::vector<std::int64_t> steps(source.rank(), 1);
    for (std::size_t i = source.rank(); i-- > 1;) {
        steps[i - 1] = steps[i] * source[i];
    }
    std::vector<Axis> axes;
    for (const std::size_t from : order) {
        if (source[from] == 1) {
            continue;
        }
        if (!axes.empty() && axes.back().source == steps[from] * source[from]) {
            axes.back() = {axes.back().extent * source[from], steps[from], 1};
        } else {
            axes.push_back({source[from], steps[from], 1});
        }
    }
    if (axes.empty()) {
        axes.emplace_back();
    }
    for (std::size_t i = axes.size(); i-- > 1;) {
        axes[i - 1].target = axes[i].target * axes[i].extent;
    }
    return axes;
}

} // namespace

Permutation::Permutation(const Shape& source, const std::vector<std::size_t>& order)
    : m_result(source), m_inverse(order.size()), m_sampleFloats(source.count()) {
    for (std::size_t i = 0; i < order.size(); ++i) {
        m_result[i] = source[order[i]];
        m_inverse[order[i]] = i;
    }
    std::vector<Axis> axes = mergedAxes(source, order);
    m_isIdentity = axes.size() == 1;
    m_columns = axes.back().extent;
    m_sourceStride = axes.back().source;
    axes.pop_back();
    const auto contiguous = std::ranges::find(axes, std::int64_t{1}, &Axis::source);
    if (m_sourceStride != 1 && contiguous != axes.end()) {
        m_rows = contiguous->extent;
        m_targetStride = contiguous->target;
        axes.erase(contiguous);
    }
    m_patches.emplace_back();
    for (const Axis& axis : axes) {
        const std::vector<Patch> outer = std::exchange(m_patches, {});
        for (const Patch& patch : outer) {
            for (std::int64_t i = 0; i < axis.extent; ++i) {
                m_patches.push_back(
                    {patch.source + i * axis.source, patch.target + i * axis.target});
            }
        }
    }
}

Permutation Permutation::inverse() const {
    return {m_result, m_inverse};
}

void Permutation::copyPatch(const float* source, float* target) const {
    if (m_sourceStride == 1) {
        std::memcpy(target, source, static_cast<std::size_t>(m_columns) * sizeof(float));
        return;
    }
    using Stride = Eigen::OuterStride<>;
    using From = Eigen::Map<const Eigen::MatrixXf, 0, Stride>;
    using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    using To = Eigen::Map<RowMajor, 0, Stride>;
    // Squares that stay in the nearest cache on both sides.
    constexpr std::int64_t tile = 32;
    for (std::int64_t row = 0; row < m_rows; row += tile) {
        const std::int64_t rows = std::min(tile, m_rows - row);
        for (std::int64_t column = 0; column < m_columns; column += tile) {
            const std::int64_t columns = std::min(tile, m_columns - column);
            To(target + row * m_targetStride + column, rows, columns, Stride(m_targetStride)) =
                From(source + row + column * m_sourceStride, rows, columns, Stride(m_sourceStride));
        }
    }
}

void Permutation::run(Parallel& parallel, std::int64_t batch, std::span<const float> source,
                      std::span<float> target) const {
    const auto patches = static_cast<std::int64_t>(m_patches.size());
    const std::int64_t block = std::max<std::int64_t>(1, mapBlock / (m_rows * m_columns));
    const auto copyPatches = [&](std::int64_t first, std::int64_t count) {
        for (std::int64_t i = first; i < first + count; ++i) {
            const Patch& patch = m_patches[static_cast<std::size_t>(i % patches)];
            const std::int64_t sample = i / patches * m_sampleFloats;
            copyPatch(source.data() + sample + patch.source, target.data() + sample + patch.target);
        }
    };
    forEachBlock(parallel, batch * patches, copyPatches, block);
}

} // namespace nn
