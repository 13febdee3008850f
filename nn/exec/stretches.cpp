#include "nn/exec/stretches.h"

#include "nn/base/saturated.h"
#include "nn/exec/memory_plan.h"
#include "nn/exec/network.h"
#include "nn/exec/part_kernel.h"

#include <algorithm>
#include <limits>

namespace nn {
namespace {

// Slices of a batch: enough of them for the threads to finish together, even when some are slow.
constexpr std::int64_t kLeastSlices = 16;
constexpr std::int64_t kMostTasks = 32;
// Rows of a slice that save no more work: the weights are packed once for each slice.
constexpr std::int64_t kMostRows = 8;
// An activation of a slice with what it is made from: a part of a second-level cache.
constexpr std::int64_t kSliceFloats = 96 * 1024;
constexpr std::int64_t kMostWeights = 32 * 1024;

std::int64_t floatsOf(const Shape& shape) {
    return shape.elements().value_or(std::numeric_limits<std::int64_t>::max());
}

class Finder {
public:
    Finder(const Network& network, Phase phase, const std::vector<LayerPlan>& plans)
        : m_network(network), m_layers(network.layers()), m_phase(phase), m_plans(plans),
          m_uses(network.variables().size()) {
        for (const NetworkLayer& layer : m_layers) {
            for (const std::size_t variable : layer.variables) {
                ++m_uses[variable];
            }
        }
    }

    std::vector<Stretch> stretches() const {
        std::vector<Stretch> found;
        for (std::size_t i = 0; i < m_layers.size();) {
            if (!begins(i)) {
                ++i;
                continue;
            }
            std::size_t end = i + 1;
            while (end < m_layers.size() && continues(i, end)) {
                ++end;
            }
            while (isIdentity(end - 1)) {
                --end;
            }
            if (const Stretch stretch = described(i, end - 1); isWorthIt(stretch)) {
                found.push_back(stretch);
            }
            i = end;
        }
        return found;
    }

private:
    [[nodiscard]] bool isAbsorbed(std::size_t i) const {
        return m_plans[m_layers[i].inputs[0]].fused != nullptr;
    }
    [[nodiscard]] const Kernel& kernel(std::size_t i) const {
        return m_plans[i].fused ? *m_plans[i].fused : *m_layers[i].kernel;
    }
    [[nodiscard]] bool isIdentity(std::size_t i) const {
        return !isAbsorbed(i) && kernel(i).isIdentity(m_phase);
    }
    [[nodiscard]] bool runsInParts(std::size_t i) const {
        const NetworkLayer& layer = m_layers[i];
        const auto isOwn = [&](std::size_t variable) { return m_uses[variable] == 1; };
        return partKernel(kernel(i), m_phase) != nullptr &&
               std::ranges::all_of(layer.variables, isOwn);
    }
    /// A source whose gradient is written here only, or that has none.
    [[nodiscard]] bool begins(std::size_t i) const {
        const NetworkLayer& layer = m_layers[i];
        if (layer.kernel == nullptr || layer.inputs.size() != 1 || layer.variables.empty() ||
            isAbsorbed(i) || !runsInParts(i)) {
            return false;
        }
        const NetworkLayer& source = m_layers[layer.inputs[0]];
        return m_phase == Phase::Inference || !source.needsGradient ||
               (source.readers.size() == 1 && !source.isOutput);
    }
    /// The only reader of the layer before it; what else it reads was there before the stretch
    /// began. Going back, that would be gradients for layers outside.
    [[nodiscard]] bool continues(std::size_t first, std::size_t i) const {
        const NetworkLayer& layer = m_layers[i];
        const NetworkLayer& before = m_layers[i - 1];
        const auto isThere = [&](std::size_t input) { return input == i - 1 || input < first; };
        return layer.kernel != nullptr &&
               (layer.inputs.size() == 1 || m_phase == Phase::Inference) &&
               before.readers == std::vector<std::size_t>{i} && !before.isOutput &&
               std::ranges::all_of(layer.inputs, isThere) &&
               (isAbsorbed(i) || isIdentity(i) || runsInParts(i));
    }
    [[nodiscard]] Stretch described(std::size_t first, std::size_t last) const {
        Stretch stretch{.first = first, .last = last};
        std::int64_t largest = 1;
        for (std::size_t i = first; i <= last; ++i) {
            std::int64_t together = floatsOf(m_layers[i].output);
            for (const std::size_t input : m_layers[i].inputs) {
                together = saturatedSum(together, floatsOf(m_layers[input].output));
            }
            largest = std::max(largest, together);
            for (const std::size_t index : m_layers[i].variables) {
                const Variable& variable = m_network.variables()[index];
                const std::int64_t floats = variable.trainable ? paddedFloats(variable) : 0;
                stretch.weightFloats = saturatedSum(stretch.weightFloats, floats);
            }
        }
        stretch.mostRows = std::min(kMostRows, kSliceFloats / largest);
        return stretch;
    }
    [[nodiscard]] bool isWorthIt(const Stretch& stretch) const {
        return stretch.last > stretch.first && stretch.mostRows >= 1 &&
               stretch.weightFloats <= kMostWeights;
    }

    const Network& m_network;
    const std::vector<NetworkLayer>& m_layers;
    Phase m_phase;
    const std::vector<LayerPlan>& m_plans;
    std::vector<int> m_uses; ///< Layers that read a variable.
};

std::int64_t ceilingOf(std::int64_t total, std::int64_t part) {
    return (total + part - 1) / part;
}

} // namespace

std::int64_t paddedFloats(const Variable& variable) {
    constexpr std::int64_t line = 16;
    return saturatedSum(floatsOf(variable.spec.shape), line - 1) / line * line;
}

std::int64_t Stretch::rows(std::int64_t batch) const {
    return std::clamp<std::int64_t>(ceilingOf(batch, kLeastSlices), 1, mostRows);
}

std::int64_t Stretch::slices(std::int64_t batch) const {
    return ceilingOf(batch, rows(batch));
}

std::int64_t Stretch::mostSlices(std::int64_t capacity) const {
    return std::max(std::min(capacity, kLeastSlices), slices(capacity));
}

std::int64_t Stretch::tasks(std::int64_t batch) const {
    return std::min(kMostTasks, slices(batch));
}

std::vector<Stretch> findStretches(const Network& network, Phase phase,
                                   const std::vector<LayerPlan>& plans) {
    return Finder(network, phase, plans).stretches();
}

} // namespace nn
