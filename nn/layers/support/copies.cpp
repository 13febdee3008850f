#include "nn/layers/support/copies.h"

#include "nn/kernels/elementwise.h"

#include <Eigen/Core>

namespace nn {

namespace {

using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Transposes each of `count` matrices [rows][columns].
struct Transposition {
    std::int64_t count = 1;
    std::int64_t rows = 1;
    std::int64_t columns = 1;
};

void transpose(Parallel& parallel, const Transposition& t, std::span<const float> source,
               std::span<float> target) {
    const std::int64_t size = t.rows * t.columns;
    parallel.run(t.count, [&](std::int64_t task, int /*worker*/) {
        const Eigen::Map<const RowMajor> from(source.data() + task * size, t.rows, t.columns);
        Eigen::Map<RowMajor> to(target.data() + task * size, t.columns, t.rows);
        to = from.transpose();
    });
}

} // namespace

std::span<float> savedFloats(std::span<std::byte> saved) {
    return {reinterpret_cast<float*>(saved.data()), saved.size() / sizeof(float)};
}

std::span<const float> savedFloats(std::span<const std::byte> saved) {
    return {reinterpret_cast<const float*>(saved.data()), saved.size() / sizeof(float)};
}

void copyValues(Parallel& parallel, std::span<const float> source, std::span<float> target) {
    if (source.data() == target.data()) {
        return;
    }
    const auto length = static_cast<std::int64_t>(source.size());
    copyStrided(parallel,
                {.rows = 1, .length = length, .sourceStride = length, .targetStride = length},
                source, target);
}

void toLastAxis(Parallel& parallel, const AxisSplit& split, std::int64_t batch,
                std::span<const float> source, std::span<float> target) {
    transpose(parallel, {batch * split.outer, split.extent, split.inner}, source, target);
}

void fromLastAxis(Parallel& parallel, const AxisSplit& split, std::int64_t batch,
                  std::span<const float> source, std::span<float> target) {
    transpose(parallel, {batch * split.outer, split.inner, split.extent}, source, target);
}

KernelMemory IdentityKernel::memory(std::int64_t /*batch*/, Phase /*phase*/) const {
    return {};
}

void IdentityKernel::forward(const ForwardArgs& args) const {
    copyValues(*args.parallel, args.inputs[0], args.output);
}

void IdentityKernel::backward(const BackwardArgs& args) const {
    if (!args.inputGradients[0].empty()) {
        copyValues(*args.parallel, args.outputGradient, args.inputGradients[0]);
    }
}

} // namespace nn
