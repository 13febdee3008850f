#include "nn/train/adapt.h"

#include "nn/exec/executor.h"
#include "nn/model/registry.h"

#include <algorithm>

namespace nn {
namespace {

/// Mean and variance of each group of values, from batches (Chan, Golub, LeVeque 1979).
class Moments {
public:
    /// `groups` says for each value of a sample which group it belongs to.
    Moments(std::vector<std::size_t> groups, std::size_t count)
        : m_groups(std::move(groups)), m_mean(count), m_squares(count),
          m_perSample(static_cast<double>(m_groups.size() / count)) {}

    void add(std::span<const float> values) {
        const std::size_t length = m_groups.size();
        const double count = m_perSample * static_cast<double>(values.size() / length);
        std::vector<double> mean(m_mean.size(), 0.0);
        std::vector<double> squares(m_mean.size(), 0.0);
        for (std::size_t i = 0; i < values.size(); ++i) {
            mean[m_groups[i % length]] += static_cast<double>(values[i]) / count;
        }
        for (std::size_t i = 0; i < values.size(); ++i) {
            const std::size_t group = m_groups[i % length];
            const double difference = static_cast<double>(values[i]) - mean[group];
            squares[group] += difference * difference;
        }
        const double total = m_count + count;
        for (std::size_t group = 0; group < mean.size(); ++group) {
            const double step = mean[group] - m_mean[group];
            m_mean[group] += step * count / total;
            m_squares[group] += squares[group] + step * step * m_count * count / total;
        }
        m_count = total;
    }

    void write(std::span<float> mean, std::span<float> variance, std::span<float> count) const {
        for (std::size_t group = 0; group < m_mean.size(); ++group) {
            mean[group] = static_cast<float>(m_mean[group]);
            variance[group] = static_cast<float>(m_squares[group] / m_count);
        }
        count[0] = static_cast<float>(m_count);
    }
    [[nodiscard]] bool hasValues() const { return m_count > 0.0; }

private:
    std::vector<std::size_t> m_groups;
    std::vector<double> m_mean;
    std::vector<double> m_squares; ///< Sums of squared differences from the mean.
    double m_perSample;            ///< Values of a sample in one group.
    double m_count = 0.0;          ///< Values of each group so far.
};

/// For each value of a sample the index of its statistics: those along the kept axes.
std::vector<std::size_t> groupsOf(const Shape& input, const ParamMap& params) {
    const LayerDef& def = *findLayerDef("Normalization");
    const auto& axes =
        std::get<std::vector<std::int64_t>>(paramValue(params, *findSpec(def.params, "axis")));
    std::vector<bool> kept(input.rank(), false);
    for (const std::int64_t axis : axes) {
        // 1 is the first axis of a sample, -1 the last.
        const auto rank = static_cast<std::int64_t>(input.rank());
        kept[static_cast<std::size_t>(axis < 0 ? rank + axis : axis - 1)] = true;
    }
    std::vector<std::size_t> groups{0};
    for (std::size_t i = 0; i < input.rank(); ++i) {
        std::vector<std::size_t> finer;
        for (const std::size_t group : groups) {
            for (std::int64_t position = 0; position < input[i]; ++position) {
                finer.push_back(kept[i] ? group * static_cast<std::size_t>(input[i]) +
                                              static_cast<std::size_t>(position)
                                        : group);
            }
        }
        groups = std::move(finer);
    }
    return groups;
}

/// A Normalization layer with variables of which none has been measured.
bool wantsAdapting(const NetworkLayer& layer, const Weights& weights) {
    if (layer.type != "Normalization" || layer.variables.empty()) {
        return false;
    }
    const auto holds = [&](std::size_t variable, float value) {
        return std::ranges::all_of(weights.tensors[layer.variables[variable]].values(),
                                   [value](float v) { return v == value; });
    };
    return holds(0, 0.0F) && holds(1, 1.0F) && holds(2, 0.0F);
}

} // namespace

void adaptNormalizations(const AdaptJob& job, const BatchSource& data, Weights& weights,
                         Parallel& parallel) {
    const std::vector<NetworkLayer>& layers = job.network->layers();
    for (const NetworkLayer& layer : layers) {
        if (!wantsAdapting(layer, weights)) {
            continue;
        }
        const std::size_t source = layer.inputs.front();
        std::vector<Tensor>& tensors = weights.tensors;
        Moments moments(groupsOf(layers[source].output, findNode(job.graph, layer.id)->params),
                        static_cast<std::size_t>(tensors[layer.variables[0]].size()));
        const auto& inputs = job.network->inputs();
        const auto input = std::ranges::find(inputs, source);
        std::unique_ptr<Executor> executor;
        if (input == inputs.end()) {
            executor = std::make_unique<Executor>(
                job.network,
                ExecutorOptions{.batchCapacity = job.batchSize, .mode = RunMode::Inspection},
                parallel);
        }
        data([&](std::span<const std::span<const float>> batch, std::int64_t rows) {
            if (executor == nullptr) {
                moments.add(batch[static_cast<std::size_t>(input - inputs.begin())]);
            } else {
                executor->forward(batch, rows, weights);
                moments.add(executor->activation(source));
            }
        });
        if (moments.hasValues()) {
            moments.write(tensors[layer.variables[0]].values(),
                          tensors[layer.variables[1]].values(),
                          tensors[layer.variables[2]].values());
        }
    }
}

} // namespace nn
