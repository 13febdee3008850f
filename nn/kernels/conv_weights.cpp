#include "nn/kernels/convolution.h"

#include "nn/kernels/conv_bundle.h"
#include "nn/kernels/conv_plan.h"
#include "nn/kernels/conv_strips.h"
#include "nn/kernels/pack.h"
#include "nn/kernels/product.h"
#include "nn/kernels/rows.h"
#include "nn/kernels/scratch.h"
#include "nn/kernels/winograd.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace nn {
namespace {

constexpr std::int64_t kTaskWork = std::int64_t{1} << 18;
constexpr std::int64_t kTasks = 32;
// All partial sums together: they are written once and read once.
constexpr std::int64_t kPartialFloats = std::int64_t{1} << 20;
// Up to so many columns the rows of dy lie closely enough to be read in place.
constexpr std::int64_t kInPlaceColumns = 32;
constexpr std::int64_t kReduceFloats = 4096;

/// How dw is cut: the pixels into `partitions` partial sums, the rows of dw into blocks.
struct Cut {
    ConvPass pass;
    ConvBlocks blocks; ///< Of the pixels; a partition has whole blocks.
    std::int64_t pixelBlocks = 1;
    std::int64_t partitions = 1;
    std::int64_t rowBlocks = 1;
    bool packsGradient = false;
    bool strips = false;  ///< Blocks of dw are ranges of channels, not of rows.
    bool patches = false; ///< All of dw at once.

    [[nodiscard]] ChannelRange channels(std::int64_t rowBlock) const {
        if (!strips || pass.groups > 1) {
            return {0, pass.sourceChannels};
        }
        const std::int64_t first = pass.sourceChannels * rowBlock / rowBlocks;
        return {first, pass.sourceChannels * (rowBlock + 1) / rowBlocks - first};
    }
};

// Channels of a block: a cache line of them.
constexpr std::int64_t kBlockChannels = 16;

Cut cutOf(const ConvGeometry& g, std::int64_t batch, ConvThreads threads) {
    Cut cut;
    cut.pass = forwardPass(g);
    cut.blocks = convBlocks(cut.pass, batch);
    cut.pixelBlocks = blockCount(batch, cut.blocks.images) *
                      blockCount(g.outHeight, cut.blocks.rows) *
                      blockCount(g.outWidth, cut.blocks.columns);
    const std::int64_t work = batch * g.multiplyAdds();
    const std::int64_t wanted =
        threads == ConvThreads::One ? 1 : std::clamp<std::int64_t>(work / kTaskWork, 1, kTasks);
    const std::int64_t affordable =
        std::max<std::int64_t>(1, kPartialFloats / (g.weightFloats() + g.outChannels));
    cut.partitions = std::min({wanted, affordable, cut.pixelBlocks});
    const bool channelwise = cut.pass.channelwise();
    cut.strips = usesGradientStrips(cut.pass);
    cut.patches = !cut.strips && usesPatchGradient(cut.pass);
    const std::int64_t mostRowBlocks = channelwise || cut.patches || (cut.strips && g.groups > 1)
                                           ? 1
                                       : cut.strips ? blockCount(g.inChannels, kBlockChannels)
                                                    : blockCount(cut.pass.steps(), panelColumns);
    cut.rowBlocks = std::min(blockCount(wanted, cut.partitions), mostRowBlocks);
    cut.packsGradient = !channelwise && !cut.patches &&
                        (cut.pass.groupTargets % panelColumns != 0 ||
                         g.outChannels > kInPlaceColumns || cut.blocks.columns < g.outWidth);
    return cut;
}

/// A worker's private memory.
struct WorkerMemory {
    float* local = nullptr;
    std::ptrdiff_t* taps = nullptr;
    float* gradient = nullptr; ///< A block of dy: [panel][pixel][16].
};

WorkerMemory workerMemory(const Cut& cut, Scratch& scratch) {
    WorkerMemory memory;
    memory.local = scratch.floats(cut.pass.copiesSource() ? localFloats(cut.pass, cut.blocks) : 0);
    memory.taps = scratch.offsets(cut.pass.steps());
    memory.gradient = scratch.floats(
        cut.packsGradient ? cut.pass.panels() * panelColumns * maxReductionSteps : 0);
    return memory;
}

struct Job {
    const ConvGeometry& g;
    Cut cut;
    std::int64_t batch = 1;
    const float* x = nullptr;
    const float* dy = nullptr;
    bool wantsBias = false;
    float* partials = nullptr; ///< [partition][weights, then bias]
    ConvThreads threads = ConvThreads::Any;
    float* workerMemory = nullptr;
    std::int64_t workerFloats = 0;

