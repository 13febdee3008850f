#pragma once

#include "nn/exec/kernel.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace nn {

class Network;
struct LayerPlan;
struct Variable;

/// Neighbouring layers, each the only reader of the one before it, that are run depth-first: all of
/// them on a slice of the batch, then all of them on the next slice, so that what lies between them
/// stays in the cache, and the threads meet once instead of after every layer. Slices depend on the
/// batch only; the gradients of the weights are summed in the order of the tasks.
struct Stretch {
    std::size_t first = 0, last = 0; ///< Layers, both included.
    std::int64_t mostRows = 1;       ///< Of a slice.
    std::int64_t weightFloats = 0;   ///< Of its trainable variables, each padded to 64 bytes.

    /// Rows of the batch in a slice; the last slice may have fewer.
    [[nodiscard]] std::int64_t rows(std::int64_t batch) const;
    [[nodiscard]] std::int64_t slices(std::int64_t batch) const;
    /// The most slices that a batch of up to `capacity` has.
    [[nodiscard]] std::int64_t mostSlices(std::int64_t capacity) const;
    /// Tasks of the backward pass; each sums the gradients of some neighbouring slices.
    [[nodiscard]] std::int64_t tasks(std::int64_t batch) const;

    bool operator==(const Stretch&) const = default;
};

/// Floats of a variable's gradient in the sums of a task.
[[nodiscard]] std::int64_t paddedFloats(const Variable& variable);

/// The stretches of a network whose fusions are planned. A stretch begins with a layer that has
/// weights, like a convolution, has at least two layers that run in parts, no more than 32,768
/// weights, whose gradients every task sums by itself, and so small images that what a layer reads
/// and writes of one fits a part of the second-level cache. When predicting, BatchNormalization
/// runs in parts, too, and layers may also read what was there before the stretch began: a residual
/// block is one stretch up to its Add.
[[nodiscard]] std::vector<Stretch> findStretches(const Network& network, Phase phase,
                                                 const std::vector<LayerPlan>& plans);

} // namespace nn
