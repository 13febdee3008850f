#include "nn/kernels/normalization.h"

#include "nn/kernels/batch_norm_rows.h"
#include "nn/kernels/moments.h"
#include "nn/kernels/simd_dispatch.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#ifndef NN_KERNELS_NORMALIZATION_TYPES
#define NN_KERNELS_NORMALIZATION_TYPES
namespace nn {
namespace {

/// y = factor (x - mean) + offset, per channel; with a ReLU behind it if wanted.
struct Affine {
    const float* mean = nullptr;
    const float* factor = nullptr;
    const float* offset = nullptr;
    bool relu = false;
};

/// Statistics that are not those of x; gamma and beta may be null.
struct Given {
    const float* mean = nullptr;
    const float* variance = nullptr;
    const float* gamma = nullptr;
    const float* beta = nullptr;
    float epsilon = 0.0F;
    bool relu = false;
};

} // namespace
} // namespace nn
#endif

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/normalization.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "nn/kernels/map-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

constexpr Tag d;

/// No value of y is smaller.
HWY_INLINE Vector floorOf(bool relu) {
    return hn::Set(d, relu ? 0.0F : -std::numeric_limits<float>::infinity());
}

/// y = factor (x - mean) + offset, at least `floor`, for one vector of channels.
template <bool Whole>
HWY_INLINE void affineColumns(const RowBlock& block, std::int64_t c, std::int64_t count,
                              Vector mean, Vector factor, Vector offset, Vector floor, float* y) {
    for (std::int64_t at = c; at < block.rows * block.channels; at += block.channels) {
        const Vector x = load<Whole>(count, block.x + at);
        const Vector value = hn::MulAdd(hn::Sub(x, mean), factor, offset);
        store<Whole>(atLeast(floor, value), count, y + at);
    }
}

} // namespace

void affineSimd(const RowBlock& block, const Affine& f, float* y) {
    forEachVector(block.channels, [&]<bool Whole>(std::int64_t c, std::int64_t count) HWY_ATTR {
        affineColumns<Whole>(block, c, count, load<Whole>(count, f.mean + c),
                             load<Whole>(count, f.factor + c), load<Whole>(count, f.offset + c),
                             floorOf(f.relu), y);
    });
}

