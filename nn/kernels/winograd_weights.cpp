#include "nn/kernels/plane_product.h"
#include "nn/kernels/product.h"
#include "nn/kernels/rows.h"
#include "nn/kernels/scratch.h"
#include "nn/kernels/winograd.h"
#include "nn/kernels/winograd_transform.h"

#include <algorithm>

namespace nn {
namespace {

constexpr std::int64_t kTasks = 16;
// All partial sums together: they are written once and read once.
constexpr std::int64_t kPartialFloats = std::int64_t{1} << 20;
// Channels and filters of a task: their part of the sums stays in the second-level cache.
constexpr std::int64_t kBlockChannels = 64;
constexpr std::int64_t kBlockFloats = 128 * 1024;
constexpr std::int64_t kMostTiles = 96;
constexpr std::int64_t kTileStep = 8;
// Between planes, lest all of them fall into the same lines of the first-level cache.
constexpr std::int64_t kGap = 16;

/// How the gradient is cut: the tiles into `partitions` partial sums of `blockTiles` at a time, the
/// channels and the filters into blocks.
struct Cut {
    int size = 2;
    std::int64_t planes = 0;
    std::int64_t tiles = 0, blockTiles = kTileStep, partitions = 1;
    std::int64_t channels = 0, filters = 0; ///< Of a block.
    std::int64_t channelBlocks = 1, filterBlocks = 1;
};

Cut cutOf(const ConvGeometry& g, const WinogradTiles& tiles, ConvThreads threads) {
    Cut cut{.size = tiles.size(), .planes = winogradPlanes(tiles.size()), .tiles = tiles.count()};
    cut.channels = std::min(g.inChannels, kBlockChannels);
    cut.filters = std::min(g.outChannels, kBlockChannels);
    cut.channelBlocks = blockCount(g.inChannels, cut.channels);
    cut.filterBlocks = blockCount(g.outChannels, cut.filters);
    const std::int64_t fitting = kBlockFloats / (cut.planes * (cut.channels + cut.filters));
    cut.blockTiles = std::clamp(fitting / kTileStep * kTileStep, kTileStep, kMostTiles);
    const std::int64_t affordable =
        std::max<std::int64_t>(1, kPartialFloats / (cut.planes * g.inChannels * g.outChannels));
    cut.partitions = threads == ConvThreads::One
                         ? 1
                         : std::min({kTasks, affordable, blockCount(cut.tiles, cut.blockTiles)});
    return cut;
}

struct WorkerMemory {
    float* inputs = nullptr;    ///< [plane][tile][channel]
    float* gradients = nullptr; ///< [plane][panel][tile][16]
};

WorkerMemory workerMemory(const Cut& cut, Scratch& scratch) {
    WorkerMemory memory;
    memory.inputs = scratch.floats(cut.planes * (cut.blockTiles * cut.channels + kGap));
    memory.gradients = scratch.floats(cut.planes * (cut.blockTiles * cut.filters + kGap));
    return memory;
}

struct Memory {
    float* sums = nullptr; ///< [partition][plane][channel][filter], then [filter] for the bias
    std::int64_t plane = 0, partition = 0;
    float* workers = nullptr;
    std::int64_t workerFloats = 0;
};

Memory takeMemory(const ConvGeometry& g, const Cut& cut, ConvThreads threads, Scratch& scratch) {
    Memory memory;
    Scratch worker;
    static_cast<void>(workerMemory(cut, worker));
    memory.workerFloats = worker.needed();
    memory.plane = g.inChannels * g.outChannels;
    memory.partition = cut.planes * memory.plane + g.outChannels;
    memory.sums = scratch.floats(cut.partitions * memory.partition);
    memory.workers = scratch.floats(memory.workerFloats * static_cast<int>(threads));
    return memory;
}

/// One partial sum of one block of channels and filters.
class Task {
public:
    Task(const ConvGeometry& g, const ConvBackwardWeightsArgs& args, const WinogradTiles& tiles,
         const Cut& cut, const Memory& memory, std::int64_t task)
        : m_g(g), m_args(args), m_tiles(tiles), m_cut(cut), m_plane(memory.plane) {
        m_firstFilter = task % cut.filterBlocks * cut.filters;
        m_filters = std::min(cut.filters, g.outChannels - m_firstFilter);
        task /= cut.filterBlocks;
        m_firstChannel = task % cut.channelBlocks * cut.channels;
        m_channels = std::min(cut.channels, g.inChannels - m_firstChannel);
        task /= cut.channelBlocks;
        m_begin = cut.tiles * task / cut.partitions;
        m_end = cut.tiles * (task + 1) / cut.partitions;
        m_sums = memory.sums + task * memory.partition;
    }

    void run(const WorkerMemory& memory) const {
        const bool sumsBias = !m_args.db.empty() && m_firstChannel == 0;
        float* const bias = m_sums + m_cut.planes * m_plane + m_firstFilter;
        std::fill_n(bias, sumsBias ? m_filters : 0, 0.0F);
        for (std::int64_t first = m_begin; first < m_end; first += m_cut.blockTiles) {
            const std::int64_t count = std::min(m_cut.blockTiles, m_end - first);
            transform(memory, first, count);
            multiplyPlanes(memory, count, first != m_begin);
            if (sumsBias) {
                addBias(first, count, bias);
            }
        }
    }

private:
    [[nodiscard]] std::int64_t inputPlane() const {
        return m_cut.blockTiles * m_cut.channels + kGap;
    }
    [[nodiscard]] std::int64_t gradientPlane() const {
        return m_cut.blockTiles * m_cut.filters + kGap;
    }

