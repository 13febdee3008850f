#include "nn/kernels/winograd.h"

#include "nn/kernels/conv_pack.h"
#include "nn/kernels/product.h"
#include "nn/kernels/scratch.h"
#include "nn/kernels/winograd_transform.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <numeric>

namespace nn {
namespace {

// Below this many channels or filters the transforms cost more than they save.
constexpr std::int64_t kLeastChannels = 32;
constexpr std::int64_t kLeastTiles = 9;
// Planes of a block of tiles: they stay in the second-level cache.
constexpr std::int64_t kBlockFloats = 96 * 1024;
constexpr std::int64_t kMostTiles = 96;
constexpr std::int64_t kTileStep = 8;
constexpr std::int64_t kColumns = 64;
constexpr std::int64_t kTasks = 16;
// Between planes, lest all of them fall into the same lines of the first-level cache.
constexpr std::int64_t kGap = 16;

std::atomic<bool>& allowedFlag() {
    static std::atomic<bool> allowed = [] {
        const char* const text = std::getenv("RECEPTIVE_WINOGRAD");
        return text == nullptr || std::strcmp(text, "0") != 0;
    }();
    return allowed;
}

ConvPass passOf(const WinogradPass& job) {
    return job.direction == ConvDirection::Forward ? forwardPass(job.g) : backwardPass(job.g, 0, 0);
}

/// How a pass is cut: blocks of tiles, and within a block the targets' channels.
struct Cut {
    std::int64_t tiles = 1, columns = 1;
};

Cut cutOf(const ConvPass& pass, std::int64_t tiles) {
    Cut cut{.columns = std::min(kColumns, pass.targetChannels)};
    const std::int64_t fitting =
        kBlockFloats / (winogradPlanes * (pass.sourceChannels + cut.columns));
    const std::int64_t wanted = blockCount(blockCount(tiles, kTasks), kTileStep) * kTileStep;
    cut.tiles =
        std::min(std::clamp(fitting / kTileStep * kTileStep, kTileStep, kMostTiles), wanted);
    return cut;
}

/// A worker's private memory.
struct WorkerMemory {
    float* inputs = nullptr;   ///< [plane][tile][source channel]
    float* products = nullptr; ///< [plane][tile][column of a block]
    float* zeros = nullptr;    ///< A source outside of the image.
    float* unused = nullptr;   ///< A target outside of the image.
    std::ptrdiff_t* steps = nullptr;
};

WorkerMemory workerMemory(const ConvPass& pass, const Cut& cut, Scratch& scratch) {
    WorkerMemory memory;
    memory.inputs = scratch.floats(winogradPlanes * (cut.tiles * pass.sourceChannels + kGap));
    memory.products = scratch.floats(winogradPlanes * (cut.tiles * cut.columns + kGap));
    memory.zeros = scratch.floats(pass.sourceChannels);
    memory.unused = scratch.floats(pass.targetChannels);
    memory.steps = scratch.offsets(pass.sourceChannels);
    return memory;
}

struct Memory {
    float* packed = nullptr;
    float* filters = nullptr; ///< [plane][panel][source channel][16]
    std::int64_t filterPlane = 0;
    float* workers = nullptr;
    std::int64_t workerFloats = 0;
};

Memory takeMemory(const ConvPass& pass, const Cut& cut, ConvThreads threads, Scratch& scratch) {
    Memory memory;
    Scratch worker;
    static_cast<void>(workerMemory(pass, cut, worker));
    memory.workerFloats = worker.needed();
    const std::int64_t filters = pass.sourceChannels * pass.targetChannels;
    memory.packed = scratch.floats(9 * filters);
    memory.filterPlane = filters + kGap;
    memory.filters = scratch.floats(winogradPlanes * memory.filterPlane);
    memory.workers = scratch.floats(memory.workerFloats * static_cast<int>(threads));
    return memory;
}

void transformAllFilters(Parallel& parallel, const WinogradPass& job, const ConvPass& pass,
                         const Memory& memory) {
    packWeights(parallel, job.g, job.direction,
                {job.weights, static_cast<std::size_t>(job.g.weightFloats())}, memory.packed);
    const std::int64_t panelFloats = pass.sourceChannels * panelColumns;
    parallel.run(pass.panels(), [&](std::int64_t panel, int) {
        transformFilters({.taps = memory.packed + panel * 9 * panelFloats,
                          .channels = pass.sourceChannels,
                          .reversed = pass.y.tapStep < 0,
                          .planes = memory.filters + panel * panelFloats,
                          .plane = memory.filterPlane});
    });
}

/// One block of tiles.
class Block {
public:
    Block(const WinogradPass& job, const ConvPass& pass, const WinogradTiles& tiles, const Cut& cut,
          std::int64_t first, const WorkerMemory& memory)
        : m_job(job), m_pass(pass), m_tiles(tiles), m_first(first),
          m_count(std::min(cut.tiles, tiles.count() - first)),
          m_inputPlane(cut.tiles * pass.sourceChannels + kGap),
          m_productPlane(cut.tiles * cut.columns + kGap), m_memory(memory) {}

