#include "nn/kernels/dense.h"

#include "nn/kernels/rows.h"

#include <algorithm>

namespace nn {
namespace {

constexpr std::int64_t kBiasRows = 256;

Gemm forwardShape(const DenseGeometry& g) {
    Gemm gemm;
    gemm.rows = g.rows;
    gemm.steps = g.inputs;
    gemm.columns = g.units;
    gemm.aRow = g.inputs;
    gemm.bStride = g.units;
    return gemm;
}

Gemm backwardDataShape(const DenseGeometry& g) {
    Gemm gemm;
    gemm.rows = g.rows;
    gemm.steps = g.units;
    gemm.columns = g.inputs;
    gemm.aRow = g.units;
    gemm.bStride = g.units;
    gemm.bLayout = Layout::Transposed;
    return gemm;
}

std::int64_t biasBlocks(const DenseGeometry& g) {
    return (g.rows + kBiasRows - 1) / kBiasRows;
}

/// db = Σ rows of dy: blocks of rows first, then the blocks.
void sumBias(Parallel& parallel, const DenseGeometry& g, const DenseBackwardWeightsArgs& args,
             float* partials) {
    parallel.run(biasBlocks(g), [&](std::int64_t task, int) {
        const std::int64_t first = task * kBiasRows;
        sumRows({.x = args.dy.data() + first * g.units,
                 .count = std::min(kBiasRows, g.rows - first),
                 .stride = g.units,
                 .columns = g.units,
                 .totals = partials + task * g.units});
    });
    sumRows({.x = partials,
             .count = biasBlocks(g),
             .stride = g.units,
             .columns = g.units,
             .totals = args.db.data(),
             .add = args.write == Write::Add});
}

} // namespace

Gemm denseWeightsProduct(const DenseGeometry& g) {
    Gemm gemm;
    gemm.rows = g.inputs;
    gemm.steps = g.rows;
    gemm.columns = g.units;
    gemm.aRow = 1;
    gemm.aStep = g.inputs;
    gemm.bStride = g.units;
    return gemm;
}

std::int64_t denseForwardScratchFloats(const DenseGeometry& g) {
    return gemmScratchFloats(forwardShape(g));
}

std::int64_t denseBackwardDataScratchFloats(const DenseGeometry& g) {
    return gemmScratchFloats(backwardDataShape(g));
}

std::int64_t denseBackwardWeightsScratchFloats(const DenseGeometry& g) {
    return std::max(gemmScratchFloats(denseWeightsProduct(g)), biasBlocks(g) * g.units);
}

void denseForward(Parallel& parallel, const DenseGeometry& g, const DenseForwardArgs& args) {
    Gemm gemm = forwardShape(g);
    gemm.a = args.x.data();
    gemm.b = args.weights.data();
    gemm.bias = args.bias.empty() ? nullptr : args.bias.data();
    gemm.c = args.y.data();
    gemm.relu = args.activation == FusedActivation::Relu;
    runGemm(parallel, gemm, Scratch(args.scratch));
}

void denseBackwardData(Parallel& parallel, const DenseGeometry& g,
                       const DenseBackwardDataArgs& args) {
    Gemm gemm = backwardDataShape(g);
    gemm.a = args.dy.data();
    gemm.b = args.weights.data();
    gemm.c = args.dx.data();
    gemm.write = args.write;
    runGemm(parallel, gemm, Scratch(args.scratch));
}

void denseBackwardWeights(Parallel& parallel, const DenseGeometry& g,
                          const DenseBackwardWeightsArgs& args) {
    if (!args.dw.empty()) {
        Gemm gemm = denseWeightsProduct(g);
        gemm.a = args.x.data();
        gemm.b = args.dy.data();
        gemm.c = args.dw.data();
        gemm.write = args.write;
        runGemm(parallel, gemm, Scratch(args.scratch));
    }
    if (!args.db.empty()) {
        sumBias(parallel, g, args, args.scratch.data());
    }
}

} // namespace nn
