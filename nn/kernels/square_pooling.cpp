#include "nn/kernels/square_pooling.h"

#include "nn/kernels/square_pool.h"

#include <algorithm>

namespace nn {
namespace {

constexpr std::int64_t kTaskFloats = 16 * 1024;

SquareRows squareRows(const PoolGeometry& g) {
    return {.columns = g.outWidth, .channels = g.channels, .oddPixel = g.inWidth % 2 != 0};
}

/// Calls body(input, output) for every row of squares: offsets of the first of its two rows of the
/// image and of its outputs.
template <typename Body>
void forEachRow(Parallel& parallel, const PoolGeometry& g, std::int64_t batch, const Body& body) {
    const std::int64_t inRow = g.inWidth * g.channels;
    const std::int64_t outRow = g.outWidth * g.channels;
    const std::int64_t rows = batch * g.outHeight;
    const std::int64_t block =
        std::max<std::int64_t>(1, kTaskFloats / std::max<std::int64_t>(1, outRow));
    parallel.run((rows + block - 1) / block, [&](std::int64_t task, int) {
        for (std::int64_t i = task * block; i < std::min(rows, (task + 1) * block); ++i) {
            const std::int64_t image = i / g.outHeight;
            body(image * g.inputFloats() + 2 * (i % g.outHeight) * inRow, i * outRow);
        }
    });
}

/// The same for a gradient: a last row that belongs to no square is cleared.
template <typename Body>
void forEachGradientRow(Parallel& parallel, const PoolGeometry& g, std::int64_t batch, float* dx,
                        const Body& body) {
    const std::int64_t inRow = g.inWidth * g.channels;
    const std::int64_t covered = 2 * g.outHeight * inRow;
    forEachRow(parallel, g, batch, [&](std::int64_t in, std::int64_t out) {
        body(in, out);
        if (in % g.inputFloats() + 2 * inRow == covered) {
            std::fill_n(dx + in + 2 * inRow, g.inputFloats() - covered, 0.0F);
        }
    });
}

} // namespace

bool isSquare(const PoolGeometry& g) {
    return !g.adaptive && g.poolHeight == 2 && g.poolWidth == 2 && g.strideHeight == 2 &&
           g.strideWidth == 2 && g.padTop == 0 && g.padLeft == 0 && g.inHeight / 2 == g.outHeight &&
           g.inWidth / 2 == g.outWidth;
}

bool averagesAfter(const PoolGeometry& g, const Activation& activation) {
    return isSquare(g) && std::ranges::count(kAveragedActivations, activation.kind) > 0 &&
           activationBackwardReads(activation) == BackwardReads::Output;
}

void maxSquaresForward(Parallel& parallel, const PoolGeometry& g, const MaxPoolForwardArgs& args) {
    const SquareRows rows = squareRows(g);
    auto* const positions = reinterpret_cast<std::uint8_t*>(args.positions.data());
    forEachRow(parallel, g, args.batch, [&](std::int64_t in, std::int64_t out) {
        const float* const x = args.x.data() + in;
        maxSquares(rows, x, x + g.inWidth * g.channels, args.y.data() + out,
                   args.positions.empty() ? nullptr : positions + out);
    });
}

void maxSquaresBackward(Parallel& parallel, const PoolGeometry& g,
                        const MaxPoolBackwardArgs& args) {
    const auto* const positions = reinterpret_cast<const std::uint8_t*>(args.positions.data());
    unpoolSquares(parallel, g,
                  {.batch = args.batch,
                   .dy = args.dy,
                   .positions = {positions, args.positions.size()},
                   .dx = args.dx});
}

void unpoolSquares(Parallel& parallel, const PoolGeometry& g, const UnpoolArgs& args) {
    const SquareRows rows = squareRows(g);
    forEachGradientRow(
        parallel, g, args.batch, args.dx.data(), [&](std::int64_t in, std::int64_t out) {
            float* const dx = args.dx.data() + in;
            maxSquaresBackward(rows, args.dy.data() + out, args.positions.data() + out,
                               args.relu ? args.y.data() + out : nullptr, dx,
                               dx + g.inWidth * g.channels);
        });
}

void averageSquaresForward(Parallel& parallel, const PoolGeometry& g,
                           const AveragePoolForwardArgs& args) {
    const SquareRows rows = squareRows(g);
    forEachRow(parallel, g, args.batch, [&](std::int64_t in, std::int64_t out) {
        const float* const x = args.x.data() + in;
        averageSquares(rows, x, x + g.inWidth * g.channels, args.y.data() + out);
    });
}

void averageSquaresBackward(Parallel& parallel, const PoolGeometry& g,
                            const AveragePoolBackwardArgs& args) {
    const SquareRows rows = squareRows(g);
    const std::int64_t row = g.inWidth * g.channels;
    forEachGradientRow(
        parallel, g, args.batch, args.dx.data(), [&](std::int64_t in, std::int64_t out) {
            float* const dx = args.dx.data() + in;
            const float* const outputs = args.outputs.empty() ? nullptr : args.outputs.data() + in;
            averageSquaresBackward(rows,
                                   {.dy = args.dy.data() + out,
                                    .activation = args.activation,
                                    .topOutputs = outputs,
                                    .bottomOutputs = outputs == nullptr ? nullptr : outputs + row,
                                    .top = dx,
                                    .bottom = dx + row});
        });
}

} // namespace nn
