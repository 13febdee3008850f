#include "nn/layers/support/broadcast.h"

#include <Eigen/Core>

namespace nn {

namespace {

using Row = Eigen::Map<Eigen::ArrayXf>;
using ConstRow = Eigen::Map<const Eigen::ArrayXf>;

/// How far one step along each axis of `large` moves in `small`.
std::vector<std::int64_t> stepsIn(const Shape& small, const Shape& large) {
    std::vector<std::int64_t> steps(large.rank(), 0);
    const std::size_t offset = large.rank() - small.rank();
    std::int64_t step = 1;
    for (std::size_t i = small.rank(); i-- > 0;) {
        steps[offset + i] = small[i] == 1 ? 0 : step;
        step *= small[i];
    }
    return steps;
}

} // namespace

Broadcast::Broadcast(const Shape& small, const Shape& large)
    : m_smallFloats(small.count()), m_rowLength(large.back()) {
    const std::vector<std::int64_t> steps = stepsIn(small, large);
    m_rowRepeats = steps.back() == 0;
    const std::int64_t rows = large.count() / m_rowLength;
    m_rowOffsets.reserve(static_cast<std::size_t>(rows));
    for (std::int64_t row = 0; row < rows; ++row) {
        std::int64_t rest = row;
        std::int64_t offset = 0;
        for (std::size_t axis = large.rank() - 1; axis-- > 0;) {
            offset += rest % large[axis] * steps[axis];
            rest /= large[axis];
        }
        m_rowOffsets.push_back(offset);
    }
}

/// Calls update(row of large, values of small): a row as long, or the one value for all of it.
template <typename Update>
void Broadcast::forEachRow(Parallel& parallel, std::int64_t batch, std::span<const float> small,
                           std::span<float> large, const Update& update) const {
    const auto rows = static_cast<std::int64_t>(m_rowOffsets.size());
    const bool isShared = static_cast<std::int64_t>(small.size()) == m_smallFloats;
    parallel.run(batch, [&](std::int64_t sample, int /*worker*/) {
        const float* from = small.data() + (isShared ? 0 : sample * m_smallFloats);
        float* to = large.data() + sample * rows * m_rowLength;
        for (const std::int64_t offset : m_rowOffsets) {
            Row row(to, m_rowLength);
            if (m_rowRepeats) {
                update(row, Eigen::ArrayXf::Constant(m_rowLength, from[offset]));
            } else {
                update(row, ConstRow(from + offset, m_rowLength));
            }
            to += m_rowLength;
        }
    });
}

void Broadcast::expand(Parallel& parallel, std::int64_t batch, std::span<const float> small,
                       std::span<float> large) const {
    forEachRow(parallel, batch, small, large, [](Row& row, const auto& values) { row = values; });
}

void Broadcast::multiply(Parallel& parallel, std::int64_t batch, std::span<const float> small,
                         std::span<float> large) const {
    forEachRow(parallel, batch, small, large, [](Row& row, const auto& values) { row *= values; });
}

void Broadcast::add(Parallel& parallel, std::int64_t batch, std::span<const float> small,
                    std::span<float> large) const {
    forEachRow(parallel, batch, small, large, [](Row& row, const auto& values) { row += values; });
}

void Broadcast::sum(Parallel& parallel, std::int64_t batch, std::span<const float> large,
                    std::span<float> small) const {
    const auto rows = static_cast<std::int64_t>(m_rowOffsets.size());
    parallel.run(batch, [&](std::int64_t sample, int /*worker*/) {
        const float* from = large.data() + sample * rows * m_rowLength;
        float* to = small.data() + sample * m_smallFloats;
        Row(to, m_smallFloats).setZero();
        for (const std::int64_t offset : m_rowOffsets) {
            const ConstRow row(from, m_rowLength);
            if (m_rowRepeats) {
                to[offset] += row.sum();
            } else {
                Row(to + offset, m_rowLength) += row;
            }
            from += m_rowLength;
        }
    });
}

} // namespace nn
