#include "nn/kernels/winograd.h"

#include "nn/kernels/conv_pack.h"
#include "nn/kernels/moments.h"
#include "nn/kernels/plane_product.h"
#include "nn/kernels/product.h"
#include "nn/kernels/scratch.h"
#include "nn/kernels/winograd_transform.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>

namespace nn {
namespace {

// Below, the filters' transforms cost more than they save: tiles of 2×2 and of 4×4.
constexpr std::int64_t kLeastTiles = 9;
constexpr std::int64_t kLeastLargeTiles = 4;
// Planes of a block of tiles: they stay in the second-level cache.
constexpr std::int64_t kBlockFloats = 128 * 1024;
constexpr std::int64_t kMostTiles = 48;
constexpr std::int64_t kTileStep = 24; // all heights of `multiplyPlane`'s tiles divide it
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
    std::int64_t planes = 0;
    std::int64_t tiles = 1, columns = 1;
};

Cut cutOf(const ConvPass& pass, const WinogradTiles& tiles, ConvThreads threads) {
    Cut cut{.planes = winogradPlanes(tiles.size()),
            .columns = std::min(kColumns, pass.targetChannels)};
    const std::int64_t fitting = kBlockFloats / (cut.planes * (pass.sourceChannels + cut.columns));
    const std::int64_t tasks = threads == ConvThreads::One ? 1 : kTasks;
    const std::int64_t wanted = blockCount(blockCount(tiles.count(), tasks), kTileStep) * kTileStep;
    cut.tiles =
        std::min(std::clamp(fitting / kTileStep * kTileStep, kTileStep, kMostTiles), wanted);
    return cut;
}

/// A worker's private memory.
struct WorkerMemory {
    float* inputs = nullptr;   ///< [plane][block of channels][tile][channel], `planeChannels`
    float* products = nullptr; ///< [plane][tile][column of a block]
};

WorkerMemory workerMemory(const ConvPass& pass, const Cut& cut, Scratch& scratch) {
    WorkerMemory memory;
    memory.inputs = scratch.floats(cut.planes * (cut.tiles * pass.sourceChannels + kGap));
    memory.products = scratch.floats(cut.planes * (cut.tiles * cut.columns + kGap));
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
    memory.filters = scratch.floats(cut.planes * memory.filterPlane);
    memory.workers = scratch.floats(memory.workerFloats * static_cast<int>(threads));
    return memory;
}

void transformAllFilters(Parallel& parallel, const WinogradPass& job, const ConvPass& pass,
                         int size, const Memory& memory) {
    packWeights(parallel, job.g, job.direction,
                {job.weights, static_cast<std::size_t>(job.g.weightFloats())}, memory.packed);
    const std::int64_t panelFloats = pass.sourceChannels * panelColumns;
    parallel.run(pass.panels(), [&](std::int64_t panel, int) {
        transformFilters({.size = size,
                          .taps = memory.packed + panel * 9 * panelFloats,
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
          m_count(std::min(cut.tiles, tiles.count() - first)), m_planes(cut.planes),
          m_inputPlane(cut.tiles * pass.sourceChannels + kGap),
          m_productPlane(cut.tiles * cut.columns + kGap), m_memory(memory) {}

    void transformInputs() const {
        float* planes = m_memory.inputs;
        m_tiles.forEachRun(m_first, m_count, [&](const auto& at, std::int64_t tiles) {
            InputRow row = m_tiles.inputs(at, m_job.source, m_count);
            row.tiles = tiles;
            row.channels = m_pass.sourceChannels;
            row.planes = planes;
            row.plane = m_inputPlane;
            row.width = planeChannels(m_pass.sourceChannels);
            row.block = m_count * row.width;
            nn::transformInputs(row);
            planes += tiles * row.width;
        });
    }

    void multiplyPlanes(const Memory& memory, std::int64_t firstColumn,
                        std::int64_t columns) const {
        const std::int64_t width = planeChannels(m_pass.sourceChannels);
        const std::int64_t blocks = m_pass.sourceChannels / width;
        const std::int64_t pieces = blockCount(m_pass.sourceChannels, maxReductionSteps);
        for (std::int64_t plane = 0; plane < m_planes; ++plane) {
            const float* const input = m_memory.inputs + plane * m_inputPlane;
            const float* const filters =
                memory.filters + plane * memory.filterPlane + firstColumn * m_pass.sourceChannels;
            for (std::int64_t piece = 0; piece < pieces; ++piece) {
                const std::int64_t first = blocks * piece / pieces;
                multiplyPlane({.a = input + first * m_count * width,
                               .aRow = width,
                               .aBlock = m_count * width,
                               .blocks = blocks * (piece + 1) / pieces - first,
                               .steps = width,
                               .b = filters + first * width * panelColumns,
                               .bPanel = m_pass.sourceChannels * panelColumns,
                               .c = m_memory.products + plane * m_productPlane,
                               .cRow = columns,
                               .rows = m_count,
                               .columns = columns,
                               .add = piece > 0});
            }
        }
    }

    void transformOutputs(std::int64_t firstColumn, std::int64_t columns) const {
        OutputRow row{.size = m_tiles.size(),
                      .planes = m_memory.products,
                      .plane = m_productPlane,
                      .channels = columns,
                      .bias = m_job.bias == nullptr ? nullptr : m_job.bias + firstColumn,
                      .add = m_job.add,
                      .relu = m_job.relu};
        m_tiles.forEachRun(m_first, m_count, [&](const auto& at, std::int64_t tiles) {
            row.tiles = tiles;
            if (m_job.pools) {
                PooledTiles pooled{m_tiles.pooledOutputs(at, m_job.target + firstColumn)};
                if (m_job.positions != nullptr) {
                    pooled.positions = m_tiles.pooledOutputs(at, m_job.positions + firstColumn);
                }
                transformPooledOutputs(row, pooled);
            } else {
                row.outputs = m_tiles.outputs(at, m_job.target + firstColumn);
                if (m_job.passed != nullptr) {
                    row.passed = m_tiles.outputs(at, m_job.passed + firstColumn);
                }
                nn::transformOutputs(row);
            }
            row.planes += tiles * columns;
        });
    }

    void gatherOutputMoments(std::int64_t block, std::int64_t firstColumn,
                             std::int64_t columns) const {
        const auto forEachRun = [&](const auto& visit) {
            m_tiles.forEachRun(m_first, m_count, [&](const auto& at, std::int64_t tiles) {
                const auto outputs = m_tiles.outputs<const float>(at, m_job.target + firstColumn);
                const std::int64_t pixels =
                    std::min(tiles * m_tiles.size(), outputs.columns - outputs.firstColumn);
                for (const float* const line : outputs.lines) {
                    if (line != nullptr) {
                        visit(line + outputs.firstColumn * outputs.pixel, pixels);
                    }
                }
            });
        };
        gatherMoments(m_job.moments, m_pass.targetChannels, block, firstColumn, columns,
                      forEachRun);
    }

private:
    const WinogradPass& m_job;
    const ConvPass& m_pass;
    const WinogradTiles& m_tiles;
    std::int64_t m_first, m_count, m_planes;
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
    return fits && blockCount(g.outHeight, 2) * blockCount(g.outWidth, 2) >= kLeastTiles &&
           winogradAllowed();
}

int winogradSize(const ConvPass& pass) {
    const auto tiles = [&](std::int64_t size) {
        return blockCount(pass.y.targets, size) * blockCount(pass.x.targets, size);
    };
    const bool saves = 5 * winogradPlanes(4) * tiles(4) <= 4 * winogradPlanes(2) * tiles(2);
    return saves && tiles(4) >= kLeastLargeTiles ? 4 : 2;
}

WinogradTiles::WinogradTiles(const ConvPass& pass, std::int64_t batch)
    : m_pass(pass), m_size(winogradSize(pass)), m_batch(batch),
      m_rows(blockCount(pass.y.targets, m_size)), m_columns(blockCount(pass.x.targets, m_size)),
      m_top(pass.y.sourceBegin(0)), m_left(pass.x.sourceBegin(0)) {}

WinogradTiles::Place WinogradTiles::place(std::int64_t tile) const {
    return {tile / m_columns / m_rows, tile / m_columns % m_rows, tile % m_columns};
}

InputRow WinogradTiles::inputs(const Place& at, const float* source, std::int64_t together) const {
    const std::int64_t lineFloats = m_pass.x.sources * m_pass.sourceChannels;
    InputRow row{.size = m_size,
                 .pixel = m_pass.sourceChannels,
                 .ahead = m_columns < together ? m_size * lineFloats : 0,
                 .firstColumn = m_left + m_size * at.column,
                 .columns = m_pass.x.sources};
    for (int i = 0; i < m_size + 2; ++i) {
        const std::int64_t line = m_top + m_size * at.row + i;
        const bool inside = line >= 0 && line < m_pass.y.sources;
        row.lines[static_cast<std::size_t>(i)] =
            inside ? source + (at.image * m_pass.y.sources + line) * lineFloats : nullptr;
    }
    return row;
}

std::int64_t winogradScratchFloats(const WinogradPass& job) {
    const ConvPass pass = passOf(job);
    Scratch scratch;
    const Cut cut = cutOf(pass, WinogradTiles(pass, job.batch), job.threads);
    static_cast<void>(takeMemory(pass, cut, job.threads, scratch));
    return scratch.needed();
}

std::int64_t winogradBlocks(const WinogradPass& job) {
    const ConvPass pass = passOf(job);
    const WinogradTiles tiles(pass, job.batch);
    return blockCount(tiles.count(), cutOf(pass, tiles, job.threads).tiles);
}

void runWinograd(Parallel& parallel, const WinogradPass& job, std::span<float> scratchSpan) {
    const ConvPass pass = passOf(job);
    const WinogradTiles tiles(pass, job.batch);
    const Cut cut = cutOf(pass, tiles, job.threads);
    Scratch scratch(scratchSpan);
    const Memory memory = takeMemory(pass, cut, job.threads, scratch);
    transformAllFilters(parallel, job, pass, tiles.size(), memory);
    parallel.run(blockCount(tiles.count(), cut.tiles), [&](std::int64_t task, int worker) {
        Scratch own({memory.workers + worker * memory.workerFloats,
                     static_cast<std::size_t>(memory.workerFloats)});
        const WorkerMemory mine = workerMemory(pass, cut, own);
        const Block block(job, pass, tiles, cut, task * cut.tiles, mine);
        block.transformInputs();
        for (std::int64_t first = 0; first < pass.targetChannels; first += cut.columns) {
            const std::int64_t columns = std::min(cut.columns, pass.targetChannels - first);
            block.multiplyPlanes(memory, first, columns);
            block.transformOutputs(first, columns);
            if (job.moments != nullptr) {
                block.gatherOutputMoments(task, first, columns);
            }
        }
    });
}

} // namespace nn
