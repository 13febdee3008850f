#pragma once

#include "nn/kernels/common.h"

#include <cstdint>

namespace nn {

/// Products of so few rows that reading the weights is all the work.
inline constexpr std::int64_t maxStreamRows = 4;

/// `lines` lines of weights, `stride` floats apart, and up to four rows of a and c.
struct WeightStream {
    const float* weights = nullptr;
    std::int64_t lines = 0, stride = 0, columns = 0;
    const float* a = nullptr;
    std::int64_t aRow = 0;
    float* c = nullptr;
    std::int64_t cRow = 0;
    std::int64_t rows = 1;
};

/// c[r][n] += Σ_k a[r][k] weights[k][n].
void addLines(const WeightStream& stream);

/// c[r][k] (+)= Σ_n a[r][n] weights[k][n].
void dotLines(const WeightStream& stream, Write write);

} // namespace nn
