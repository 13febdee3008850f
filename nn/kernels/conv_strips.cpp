#include "nn/kernels/conv_strips.h"

#include "nn/kernels/channel_strip.h"
#include "nn/kernels/pack.h"
#include "nn/kernels/patch_gradient.h"
#include "nn/kernels/product.h"
#include "nn/kernels/strip.h"
#include "nn/kernels/strip_gradient.h"

#include <algorithm>
#include <cstdlib>

namespace nn {
namespace {

// In shorter rows of targets few of them share a source value.
constexpr std::int64_t kLeastTargets = 6;

/// From one tap's packed weights to the next.
std::ptrdiff_t tapFloats(const ConvPass& pass) {
    return pass.channelwise() ? pass.targetChannels : pass.groupSources * panelColumns;
}

StripWeights weightsOf(const StripJob& job) {
    const ConvPass& pass = job.pass;
    const std::ptrdiff_t tap = tapFloats(pass);
    const std::ptrdiff_t row = pass.x.taps * tap;
    StripWeights w{.bRow = row,
                   .bTap = tap,
                   .bPanel = pass.steps() * panelColumns,
                   .kernelRows = pass.y.taps,
                   .taps = pass.x.taps,
                   .channels = pass.groupSources,
                   .kernelRowStep = std::abs(pass.y.tapStep) * job.local.rowStride,
                   .columns = std::min(job.panels * panelColumns,
                                       pass.groupTargets - job.firstPanel * panelColumns),
                   .add = job.add,
                   .relu = job.relu};
    w.bRow = pass.y.tapStep < 0 ? -row : row;
    w.bTap = pass.x.tapStep < 0 ? -tap : tap;
    if (pass.channelwise()) {
        w.columns = pass.targetChannels;
    }
    return w;
}

/// Weights of a group's lowest taps.
const float* lowestTaps(const StripJob& job, std::int64_t group) {
    const ConvPass& pass = job.pass;
    const std::int64_t row = pass.y.tapStep < 0 ? pass.y.taps - 1 : 0;
    const std::int64_t column = pass.x.tapStep < 0 ? pass.x.taps - 1 : 0;
    const std::int64_t panel = group * pass.panels() + job.firstPanel;
    return job.packed + panel * pass.steps() * panelColumns +
           (row * pass.x.taps + column) * tapFloats(pass);
}

/// Neighbouring rows of targets that read the same filter rows inside of the source; the others
/// would only add products with the zeros around it.
struct RowRun {
    std::int64_t rows = 0; ///< Of targets.
    std::int64_t firstKernelRow = 0, kernelRows = 0;
};

/// The run that begins with a row of the region.
RowRun runFrom(const ConvPass& pass, const ConvRegion& region, std::int64_t row) {
    const auto seen = [&pass, &region](std::int64_t y) {
        const std::int64_t step = std::max<std::int64_t>(1, std::abs(pass.y.tapStep));
        const std::int64_t begin = pass.y.sourceBegin(region.firstRow + y);
        const std::int64_t first =
            begin < 0 ? std::min(blockCount(-begin, step), pass.y.taps - 1) : 0;
        const std::int64_t inside =
            blockCount(std::max<std::int64_t>(0, pass.y.sources - begin), step);
        const std::int64_t last = std::clamp(inside, first + 1, pass.y.taps);
        return RowRun{.firstKernelRow = first, .kernelRows = last - first};
    };
    RowRun run = seen(row);
    const auto continues = [&run, &seen](std::int64_t y) {
        const RowRun next = seen(y);
        return next.firstKernelRow == run.firstKernelRow && next.kernelRows == run.kernelRows;
    };
    for (run.rows = 1; row + run.rows < region.rows && continues(row + run.rows);) {
        ++run.rows;
    }
    return run;
}

/// dy of one group of a rectangle of targets in panels: [panel][row][column][16].
void packGradient(const StripGradient& g, float* to) {
    for (std::int64_t first = 0; first < g.filters; first += panelColumns) {
        for (std::int64_t y = 0; y < g.rows; ++y, to += g.columns * panelColumns) {
            packPanel({.from = g.dy + y * g.dyRow + first,
                       .stride = g.dyPixel,
                       .rows = g.columns,
                       .columns = std::min(panelColumns, g.filters - first)},
                      to);
        }
    }
}

/// What a rectangle of at most `maxReductionSteps` targets adds; `g` describes its first group.
void addRectangle(const GradientStripJob& job, StripGradient g) {
    const StripGradient first = g;
    for (std::int64_t group = 0; group < job.pass.groups; ++group) {
        g.x = first.x + group * job.pass.groupSources;
        g.dy = first.dy + group * job.pass.groupTargets;
        g.dw = first.dw + group * job.pass.groupTargets;
        StripGradient call = g;
        if (job.packed != nullptr) {
            packGradient(g, job.packed);
            call.dy = job.packed;
            call.dyPixel = panelColumns;
            call.dyRow = g.columns * panelColumns;
            call.dyPanel = g.rows * call.dyRow;
        }
        addStripGradient(call);
    }
}

/// All rows of a region's targets of one image and group.
void multiplyRuns(const StripJob& job, const StripRows& rows, const StripWeights& weights) {
    for (std::int64_t row = 0; row < job.region.rows;) {
        const RowRun run = runFrom(job.pass, job.region, row);
        StripRows part = rows;
        part.source += row * rows.sourceRow + run.firstKernelRow * weights.kernelRowStep;
        part.target += row * rows.targetRow;
        part.rows = run.rows;
        StripWeights some = weights;
        some.b += run.firstKernelRow * weights.bRow;
        some.kernelRows = run.kernelRows;
        multiplyStrips(part, some);
        row += run.rows;
    }
}

} // namespace

bool usesStrips(const ConvPass& pass) {
    const bool neighbours =
        pass.y.taps > 0 && std::abs(pass.x.tapStep) == 1 && pass.x.targets >= kLeastTargets;
    if (pass.channelwise()) {
        return neighbours && pass.x.sourceStep == 1 && (pass.x.taps == 2 || pass.x.taps == 3);
    }
    return neighbours && stripsPay(pass.x.taps, pass.x.sourceStep, pass.groupTargets);
}

void runStrips(const StripJob& job) {
    const ConvPass& pass = job.pass;
    const TargetLayout layout = targetLayout(pass, job.region);
    StripWeights weights = weightsOf(job);
    StripRows rows{.sourcePixel = pass.sourceChannels,
                   .sourceRow = job.local.rowStride * pass.y.sourceStep,
                   .step = pass.x.sourceStep,
                   .targetPixel = layout.column,
                   .targetRow = layout.row,
                   .rows = job.region.rows,
                   .columns = job.region.columns};
    for (std::int64_t image = 0; image < job.region.images; ++image) {
        if (pass.channelwise()) {
            weights.b = lowestTaps(job, 0);
            weights.bias = job.bias;
            rows.source = job.local.data + image * job.local.imageStride;
            rows.target = job.target + image * layout.image;
            multiplyChannelStrips(rows, weights);
            continue;
        }
        for (std::int64_t group = 0; group < pass.groups; ++group) {
            const std::int64_t panel = group * pass.panels() + job.firstPanel;
            weights.b = lowestTaps(job, group);
            weights.bias = job.bias == nullptr ? nullptr : job.bias + panel * panelColumns;
            rows.source =
                job.local.data + image * job.local.imageStride + group * pass.groupSources;
            rows.target = job.target + image * layout.image + group * pass.groupTargets +
                          job.firstPanel * panelColumns;
            multiplyRuns(job, rows, weights);
        }
    }
}

bool usesGradientStrips(const ConvPass& pass) {
    return !pass.channelwise() && pass.x.sourceStep == 1 && pass.x.tapStep == 1 &&
           pass.x.targets >= kLeastTargets &&
           gradientStripsPay(pass.x.taps, pass.groupSources, pass.groupTargets);
}

void addGradientStrips(const GradientStripJob& job) {
    const ConvPass& pass = job.pass;
    const ConvRegion& region = job.region;
    const TargetLayout layout = targetLayout(pass, region);
    const std::ptrdiff_t tap = pass.groupSources * pass.targetChannels;
    StripGradient g{.xPixel = job.local.pixelStride,
                    .xRow = job.local.rowStride * pass.y.sourceStep,
                    .kernelRowStep = job.local.rowStride * pass.y.tapStep,
                    .channels = std::min(job.channels.count, pass.groupSources),
                    .dyPixel = layout.column,
                    .dyRow = layout.row,
                    .dyPanel = panelColumns,
                    .kernelRows = pass.y.taps,
                    .taps = pass.x.taps,
                    .dw = job.dw + job.channels.first * pass.targetChannels,
                    .dwRow = pass.x.taps * tap,
                    .dwTap = tap,
                    .dwChannel = pass.targetChannels,
                    .filters = pass.groupTargets};
    const std::int64_t parts = blockCount(region.columns, maxReductionSteps);
    const std::int64_t height =
        std::max<std::int64_t>(1, maxReductionSteps / blockCount(region.columns, parts));
    for (std::int64_t image = 0; image < region.images; ++image) {
        for (std::int64_t y = 0; y < region.rows; y += height) {
            for (std::int64_t part = 0; part < parts; ++part) {
                const std::int64_t first = region.columns * part / parts;
                g.rows = std::min(height, region.rows - y);
                g.columns = region.columns * (part + 1) / parts - first;
                g.x =
                    job.local.data + image * job.local.imageStride + y * g.xRow + first * g.xPixel;
                g.dy = job.dy + layout.first + image * layout.image + y * layout.row +
                       first * layout.column;
                addRectangle(job, g);
            }
        }
    }
}

bool usesPatchGradient(const ConvPass& pass) {
    return pass.groups == 1 && !pass.channelwise() && pass.x.tapStep == 1 &&
           patchGradientsPay(pass.y.taps, pass.x.taps * pass.sourceChannels, pass.targetChannels);
}

void addPatches(const ConvPass& pass, const ConvRegion& region, const LocalSource& local,
                const float* dy, float* dw, float* db) {
    const TargetLayout layout = targetLayout(pass, region);
    for (std::int64_t image = 0; image < region.images; ++image) {
        addPatchGradient({.x = local.data + image * local.imageStride,
                          .xPixel = pass.x.sourceStep * pass.sourceChannels,
                          .xRow = local.rowStride * pass.y.sourceStep,
                          .kernelRowStep = local.rowStride * pass.y.tapStep,
                          .kernelRows = pass.y.taps,
                          .rowFloats = pass.x.taps * pass.sourceChannels,
                          .dy = dy + layout.first + image * layout.image,
                          .dyPixel = layout.column,
                          .dyRow = layout.row,
                          .rows = region.rows,
                          .columns = region.columns,
                          .dw = dw,
                          .db = db,
                          .filters = pass.targetChannels});
    }
}

} // namespace nn
