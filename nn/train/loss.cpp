#include "nn/train/loss.h"

#include "nn/train/losses/define_loss.h"
#include "nn/train/losses/target_values.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <numeric>

namespace nn {
namespace {

// Rows worth a task.
constexpr std::size_t kTaskRows = 32;

std::vector<LossDef> allDefs() {
    std::vector<LossDef> defs;
    for (std::vector<LossDef>& family :
         std::array{categoricalLosses(), binaryLosses(), regressionLosses(), hingeLosses(),
                    divergenceLosses(), overlapLosses(), similarityLosses()}) {
        std::ranges::move(family, std::back_inserter(defs));
    }
    return defs;
}

const std::vector<ObjectDef>& lossObjects() {
    static const std::vector<ObjectDef> objects = [] {
        std::vector<ObjectDef> all;
        for (const LossDef& def : lossDefs()) {
            ObjectDef object{.type = def.className,
                             .aliases = {def.name},
                             .title = def.title,
                             .help = def.help,
                             .params = def.params};
            std::ranges::copy(def.aliases, std::back_inserter(object.aliases));
            all.push_back(std::move(object));
        }
        return all;
    }();
    return objects;
}

/// Weights as the values they multiply: one for each, several values by sample, or for one value
/// over the whole batch their mean.
class WeightOfValue {
public:
    WeightOfValue(std::span<const float> weights, std::size_t values) : m_weights(weights) {
        m_repeats = weights.empty() ? 0 : values / weights.size();
        if (m_repeats == 0 && !weights.empty()) {
            m_mean = std::accumulate(weights.begin(), weights.end(), 0.0) /
                     static_cast<double>(weights.size());
        }
    }
    [[nodiscard]] double operator[](std::size_t i) const {
        return m_repeats == 0 ? m_mean : static_cast<double>(m_weights[i / m_repeats]);
    }

private:
    std::span<const float> m_weights;
    std::size_t m_repeats = 0;
    double m_mean = 1.0;
};

} // namespace

std::int64_t Outputs::samples() const {
    if (extents.empty()) {
        return rows();
    }
    const std::int64_t size =
        std::accumulate(extents.begin(), extents.end(), std::int64_t{1}, std::multiplies<>());
    return static_cast<std::int64_t>(values.size()) / size;
}

std::vector<double> Loss::rowValues(const Outputs& outputs, const Targets& targets) const {
    std::vector<double> values(m_terms->count(outputs));
    m_terms->values(outputs, targets, values);
    return values;
}

/// ∂loss/∂value of every value: its weight over what the sum is divided by. What a mask leaves out
/// does not count in a mean either.
void Loss::writeSlopes(const Targets& targets, std::span<double> slopes) const {
    const WeightOfValue weights(targets.weights, slopes.size());
    double valid = 0.0;
    double weightSum = 0.0;
    for (std::size_t i = 0; i < slopes.size(); ++i) {
        const bool isCounted = counts(targets, i);
        slopes[i] = isCounted ? weights[i] : 0.0;
        valid += isCounted ? 1.0 : 0.0;
        weightSum += slopes[i];
    }
    double divisor = 1.0;
    switch (m_reduction) {
    case LossReduction::Sum:
        break;
    case LossReduction::SumOverBatchSize:
    case LossReduction::Mean:
        divisor = valid;
        break;
    case LossReduction::MeanWithSampleWeight:
        divisor = targets.weights.empty() && !m_terms->hasMask() ? valid : weightSum;
        break;
    }
    for (double& slope : slopes) {
        slope = divisor == 0.0 ? 0.0 : slope / divisor;
    }
}

double Loss::value(const Outputs& outputs, const Targets& targets) const {
    const std::vector<double> values = rowValues(outputs, targets);
    std::vector<double> slopes(values.size());
    writeSlopes(targets, slopes);
    return std::inner_product(values.begin(), values.end(), slopes.begin(), 0.0);
}

double Loss::valueAndGradient(const Outputs& outputs, const Targets& targets,
                              std::span<float> gradient, double scale) const {
    Parallel parallel(1);
    LossMemory memory;
    return valueAndGradient(parallel, memory, outputs, targets, gradient, scale);
}

double Loss::valueAndGradient(Parallel& parallel, LossMemory& memory, const Outputs& outputs,
                              const Targets& targets, std::span<float> gradient,
                              double scale) const {
    const std::size_t count = m_terms->count(outputs);
    memory.values.resize(count);
    memory.slopes.resize(count);
    writeSlopes(targets, memory.slopes);
    memory.scaled = memory.slopes;
    for (double& slope : memory.scaled) {
        slope *= scale;
    }
    const std::span<double> values = memory.values;
    const std::size_t rows = m_terms->isByRow() ? kTaskRows : std::max<std::size_t>(count, 1);
    parallel.run(static_cast<std::int64_t>((count + rows - 1) / rows), [&](std::int64_t task, int) {
        const std::size_t first = static_cast<std::size_t>(task) * rows;
        const std::size_t some = std::min(rows, count - first);
        const auto part = [&](auto all) {
            const std::size_t each = all.size() / count;
            return some == count ? all : all.subspan(first * each, some * each);
        };
        Outputs said = outputs;
        said.values = part(outputs.values);
        m_terms->valuesAndGradient(
            said, {.labels = part(targets.labels), .values = part(targets.values)},
            part(std::span<const double>(memory.scaled)), part(values), part(gradient));
    });
    return std::inner_product(values.begin(), values.end(), memory.slopes.begin(), 0.0);
}

const std::vector<LossDef>& lossDefs() {
    static const std::vector<LossDef> defs = allDefs();
    return defs;
}

const LossDef* findLossDef(std::string_view name) {
    const auto found = std::ranges::find_if(lossDefs(), [name](const LossDef& def) {
        return def.name == name || def.className == name ||
               std::ranges::find(def.aliases, name) != def.aliases.end();
    });
    return found == lossDefs().end() ? nullptr : &*found;
}

const ObjectFamily& lossFamily() {
    static constexpr ObjectFamily family{
        .name = "loss", .phrase = "a loss", .module = "keras.losses", .defs = lossObjects};
    return family;
}

std::int64_t correctRows(const Outputs& outputs, const Targets& targets) {
    const auto width = static_cast<std::size_t>(outputs.width);
    const bool classes = areClasses(outputs, targets);
    std::int64_t correct = 0;
    for (std::size_t r = 0; r < static_cast<std::size_t>(outputs.rows()); ++r) {
        const std::span<const float> y = outputs.values.subspan(r * width, width);
        const auto said = std::ranges::max_element(y) - y.begin();
        std::ptrdiff_t right = 0;
        if (classes) {
            right = classOf(targets, r);
        } else {
            const std::span<const float> t = targets.values.subspan(r * width, width);
            right = std::ranges::max_element(t) - t.begin();
        }
        correct += said == right ? 1 : 0;
    }
    return correct;
}

} // namespace nn
