#include "nn/kernels/gemm.h"

#include "nn/kernels/pack.h"
#include "nn/kernels/product.h"
#include "nn/kernels/rows.h"
#include "nn/kernels/stream.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

namespace nn {
namespace {

// Multiply-adds that make a task worth its ticket, and tasks that keep several threads busy.
constexpr std::int64_t kTaskWork = std::int64_t{1} << 18;
constexpr std::int64_t kTasks = 32;
constexpr std::int64_t kPartialFloats = std::int64_t{1} << 20;
constexpr std::int64_t kMinTaskRows = 48;
constexpr std::int64_t kReduceFloats = 4096;
// Fewer rows than this: the product waits for b, which is then read in long runs.
constexpr std::int64_t kFewRows = 16;
constexpr std::int64_t kSomeRows = 64;
// Fewer steps than this: the product waits for c, which is then written in long runs.
constexpr std::int64_t kFewSteps = 32;
constexpr std::int64_t kLongRun = 1024;

// So many columns make a line of b worth reading in place.
constexpr std::int64_t kInPlaceColumns = 256;

/// How a product is cut: by shape only.
struct Cut {
    std::int64_t columnBlock = 1, stepBlock = 1, rowChunk = maxProductRows;
    std::int64_t columnBlocks = 1, stepChunks = 1, rowBlocks = 1;
    bool inPlace = false; ///< b is multiplied where it is: read once, in long runs.
};

std::int64_t blocks(std::int64_t total, std::int64_t block) {
    return (total + block - 1) / block;
}

/// Columns of a task when b is transposed: few steps make many columns worth one.
std::int64_t transposedColumns(const Gemm& g) {
    const std::int64_t fitting = kLongRun * 2 / std::max<std::int64_t>(1, g.steps) * panelColumns;
    const std::int64_t shared = blocks(blocks(g.columns, kTasks), panelColumns) * panelColumns;
    return std::max(2 * panelColumns, std::min(fitting, shared));
}

Cut cutOf(const Gemm& g) {
    Cut cut;
    if (g.bLayout == Layout::Transposed) {
        cut.columnBlock = transposedColumns(g);
        cut.stepBlock = kLongRun;
    } else if (g.rows <= kSomeRows && g.columns >= kInPlaceColumns && g.steps > kFewSteps) {
        cut.inPlace = true;
        cut.columnBlock = kLongRun;
        cut.stepBlock = 2 * kFewSteps;
    } else if (g.rows <= kFewRows) {
        cut.columnBlock = kLongRun;
        cut.stepBlock = kFewSteps;
    } else if (g.steps <= kFewSteps) {
        cut.columnBlock = kLongRun;
        cut.stepBlock = kFewSteps;
        cut.rowChunk = 24;
    } else if (g.rows <= kSomeRows) {
        cut.columnBlock = kLongRun / 2;
        cut.stepBlock = maxReductionSteps / 2;
    } else {
        cut.columnBlock = 8 * panelColumns;
        cut.stepBlock = maxReductionSteps;
    }
    const std::int64_t work = g.rows * g.columns * g.steps;
    const std::int64_t wanted = std::clamp<std::int64_t>(work / kTaskWork, 1, kTasks);
    const std::int64_t affordable =
        std::max<std::int64_t>(1, kPartialFloats / (g.rows * g.columns));
    const std::int64_t parts =
        blocks(g.columns, cut.columnBlock) * std::min(affordable, blocks(g.steps, cut.stepBlock));
    const bool splitsColumns = parts < wanted && g.rows > kFewRows && g.steps > kFewSteps;
    if (splitsColumns) {
        cut.columnBlock = 2 * panelColumns;
        cut.inPlace = false;
    }
    cut.columnBlock = std::min(cut.columnBlock, blocks(g.columns, panelColumns) * panelColumns);
    cut.stepBlock = std::min(cut.stepBlock, g.steps);
    cut.columnBlocks = blocks(g.columns, cut.columnBlock);
    cut.stepChunks = std::max<std::int64_t>(
        1, std::min({blocks(wanted, cut.columnBlocks), g.steps / cut.stepBlock, affordable}));
    cut.rowBlocks = std::clamp<std::int64_t>(blocks(wanted, cut.columnBlocks * cut.stepChunks), 1,
                                             std::max<std::int64_t>(1, g.rows / kMinTaskRows));
    return cut;
}

/// A worker's private memory.
struct WorkerMemory {
    float* packed = nullptr;         ///< [panel][step][16]
    float* bias = nullptr;           ///< Padded with zeros.
    std::ptrdiff_t* steps = nullptr; ///< Where in a row of a each step is.
};

WorkerMemory workerMemory(const Cut& cut, Scratch& scratch) {
    WorkerMemory memory;
    memory.packed = scratch.floats(cut.stepBlock * (cut.inPlace ? panelColumns : cut.columnBlock));
    memory.bias = scratch.floats(cut.columnBlock);
    memory.steps = scratch.offsets(cut.stepBlock);
    return memory;
}

struct Memory {
    float* partials = nullptr; ///< [chunk][rows][columns] if there is more than one chunk.
    float* workers = nullptr;
    std::int64_t workerFloats = 0;
};

Memory takeMemory(const Gemm& g, const Cut& cut, Scratch& scratch) {
    Memory memory;
    Scratch worker;
    static_cast<void>(workerMemory(cut, worker));
    memory.workerFloats = worker.needed();
    memory.partials = scratch.floats(cut.stepChunks > 1 ? cut.stepChunks * g.rows * g.columns : 0);
    memory.workers = scratch.floats(memory.workerFloats * Parallel::maxThreads);
    return memory;
}

struct Range {
    std::int64_t begin = 0, end = 0;
    [[nodiscard]] std::int64_t size() const { return end - begin; }
};

Range partOf(std::int64_t total, std::int64_t index, std::int64_t count) {
    return {total * index / count, total * (index + 1) / count};
}

/// Has `count` floats brought into the caches.
void prefetchLines(const float* from, std::int64_t count) {
    for (std::int64_t at = 0; at < count; at += panelColumns) {
        __builtin_prefetch(from + at);
    }
}

void pack(const Gemm& g, Range steps, Range columns, float* to) {
    if (g.bLayout == Layout::Plain) {
        const float* const from = g.b + steps.begin * g.bStride + columns.begin;
        packPanels({from, g.bStride, steps.size(), columns.size()}, to);
        return;
    }
    for (std::int64_t column = columns.begin; column < columns.end; column += panelColumns) {
        const std::int64_t count = std::min(panelColumns, columns.end - column);
        packPanelTransposed(
            {g.b + column * g.bStride + steps.begin, g.bStride, steps.size(), count}, to);
        to += steps.size() * panelColumns;
    }
}

/// Multiplies rows of a, cut into chunks that fit on the stack, with a packed block of b.
void multiplyRows(const Gemm& g, Range rows, const float* a, float* c, const Product& product,
                  std::int64_t chunk = maxProductRows) {
    std::array<const float*, maxProductRows> aRows;
    std::array<float*, maxProductRows> cRows;
    for (std::int64_t row = rows.begin; row < rows.end; row += chunk) {
        const std::int64_t count = std::min(chunk, rows.end - row);
        for (std::int64_t i = 0; i < count; ++i) {
            aRows[static_cast<std::size_t>(i)] = a + (row + i) * g.aRow;
            cRows[static_cast<std::size_t>(i)] = c + (row + i) * g.columns;
        }
        multiplyLong({.count = count, .a = aRows.data(), .c = cRows.data()}, product);
    }
}

/// A part of a product.
struct Part {
    Range rows, steps, columns;
};

/// Multiplies with a block of b where it is, some columns after the other. While one piece is
/// multiplied, the next one comes from memory, at last that of steps `next`.
void multiplyInPlace(const Gemm& g, const Part& part, Range next, float* c,
                     const Product& product) {
    constexpr std::int64_t width = 4 * panelColumns;
    constexpr std::int64_t height = 6;
    const std::int64_t parts = blocks(part.rows.size(), height);
    for (std::int64_t column = part.columns.begin; column < part.columns.end; column += width) {
        Product piece = product;
        piece.b = g.b + part.steps.begin * g.bStride + column;
        piece.bStep = g.bStride;
        piece.bPanel = panelColumns;
        piece.columns = std::min(width, part.columns.end - column);
        piece.bias = product.bias == nullptr ? nullptr : product.bias + column - part.columns.begin;
        const bool isLast = column + width >= part.columns.end;
        const Range ahead = isLast ? next : part.steps;
        const float* const from =
            g.b + ahead.begin * g.bStride + (isLast ? part.columns.begin : column + width);
        for (std::int64_t i = 0; i < parts; ++i) {
            const Range share = partOf(ahead.size(), i, parts);
            for (std::int64_t step = share.begin; step < share.end; ++step) {
                prefetchLines(from + step * g.bStride, width);
            }
            const Range rows = partOf(part.rows.size(), i, parts);
            multiplyRows(g, {part.rows.begin + rows.begin, part.rows.begin + rows.end},
                         g.a + part.steps.begin * g.aStep, c + column, piece);
        }
    }
}

/// Whether the weights are read once in place instead of packed: forward and backward through a
/// layer for a few rows.
bool streams(const Gemm& g) {
    return g.rows <= maxStreamRows && g.aStep == 1;
}

/// The task of a product that streams; bias and old values are in c first.
void streamTask(const Gemm& g, Range steps, Range columns, float* c, bool whole) {
    WeightStream stream{.stride = g.bStride,
                        .a = g.a + steps.begin,
                        .aRow = g.aRow,
                        .c = c + columns.begin,
                        .cRow = g.columns,
                        .rows = g.rows};
    if (g.bLayout == Layout::Transposed) {
        stream.weights = g.b + columns.begin * g.bStride + steps.begin;
        stream.lines = columns.size();
        stream.columns = steps.size();
        dotLines(stream, whole ? g.write : Write::Assign);
        return;
    }
    const bool first = steps.begin == 0;
    for (std::int64_t row = 0; row < g.rows; ++row) {
        float* const to = stream.c + row * g.columns;
        if (!whole || g.write == Write::Assign) {
            std::fill_n(to, columns.size(), 0.0F);
        }
        for (std::int64_t i = 0; first && g.bias != nullptr && i < columns.size(); ++i) {
            to[i] += g.bias[columns.begin + i];
        }
    }
    stream.weights = g.b + steps.begin * g.bStride + columns.begin;
    stream.lines = steps.size();
    stream.columns = columns.size();
    addLines(stream);
    if (whole && g.relu) {
        for (std::int64_t row = 0; row < g.rows; ++row) {
            float* const to = stream.c + row * g.columns;
            sumRows({.columns = columns.size(), .totals = to, .add = true, .relu = true});
        }
    }
}

void runTask(const Gemm& g, const Cut& cut, const Memory& memory, std::int64_t task, int worker) {
    const std::int64_t chunk = task % cut.stepChunks;
    const std::int64_t columnBlock = task / cut.stepChunks % cut.columnBlocks;
    const Range rows = partOf(g.rows, task / cut.stepChunks / cut.columnBlocks, cut.rowBlocks);
    const Range steps = partOf(g.steps, chunk, cut.stepChunks);
    const std::int64_t firstColumn = columnBlock * cut.columnBlock;
    const Range columns{firstColumn, std::min(firstColumn + cut.columnBlock, g.columns)};
    const bool whole = cut.stepChunks == 1;
    float* const c = whole ? g.c : memory.partials + chunk * g.rows * g.columns;
    if (streams(g)) {
        streamTask(g, steps, columns, c, whole);
        return;
    }

    Scratch scratch({memory.workers + worker * memory.workerFloats,
                     static_cast<std::size_t>(memory.workerFloats)});
    const WorkerMemory own = workerMemory(cut, scratch);
    std::generate_n(own.steps, cut.stepBlock, [at = std::ptrdiff_t{0}, &g]() mutable {
        return std::exchange(at, at + g.aStep);
    });
    const bool hasBias = g.bias != nullptr && chunk == 0;
    if (hasBias) {
        std::fill(std::copy_n(g.bias + columns.begin, columns.size(), own.bias),
                  own.bias + cut.columnBlock, 0.0F);
    }
    for (std::int64_t step = steps.begin; step < steps.end; step += cut.stepBlock) {
        const Range block{step, std::min(step + cut.stepBlock, steps.end)};
        const bool first = step == steps.begin;
        Product product{.steps = own.steps,
                        .stepCount = block.size(),
                        .b = own.packed,
                        .bPanel = block.size() * panelColumns,
                        .columns = columns.size(),
                        .bias = hasBias && first ? own.bias : nullptr,
                        .add = !first || (whole && g.write == Write::Add),
                        .relu = g.relu && whole && block.end == steps.end};
        const float* const a = g.a + step * g.aStep;
        Range packed = columns;
        if (cut.inPlace) {
            // Columns that fill no panel must be packed: behind them b may end.
            packed.begin += columns.size() / panelColumns * panelColumns;
            const Range next{block.end, std::min(block.end + cut.stepBlock, steps.end)};
            multiplyInPlace(g, {rows, block, {columns.begin, packed.begin}}, next, c, product);
            product.columns = packed.size();
            product.bias = hasBias && first ? own.bias + (packed.begin - columns.begin) : nullptr;
        }
        if (packed.size() > 0) {
            pack(g, block, packed, own.packed);
            multiplyRows(g, rows, a, c + packed.begin, product, cut.rowChunk);
        }
    }
}

} // namespace

std::int64_t gemmScratchFloats(const Gemm& gemm) {
    Scratch scratch;
    static_cast<void>(takeMemory(gemm, cutOf(gemm), scratch));
    return scratch.needed();
}

std::int64_t gemmStepsInOneRun(const Gemm& gemm) {
    const Cut cut = cutOf(gemm);
    return cut.stepChunks == 1 && !streams(gemm) ? cut.stepBlock : 0;
}

void runGemm(Parallel& parallel, const Gemm& gemm, Scratch scratch) {
    assert(gemm.bLayout == Layout::Plain || (gemm.bias == nullptr && !gemm.relu));
    const Cut cut = cutOf(gemm);
    const Memory memory = takeMemory(gemm, cut, scratch);
    parallel.run(cut.columnBlocks * cut.stepChunks * cut.rowBlocks,
                 [&](std::int64_t task, int worker) { runTask(gemm, cut, memory, task, worker); });
    if (cut.stepChunks == 1) {
        return;
    }
    const std::int64_t count = gemm.rows * gemm.columns;
    parallel.run(blocks(count, kReduceFloats), [&](std::int64_t task, int) {
        const std::int64_t first = task * kReduceFloats;
        sumRows({.x = memory.partials + first,
                 .count = cut.stepChunks,
                 .stride = count,
                 .columns = std::min(kReduceFloats, count - first),
                 .totals = gemm.c + first,
                 .add = gemm.write == Write::Add,
                 .relu = gemm.relu});
    });
}

} // namespace nn
