#include "nn/kernels/convolution.h"

#include "nn/kernels/conv_bundle.h"
#include "nn/kernels/conv_epilogue.h"
#include "nn/kernels/conv_pack.h"
#include "nn/kernels/conv_plan.h"
#include "nn/kernels/conv_spread.h"
#include "nn/kernels/conv_strips.h"
#include "nn/kernels/moments.h"
#include "nn/kernels/product.h"
#include "nn/kernels/rows.h"
#include "nn/kernels/scratch.h"
#include "nn/kernels/square_pool.h"
#include "nn/kernels/target_rows.h"
#include "nn/kernels/winograd.h"

#include <algorithm>
#include <cassert>

namespace nn {
namespace {

/// A convolution in either direction with its memory.
struct Job {
    const ConvGeometry& g;
    ConvDirection direction = ConvDirection::Forward;
    std::int64_t batch = 1;
    const float* source = nullptr;
    float* target = nullptr;
    Write write = Write::Assign;
    bool relu = false;
    bool pools = false; ///< The target is pooled by 2×2 cells.
    std::uint8_t* positions = nullptr;
    float* moments = nullptr;      ///< Null: not wanted.
    const float* passed = nullptr; ///< As `ConvBackwardDataArgs::passed`; null: none.
    ConvThreads threads = ConvThreads::Any;
    float* packed = nullptr;
    float* bias = nullptr;         ///< Packed; null: none.
    float* workerMemory = nullptr; ///< Of all workers.
    std::int64_t workerFloats = 0;
};

// Values of a region before they are pooled: half of a small second-level cache.
constexpr std::int64_t kPooledFloats = 48 * 1024;

std::int64_t imageTargets(const ConvPass& pass) {
    return pass.y.targets * pass.x.targets * pass.targetChannels;
}

/// What a task's targets take before they are pooled: whole images, or whole rows of one.
std::int64_t regionTargets(const ConvPass& pass, const ConvBlocks& blocks) {
    return blocks.images > 1 ? blocks.images * imageTargets(pass)
                             : blocks.rows * pass.x.targets * pass.targetChannels;
}

ConvBlocks blocksOf(const Job& job, const ConvPass& pass) {
    ConvBlocks blocks = convBlocks(pass, job.batch);
    if (!job.pools) {
        return blocks;
    }
    blocks.columns = pass.x.targets;
    blocks.panels = pass.panels();
    if (blocks.images > 1) {
        blocks.images =
            std::clamp<std::int64_t>(kPooledFloats / imageTargets(pass), 1, blocks.images);
    }
    blocks.rows = std::max<std::int64_t>(2, blocks.rows / 2 * 2);
    while (blocks.images == 1 && blocks.rows > 2 && regionTargets(pass, blocks) > kPooledFloats) {
        blocks.rows = blockCount(blocks.rows, 4) * 2;
    }
    return blocks;
}

/// A worker's private memory: the copy of a region's source, the offsets of the taps and what is
/// still to be pooled.
struct WorkerMemory {
    float* local = nullptr;
    std::ptrdiff_t* taps = nullptr;
    float* targets = nullptr;
};

WorkerMemory workerMemory(const Job& job, const ConvPass& pass, const ConvBlocks& blocks,
                          Scratch& scratch) {
    WorkerMemory memory;
    memory.targets = scratch.floats(job.pools ? regionTargets(pass, blocks) : 0);
    memory.local = scratch.floats(pass.copiesSource() ? localFloats(pass, blocks) : 0);
    memory.taps = scratch.offsets(pass.steps());
    return memory;
}

/// A pass of a direction, for what is the same in all of them.
ConvPass anyPass(const ConvGeometry& g, ConvDirection direction) {
    return direction == ConvDirection::Forward ? forwardPass(g) : backwardPass(g, 0, 0);
}

/// Plans and, with memory behind it, hands out the scratch of a job.
void takeScratch(Job& job, bool hasBias, Scratch& scratch) {
    job.packed = scratch.floats(packedFloats(job.g, job.direction));
    if (hasBias) {
        const ConvPass pass = anyPass(job.g, job.direction);
        job.bias = scratch.floats(pass.groups * pass.panels() * panelColumns);
    }
    forEachPass(job.g, job.direction, [&](const ConvPass& pass, std::int64_t) {
        Scratch worker;
        static_cast<void>(workerMemory(job, pass, blocksOf(job, pass), worker));
        job.workerFloats = std::max(job.workerFloats, worker.needed());
    });
    job.workerMemory = scratch.floats(job.workerFloats * static_cast<int>(job.threads));
}

std::int64_t scratchFloats(const WinogradPass& pass) {
    if (usesWinograd(pass.g)) {
        return winogradScratchFloats(pass);
    }
    if (spreadsRows(pass)) {
        return spreadScratchFloats(pass);
    }
    Scratch scratch;
    Job job{.g = pass.g,
            .direction = pass.direction,
            .batch = pass.batch,
            .pools = pass.pools,
            .threads = pass.threads};
    takeScratch(job, true, scratch);
    return scratch.needed();
}

/// The task's part of the targets and the panels of each group.
struct TaskPart {
    ConvRegion region;
    std::int64_t firstPanel = 0, panels = 0;
};

std::int64_t panelBlocks(const ConvPass& pass, const ConvBlocks& blocks) {
    return blockCount(pass.panels(), blocks.panels);
}

TaskPart partOf(const ConvPass& pass, const ConvBlocks& blocks, std::int64_t batch,
                std::int64_t task) {
    const std::int64_t panelParts = panelBlocks(pass, blocks);
    const std::int64_t columnBlocks = blockCount(pass.x.targets, blocks.columns);
    const std::int64_t rowBlocks = blockCount(pass.y.targets, blocks.rows);
    TaskPart part;
    part.firstPanel = task % panelParts * blocks.panels;
    part.panels = std::min(blocks.panels, pass.panels() - part.firstPanel);
    task /= panelParts;
    ConvRegion& region = part.region;
    region.firstColumn = task % columnBlocks * blocks.columns;
    region.columns = std::min(blocks.columns, pass.x.targets - region.firstColumn);
    task /= columnBlocks;
    region.firstRow = task % rowBlocks * blocks.rows;
    region.rows = std::min(blocks.rows, pass.y.targets - region.firstRow);
    task /= rowBlocks;
    region.firstImage = task * blocks.images;
    region.images = std::min(blocks.images, batch - region.firstImage);
    return part;
}

std::int64_t taskCount(const ConvPass& pass, const ConvBlocks& blocks, std::int64_t batch) {
    return blockCount(batch, blocks.images) * blockCount(pass.y.targets, blocks.rows) *
           blockCount(pass.x.targets, blocks.columns) * blockCount(pass.panels(), blocks.panels);
}

void multiplyGroups(const ConvPass& pass, const TaskPart& part, const Job& job, Product product,
                    TargetRows& rows) {
    const std::int64_t panelFloats = pass.steps() * panelColumns;
    const float* const packed = product.b;
    product.bPanel = panelFloats;
    product.columns =
        std::min(part.panels * panelColumns, pass.groupTargets - part.firstPanel * panelColumns);
    rows.move(0, part.firstPanel * panelColumns);
    for (std::int64_t group = 0; group < pass.groups; ++group) {
        const std::int64_t panel = group * pass.panels() + part.firstPanel;
        product.b = packed + panel * panelFloats;
        product.bias = job.bias == nullptr ? nullptr : job.bias + panel * panelColumns;
        multiplyLong(rows.rows(), product);
        if (group + 1 < pass.groups) {
            rows.move(pass.groupSources, pass.groupTargets);
        }
    }
}

/// The largest values of the squares of a region, which `targets` holds.
void poolRegion(const Job& job, const ConvPass& pass, const ConvRegion& region,
                const float* targets) {
    const std::int64_t channels = pass.targetChannels;
    const std::int64_t row = pass.x.targets * channels;
    const SquareRows squares{.columns = pass.x.targets / 2, .channels = channels};
    for (std::int64_t image = 0; image < region.images; ++image) {
        std::int64_t to = ((region.firstImage + image) * pass.y.targets + region.firstRow) / 2 *
                          squares.columns * channels;
        for (std::int64_t i = 0; i < region.rows; i += 2, targets += 2 * row) {
            maxSquares(squares, targets, targets + row, job.target + to,
                       job.positions == nullptr ? nullptr : job.positions + to);
            to += squares.columns * channels;
        }
    }
}

/// All targets of a region, row by row of the product; `origin` is the offset of `target`.
void multiplyRegion(const Job& job, const ConvPass& pass, const TaskPart& part,
                    const LocalSource& local, const WorkerMemory& memory, float* target,
                    std::ptrdiff_t origin, const float* packed) {
    fillTapOffsets(pass, local.rowStride, memory.taps);
    Product product{.steps = memory.taps, .stepCount = pass.steps(), .b = packed};
    product.add = job.write == Write::Add;
    product.relu = job.relu;
    TargetWalk walk(pass, part.region, local);
    TargetRows rows;
    while (!walk.atEnd()) {
        rows.fill(walk, local.data, target, origin);
        if (pass.channelwise()) {
            product.bStep = pass.targetChannels;
            product.columns = pass.targetChannels;
            product.bias = job.bias;
            multiplyChannelwise(rows.rows(), product);
        } else {
            multiplyGroups(pass, part, job, product, rows);
        }
    }
}

void runTask(const Job& job, const ConvPass& pass, const ConvBlocks& blocks, const float* packed,
             std::int64_t task, int worker) {
    const TaskPart part = partOf(pass, blocks, job.batch, task);
    Scratch scratch(
        {job.workerMemory + worker * job.workerFloats, static_cast<std::size_t>(job.workerFloats)});
    const WorkerMemory memory = workerMemory(job, pass, blocks, scratch);
    const LocalSource local = localSource(pass, part.region, job.source, memory.local);
    const std::ptrdiff_t first = targetLayout(pass, part.region).first;
    const std::ptrdiff_t origin = job.pools ? first : 0;
    float* const target = job.pools ? memory.targets : job.target;
    if (usesStrips(pass)) {
        runStrips({.pass = pass,
                   .region = part.region,
                   .local = local,
                   .packed = packed,
                   .bias = job.bias,
                   .target = target + (first - origin),
                   .firstPanel = part.firstPanel,
                   .panels = part.panels,
                   .add = job.write == Write::Add,
                   .relu = job.relu});
    } else {
        multiplyRegion(job, pass, part, local, memory, target, origin, packed);
    }
    if (job.pools) {
        poolRegion(job, pass, part.region, memory.targets);
    }
    const std::int64_t firstChannel = part.firstPanel * panelColumns;
    const WrittenTargets written{
        .pass = pass,
        .region = part.region,
        .firstChannel = firstChannel,
        .channels = std::min(part.panels * panelColumns, pass.targetChannels - firstChannel),
        .target = job.target};
    if (job.moments != nullptr) {
        gatherTargetMoments(written, job.moments, task / panelBlocks(pass, blocks));
    }
    if (job.passed != nullptr) {
        maskTargets(written, job.passed);
    }
}

void packJobBias(const Job& job, std::span<const float> bias) {
    if (job.bias == nullptr) {
        return;
    }
    const ConvPass pass = anyPass(job.g, job.direction);
    if (pass.channelwise()) {
        std::ranges::copy(bias, job.bias);
    } else {
        packBias(pass, bias, job.bias);
    }
}

void runPasses(Parallel& parallel, const Job& job) {
    forEachPass(job.g, job.direction, [&](const ConvPass& pass, std::int64_t tapsBefore) {
        const ConvBlocks blocks = blocksOf(job, pass);
        const float* const packed = job.packed + tapsBefore * packedTapFloats(pass);
        parallel.run(taskCount(pass, blocks, job.batch), [&](std::int64_t task, int worker) {
            runTask(job, pass, blocks, packed, task, worker);
        });
    });
}

/// A pass by the method that fits.
void runPass(Parallel& parallel, const WinogradPass& pass, std::span<float> memory) {
    if (usesWinograd(pass.g)) {
        runWinograd(parallel, pass, memory);
        return;
    }
    if (spreadsRows(pass)) {
        runSpread(parallel, pass, memory);
        return;
    }
    Scratch scratch(memory);
    Job job{.g = pass.g,
            .direction = pass.direction,
            .batch = pass.batch,
            .source = pass.source,
            .target = pass.target,
            .write = pass.add ? Write::Add : Write::Assign,
            .relu = pass.relu,
            .pools = pass.pools,
            .positions = pass.positions,
            .moments = pass.moments,
            .passed = pass.passed,
            .threads = pass.threads};
    takeScratch(job, pass.bias != nullptr, scratch);
    const bool forward = pass.direction == ConvDirection::Forward;
    const std::int64_t channels = forward ? pass.g.outChannels : pass.g.inChannels;
    packJobBias(job, pass.bias == nullptr
                         ? std::span<const float>{}
                         : std::span(pass.bias, static_cast<std::size_t>(channels)));
    packWeights(parallel, pass.g, job.direction,
                {pass.weights, static_cast<std::size_t>(pass.g.weightFloats())}, job.packed);
    runPasses(parallel, job);
}

const float* dataOf(std::span<const float> bias) {
    return bias.empty() ? nullptr : bias.data();
}

[[maybe_unused]] bool holds(std::span<const float> values, std::int64_t count) {
    return static_cast<std::int64_t>(values.size()) >= count;
}

} // namespace

std::int64_t convForwardScratchFloats(const ConvGeometry& g, std::int64_t batch,
                                      ConvThreads threads) {
    if (bundleOf(g) > 1) {
        return bundledForwardScratchFloats(g, batch, threads);
    }
    return scratchFloats({.g = g, .batch = batch, .threads = threads});
}

std::int64_t convBackwardDataScratchFloats(const ConvGeometry& g, std::int64_t batch,
                                           ConvThreads threads) {
    return scratchFloats(
        {.g = g, .direction = ConvDirection::BackwardData, .batch = batch, .threads = threads});
}

std::int64_t convMomentBlocks(const ConvGeometry& g, std::int64_t batch) {
    if (bundleOf(g) > 1 || g.groups > 1) {
        return 0; // a task of theirs has no values that are its own
    }
    if (usesWinograd(g)) {
        return winogradBlocks({.g = g, .batch = batch});
    }
    const ConvPass pass = forwardPass(g);
    const ConvBlocks blocks = convBlocks(pass, batch);
    return taskCount(pass, blocks, batch) / panelBlocks(pass, blocks);
}

void convForward(Parallel& parallel, const ConvGeometry& g, const ConvForwardArgs& args) {
    assert(args.moments.empty() || holds(args.moments, convMomentBlocks(g, args.batch) *
                                                           MomentBlocks{g.outChannels}.floats()));
    assert(holds(args.x, args.batch * g.inputFloats()) && holds(args.weights, g.weightFloats()));
    assert(holds(args.y, args.batch * g.outputFloats()));
    assert(args.bias.empty() || holds(args.bias, g.outChannels));
    if (bundleOf(g) > 1) {
        bundledForward(parallel, g, args);
        return;
    }
    runPass(parallel,
            {.g = g,
             .batch = args.batch,
             .source = args.x.data(),
             .weights = args.weights.data(),
             .bias = dataOf(args.bias),
             .target = args.y.data(),
             .relu = args.activation == FusedActivation::Relu,
             .moments = args.moments.empty() ? nullptr : args.moments.data(),
             .threads = args.threads},
            args.scratch);
}

bool canConvPool(const ConvGeometry& g) {
    return g.outHeight >= 2 && g.outWidth >= 2 &&
           (usesWinograd(g) || 2 * g.outWidth * g.outChannels <= kPooledFloats);
}

std::int64_t convPoolScratchFloats(const ConvGeometry& g, std::int64_t batch, ConvThreads threads) {
    return scratchFloats({.g = g, .batch = batch, .pools = true, .threads = threads});
}

void convPoolForward(Parallel& parallel, const ConvGeometry& g, const ConvPoolArgs& args) {
    assert(g.outHeight % 2 == 0 && g.outWidth % 2 == 0);
    assert(holds(args.x, args.batch * g.inputFloats()) && holds(args.weights, g.weightFloats()));
    assert(holds(args.y, args.batch * g.outputFloats() / 4));
    runPass(parallel,
            {.g = g,
             .batch = args.batch,
             .source = args.x.data(),
             .weights = args.weights.data(),
             .bias = dataOf(args.bias),
             .target = args.y.data(),
             .relu = args.activation == FusedActivation::Relu,
             .pools = true,
             .positions = args.positions.empty() ? nullptr : args.positions.data(),
             .threads = args.threads},
            args.scratch);
}

bool convMasksGradient(const ConvGeometry& g) {
    const bool inTasks = g.groups == 1 && g.strideHeight == 1 && g.strideWidth == 1 &&
                         !spreadsRows({.g = g, .direction = ConvDirection::BackwardData});
    return inTasks || usesWinograd(g);
}

void convBackwardData(Parallel& parallel, const ConvGeometry& g, const ConvBackwardDataArgs& args) {
    assert(holds(args.dy, args.batch * g.outputFloats()) && holds(args.weights, g.weightFloats()));
    assert(holds(args.dx, args.batch * g.inputFloats()));
    assert(args.bias.empty() || holds(args.bias, g.inChannels));
    assert(args.passed.empty() || (convMasksGradient(g) && args.passed.size() == args.dx.size()));
    runPass(parallel,
            {.g = g,
             .direction = ConvDirection::BackwardData,
             .batch = args.batch,
             .source = args.dy.data(),
             .weights = args.weights.data(),
             .bias = dataOf(args.bias),
             .target = args.dx.data(),
             .add = args.write == Write::Add,
             .relu = args.activation == FusedActivation::Relu,
             .passed = dataOf(args.passed),
             .threads = args.threads},
            args.scratch);
}

} // namespace nn