    void transform(const WorkerMemory& memory, std::int64_t first, std::int64_t count) const {
        float* inputPlanes = memory.inputs;
        GradientRow gradients{.size = m_cut.size,
                              .channels = m_filters,
                              .planes = memory.gradients,
                              .plane = gradientPlane(),
                              .panel = count * panelColumns};
        m_tiles.forEachRun(first, count, [&](const auto& at, std::int64_t tiles) {
            InputRow inputs = m_tiles.inputs(at, m_args.x.data() + m_firstChannel, count);
            inputs.tiles = tiles;
            inputs.channels = m_channels;
            inputs.planes = inputPlanes;
            inputs.plane = inputPlane();
            inputs.width = m_channels;
            transformInputs(inputs);
            inputPlanes += tiles * m_channels;
            gradients.outputs = m_tiles.outputs(at, m_args.dy.data() + m_firstFilter);
            gradients.tiles = tiles;
            transformGradients(gradients);
            gradients.planes += tiles * panelColumns;
        });
    }

    void multiplyPlanes(const WorkerMemory& memory, std::int64_t count, bool add) const {
        for (std::int64_t plane = 0; plane < m_cut.planes; ++plane) {
            multiplyPlane(
                {.a = memory.inputs + plane * inputPlane(),
                 .aStep = m_channels,
                 .steps = count,
                 .b = memory.gradients + plane * gradientPlane(),
                 .bPanel = count * panelColumns,
                 .c = m_sums + plane * m_plane + m_firstChannel * m_g.outChannels + m_firstFilter,
                 .cRow = m_g.outChannels,
                 .rows = m_channels,
                 .columns = m_filters,
                 .add = add});
        }
    }

    /// Adds the outputs' gradients of the tiles, which have just been read.
    void addBias(std::int64_t first, std::int64_t count, float* bias) const {
        m_tiles.forEachRun(first, count, [&](const auto& at, std::int64_t tiles) {
            const TileOutputs<const float> outputs =
                m_tiles.outputs(at, m_args.dy.data() + m_firstFilter);
            for (const float* const line : outputs.lines) {
                if (line != nullptr) {
                    sumRows({.x = line + outputs.firstColumn * outputs.pixel,
                             .count = std::min(m_cut.size * tiles,
                                               outputs.columns - outputs.firstColumn),
                             .stride = outputs.pixel,
                             .columns = m_filters,
                             .totals = bias,
                             .add = true});
                }
            }
        });
    }

    const ConvGeometry& m_g;
    const ConvBackwardWeightsArgs& m_args;
    const WinogradTiles& m_tiles;
    const Cut& m_cut;
    std::int64_t m_plane;
    std::int64_t m_firstFilter = 0, m_filters = 0, m_firstChannel = 0, m_channels = 0;
    std::int64_t m_begin = 0, m_end = 0;
    float* m_sums = nullptr;
};

void reduce(Parallel& parallel, const ConvGeometry& g, const ConvBackwardWeightsArgs& args,
            const Cut& cut, const Memory& memory) {
    const bool add = args.write == Write::Add;
    parallel.run(g.inChannels, [&](std::int64_t channel, int) {
        transformFilterGradient({.size = cut.size,
                                 .planes = memory.sums + channel * g.outChannels,
                                 .plane = memory.plane,
                                 .partials = cut.partitions,
                                 .partial = memory.partition,
                                 .count = g.outChannels,
                                 .dw = args.dw.data() + channel * g.outChannels,
                                 .tap = memory.plane,
                                 .add = add});
    });
    if (!args.db.empty()) {
        sumRows({.x = memory.sums + cut.planes * memory.plane,
                 .count = cut.partitions,
                 .stride = memory.partition,
                 .columns = g.outChannels,
                 .totals = args.db.data(),
                 .add = add});
    }
}

} // namespace

std::int64_t winogradWeightsScratchFloats(const ConvGeometry& g, std::int64_t batch,
                                          ConvThreads threads) {
    const ConvPass pass = forwardPass(g);
    Scratch scratch;
    const Cut cut = cutOf(g, WinogradTiles(pass, batch), threads);
    static_cast<void>(takeMemory(g, cut, threads, scratch));
    return scratch.needed();
}

void winogradBackwardWeights(Parallel& parallel, const ConvGeometry& g,
                             const ConvBackwardWeightsArgs& args) {
    const ConvPass pass = forwardPass(g);
    const WinogradTiles tiles(pass, args.batch);
    const ConvThreads threads = args.threads;
    const Cut cut = cutOf(g, tiles, threads);
    Scratch scratch(args.scratch);
    const Memory memory = takeMemory(g, cut, threads, scratch);
    parallel.run(cut.partitions * cut.channelBlocks * cut.filterBlocks,
                 [&](std::int64_t task, int worker) {
                     Scratch own({memory.workers + worker * memory.workerFloats,
                                  static_cast<std::size_t>(memory.workerFloats)});
                     const WorkerMemory mine = workerMemory(cut, own);
                     Task(g, args, tiles, cut, memory, task).run(mine);
                 });
    reduce(parallel, g, args, cut, memory);
}

} // namespace nn
