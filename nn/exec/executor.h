#pragma once

#include "nn/exec/arena.h"
#include "nn/exec/memory_plan.h"
#include "nn/exec/network.h"
#include "nn/exec/weights.h"
#include "nn/kernels/gradient_product.h"

#include <memory>
#include <optional>
#include <span>

namespace nn {

/// The buffers of one batch on their way through a network; one per thread or task. All memory is
/// allocated by the constructor. The same inputs, weights and key give the same bits for any
/// number of threads.
class Executor {
public:
    /// `parallel` must outlive the executor. Throws std::bad_alloc when memory is short; ask
    /// `plannedBytes` first.
    Executor(std::shared_ptr<const Network> network, const ExecutorOptions& options,
             Parallel& parallel);
    ~Executor();
    Executor(const Executor&) = delete;
    Executor& operator=(const Executor&) = delete;

    /// Runs a batch as for predicting. `inputs` are [batch][…], in the order of
    /// `Network::inputs()`, and must live as long as activations are read.
    void forward(std::span<const std::span<const float>> inputs, std::int64_t batch,
                 const Weights& weights);
    /// Runs a batch with Dropout and batch statistics; updates moving statistics in `weights`.
    /// Needs `RunMode::Training`, as `backward` does.
    void forwardTraining(std::span<const std::span<const float>> inputs, std::int64_t batch,
                         Weights& weights, const StepKey& key);
    /// Where the gradient of the loss with respect to an output is to be written after
    /// `forwardTraining` and before `backward`: all of it, as many values as the output has. With
    /// `OutputForm::Logits` it is the gradient with respect to the scores before the softmax.
    [[nodiscard]] std::span<float> outputGradient(std::size_t output = 0);
    /// Computes the gradients of all trainable variables; uses up the output gradients.
    void backward(const Weights& weights);

    /// Output number `output` of the last run, in the order of `Network::outputs()`: [batch][…].
    [[nodiscard]] std::span<const float> output(std::size_t output = 0) const;
    /// The activation of a layer in the last run; empty when its memory was used again, which
    /// never happens with `RunMode::Inspection`.
    [[nodiscard]] std::span<const float> activation(std::size_t layer) const;
    /// What the layers of the last run add to the loss for their outputs.
    [[nodiscard]] double penalty() const { return m_penalty; }
    /// The gradient of a variable by the last `backward`; empty when it is not trainable, or left
    /// as a product.
    [[nodiscard]] std::span<const float> gradient(std::size_t variable) const;
    /// For `ExecutorOptions::leavesProducts`: what makes the gradient of a variable, if it is
    /// large. Valid until the next run.
    [[nodiscard]] std::optional<GradientProduct> gradientProduct(std::size_t variable) const;
    /// The same as `gradient`, for what the loss adds for the weights themselves.
    [[nodiscard]] std::span<float> mutableGradient(std::size_t variable);

    [[nodiscard]] const Network& network() const { return *m_network; }
    [[nodiscard]] const MemoryPlan& plan() const { return m_plan; }
    [[nodiscard]] const ExecutorOptions& options() const { return m_options; }
    /// Rows of the last run.
    [[nodiscard]] std::int64_t batch() const { return m_batch; }

private:
    struct LayerBuffers;
    struct Part;
    struct SumBlock;

    [[nodiscard]] std::span<float> floats(const MemoryBlock& block, std::int64_t count) const;
    [[nodiscard]] std::span<std::byte> bytes(const MemoryBlock& block) const;
    [[nodiscard]] std::span<float> variableGradient(std::size_t variable) const;
    [[nodiscard]] OutputForm formOf(std::size_t layer) const;
    void bindBuffers();
    void bindInputs(std::span<const std::span<const float>> inputs, std::int64_t batch);
    void bindWeights(const Weights& weights);
    void bindUpdatedWeights(Weights& weights);
    void runForward(Phase phase);
    double forwardLayer(std::size_t layer, const Part& part) const;
    [[nodiscard]] StepKey keyOf(std::size_t layer, const Part& part) const;
    void backwardLayer(std::size_t layer, const Part& part) const;
    void runBackward(std::size_t layer);
    void bindInputGradients(std::size_t layer);
    // Stretches, in stretch_run.cpp.
    void bindStretches();
    void bindSums(const StretchPlan& plan);
    [[nodiscard]] Part sliceOf(const StretchPlan& plan, std::int64_t slice, std::size_t worker,
                               Parallel& parallel);
    void bindForwardSlice(const StretchPlan& plan, std::int64_t slice, std::size_t worker,
                          const Part& part);
    void bindBackwardSlice(const StretchPlan& plan, std::int64_t slice, std::size_t worker,
                           const Part& part);
    void runForwardStretch(std::size_t index, Phase phase);
    void runBackwardStretch(std::size_t index);
    void runBackwardTask(const StretchPlan& plan, std::int64_t task, std::size_t worker);
    void addSharedGradients(std::size_t layer);

    std::shared_ptr<const Network> m_network;
    ExecutorOptions m_options;
    Parallel& m_parallel;
    MemoryPlan m_plan;
    Arena m_arena;
    std::vector<LayerBuffers> m_buffers;
    /// Of slices, by worker and layer; for the layers of stretches only.
    std::vector<std::vector<LayerBuffers>> m_sliceBuffers;
    std::vector<std::vector<SumBlock>> m_sumBlocks; ///< By stretch.
    std::int64_t m_batch = 0;
    StepKey m_key;
    double m_penalty = 0.0;
};

} // namespace nn
