#pragma once

#include "nn/base/parallel.h"
#include "nn/train/loss.h"
#include "nn/train/train_data.h"

#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace nn {

/// One batch, ready for a network: an array [batch][…] for each input and the targets of each
/// output. Images are [batch][h][w][c] in 0…1.
struct Batch {
    std::vector<std::span<const float>> inputs = {};
    std::vector<Targets> targets = {}; ///< One entry where all outputs share their targets.
    std::int64_t size = 0;

    [[nodiscard]] const Targets& targetsOf(std::size_t output) const {
        return targets.size() == 1 ? targets.front() : targets[output];
    }
};

/// Turns samples, in a given order, into batches; the last one may be short.
class BatchFeeder {
public:
    /// `classWeights`: what a sample counts by its class; those not named count 1. `data` must
    /// outlive the feeder.
    BatchFeeder(const TrainData& data, std::int64_t batchSize, Parallel& parallel,
                std::map<std::int64_t, double> classWeights = {});

    /// Starts over in this order; it names every sample of an epoch.
    void begin(std::vector<std::int64_t> order);
    [[nodiscard]] std::int64_t batches() const;
    /// Batch number `index` of the order; valid until the next call.
    [[nodiscard]] Batch batch(std::int64_t index);

private:
    /// The targets of one output of the batch under way.
    struct TargetBuffer {
        std::vector<std::int32_t> labels;
        std::vector<float> values;
        std::vector<float> weights;
    };

    void gatherImages(std::span<const std::int64_t> samples, Batch& batch);
    void gatherArrays(std::span<const std::int64_t> samples, Batch& batch);
    void weigh(std::span<const std::int64_t> samples, std::size_t width, TargetBuffer& target,
               Targets& targets) const;

    const TrainData& m_data;
    std::int64_t m_batchSize;
    Parallel& m_parallel;
    std::map<std::int64_t, double> m_classWeights;
    std::vector<std::int64_t> m_order;
    std::vector<Tensor> m_inputs;
    std::vector<TargetBuffer> m_targets;
};

} // namespace nn
