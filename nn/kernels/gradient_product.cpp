#include "nn/kernels/gradient_product.h"

#include "nn/kernels/gemm.h"
#include "nn/kernels/pack.h"
#include "nn/kernels/product.h"
#include "nn/kernels/scratch.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace nn {
namespace {

// From here on a gradient costs more by going through memory than its product does.
constexpr std::int64_t kLarge = std::int64_t{1} << 22;
// A piece stays in the second-level cache, beside the right side of a usual batch.
constexpr std::int64_t kPieceFloats = 24 * 1024;
constexpr std::int64_t kPackColumns = 64 * panelColumns;

std::int64_t blocks(std::int64_t total, std::int64_t block) {
    return (total + block - 1) / block;
}

std::int64_t paddedUnits(const DenseGeometry& g) {
    return blocks(g.units, panelColumns) * panelColumns;
}

/// How a gradient is cut: whole lines of units, or parts of one line where a line is long.
struct Cut {
    std::int64_t lines = 1;   ///< Of a piece.
    std::int64_t columns = 1; ///< Of a piece.
    std::int64_t lineBlocks = 1;
    std::int64_t columnBlocks = 1;
    std::int64_t stepBlock = 1; ///< Rows of x and dy that are summed before the sum is stored.
};

Cut cutOf(const DenseGeometry& g) {
    Cut cut;
    cut.lines = std::clamp<std::int64_t>(kPieceFloats / g.units, 1, maxProductRows);
    cut.columns = std::min(g.units, kPieceFloats);
    cut.lineBlocks = blocks(g.inputs, cut.lines);
    cut.columnBlocks = blocks(g.units, cut.columns);
    cut.stepBlock = std::max<std::int64_t>(1, gemmStepsInOneRun(denseWeightsProduct(g)));
    return cut;
}

/// A worker's private memory.
struct WorkerMemory {
    float* x = nullptr; ///< [line][row]
    float* values = nullptr;
    std::ptrdiff_t* rows = nullptr; ///< Where in a line of x each row is.
};

WorkerMemory workerMemory(const DenseGeometry& g, const Cut& cut, Scratch& scratch) {
    WorkerMemory memory;
    memory.x = scratch.floats(cut.lines * g.rows);
    memory.values = scratch.floats(cut.lines * cut.columns);
    memory.rows = scratch.offsets(std::min(cut.stepBlock, g.rows));
    return memory;
}

std::int64_t workerFloats(const DenseGeometry& g, const Cut& cut) {
    Scratch scratch;
    static_cast<void>(workerMemory(g, cut, scratch));
    return scratch.needed();
}

struct Memory {
    float* packed = nullptr;
    float* workers = nullptr;
};

Memory takeMemory(const DenseGeometry& g, Scratch& scratch) {
    Memory memory;
    memory.packed = scratch.floats(g.rows * paddedUnits(g));
    memory.workers = scratch.floats(Parallel::maxThreads * workerFloats(g, cutOf(g)));
    return memory;
}

/// Lays out the right side of the product.
void packRows(Parallel& parallel, const GradientProduct& product, float* to) {
    const DenseGeometry& g = product.geometry;
    const std::int64_t stepBlock = cutOf(g).stepBlock;
    const std::int64_t columnBlocks = blocks(g.units, kPackColumns);
    parallel.run(blocks(g.rows, stepBlock) * columnBlocks, [&](std::int64_t task, int) {
        const std::int64_t row = task / columnBlocks * stepBlock;
        const std::int64_t column = task % columnBlocks * kPackColumns;
        const std::int64_t rows = std::min(stepBlock, g.rows - row);
        packPanels({.from = product.dy.data() + row * g.units + column,
                    .stride = g.units,
                    .rows = rows,
                    .columns = std::min(kPackColumns, g.units - column)},
                   to + row * paddedUnits(g) + column * rows);
    });
}

/// The values that `lines` inputs have in all rows.
void transposeLines(const GradientProduct& product, std::int64_t line, std::int64_t lines,
                    float* to) {
    const DenseGeometry& g = product.geometry;
    for (std::int64_t row = 0; row < g.rows; ++row) {
        const float* const from = product.x.data() + row * g.inputs + line;
        for (std::int64_t i = 0; i < lines; ++i) {
            to[i * g.rows + row] = from[i];
        }
    }
}

} // namespace

