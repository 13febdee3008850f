// How an executor runs the layers of a stretch.
#include "nn/exec/layer_buffers.h"
#include "nn/kernels/elementwise.h"
#include "nn/kernels/rows.h"

#include <algorithm>

namespace nn {
namespace {

constexpr std::int64_t kSumFloats = 1024;

std::size_t sized(std::int64_t count) {
    return static_cast<std::size_t>(count);
}

/// The rows of a part; empty when there is nothing of the whole.
template <typename Value>
std::span<Value> rowsOf(std::span<Value> whole, std::int64_t rowFloats, std::int64_t first,
                        std::int64_t rows) {
    return whole.empty() ? whole : whole.subspan(sized(first * rowFloats), sized(rows * rowFloats));
}

std::span<float> floatsAt(std::byte* memory, const MemoryBlock& block, std::int64_t count) {
    return {reinterpret_cast<float*>(memory + block.offset), sized(count)};
}

} // namespace

void Executor::bindStretches() {
    std::int64_t workers = 0;
    for (const StretchPlan& plan : m_plan.stretches) {
        workers = std::max(workers, plan.workers);
        bindSums(plan);
    }
    m_sliceBuffers.assign(sized(workers), m_buffers);
}

void Executor::bindSums(const StretchPlan& plan) {
    std::vector<SumBlock>& blocks = m_sumBlocks.emplace_back();
    for (std::size_t i = plan.stretch.first; i <= plan.stretch.last; ++i) {
        for (std::size_t j = 0; j < m_buffers[i].weightGradients.size(); ++j) {
            const std::span<float> total = m_buffers[i].weightGradients[j];
            const auto count = static_cast<std::int64_t>(total.size());
            for (std::int64_t first = 0; first < count; first += kSumFloats) {
                blocks.push_back({.offset = m_plan.layers[i].sumOffsets[j] + first,
                                  .count = std::min(kSumFloats, count - first),
                                  .total = total.data() + first});
            }
        }
    }
}

/// Which memory a task uses: its worker's, or with more threads than tasks its own.
static std::size_t pieceOf(const StretchPlan& plan, const Parallel& parallel, std::int64_t task,
                           int worker) {
    return parallel.threads() <= plan.workers ? static_cast<std::size_t>(worker) : sized(task);
}

Executor::Part Executor::sliceOf(const StretchPlan& plan, std::int64_t slice, std::size_t worker,
                                 Parallel& parallel) {
    const std::int64_t rows = plan.stretch.rows(m_batch);
    return {.buffers = m_sliceBuffers[worker],
            .firstRow = slice * rows,
            .rows = std::min(rows, m_batch - slice * rows),
            .parallel = parallel,
            .isSlice = true};
}

void Executor::bindForwardSlice(const StretchPlan& plan, std::int64_t slice, std::size_t worker,
                                const Part& part) {
    const auto& layers = m_network->layers();
    std::byte* const local = m_arena.data() + plan.forwardLocal.offset +
                             static_cast<std::int64_t>(worker) * plan.forwardBytes;
    for (std::size_t i = plan.stretch.first; i <= plan.stretch.last; ++i) {
        const LayerPlan& layer = m_plan.layers[i];
        const LayerBuffers& whole = m_buffers[i];
        LayerBuffers& buffers = part.buffers[i];
        const LayerPlan& owner = m_plan.layers[layer.valueOwner];
        for (std::size_t port = 0; port < layers[i].inputs.size(); ++port) {
            const std::size_t from = layers[i].inputs[port];
            const LayerBuffers& source = m_buffers[from];
            buffers.inputs[port] =
                from < plan.stretch.first
                    ? rowsOf(source.external, source.rowFloats, part.firstRow, part.rows)
                    : part.buffers[from].external;
        }
        if (owner.valueIsLocal && !layer.fused) {
            buffers.value = floatsAt(local, owner.value, part.rows * whole.rowFloats);
            buffers.external = buffers.value;
        } else {
            buffers.value = rowsOf(whole.value, whole.rowFloats, part.firstRow, part.rows);
            buffers.external = rowsOf(whole.external, whole.rowFloats, part.firstRow, part.rows);
        }
        buffers.saved = bytes(layer.saved);
        if (!buffers.saved.empty()) {
            buffers.saved = buffers.saved.subspan(sized(slice * layer.sliceSavedBytes),
                                                  sized(layer.sliceSavedBytes));
        }
        buffers.forwardScratch =
            floatsAt(local, layer.forwardScratch, layer.forwardScratch.bytes / 4);
    }
}

void Executor::bindBackwardSlice(const StretchPlan& plan, std::int64_t slice, std::size_t worker,
                                 const Part& part) {
    bindForwardSlice(plan, slice, worker, part);
    const auto& layers = m_network->layers();
    std::byte* const local = m_arena.data() + plan.backwardLocal.offset +
                             static_cast<std::int64_t>(worker) * plan.backwardBytes;
    for (std::size_t i = plan.stretch.first; i <= plan.stretch.last; ++i) {
        const LayerPlan& layer = m_plan.layers[i];
        const LayerBuffers& whole = m_buffers[i];
        LayerBuffers& buffers = part.buffers[i];
        const LayerPlan& owner = m_plan.layers[layer.gradientOwner];
        buffers.gradient = owner.gradientIsLocal
                               ? floatsAt(local, owner.gradient, part.rows * whole.rowFloats)
                               : rowsOf(whole.gradient, whole.rowFloats, part.firstRow, part.rows);
        const std::size_t from = layers[i].inputs[0];
        const LayerBuffers& source = m_buffers[from];
        if (layer.routes[0] == GradientRoute::None) {
            buffers.inputGradients[0] = {};
        } else if (from < plan.stretch.first) {
            buffers.inputGradients[0] =
                rowsOf(source.gradient, source.rowFloats, part.firstRow, part.rows);
        } else {
            buffers.inputGradients[0] = part.buffers[from].gradient;
        }
        buffers.backwardScratch =
            floatsAt(local, layer.backwardScratch, layer.backwardScratch.bytes / 4);
    }
}

void Executor::runForwardStretch(std::size_t index, Phase phase) {
    const StretchPlan& plan = m_plan.stretches[index];
    m_parallel.run(plan.stretch.slices(m_batch), [&](std::int64_t slice, int worker) {
        const std::size_t piece = pieceOf(plan, m_parallel, slice, worker);
        Parallel own(1);
        Part part = sliceOf(plan, slice, piece, own);
        part.phase = phase;
        bindForwardSlice(plan, slice, piece, part);
        for (std::size_t i = plan.stretch.first; i <= plan.stretch.last; ++i) {
            if (m_plan.layers[i].runsForward) {
                static_cast<void>(forwardLayer(i, part)); // such layers add nothing to the loss
            }
        }
    });
}

void Executor::runBackwardStretch(std::size_t index) {
    const StretchPlan& plan = m_plan.stretches[index];
    const std::int64_t tasks = plan.stretch.tasks(m_batch);
    m_parallel.run(tasks, [&](std::int64_t task, int worker) {
        runBackwardTask(plan, task, pieceOf(plan, m_parallel, task, worker));
    });
    const std::vector<SumBlock>& blocks = m_sumBlocks[index];
    const auto* const sums = reinterpret_cast<const float*>(m_arena.data() + plan.sums.offset);
    m_parallel.run(static_cast<std::int64_t>(blocks.size()), [&](std::int64_t task, int) {
        const SumBlock& block = blocks[sized(task)];
        sumRows({.x = sums + block.offset,
                 .count = tasks,
                 .stride = plan.stretch.weightFloats,
                 .columns = block.count,
                 .totals = block.total});
    });
}

void Executor::runBackwardTask(const StretchPlan& plan, std::int64_t task, std::size_t worker) {
    const std::int64_t slices = plan.stretch.slices(m_batch);
    const std::int64_t tasks = plan.stretch.tasks(m_batch);
    auto* const sums = reinterpret_cast<float*>(m_arena.data() + plan.sums.offset) +
                       task * plan.stretch.weightFloats;
    std::byte* const local = m_arena.data() + plan.backwardLocal.offset +
                             static_cast<std::int64_t>(worker) * plan.backwardBytes;
    Parallel own(1);
    const std::int64_t first = slices * task / tasks;
    for (std::int64_t slice = first; slice < slices * (task + 1) / tasks; ++slice) {
        const Part part = sliceOf(plan, slice, worker, own);
        bindBackwardSlice(plan, slice, worker, part);
        for (std::size_t i = plan.stretch.last + 1; i-- > plan.stretch.first;) {
            const LayerPlan& layer = m_plan.layers[i];
            if (!layer.runsBackward) {
                continue;
            }
            LayerBuffers& buffers = part.buffers[i];
            for (std::size_t j = 0; j < buffers.weightGradients.size(); ++j) {
                const auto count =
                    static_cast<std::int64_t>(m_buffers[i].weightGradients[j].size());
                const std::span<float> total{sums + layer.sumOffsets[j], sized(count)};
                buffers.weightGradients[j] = slice == first || count == 0
                                                 ? total
                                                 : floatsAt(local, layer.sliceGradients[j], count);
            }
            backwardLayer(i, part);
            for (std::size_t j = 0; j < buffers.weightGradients.size() && slice != first; ++j) {
                const std::span<float> fresh = buffers.weightGradients[j];
                accumulate(own, fresh, {sums + layer.sumOffsets[j], fresh.size()});
            }
        }
    }
}

} // namespace nn
