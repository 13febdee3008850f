#include "nn/kernels/group_normalization.h"

#include "nn/kernels/rows.h"
#include "nn/kernels/simd_dispatch.h"

#include <algorithm>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/group_normalization.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "nn/kernels/map-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

constexpr Tag d;

/// Adds term<Whole>(index of a value, column, count) over the positions to each column's total; in
/// blocks, so that long sums keep their digits.
template <typename Term>
HWY_INLINE void sumColumns(const GroupNormGeometry& g, float* totals, const Term& term) {
    constexpr std::int64_t block = 128;
    forEachVector(g.channels, [&]<bool Whole>(std::int64_t column, std::int64_t count) HWY_ATTR {
        Vector total = hn::Zero(d);
        for (std::int64_t first = 0; first < g.positions; first += block) {
            const std::int64_t last = std::min(first + block, g.positions);
            Vector part = hn::Zero(d);
            for (std::int64_t at = first; at < last; ++at) {
                part = hn::Add(
                    part, term.template operator()<Whole>(at * g.channels + column, column, count));
            }
            total = hn::Add(total, part);
        }
        store<Whole>(total, count, totals + column);
    });
}

} // namespace

/// totals[c] = Σ (x - mean[c]); with `squares` the sum of its squares.
void columnMomentsSimd(const GroupNormGeometry& g, const float* x, const float* mean, bool squares,
                       float* totals) {
    const auto shifted = [&]<bool Whole>(std::int64_t at, std::int64_t column,
                                         std::int64_t count) HWY_ATTR {
        return hn::Sub(load<Whole>(count, x + at), load<Whole>(count, mean + column));
    };
    if (!squares) {
        sumColumns(g, totals, shifted);
        return;
    }
    sumColumns(g, totals,
               [&]<bool Whole>(std::int64_t at, std::int64_t column, std::int64_t count) HWY_ATTR {
                   const Vector v = shifted.template operator()<Whole>(at, column, count);
                   return hn::Mul(v, v);
               });
}

/// y = (x - mean[c]) factor[c] + beta[c] at every position.
void applyColumnsSimd(const GroupNormGeometry& g, const float* x, const float* mean,
                      const float* factor, const float* beta, float* y) {
    for (std::int64_t at = 0; at < g.sampleFloats(); at += g.channels) {
        forEachVector(g.channels, [&]<bool Whole>(std::int64_t c, std::int64_t count) HWY_ATTR {
            const Vector v = hn::Sub(load<Whole>(count, x + at + c), load<Whole>(count, mean + c));
            const Vector offset = beta == nullptr ? hn::Zero(d) : load<Whole>(count, beta + c);
            store<Whole>(hn::MulAdd(v, load<Whole>(count, factor + c), offset), count, y + at + c);
        });
    }
}

/// sums[c] = Σ dy and products[c] = Σ dy (x - mean[c]) factor[c].
void columnGradientsSimd(const GroupNormGeometry& g, const float* x, const float* dy,
                         const float* mean, const float* factor, float* sums, float* products) {
    sumColumns(g, sums,
               [&]<bool Whole>(std::int64_t at, std::int64_t, std::int64_t count)
                   HWY_ATTR { return load<Whole>(count, dy + at); });
    sumColumns(g, products,
               [&]<bool Whole>(std::int64_t at, std::int64_t column, std::int64_t count) HWY_ATTR {
                   const Vector v =
                       hn::Sub(load<Whole>(count, x + at), load<Whole>(count, mean + column));
                   return hn::Mul(hn::Mul(v, load<Whole>(count, factor + column)),
                                  load<Whole>(count, dy + at));
               });
}