    void transformInputs() const {
        std::array<const float*, 16> cells;
        WinogradTiles::Place at = m_tiles.place(m_first);
        for (std::int64_t i = 0; i < m_count; ++i, m_tiles.advance(at)) {
            m_tiles.sources(at, m_job.source, m_memory.zeros, cells);
            transformInput({.cells = cells.data(),
                            .channels = m_pass.sourceChannels,
                            .planes = m_memory.inputs + i * m_pass.sourceChannels,
                            .plane = m_inputPlane});
        }
    }

    void multiplyPlanes(const Memory& memory, std::int64_t firstColumn,
                        std::int64_t columns) const {
        std::array<const float*, kMostTiles> a;
        std::array<float*, kMostTiles> c;
        for (std::int64_t plane = 0; plane < winogradPlanes; ++plane) {
            const float* const input = m_memory.inputs + plane * m_inputPlane;
            float* const product = m_memory.products + plane * m_productPlane;
            for (std::int64_t i = 0; i < m_count; ++i) {
                a[static_cast<std::size_t>(i)] = input + i * m_pass.sourceChannels;
                c[static_cast<std::size_t>(i)] = product + i * columns;
            }
            multiplyLong({.count = m_count, .a = a.data(), .c = c.data()},
                         {.steps = m_memory.steps,
                          .stepCount = m_pass.sourceChannels,
                          .b = memory.filters + plane * memory.filterPlane +
                               firstColumn * m_pass.sourceChannels,
                          .bPanel = m_pass.sourceChannels * panelColumns,
                          .columns = columns});
        }
    }