    [[nodiscard]] std::int64_t partialFloats() const { return g.weightFloats() + g.outChannels; }
};

void takeScratch(Job& job, Scratch& scratch) {
    Scratch worker;
    static_cast<void>(workerMemory(job.cut, worker));
    job.workerFloats = worker.needed();
    job.partials = scratch.floats(job.cut.partitions * job.partialFloats());
    job.workerMemory = scratch.floats(job.workerFloats * static_cast<int>(job.threads));
}

ConvRegion regionOf(const Job& job, std::int64_t block) {
    const ConvBlocks& blocks = job.cut.blocks;
    const std::int64_t columnBlocks = blockCount(job.g.outWidth, blocks.columns);
    const std::int64_t rowBlocks = blockCount(job.g.outHeight, blocks.rows);
    ConvRegion region;
    region.firstColumn = block % columnBlocks * blocks.columns;
    region.columns = std::min(blocks.columns, job.g.outWidth - region.firstColumn);
    block /= columnBlocks;
    region.firstRow = block % rowBlocks * blocks.rows;
    region.rows = std::min(blocks.rows, job.g.outHeight - region.firstRow);
    region.firstImage = block / rowBlocks * blocks.images;
    region.images = std::min(blocks.images, job.batch - region.firstImage);
    return region;
}

/// Up to `maxReductionSteps` pixels: where they are in x and in dy.
struct Pixels {
    std::int64_t count = 0;
    std::array<std::ptrdiff_t, maxReductionSteps> x;
    std::array<std::ptrdiff_t, maxReductionSteps> dy;
};

void fill(Pixels& pixels, TargetWalk& walk) {
    pixels.count =
        walk.take(maxReductionSteps, [&](std::size_t i, std::ptrdiff_t x, std::ptrdiff_t dy) {
            pixels.x[i] = x;
            pixels.dy[i] = dy;
        });
}

/// Runs of pixels whose rows of dy follow each other at the same distance are packed at once.
void packGradient(const Pixels& pixels, const float* dy, std::int64_t filters, std::int64_t columns,
                  float* to) {
    for (std::int64_t first = 0; first < columns; first += panelColumns) {
        for (std::int64_t i = 0; i < pixels.count;) {
            const std::ptrdiff_t begin = pixels.dy[static_cast<std::size_t>(i)];
            std::int64_t run = 1;
            while (i + run < pixels.count &&
                   pixels.dy[static_cast<std::size_t>(i + run)] == begin + run * filters) {
                ++run;
            }
            packPanel({.from = dy + begin + first,
                       .stride = filters,
                       .rows = run,
                       .columns = std::min(panelColumns, columns - first)},
                      to);
            to += run * panelColumns;
            i += run;
        }
    }
}

/// Adds the pixels' share of rows [first, last) of each group's weights.
void addPixels(const Job& job, const WorkerMemory& memory, const LocalSource& local,
               const Pixels& pixels, std::int64_t first, std::int64_t last, float* dw) {
    const ConvPass& pass = job.cut.pass;
    Product product{.steps = pixels.x.data(), .stepCount = pixels.count, .add = true};
    std::array<const float*, maxProductRows> a;
    std::array<float*, maxProductRows> c;
    for (std::int64_t group = 0; group < pass.groups; ++group) {
        const float* const dy = job.dy + group * pass.groupTargets;
        product.columns = pass.groupTargets;
        if (job.cut.packsGradient) {
            packGradient(pixels, dy, job.g.outChannels, pass.groupTargets, memory.gradient);
            product.b = memory.gradient;
            product.bPanel = pixels.count * panelColumns;
        } else {
            // The pixels of a block of whole rows follow each other without a gap.
            product.b = dy + pixels.dy[0];
            product.bStep = job.g.outChannels;
        }
        for (std::int64_t row = first; row < last; row += maxProductRows) {
            const std::int64_t count = std::min(maxProductRows, last - row);
            for (std::int64_t i = 0; i < count; ++i) {
                const auto at = static_cast<std::size_t>(i);
                a[at] = local.data + memory.taps[row + i] + group * pass.groupSources;
                c[at] = dw + (row + i) * job.g.outChannels + group * pass.groupTargets;
            }
            multiply({.count = count, .a = a.data(), .c = c.data()}, product);
        }
    }
}

void addPixelsChannelwise(const Job& job, const WorkerMemory& memory, const LocalSource& local,
                          const Pixels& pixels, float* dw) {
    std::array<const float*, maxReductionSteps> x;
    std::array<const float*, maxReductionSteps> dy;
    for (std::size_t i = 0; i < static_cast<std::size_t>(pixels.count); ++i) {
        x[i] = local.data + pixels.x[i];
        dy[i] = job.dy + pixels.dy[i];
    }
    addChannelwiseGradient({.count = pixels.count,
                            .a = x.data(),
                            .c = dy.data(),
                            .steps = memory.taps,
                            .stepCount = job.cut.pass.steps(),
                            .columns = job.g.outChannels,
                            .b = dw});
}

void addBias(const Job& job, const ConvRegion& region, float* db) {
    const std::int64_t channels = job.g.outChannels;
    const bool wholeRows = region.columns == job.g.outWidth;
    const std::int64_t runs = wholeRows ? 1 : region.rows;
    for (std::int64_t image = 0; image < region.images; ++image) {
        for (std::int64_t run = 0; run < runs; ++run) {
            const std::int64_t row =
                (region.firstImage + image) * job.g.outHeight + region.firstRow + run;
            sumRows({.x = job.dy + (row * job.g.outWidth + region.firstColumn) * channels,
                     .count = wholeRows ? region.rows * region.columns : region.columns,
                     .stride = channels,
                     .columns = channels,
                     .totals = db,
                     .add = true});
        }
    }
}

/// Sets a block of dw to zero.
void clearBlock(const Job& job, std::int64_t rowBlock, float* dw) {
    const ConvPass& pass = job.cut.pass;
    const std::int64_t columns = job.g.outChannels;
    if (job.cut.strips) {
        const ChannelRange channels = job.cut.channels(rowBlock);
        const std::int64_t rows = std::min(channels.count, pass.groupSources);
        for (std::int64_t tap = 0; tap < pass.y.taps * pass.x.taps; ++tap) {
            std::fill_n(dw + (tap * pass.groupSources + channels.first) * columns, rows * columns,
                        0.0F);
        }
        return;
    }
    const std::int64_t first = pass.steps() * rowBlock / job.cut.rowBlocks;
    const std::int64_t last = pass.steps() * (rowBlock + 1) / job.cut.rowBlocks;
    std::fill(dw + first * columns, dw + last * columns, 0.0F);
}

/// What a region adds to a block of dw, pixel by pixel of the product.
void addRegion(const Job& job, const WorkerMemory& memory, const LocalSource& local,
               const ConvRegion& region, std::int64_t rowBlock, float* dw) {
    const Cut& cut = job.cut;
    const std::int64_t first = cut.pass.steps() * rowBlock / cut.rowBlocks;
    const std::int64_t last = cut.pass.steps() * (rowBlock + 1) / cut.rowBlocks;
    fillTapOffsets(cut.pass, local.rowStride, memory.taps);
    Pixels pixels;
    for (TargetWalk walk(cut.pass, region, local); !walk.atEnd();) {
        fill(pixels, walk);
        if (cut.pass.channelwise()) {
            addPixelsChannelwise(job, memory, local, pixels, dw);
        } else {
            addPixels(job, memory, local, pixels, first, last, dw);
        }
    }
}

/// One partial sum of one block of dw.
void runTask(const Job& job, std::int64_t task, int worker) {
    const Cut& cut = job.cut;
    const std::int64_t partition = task / cut.rowBlocks;
    const std::int64_t rowBlock = task % cut.rowBlocks;
    float* const dw = job.partials + partition * job.partialFloats();
    float* const db = dw + job.g.weightFloats();
    clearBlock(job, rowBlock, dw);
    if (rowBlock == 0) {
        std::fill_n(db, job.g.outChannels, 0.0F);
    }
    Scratch scratch(
        {job.workerMemory + worker * job.workerFloats, static_cast<std::size_t>(job.workerFloats)});
    const WorkerMemory memory = workerMemory(cut, scratch);
    const ChannelRange channels = cut.channels(rowBlock);
    const std::int64_t begin = cut.pixelBlocks * partition / cut.partitions;
    const std::int64_t end = cut.pixelBlocks * (partition + 1) / cut.partitions;
    for (std::int64_t block = begin; block < end; ++block) {
        const ConvRegion region = regionOf(job, block);
        const LocalSource local = localSource(cut.pass, region, channels, job.x, memory.local);
        if (cut.strips) {
            addGradientStrips({.pass = cut.pass,
                               .region = region,
                               .local = local,
                               .channels = channels,
                               .dy = job.dy,
                               .packed = cut.packsGradient ? memory.gradient : nullptr,
                               .dw = dw});
        } else if (cut.patches) {
            addPatches(cut.pass, region, local, job.dy, dw, job.wantsBias ? db : nullptr);
        } else {
            addRegion(job, memory, local, region, rowBlock, dw);
        }
        if (rowBlock == 0 && job.wantsBias && !cut.patches) {
            addBias(job, region, db);
        }
    }
}

void reduce(Parallel& parallel, const Job& job, const float* partials, std::span<float> to,
            Write write) {
    const auto count = static_cast<std::int64_t>(to.size());
    parallel.run(blockCount(count, kReduceFloats), [&](std::int64_t task, int) {
        const std::int64_t first = task * kReduceFloats;
        sumRows({.x = partials + first,
                 .count = job.cut.partitions,
                 .stride = job.partialFloats(),
                 .columns = std::min(kReduceFloats, count - first),
                 .totals = to.data() + first,
                 .add = write == Write::Add});
    });
}

} // namespace

