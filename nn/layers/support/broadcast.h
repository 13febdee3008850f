#pragma once

#include "nn/base/parallel.h"
#include "nn/tensor/shape.h"

#include <span>
#include <vector>

namespace nn {

/// How a smaller tensor stretches over a larger one: its axes, counted from the last, repeat where
/// they are 1 or missing. Shapes are without batch; `small` holds values for each sample, or one
/// set for all of them.
class Broadcast {
public:
    Broadcast(const Shape& small, const Shape& large);

    /// large = small, repeated.
    void expand(Parallel& parallel, std::int64_t batch, std::span<const float> small,
                std::span<float> large) const;
    /// large *= small, repeated.
    void multiply(Parallel& parallel, std::int64_t batch, std::span<const float> small,
                  std::span<float> large) const;
    /// large += small, repeated.
    void add(Parallel& parallel, std::int64_t batch, std::span<const float> small,
             std::span<float> large) const;
    /// small = sum of large over the places where a value of small is repeated.
    void sum(Parallel& parallel, std::int64_t batch, std::span<const float> large,
             std::span<float> small) const;

private:
    template <typename Update>
    void forEachRow(Parallel& parallel, std::int64_t batch, std::span<const float> small,
                    std::span<float> large, const Update& update) const;

    std::int64_t m_smallFloats = 1;
    std::int64_t m_rowLength = 1;           ///< Last extent of large.
    bool m_rowRepeats = false;              ///< Small has one value for a whole row.
    std::vector<std::int64_t> m_rowOffsets; ///< Where each row of large reads in small.
};

} // namespace nn
