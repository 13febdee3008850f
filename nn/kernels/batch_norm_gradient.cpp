#include "nn/kernels/batch_norm_rows.h"
#include "nn/kernels/simd_dispatch.h"

#ifndef NN_KERNELS_BATCH_NORM_GRADIENT_TYPES
#define NN_KERNELS_BATCH_NORM_GRADIENT_TYPES
namespace nn {
namespace {

/// Where a ReLU behind the normalization passed the gradient on: where factor (x - mean) + offset
/// was positive. Both null: there is none.
struct Passed {
    const float* factor = nullptr;
    const float* offset = nullptr;
};

/// dx = own · dy + centered (x - mean) + constant, per channel.
struct GradientMix {
    const float* mean = nullptr;
    const float* own = nullptr;
    const float* centered = nullptr;
    const float* constant = nullptr;
    Passed passed{};
};

} // namespace
} // namespace nn
#endif

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/batch_norm_gradient.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "nn/kernels/map-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

constexpr Tag d;

/// One vector of channels of a block.
template <bool Whole, bool Relu>
struct Columns {
    Columns(const RowBlock& block, const float* gradients, const float* means, const Passed& passed,
            std::int64_t first, std::int64_t width)
        : x(block.x + first), dy(gradients + first), stride(block.channels), count(width),
          mean(load<Whole>(width, means + first)) {
        if constexpr (Relu) {
            factor = load<Whole>(width, passed.factor + first);
            offset = load<Whole>(width, passed.offset + first);
        }
    }
    [[nodiscard]] HWY_INLINE Vector centered(std::int64_t row) const {
        return hn::Sub(load<Whole>(count, x + row * stride), mean);
    }
    /// The gradient before the ReLU.
    [[nodiscard]] HWY_INLINE Vector gradient(std::int64_t row, Vector difference) const {
        const Vector given = load<Whole>(count, dy + row * stride);
        if constexpr (Relu) {
            const Vector value = hn::MulAdd(difference, factor, offset);
            return hn::IfThenZeroElse(hn::Le(value, hn::Zero(d)), given);
        }
        return given;
    }

    const float* x;
    const float* dy;
    std::int64_t stride, count;
    Vector mean;
    Vector factor = hn::Zero(d);
    Vector offset = hn::Zero(d);
};

template <bool Whole, bool Relu>
HWY_INLINE void sumColumns(const RowBlock& block, const Columns<Whole, Relu>& columns, float* sums,
                           float* products) {
    // Two chains of additions for each of the sums.
    Vector even = hn::Zero(d);
    Vector odd = hn::Zero(d);
    Vector evenProduct = hn::Zero(d);
    Vector oddProduct = hn::Zero(d);
    const auto add = [&](std::int64_t row, Vector& sum, Vector& product) HWY_ATTR {
        const Vector difference = columns.centered(row);
        const Vector gradient = columns.gradient(row, difference);
        sum = hn::Add(sum, gradient);
        product = hn::Add(product, hn::Mul(gradient, difference));
    };
    std::int64_t row = 0;
    for (; row + 2 <= block.rows; row += 2) {
        add(row, even, evenProduct);
        add(row + 1, odd, oddProduct);
    }
    if (row < block.rows) {
        add(row, even, evenProduct);
    }
    store<Whole>(hn::Add(even, odd), columns.count, sums);
    store<Whole>(hn::Add(evenProduct, oddProduct), columns.count, products);
}

template <bool Relu>
void mixBlock(const RowBlock& block, const GradientMix& mix, const float* dy, float* dx) {
    forEachVector(block.channels, [&]<bool Whole>(std::int64_t c, std::int64_t count) HWY_ATTR {
        const Columns<Whole, Relu> columns(block, dy, mix.mean, mix.passed, c, count);
        const Vector own = load<Whole>(count, mix.own + c);
        const Vector centered = load<Whole>(count, mix.centered + c);
        const Vector constant = load<Whole>(count, mix.constant + c);
        for (std::int64_t row = 0; row < block.rows; ++row) {
            const Vector x = columns.centered(row);
            const Vector rest = hn::MulAdd(centered, x, constant);
            store<Whole>(hn::MulAdd(own, columns.gradient(row, x), rest), count,
                         dx + row * block.channels + c);
        }
    });
}

template <bool Relu>
void sumBlock(const RowBlock& block, const GradientMix& mix, const float* dy, float* sums,
              float* products) {
    forEachVector(block.channels, [&]<bool Whole>(std::int64_t c, std::int64_t count) HWY_ATTR {
        const Columns<Whole, Relu> columns(block, dy, mix.mean, mix.passed, c, count);
        sumColumns(block, columns, sums + c, products + c);
    });
}

} // namespace

