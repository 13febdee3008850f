#include "nn/kernels/normalization.h"

#include "nn/kernels/scratch.h"
#include "nn/kernels/simd_dispatch.h"

#include <algorithm>
#include <cmath>

#ifndef NN_KERNELS_NORMALIZATION_TYPES
#define NN_KERNELS_NORMALIZATION_TYPES
namespace nn {
namespace {

/// Rows of x that fit into the first-level cache and are summed in floats.
struct RowBlock {
    const float* x = nullptr;
    std::int64_t rows = 0;
    std::int64_t channels = 0;
};

/// y = factor (x - mean) + offset, per channel.
struct Affine {
    const float* mean = nullptr;
    const float* factor = nullptr;
    const float* offset = nullptr;
};

/// Statistics that are not those of x; gamma and beta may be null.
struct Given {
    const float* mean = nullptr;
    const float* variance = nullptr;
    const float* gamma = nullptr;
    const float* beta = nullptr;
    float epsilon = 0.0F;
};

/// dx = own · dy + centered (x - mean) + constant, per channel.
struct GradientMix {
    const float* mean = nullptr;
    const float* own = nullptr;
    const float* centered = nullptr;
    const float* constant = nullptr;
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

/// Σ term(row) over the rows of a block, with two chains of additions.
template <typename Term>
HWY_INLINE Vector sumOverRows(std::int64_t rows, const Term& term) {
    Vector even = hn::Zero(d);
    Vector odd = hn::Zero(d);
    std::int64_t row = 0;
    for (; row + 2 <= rows; row += 2) {
        even = hn::Add(even, term(row));
        odd = hn::Add(odd, term(row + 1));
    }
    if (row < rows) {
        even = hn::Add(even, term(row));
    }
    return hn::Add(even, odd);
}

/// y = factor (x - mean) + offset for one vector of channels.
template <bool Whole>
HWY_INLINE void affineColumns(const RowBlock& block, std::int64_t c, std::int64_t count,
                              Vector mean, Vector factor, Vector offset, float* y) {
    for (std::int64_t at = c; at < block.rows * block.channels; at += block.channels) {
        const Vector x = load<Whole>(count, block.x + at);
        store<Whole>(hn::MulAdd(hn::Sub(x, mean), factor, offset), count, y + at);
    }
}

} // namespace

/// means[c] and squares[c] = Σ (x - mean)² of one block.
void momentsSimd(const RowBlock& block, float* means, float* squares) {
    const Vector share = hn::Set(d, 1.0F / static_cast<float>(block.rows));
    forEachVector(block.channels, [&]<bool Whole>(std::int64_t c, std::int64_t count) HWY_ATTR {
        const auto value = [&](std::int64_t row) HWY_ATTR {
            return load<Whole>(count, block.x + row * block.channels + c);
        };
        const Vector mean = hn::Mul(share, sumOverRows(block.rows, value));
        store<Whole>(mean, count, means + c);
        const auto square = [&](std::int64_t row) HWY_ATTR {
            const Vector difference = hn::Sub(value(row), mean);
            return hn::Mul(difference, difference);
        };
        store<Whole>(sumOverRows(block.rows, square), count, squares + c);
    });
}

/// sums[c] = Σ dy and products[c] = Σ dy (x - mean) of one block.
void gradientSumsSimd(const RowBlock& block, const float* dy, const float* mean, float* sums,
                      float* products) {
    forEachVector(block.channels, [&]<bool Whole>(std::int64_t c, std::int64_t count) HWY_ATTR {
        const Vector center = load<Whole>(count, mean + c);
        const auto gradient = [&](std::int64_t row) HWY_ATTR {
            return load<Whole>(count, dy + row * block.channels + c);
        };
        const auto product = [&](std::int64_t row) HWY_ATTR {
            const Vector x = load<Whole>(count, block.x + row * block.channels + c);
            return hn::Mul(gradient(row), hn::Sub(x, center));
        };
        store<Whole>(sumOverRows(block.rows, gradient), count, sums + c);
        store<Whole>(sumOverRows(block.rows, product), count, products + c);
    });
}

void affineSimd(const RowBlock& block, const Affine& f, float* y) {
    forEachVector(block.channels, [&]<bool Whole>(std::int64_t c, std::int64_t count) HWY_ATTR {
        affineColumns<Whole>(block, c, count, load<Whole>(count, f.mean + c),
                             load<Whole>(count, f.factor + c), load<Whole>(count, f.offset + c), y);
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
                             hn::Div(gamma, deviation), beta, y);
    });
}

void mixSimd(const RowBlock& block, const GradientMix& mix, const float* dy, float* dx) {
    forEachVector(block.channels, [&]<bool Whole>(std::int64_t c, std::int64_t count) HWY_ATTR {
        const Vector mean = load<Whole>(count, mix.mean + c);
        const Vector own = load<Whole>(count, mix.own + c);
        const Vector centered = load<Whole>(count, mix.centered + c);
        const Vector constant = load<Whole>(count, mix.constant + c);
        for (std::int64_t at = c; at < block.rows * block.channels; at += block.channels) {
            const Vector x = hn::Sub(load<Whole>(count, block.x + at), mean);
            const Vector rest = hn::MulAdd(centered, x, constant);
            store<Whole>(hn::MulAdd(own, load<Whole>(count, dy + at), rest), count, dx + at);
        }
    });
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn {

HWY_EXPORT(momentsSimd);
HWY_EXPORT(gradientSumsSimd);
HWY_EXPORT(affineSimd);
HWY_EXPORT(mixSimd);
HWY_EXPORT(inferenceSimd);

namespace {

constexpr std::int64_t kTaskFloats = 16 * 1024;
constexpr std::int64_t kBlockFloats = 8 * 1024;
constexpr std::int64_t kMaxTasks = 64;

std::int64_t taskCount(const BatchNormGeometry& g) {
    const std::int64_t wanted = g.rows * g.channels / kTaskFloats;
    return std::clamp<std::int64_t>(wanted, 1, std::min(g.rows, kMaxTasks));
}

/// Two sums per channel and task, in double precision, and what one task needs besides.
struct Memory {
    double* first = nullptr;
    double* second = nullptr;
    float* workers = nullptr;      ///< Two values per channel for each task.
    float* coefficients = nullptr; ///< Four values per channel.
};

Memory takeMemory(const BatchNormGeometry& g, Scratch& scratch) {
    const std::int64_t values = taskCount(g) * g.channels;
    Memory memory;
    memory.first = scratch.doubles(values);
    memory.second = scratch.doubles(values);
    memory.workers = scratch.floats(2 * values);
    memory.coefficients = scratch.floats(4 * g.channels);
    return memory;
}

/// Calls body(task, block, firstRow) for the rows in blocks, tasks in parallel, blocks in order.
template <typename Body>
void forEachRowBlock(Parallel& parallel, const BatchNormGeometry& g, const float* x,
                     const Body& body) {
    const std::int64_t tasks = taskCount(g);
    const std::int64_t blockRows = std::clamp<std::int64_t>(kBlockFloats / g.channels, 16, 256);
    parallel.run(tasks, [&](std::int64_t task, int) {
        const std::int64_t last = g.rows * (task + 1) / tasks;
        for (std::int64_t row = g.rows * task / tasks; row < last; row += blockRows) {
            const RowBlock block{x + row * g.channels, std::min(blockRows, last - row), g.channels};
            body(task, block, row);
        }
    });
}

/// Joins the mean and Σ (x - mean)² of `countB` values to those of `countA` (Chan et al. 1979).
void joinMoments(double countA, double& meanA, double& squaresA, double countB, double meanB,
                 double squaresB) {
    const double total = countA + countB;
    const double difference = meanB - meanA;
    meanA += difference * countB / total;
    squaresA += squaresB + difference * difference * countA * countB / total;
}

/// Mean and Σ (x - mean)² of all rows in the first task's place.
void allMoments(Parallel& parallel, const BatchNormGeometry& g, const float* x,
                const Memory& memory) {
    const std::int64_t tasks = taskCount(g);
    std::fill_n(memory.first, tasks * g.channels, 0.0);
    std::fill_n(memory.second, tasks * g.channels, 0.0);
    forEachRowBlock(
        parallel, g, x, [&](std::int64_t task, const RowBlock& block, std::int64_t row) {
            float* const means = memory.workers + 2 * task * g.channels;
            float* const squares = means + g.channels;
            NN_SIMD(momentsSimd)(block, means, squares);
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

/// Σ dy and Σ dy (x - mean) of all rows in the first task's place.
void allGradientSums(Parallel& parallel, const BatchNormGeometry& g,
                     const BatchNormBackwardArgs& args, const Memory& memory) {
    const std::int64_t tasks = taskCount(g);
    std::fill_n(memory.first, tasks * g.channels, 0.0);
    std::fill_n(memory.second, tasks * g.channels, 0.0);
    forEachRowBlock(
        parallel, g, args.x.data(),
        [&](std::int64_t task, const RowBlock& block, std::int64_t row) {
            float* const sums = memory.workers + 2 * task * g.channels;
            float* const products = sums + g.channels;
            NN_SIMD(gradientSumsSimd)
            (block, args.dy.data() + row * g.channels, args.mean.data(), sums, products);
            for (std::int64_t c = 0; c < g.channels; ++c) {
                memory.first[task * g.channels + c] += static_cast<double>(sums[c]);
                memory.second[task * g.channels + c] += static_cast<double>(products[c]);
            }
        });
    for (std::int64_t at = g.channels; at < tasks * g.channels; ++at) {
        memory.first[at % g.channels] += memory.first[at];
        memory.second[at % g.channels] += memory.second[at];
    }
}

float orElse(std::span<const float> values, std::int64_t at, float otherwise) {
    return values.empty() ? otherwise : values[static_cast<std::size_t>(at)];
}

/// Which statistics `batchNormBackward` differentiates.
enum class Statistics : std::uint8_t { OfBatch, Constant };

void backward(Parallel& parallel, const BatchNormGeometry& g, const BatchNormBackwardArgs& args,
              Statistics statistics) {
    Scratch scratch(args.scratch);
    const Memory memory = takeMemory(g, scratch);
    allGradientSums(parallel, g, args, memory);
    float* const own = memory.coefficients;
    float* const centered = own + g.channels;
    float* const constant = centered + g.channels;
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
    const GradientMix mix{args.mean.data(), own, centered, constant};
    forEachRowBlock(parallel, g, args.x.data(),
                    [&](std::int64_t, const RowBlock& block, std::int64_t row) {
                        const std::int64_t at = row * g.channels;
                        NN_SIMD(mixSimd)(block, mix, args.dy.data() + at, args.dx.data() + at);
                    });
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
    const Memory memory = takeMemory(g, scratch);
    allMoments(parallel, g, args.x.data(), memory);
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
    }
    const Affine affine{args.mean.data(), factor, offset};
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
                      .epsilon = args.epsilon};
    forEachRowBlock(parallel, g, args.x.data(),
                    [&](std::int64_t, const RowBlock& block, std::int64_t row) {
                        NN_SIMD(inferenceSimd)(block, given, args.y.data() + row * g.channels);
                    });
}

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