bool isLargeProduct(const DenseGeometry& g) {
    return g.inputs >= blocks(kLarge, g.units) && gemmStepsInOneRun(denseWeightsProduct(g)) > 0;
}

std::int64_t gradientProductScratchFloats(const DenseGeometry& g) {
    Scratch scratch;
    static_cast<void>(takeMemory(g, scratch));
    return scratch.needed();
}

GradientPieces::GradientPieces(Parallel& parallel, const GradientProduct& product)
    : m_product(product) {
    Scratch scratch(product.scratch);
    const Memory memory = takeMemory(product.geometry, scratch);
    m_packed = memory.packed;
    m_workers = memory.workers;
    packRows(parallel, product, memory.packed);
}

std::int64_t GradientPieces::count() const {
    const Cut cut = cutOf(m_product.geometry);
    return cut.lineBlocks * cut.columnBlocks;
}

GradientPiece GradientPieces::piece(std::int64_t index, int worker) const {
    const DenseGeometry& g = m_product.geometry;
    const Cut cut = cutOf(g);
    const std::int64_t line = index / cut.columnBlocks * cut.lines;
    const std::int64_t lines = std::min(cut.lines, g.inputs - line);
    const std::int64_t column = index % cut.columnBlocks * cut.columns;
    const std::int64_t columns = std::min(cut.columns, g.units - column);

    const std::int64_t floats = workerFloats(g, cut);
    Scratch scratch({m_workers + worker * floats, static_cast<std::size_t>(floats)});
    const WorkerMemory memory = workerMemory(g, cut, scratch);
    std::iota(memory.rows, memory.rows + std::min(cut.stepBlock, g.rows), std::ptrdiff_t{0});
    transposeLines(m_product, line, lines, memory.x);
    std::array<const float*, maxProductRows> left;
    std::array<float*, maxProductRows> results;
    for (std::int64_t row = 0; row < g.rows; row += cut.stepBlock) {
        const std::int64_t rows = std::min(cut.stepBlock, g.rows - row);
        for (std::int64_t i = 0; i < lines; ++i) {
            left[static_cast<std::size_t>(i)] = memory.x + i * g.rows + row;
            results[static_cast<std::size_t>(i)] = memory.values + i * columns;
        }
        multiplyLong({.count = lines, .a = left.data(), .c = results.data()},
                     {.steps = memory.rows,
                      .stepCount = rows,
                      .b = m_packed + row * paddedUnits(g) + column * rows,
                      .bPanel = rows * panelColumns,
                      .columns = columns,
                      .add = row > 0});
    }
    return {.first = static_cast<std::size_t>(line * g.units + column),
            .values = {memory.values, static_cast<std::size_t>(lines * columns)}};
}

SquareSum sumOfSquares(Parallel& parallel, const GradientProduct& product) {
    // Pieces by their number, so that the sum does not depend on who made which.
    constexpr std::int64_t parts = 64;
    const GradientPieces pieces(parallel, product);
    std::array<SquareSum, parts> sums{};
    parallel.run(parts, [&](std::int64_t part, int worker) {
        SquareSum& total = sums[static_cast<std::size_t>(part)];
        for (std::int64_t i = part; i < pieces.count(); i += parts) {
            Parallel serial;
            const SquareSum sum = sumOfSquares(serial, pieces.piece(i, worker).values);
            total.sum += sum.sum;
            total.finite = total.finite && sum.finite;
        }
    });
    SquareSum all;
    for (const SquareSum& sum : sums) {
        all.sum += sum.sum;
        all.finite = all.finite && sum.finite;
    }
    return all;
}

SquareSum boundOfSquares(Parallel& parallel, const GradientProduct& product) {
    const SquareSum x = sumOfSquares(parallel, product.x);
    const SquareSum dy = sumOfSquares(parallel, product.dy);
    return {.sum = x.sum * dy.sum, .finite = x.finite && dy.finite};
}

} // namespace nn
