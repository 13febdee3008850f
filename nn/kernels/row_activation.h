#pragma once

#include "nn/base/parallel.h"
#include "nn/kernels/activation.h"

#include <span>

namespace nn {

/// y = x - log Σ eˣ in each row; y may be x.
void logSoftmaxForward(Parallel& parallel, const SoftmaxGeometry& g, std::span<const float> x,
                       std::span<float> y);
/// dx = dy - eʸ Σ dy; dx may be dy.
void logSoftmaxBackward(Parallel& parallel, const SoftmaxGeometry& g, std::span<const float> y,
                        std::span<const float> dy, std::span<float> dx);

/// Each row becomes the distribution nearest to it: max(x - τ, 0), τ such that the sum is 1
/// (Martins and Astudillo, ICML 2016). y may be x.
void sparsemaxForward(Parallel& parallel, const SoftmaxGeometry& g, std::span<const float> x,
                      std::span<float> y);
/// dx = dy - its mean, both over the values with y > 0; elsewhere 0. dx may be dy.
void sparsemaxBackward(Parallel& parallel, const SoftmaxGeometry& g, std::span<const float> y,
                       std::span<const float> dy, std::span<float> dx);

/// Gated linear unit. A row (a, b) of 2 n values gives the n values a σ(b); `classes` is n.
void gluForward(Parallel& parallel, const SoftmaxGeometry& g, std::span<const float> x,
                std::span<float> y);
void gluBackward(Parallel& parallel, const SoftmaxGeometry& g, std::span<const float> x,
                 std::span<const float> dy, std::span<float> dx);

/// Calls body(firstRow, rows) in parallel for blocks of rows of a few thousand values.
template <typename Body>
void forEachRows(Parallel& parallel, const SoftmaxGeometry& g, const Body& body) {
    constexpr std::int64_t blockFloats = 4096;
    const std::int64_t block = blockFloats > g.classes ? blockFloats / g.classes : 1;
    parallel.run((g.rows + block - 1) / block, [&](std::int64_t task, int) {
        const std::int64_t first = task * block;
        body(first, block < g.rows - first ? block : g.rows - first);
    });
}

} // namespace nn