    void transformOutputs(std::int64_t firstColumn, std::int64_t columns) const {
        OutputTile tile{.plane = m_productPlane,
                        .channels = columns,
                        .bias = m_job.bias == nullptr ? nullptr : m_job.bias + firstColumn,
                        .add = m_job.add,
                        .relu = m_job.relu};
        WinogradTiles::Place at = m_tiles.place(m_first);
        for (std::int64_t i = 0; i < m_count; ++i, m_tiles.advance(at)) {
            tile.planes = m_memory.products + i * columns;
            if (m_job.pools) {
                const std::int64_t to = (m_first + i) * m_pass.targetChannels + firstColumn;
                transformPooledOutput(tile, m_job.target + to,
                                      m_job.positions == nullptr ? nullptr : m_job.positions + to);
                continue;
            }
            std::array<float*, 4> cells;
            cells.fill(m_memory.unused);
            m_tiles.targets(at, [&](std::size_t cell, std::int64_t offset) {
                cells[cell] = m_job.target + offset + firstColumn;
            });
            tile.cells = cells.data();
            transformOutput(tile);
        }
    }

private:
    const WinogradPass& m_job;
    const ConvPass& m_pass;
    const WinogradTiles& m_tiles;
    std::int64_t m_first, m_count;
    std::int64_t m_inputPlane, m_productPlane;
    const WorkerMemory& m_memory;
};

} // namespace

void allowWinograd(bool allowed) {
    allowedFlag() = allowed;
}

bool winogradAllowed() {
    return allowedFlag();
}

bool usesWinograd(const ConvGeometry& g) {
    const bool fits = g.kernelHeight == 3 && g.kernelWidth == 3 && g.strideHeight == 1 &&
                      g.strideWidth == 1 && g.dilationHeight == 1 && g.dilationWidth == 1 &&
                      g.groups == 1 && g.inChannels % panelColumns == 0 &&
                      g.outChannels % panelColumns == 0;
    return fits && std::min(g.inChannels, g.outChannels) >= kLeastChannels &&
           blockCount(g.outHeight, 2) * blockCount(g.outWidth, 2) >= kLeastTiles &&
           winogradAllowed();
}

WinogradTiles::WinogradTiles(const ConvPass& pass, std::int64_t batch)
    : m_pass(pass), m_batch(batch), m_rows(blockCount(pass.y.targets, 2)),
      m_columns(blockCount(pass.x.targets, 2)), m_top(pass.y.sourceBegin(0)),
      m_left(pass.x.sourceBegin(0)) {}

WinogradTiles::Place WinogradTiles::place(std::int64_t tile) const {
    return {tile / m_columns / m_rows, tile / m_columns % m_rows, tile % m_columns};
}

void WinogradTiles::sources(const Place& at, const float* source, const float* zeros,
                            std::array<const float*, 16>& cells) const {
    const std::int64_t left = m_left + 2 * at.column;
    const std::int64_t top = m_top + 2 * at.row;
    if (top >= 0 && top + 4 <= m_pass.y.sources && left >= 0 && left + 4 <= m_pass.x.sources) {
        const std::int64_t line = m_pass.x.sources * m_pass.sourceChannels;
        const float* from =
            source + (at.image * m_pass.y.sources + top) * line + left * m_pass.sourceChannels;
        for (std::size_t i = 0; i < 16; i += 4, from += line) {
            cells[i] = from;
            cells[i + 1] = from + m_pass.sourceChannels;
            cells[i + 2] = from + 2 * m_pass.sourceChannels;
            cells[i + 3] = from + 3 * m_pass.sourceChannels;
        }
        return;
    }
    for (std::int64_t i = 0; i < 4; ++i) {
        const std::int64_t row = top + i;
        const bool inside = row >= 0 && row < m_pass.y.sources;
        const float* const line =
            source + (at.image * m_pass.y.sources + row) * m_pass.x.sources * m_pass.sourceChannels;
        for (std::int64_t j = 0; j < 4; ++j) {
            const bool exists = inside && left + j >= 0 && left + j < m_pass.x.sources;
            cells[static_cast<std::size_t>(4 * i + j)] =
                exists ? line + (left + j) * m_pass.sourceChannels : zeros;
        }
    }
}

std::int64_t winogradScratchFloats(const WinogradPass& job) {
    const ConvPass pass = passOf(job);
    Scratch scratch;
    const Cut cut = cutOf(pass, WinogradTiles(pass, job.batch).count());
    static_cast<void>(takeMemory(pass, cut, job.threads, scratch));
    return scratch.needed();
}

void runWinograd(Parallel& parallel, const WinogradPass& job, std::span<float> scratchSpan) {
    const ConvPass pass = passOf(job);
    const WinogradTiles tiles(pass, job.batch);
    const Cut cut = cutOf(pass, tiles.count());
    Scratch scratch(scratchSpan);
    const Memory memory = takeMemory(pass, cut, job.threads, scratch);
    transformAllFilters(parallel, job, pass, memory);
    parallel.run(blockCount(tiles.count(), cut.tiles), [&](std::int64_t task, int worker) {
        Scratch own({memory.workers + worker * memory.workerFloats,
                     static_cast<std::size_t>(memory.workerFloats)});
        const WorkerMemory mine = workerMemory(pass, cut, own);
        std::fill_n(mine.zeros, pass.sourceChannels, 0.0F);
        std::iota(mine.steps, mine.steps + pass.sourceChannels, std::ptrdiff_t{0});
        const Block block(job, pass, tiles, cut, task * cut.tiles, mine);
        block.transformInputs();
        for (std::int64_t first = 0; first < pass.targetChannels; first += cut.columns) {
            const std::int64_t columns = std::min(cut.columns, pass.targetChannels - first);
            block.multiplyPlanes(memory, first, columns);
            block.transformOutputs(first, columns);
        }
    });
}

} // namespace nn
