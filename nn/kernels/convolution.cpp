#include "nn/kernels/convolution.h"

#include "nn/kernels/conv_pack.h"
#include "nn/kernels/conv_plan.h"
#include "nn/kernels/product.h"
#include "nn/kernels/rows.h"
#include "nn/kernels/scratch.h"

#include <algorithm>
#include <array>
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
    float* packed = nullptr;
    float* bias = nullptr;    ///< Packed; null: none.
    float* workers = nullptr; ///< Private memory of all workers.
    std::int64_t workerFloats = 0;
};

/// A worker's private memory: the copy of a region's source and the offsets of the taps.
struct WorkerMemory {
    float* local = nullptr;
    std::ptrdiff_t* taps = nullptr;
};

WorkerMemory workerMemory(const ConvPass& pass, const ConvBlocks& blocks, Scratch& scratch) {
    WorkerMemory memory;
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
        static_cast<void>(workerMemory(pass, convBlocks(pass, job.batch), worker));
        job.workerFloats = std::max(job.workerFloats, worker.needed());
    });
    job.workers = scratch.floats(job.workerFloats * Parallel::maxThreads);
}

std::int64_t scratchFloats(const ConvGeometry& g, ConvDirection direction, std::int64_t batch) {
    Scratch scratch;
    Job job{.g = g, .direction = direction, .batch = batch};
    takeScratch(job, true, scratch);
    return scratch.needed();
}

/// The task's part of the targets and the panels of each group.
struct TaskPart {
    ConvRegion region;
    std::int64_t firstPanel = 0, panels = 0;
};

TaskPart partOf(const ConvPass& pass, const ConvBlocks& blocks, std::int64_t batch,
                std::int64_t task) {
    const std::int64_t panelBlocks = blockCount(pass.panels(), blocks.panels);
    const std::int64_t columnBlocks = blockCount(pass.x.targets, blocks.columns);
    const std::int64_t rowBlocks = blockCount(pass.y.targets, blocks.rows);
    TaskPart part;
    part.firstPanel = task % panelBlocks * blocks.panels;
    part.panels = std::min(blocks.panels, pass.panels() - part.firstPanel);
    task /= panelBlocks;
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

/// Sources and results of up to `maxProductRows` targets.
class TargetRows {
public:
    /// Takes the next targets of the walk.
    void fill(TargetWalk& walk, const float* source, float* target) {
        m_count =
            walk.take(maxProductRows, [&](std::size_t i, std::ptrdiff_t from, std::ptrdiff_t to) {
                m_a[i] = source + from;
                m_c[i] = target + to;
            });
    }
    void move(std::int64_t sources, std::int64_t targets) {
        if (sources == 0 && targets == 0) {
            return;
        }
        for (std::size_t i = 0; i < static_cast<std::size_t>(m_count); ++i) {
            m_a[i] += sources;
            m_c[i] += targets;
        }
    }
    [[nodiscard]] ProductRows rows() const {
        return {.count = m_count, .a = m_a.data(), .c = m_c.data()};
    }

private:
    std::int64_t m_count = 0;
    std::array<const float*, maxProductRows> m_a;
    std::array<float*, maxProductRows> m_c;
};

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

void runTask(const Job& job, const ConvPass& pass, const ConvBlocks& blocks, const float* packed,
             std::int64_t task, int worker) {
    const TaskPart part = partOf(pass, blocks, job.batch, task);
    Scratch scratch(
        {job.workers + worker * job.workerFloats, static_cast<std::size_t>(job.workerFloats)});
    const WorkerMemory memory = workerMemory(pass, blocks, scratch);
    const LocalSource local = localSource(pass, part.region, job.source, memory.local);
    fillTapOffsets(pass, local.rowStride, memory.taps);

    Product product{.steps = memory.taps, .stepCount = pass.steps(), .b = packed};
    product.add = job.write == Write::Add;
    product.relu = job.relu;
    TargetWalk walk(pass, part.region, local);
    TargetRows rows;
    while (!walk.atEnd()) {
        rows.fill(walk, local.data, job.target);
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
        const ConvBlocks blocks = convBlocks(pass, job.batch);
        const float* const packed = job.packed + tapsBefore * packedTapFloats(pass);
        parallel.run(taskCount(pass, blocks, job.batch), [&](std::int64_t task, int worker) {
            runTask(job, pass, blocks, packed, task, worker);
        });
    });
}

[[maybe_unused]] bool holds(std::span<const float> values, std::int64_t count) {
    return static_cast<std::int64_t>(values.size()) >= count;
}

} // namespace

std::int64_t convForwardScratchFloats(const ConvGeometry& g, std::int64_t batch) {
    return scratchFloats(g, ConvDirection::Forward, batch);
}

std::int64_t convBackwardDataScratchFloats(const ConvGeometry& g, std::int64_t batch) {
    return scratchFloats(g, ConvDirection::BackwardData, batch);
}

void convForward(Parallel& parallel, const ConvGeometry& g, const ConvForwardArgs& args) {
    assert(holds(args.x, args.batch * g.inputFloats()) && holds(args.weights, g.weightFloats()));
    assert(holds(args.y, args.batch * g.outputFloats()));
    assert(args.bias.empty() || holds(args.bias, g.outChannels));
    Scratch scratch(args.scratch);
    Job job{.g = g,
            .batch = args.batch,
            .source = args.x.data(),
            .target = args.y.data(),
            .relu = args.activation == FusedActivation::Relu};
    takeScratch(job, !args.bias.empty(), scratch);
    packJobBias(job, args.bias);
    packWeights(parallel, g, job.direction, args.weights, job.packed);
    runPasses(parallel, job);
}

void convBackwardData(Parallel& parallel, const ConvGeometry& g, const ConvBackwardDataArgs& args) {
    assert(holds(args.dy, args.batch * g.outputFloats()) && holds(args.weights, g.weightFloats()));
    assert(holds(args.dx, args.batch * g.inputFloats()));
    assert(args.bias.empty() || holds(args.bias, g.inChannels));
    Scratch scratch(args.scratch);
    Job job{.g = g,
            .direction = ConvDirection::BackwardData,
            .batch = args.batch,
            .source = args.dy.data(),
            .target = args.dx.data(),
            .write = args.write,
            .relu = args.activation == FusedActivation::Relu};
    takeScratch(job, !args.bias.empty(), scratch);
    packJobBias(job, args.bias);
    packWeights(parallel, g, job.direction, args.weights, job.packed);
    runPasses(parallel, job);
}

} // namespace nn