/// dx = dy slope[c] - offset[c] - (x - mean[c]) weight[c].
void inputGradientSimd(const GroupNormGeometry& g, const float* x, const float* dy,
                       const float* mean, const float* slope, const float* offset,
                       const float* weight, float* dx) {
    for (std::int64_t at = 0; at < g.sampleFloats(); at += g.channels) {
        forEachVector(g.channels, [&]<bool Whole>(std::int64_t c, std::int64_t count) HWY_ATTR {
            const Vector v = hn::Sub(load<Whole>(count, x + at + c), load<Whole>(count, mean + c));
            const Vector base =
                hn::MulSub(load<Whole>(count, dy + at + c), load<Whole>(count, slope + c),
                           load<Whole>(count, offset + c));
            store<Whole>(hn::NegMulAdd(v, load<Whole>(count, weight + c), base), count,
                         dx + at + c);
        });
    }
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn {

HWY_EXPORT(columnMomentsSimd);
HWY_EXPORT(applyColumnsSimd);
HWY_EXPORT(columnGradientsSimd);
HWY_EXPORT(inputGradientSimd);

namespace {

/// Rows of `channels` floats that a task works with.
constexpr std::int64_t kTaskRows = 8;

/// Samples are cut into the same tasks for any number of threads.
struct Tasks {
    explicit Tasks(const GroupNormGeometry& g) {
        constexpr std::int64_t mostFloats = std::int64_t{1} << 20;
        const std::int64_t most = std::clamp<std::int64_t>(mostFloats / g.channels, 1, 32);
        block = (g.samples + most - 1) / most;
        count = (g.samples + block - 1) / block;
    }
    std::int64_t block = 1;
    std::int64_t count = 1;
};

/// Σ over the channels of each group of a row of totals.
template <typename Result>
void forEachGroup(const GroupNormGeometry& g, const float* totals, const Result& result) {
    const std::int64_t width = g.channels / g.groups;
    for (std::int64_t group = 0; group < g.groups; ++group) {
        const float* const from = totals + group * width;
        double sum = 0.0;
        for (std::int64_t c = 0; c < width; ++c) {
            sum += static_cast<double>(from[c]);
        }
        result(group, sum, group * width, width);
    }
}

/// Mean and factor of every group of a sample, spread over its channels.
void groupStatistics(const GroupNormGeometry& g, const float* x, float* mean, float* factor,
                     float* totals) {
    const auto count = static_cast<double>(g.groupFloats());
    std::fill_n(mean, g.channels, 0.0F);
    if (g.scaling == GroupScaling::Deviation) {
        NN_SIMD(columnMomentsSimd)(g, x, mean, false, totals);
        forEachGroup(g, totals, [&](std::int64_t, double sum, std::int64_t at, std::int64_t width) {
            std::fill_n(mean + at, width, static_cast<float>(sum / count));
        });
    }
    NN_SIMD(columnMomentsSimd)(g, x, mean, true, totals);
    forEachGroup(g, totals, [&](std::int64_t, double sum, std::int64_t at, std::int64_t width) {
        const auto epsilon = static_cast<double>(g.epsilon);
        const double value = g.scaling == GroupScaling::Length
                                 ? 1.0 / std::max(std::sqrt(sum), epsilon)
                                 : 1.0 / std::sqrt(sum / count + epsilon);
        std::fill_n(factor + at, width, static_cast<float>(value));
    });
}

void spread(const GroupNormGeometry& g, std::span<const float> values, std::int64_t sample,
            float* to) {
    const std::int64_t width = g.channels / g.groups;
    for (std::int64_t group = 0; group < g.groups; ++group) {
        const auto index = static_cast<std::size_t>(sample * g.groups + group);
        std::fill_n(to + group * width, width, values[index]);
    }
}

void keepGroups(const GroupNormGeometry& g, const float* spreadValues, std::int64_t sample,
                std::span<float> to) {
    for (std::int64_t group = 0; group < g.groups && !to.empty(); ++group) {
        const auto index = static_cast<std::size_t>(sample * g.groups + group);
        to[index] = spreadValues[group * (g.channels / g.groups)];
    }
}

/// Whether the length is so small that the factor is a constant.
bool isClipped(const GroupNormGeometry& g, float factor) {
    return g.scaling == GroupScaling::Length && factor * g.epsilon >= 1.0F;
}

/// The rows of scratch memory of a task in the backward pass.
struct BackwardRows {
    BackwardRows(float* memory, std::int64_t channels)
        : sums(memory), products(memory + channels), mean(memory + 2 * channels),
          factor(memory + 3 * channels), slope(memory + 4 * channels),
          offset(memory + 5 * channels), weight(memory + 6 * channels),
          totals(memory + 7 * channels) {}
    float *sums, *products, *mean, *factor, *slope, *offset, *weight, *totals;
};

/// From Σ dy and Σ dy x̂ of each channel what `inputGradientSimd` multiplies by.
void gradientFactors(const GroupNormGeometry& g, const float* gamma, const float* sums,
                     const float* products, const BackwardRows& rows) {
    const auto weighted = [&](const float* from) {
        for (std::int64_t c = 0; c < g.channels; ++c) {
            rows.totals[c] = gamma == nullptr ? from[c] : from[c] * gamma[c];
        }
    };
    const double count =
        g.scaling == GroupScaling::Length ? 1.0 : static_cast<double>(g.groupFloats());
    for (std::int64_t c = 0; c < g.channels; ++c) {
        rows.slope[c] = gamma == nullptr ? rows.factor[c] : rows.factor[c] * gamma[c];
    }
    weighted(sums); // They may lie where the offsets go.
    std::fill_n(rows.offset, g.channels, 0.0F);
    if (g.scaling == GroupScaling::Deviation) {
        forEachGroup(g, rows.totals,
                     [&](std::int64_t, double sum, std::int64_t at, std::int64_t width) {
                         const double value = sum / count * static_cast<double>(rows.factor[at]);
                         std::fill_n(rows.offset + at, width, static_cast<float>(value));
                     });
    }
    weighted(products);
    forEachGroup(g, rows.totals,
                 [&](std::int64_t, double sum, std::int64_t at, std::int64_t width) {
                     const auto factor = static_cast<double>(rows.factor[at]);
                     const double value =
                         isClipped(g, rows.factor[at]) ? 0.0 : sum / count * factor * factor;
                     std::fill_n(rows.weight + at, width, static_cast<float>(value));
                 });
}

void backwardSample(const GroupNormGeometry& g, const GroupNormBackwardArgs& args,
                    std::int64_t sample, const BackwardRows& rows) {
    const float* const x = args.x.data() + sample * g.sampleFloats();
    const float* const dy = args.dy.data() + sample * g.sampleFloats();
    spread(g, args.mean, sample, rows.mean);
    spread(g, args.factor, sample, rows.factor);
    // The rows of factors are free until these sums have been used.
    float* const sums = rows.offset;
    float* const products = rows.weight;
    NN_SIMD(columnGradientsSimd)(g, x, dy, rows.mean, rows.factor, sums, products);
    for (std::int64_t c = 0; c < g.channels; ++c) {
        rows.sums[c] += sums[c];
        rows.products[c] += products[c];
    }
    if (!args.dx.empty()) {
        const float* const gamma = args.gamma.empty() ? nullptr : args.gamma.data();
        gradientFactors(g, gamma, sums, products, rows);
        NN_SIMD(inputGradientSimd)
        (g, x, dy, rows.mean, rows.slope, rows.offset, rows.weight,
         args.dx.data() + sample * g.sampleFloats());
    }
}

} // namespace

std::int64_t groupNormScratchFloats(const GroupNormGeometry& g) {
    return Tasks(g).count * kTaskRows * g.channels;
}

void groupNormForward(Parallel& parallel, const GroupNormGeometry& g,
                      const GroupNormForwardArgs& args) {
    const Tasks tasks(g);
    parallel.run(tasks.count, [&](std::int64_t task, int /*worker*/) {
        float* const mean = args.scratch.data() + task * kTaskRows * g.channels;
        float* const factor = mean + g.channels;
        float* const totals = mean + 2 * g.channels;
        const std::int64_t last = std::min((task + 1) * tasks.block, g.samples);
        for (std::int64_t sample = task * tasks.block; sample < last; ++sample) {
            const float* const x = args.x.data() + sample * g.sampleFloats();
            groupStatistics(g, x, mean, factor, totals);
            keepGroups(g, mean, sample, args.mean);
            keepGroups(g, factor, sample, args.factor);
            for (std::int64_t c = 0; c < g.channels && !args.gamma.empty(); ++c) {
                factor[c] *= args.gamma[static_cast<std::size_t>(c)];
            }
            NN_SIMD(applyColumnsSimd)
            (g, x, mean, factor, args.beta.empty() ? nullptr : args.beta.data(),
             args.y.data() + sample * g.sampleFloats());
        }
    });
}

void groupNormBackward(Parallel& parallel, const GroupNormGeometry& g,
                       const GroupNormBackwardArgs& args) {
    const Tasks tasks(g);
    const std::int64_t stride = kTaskRows * g.channels;
    parallel.run(tasks.count, [&](std::int64_t task, int /*worker*/) {
        const BackwardRows rows(args.scratch.data() + task * stride, g.channels);
        std::fill_n(rows.sums, 2 * g.channels, 0.0F);
        const std::int64_t last = std::min((task + 1) * tasks.block, g.samples);
        for (std::int64_t sample = task * tasks.block; sample < last; ++sample) {
            backwardSample(g, args, sample, rows);
        }
    });
    const auto total = [&](std::int64_t row, std::span<float> to) {
        if (!to.empty()) {
            sumRows({.x = args.scratch.data() + row * g.channels,
                     .count = tasks.count,
                     .stride = stride,
                     .columns = g.channels,
                     .totals = to.data()});
        }
    };
    total(0, args.dbeta);
    total(1, args.dgamma);
}

} // namespace nn
#endif