std::int64_t convBackwardWeightsScratchFloats(const ConvGeometry& g, std::int64_t batch,
                                              ConvThreads threads) {
    if (usesWinograd(g)) {
        return winogradWeightsScratchFloats(g, batch, threads);
    }
    if (bundleOf(g) > 1) {
        return bundledWeightsScratchFloats(g, batch, threads);
    }
    Scratch scratch;
    Job job{.g = g, .cut = cutOf(g, batch, threads), .batch = batch, .threads = threads};
    takeScratch(job, scratch);
    return scratch.needed();
}

void convBackwardWeights(Parallel& parallel, const ConvGeometry& g,
                         const ConvBackwardWeightsArgs& args) {
    if (usesWinograd(g)) {
        winogradBackwardWeights(parallel, g, args);
        return;
    }
    if (bundleOf(g) > 1) {
        bundledBackwardWeights(parallel, g, args);
        return;
    }
    Scratch scratch(args.scratch);
    Job job{.g = g,
            .cut = cutOf(g, args.batch, args.threads),
            .batch = args.batch,
            .x = args.x.data(),
            .dy = args.dy.data(),
            .wantsBias = !args.db.empty(),
            .threads = args.threads};
    takeScratch(job, scratch);
    parallel.run(job.cut.partitions * job.cut.rowBlocks,
                 [&](std::int64_t task, int worker) { runTask(job, task, worker); });
    reduce(parallel, job, job.partials, args.dw.first(static_cast<std::size_t>(g.weightFloats())),
           args.write);
    if (!args.db.empty()) {
        reduce(parallel, job, job.partials + g.weightFloats(),
               args.db.first(static_cast<std::size_t>(g.outChannels)), args.write);
    }
}

} // namespace nn