/// sums[c] = Σ dy and products[c] = Σ dy (x - mean) of one block; reads mean and passed.
void gradientSumsSimd(const RowBlock& block, const GradientMix& mix, const float* dy, float* sums,
                      float* products) {
    return mix.passed.factor == nullptr ? sumBlock<false>(block, mix, dy, sums, products)
                                        : sumBlock<true>(block, mix, dy, sums, products);
}

void mixSimd(const RowBlock& block, const GradientMix& mix, const float* dy, float* dx) {
    return mix.passed.factor == nullptr ? mixBlock<false>(block, mix, dy, dx)
                                        : mixBlock<true>(block, mix, dy, dx);
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn {

HWY_EXPORT(gradientSumsSimd);
HWY_EXPORT(mixSimd);

namespace {

/// Σ dy and Σ dy (x - mean) of all rows in the first task's place.
void allGradientSums(Parallel& parallel, const BatchNormGeometry& g,
                     const BatchNormBackwardArgs& args, const GradientMix& mix,
                     const BatchNormMemory& memory) {
    const std::int64_t tasks = batchNormTasks(g);
    std::fill_n(memory.first, tasks * g.channels, 0.0);
    std::fill_n(memory.second, tasks * g.channels, 0.0);
    forEachRowBlock(parallel, g, args.x.data(),
                    [&](std::int64_t task, const RowBlock& block, std::int64_t row) {
                        float* const sums = memory.workers + 2 * task * g.channels;
                        float* const products = sums + g.channels;
                        NN_SIMD(gradientSumsSimd)
                        (block, mix, args.dy.data() + row * g.channels, sums, products);
                        for (std::int64_t c = 0; c < g.channels; ++c) {
                            memory.first[task * g.channels + c] += static_cast<double>(sums[c]);
                            memory.second[task * g.channels + c] +=
                                static_cast<double>(products[c]);
                        }
                    });
    for (std::int64_t at = g.channels; at < tasks * g.channels; ++at) {
        memory.first[at % g.channels] += memory.first[at];
        memory.second[at % g.channels] += memory.second[at];
    }
}

/// Which statistics `batchNormBackward` differentiates.
enum class Statistics : std::uint8_t { OfBatch, Constant };

void backward(Parallel& parallel, const BatchNormGeometry& g, const BatchNormBackwardArgs& args,
              Statistics statistics) {
    Scratch scratch(args.scratch);
    const BatchNormMemory memory = takeMemory(g, scratch);
    float* const own = memory.coefficients;
    float* const centered = own + g.channels;
    float* const constant = centered + g.channels;
    float* const offset = constant + g.channels;
    GradientMix mix{args.mean.data(), own, centered, constant};
    if (!args.reluFactor.empty()) {
        for (std::int64_t c = 0; c < g.channels; ++c) {
            offset[c] = orElse(args.beta, c, 0.0F);
        }
        mix.passed = {args.reluFactor.data(), offset};
    }
    allGradientSums(parallel, g, args, mix, memory);
    const double share =
        statistics == Statistics::OfBatch ? 1.0 / static_cast<double>(g.rows) : 0.0;
    for (std::int64_t c = 0; c < g.channels; ++c) {
        const auto at = static_cast<std::size_t>(c);
        const auto inverse = static_cast<double>(args.inverseStd[at]);
        const double factor = static_cast<double>(orElse(args.gamma, c, 1.0F)) * inverse;
        own[c] = static_cast<float>(factor);
        centered[c] = static_cast<float>(-factor * inverse * inverse * memory.second[c] * share);
        constant[c] = static_cast<float>(-factor * memory.first[c] * share);
        if (!args.dgamma.empty()) {
            args.dgamma[at] = static_cast<float>(memory.second[c] * inverse);
        }
        if (!args.dbeta.empty()) {
            args.dbeta[at] = static_cast<float>(memory.first[c]);
        }
    }
    if (args.dx.empty()) {
        return;
    }
    forEachRowBlock(parallel, g, args.x.data(),
                    [&](std::int64_t, const RowBlock& block, std::int64_t row) {
                        const std::int64_t at = row * g.channels;
                        NN_SIMD(mixSimd)(block, mix, args.dy.data() + at, args.dx.data() + at);
                    });
}

} // namespace

void batchNormBackward(Parallel& parallel, const BatchNormGeometry& g,
                       const BatchNormBackwardArgs& args) {
    backward(parallel, g, args, Statistics::OfBatch);
}

void batchNormFrozenBackward(Parallel& parallel, const BatchNormGeometry& g,
                             const BatchNormBackwardArgs& args) {
    backward(parallel, g, args, Statistics::Constant);
}

} // namespace nn
#endif