void inferenceSimd(const RowBlock& block, const Given& given, float* y) {
    const Vector epsilon = hn::Set(d, given.epsilon);
    forEachVector(block.channels, [&]<bool Whole>(std::int64_t c, std::int64_t count) HWY_ATTR {
        const Vector deviation = hn::Sqrt(hn::Add(load<Whole>(count, given.variance + c), epsilon));
        const Vector gamma =
            given.gamma == nullptr ? hn::Set(d, 1.0F) : load<Whole>(count, given.gamma + c);
        const Vector beta =
            given.beta == nullptr ? hn::Zero(d) : load<Whole>(count, given.beta + c);
        affineColumns<Whole>(block, c, count, load<Whole>(count, given.mean + c),
                             hn::Div(gamma, deviation), beta, floorOf(given.relu), y);
    });
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn {

HWY_EXPORT(affineSimd);
HWY_EXPORT(inferenceSimd);

namespace {

/// Mean and Σ (x - mean)² of all rows in the first task's place.
void allMoments(Parallel& parallel, const BatchNormGeometry& g, const float* x,
                const BatchNormMemory& memory) {
    const std::int64_t tasks = batchNormTasks(g);
    std::fill_n(memory.first, tasks * g.channels, 0.0);
    std::fill_n(memory.second, tasks * g.channels, 0.0);
    forEachRowBlock(
        parallel, g, x, [&](std::int64_t task, const RowBlock& block, std::int64_t row) {
            float* const means = memory.workers + 2 * task * g.channels;
            float* const squares = means + g.channels;
            gatherMoments(
                {.means = means, .squares = squares, .channels = g.channels, .pixel = g.channels},
                [&](const auto& visit) { visit(block.x, block.rows); });
            const std::int64_t firstRow = g.rows * task / tasks;
            const auto before = static_cast<double>(row - firstRow);
            for (std::int64_t c = 0; c < g.channels; ++c) {
                const std::int64_t at = task * g.channels + c;
                joinMoments(before, memory.first[at], memory.second[at],
                            static_cast<double>(block.rows), static_cast<double>(means[c]),
                            static_cast<double>(squares[c]));
            }
        });
    for (std::int64_t task = 1; task < tasks; ++task) {
        const std::int64_t before = g.rows * task / tasks;
        const std::int64_t end = g.rows * (task + 1) / tasks;
        const auto rows = static_cast<double>(end - before);
        for (std::int64_t c = 0; c < g.channels; ++c) {
            const std::int64_t at = task * g.channels + c;
            joinMoments(static_cast<double>(before), memory.first[c], memory.second[c], rows,
                        memory.first[at], memory.second[at]);
        }
    }
}

/// The same from the moments of blocks of rows.
void joinBlocks(const BatchNormGeometry& g, std::span<const float> blocks,
                const BatchNormMemory& memory) {
    const MomentBlocks layout{g.channels};
    std::fill_n(memory.first, g.channels, 0.0);
    std::fill_n(memory.second, g.channels, 0.0);
    double before = 0.0;
    const auto count = static_cast<std::int64_t>(blocks.size()) / layout.floats();
    for (std::int64_t block = 0; block < count; ++block) {
        const float* const means = blocks.data() + layout.means(block);
        const float* const squares = blocks.data() + layout.squares(block);
        const auto rows =
            static_cast<double>(blocks[static_cast<std::size_t>(layout.pixels(block))]);
        for (std::int64_t c = 0; c < g.channels; ++c) {
            joinMoments(before, memory.first[c], memory.second[c], rows,
                        static_cast<double>(means[c]), static_cast<double>(squares[c]));
        }
        before += rows;
    }
    assert(before == static_cast<double>(g.rows));
}

} // namespace

std::int64_t batchNormScratchFloats(const BatchNormGeometry& g) {
    Scratch scratch;
    static_cast<void>(takeMemory(g, scratch));
    return scratch.needed();
}

void batchNormTraining(Parallel& parallel, const BatchNormGeometry& g,
                       const BatchNormTrainingArgs& args) {
    Scratch scratch(args.scratch);
    const BatchNormMemory memory = takeMemory(g, scratch);
    if (args.moments.empty()) {
        allMoments(parallel, g, args.x.data(), memory);
    } else {
        joinBlocks(g, args.moments, memory);
    }
    float* const factor = memory.coefficients;
    float* const offset = factor + g.channels;
    for (std::int64_t c = 0; c < g.channels; ++c) {
        const auto at = static_cast<std::size_t>(c);
        const double variance = memory.second[c] / static_cast<double>(g.rows);
        const double inverse = 1.0 / std::sqrt(variance + static_cast<double>(args.epsilon));
        args.mean[at] = static_cast<float>(memory.first[c]);
        args.inverseStd[at] = static_cast<float>(inverse);
        if (!args.variance.empty()) {
            args.variance[at] = static_cast<float>(variance);
        }
        factor[c] = static_cast<float>(static_cast<double>(orElse(args.gamma, c, 1.0F)) * inverse);
        offset[c] = orElse(args.beta, c, 0.0F);
        if (!args.factor.empty()) {
            args.factor[at] = factor[c];
        }
    }
    const Affine affine{args.mean.data(), factor, offset, args.relu};
    forEachRowBlock(parallel, g, args.x.data(),
                    [&](std::int64_t, const RowBlock& block, std::int64_t row) {
                        NN_SIMD(affineSimd)(block, affine, args.y.data() + row * g.channels);
                    });
}

void updateMovingStatistics(float momentum, std::span<const float> batch, std::span<float> moving) {
    std::transform(batch.begin(), batch.end(), moving.begin(), moving.begin(),
                   [momentum](float now, float before) {
                       return before * momentum + now * (1.0F - momentum);
                   });
}

void batchNormInference(Parallel& parallel, const BatchNormGeometry& g,
                        const BatchNormInferenceArgs& args) {
    const auto pointer = [](std::span<const float> v) { return v.empty() ? nullptr : v.data(); };
    const Given given{.mean = args.mean.data(),
                      .variance = args.variance.data(),
                      .gamma = pointer(args.gamma),
                      .beta = pointer(args.beta),
                      .epsilon = args.epsilon,
                      .relu = args.relu};
    forEachRowBlock(parallel, g, args.x.data(),
                    [&](std::int64_t, const RowBlock& block, std::int64_t row) {
                        NN_SIMD(inferenceSimd)(block, given, args.y.data() + row * g.channels);
                    });
}

} // namespace nn
#endif
