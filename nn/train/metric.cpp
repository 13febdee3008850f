#include "nn/train/metric.h"

#include "nn/train/metrics/define_metric.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace nn {
namespace {

constexpr std::string_view kAccuracy = "accuracy";

const MetricTable& metricTable() {
    static const MetricTable table = [] {
        MetricTable all;
        addAccuracyMetrics(all);
        addConfusionMetrics(all);
        addScoreMetrics(all);
        addAreaMetrics(all);
        addOverlapMetrics(all);
        addLossMetrics(all);
        return all;
    }();
    return table;
}

const std::vector<ObjectDef>& metricDefs() {
    return metricTable().defs();
}

/// Softmax of every row.
void toProbabilities(const Outputs& scores, std::vector<float>& probabilities) {
    const auto width = static_cast<std::size_t>(scores.width);
    probabilities.resize(scores.values.size());
    for (std::size_t first = 0; first < probabilities.size(); first += width) {
        const std::span<const float> row = scores.values.subspan(first, width);
        const float largest = *std::ranges::max_element(row);
        float sum = 0.0F;
        for (std::size_t k = 0; k < width; ++k) {
            probabilities[first + k] = std::exp(row[k] - largest);
            sum += probabilities[first + k];
        }
        for (std::size_t k = 0; k < width; ++k) {
            probabilities[first + k] /= sum;
        }
    }
}

} // namespace

const ObjectFamily& metricFamily() {
    static constexpr ObjectFamily family{
        .name = "metric", .phrase = "a metric", .module = "keras.metrics", .defs = metricDefs};
    return family;
}

std::string metricName(const ParamObject& metric) {
    const auto name = metric.params().find("name");
    if (name != metric.params().end()) {
        if (const auto* text = std::get_if<std::string>(&name->second)) {
            return *text;
        }
    }
    const ObjectDef* def = findObjectDef(metricFamily(), metric.type());
    return def == nullptr ? metric.type() : def->aliases.front();
}

Expected<ParamObject> parsedMetric(std::string_view text) {
    Expected<ParamObject> parsed = parsedObject(metricFamily(), text);
    if (!parsed) {
        return parsed;
    }
    const bool isName = text.find_first_of("(. ") == std::string_view::npos;
    if (isName && metricName(*parsed) != text) {
        ParamMap params = parsed->params();
        params["name"] = std::string(text);
        return ParamObject(parsed->type(), std::move(params));
    }
    return parsed;
}

std::unique_ptr<Metric> makeMetric(const ParamObject& metric, const OutputKind& kind) {
    if (metric.type() == kAccuracy && kind.width == 1) {
        return kind.loss == LossFamily::Regression
                   ? nullptr
                   : makeMetric(ParamObject("BinaryAccuracy"), kind);
    }
    std::optional<std::unique_ptr<Metric>> made = metricTable().made(metric);
    return made ? std::move(*made) : nullptr;
}

MetricSet::MetricSet(const std::vector<ParamObject>& metrics, const OutputKind& kind) {
    std::map<std::string, int> seen;
    for (const ParamObject& object : metrics) {
        std::unique_ptr<Metric> metric = makeMetric(object, kind);
        if (metric == nullptr) {
            continue;
        }
        std::string name = metricName(object);
        if (const int before = seen[name]++; before > 0) {
            name += "_" + std::to_string(before);
        }
        m_metrics.push_back({std::move(name), std::move(metric)});
    }
}

void MetricSet::reset() {
    for (const Named& each : m_metrics) {
        each.metric->reset();
    }
}

void MetricSet::add(const Outputs& outputs, const Targets& targets) {
    Outputs said = outputs;
    if (outputs.logits && !m_metrics.empty()) {
        toProbabilities(outputs, m_probabilities);
        said.values = m_probabilities;
        said.logits = false;
    }
    Targets unweighted = targets;
    unweighted.weights = {};
    for (const Named& each : m_metrics) {
        each.metric->add(said, unweighted);
    }
}

std::vector<double> MetricSet::state() const {
    std::vector<double> all;
    for (const Named& each : m_metrics) {
        const std::vector<double> state = each.metric->state();
        all.push_back(static_cast<double>(state.size()));
        all.insert(all.end(), state.begin(), state.end());
    }
    return all;
}

bool MetricSet::restore(std::span<const double>& state) {
    for (const Named& each : m_metrics) {
        if (state.empty() || !(state[0] >= 0.0 && state[0] < static_cast<double>(state.size()))) {
            return false;
        }
        const auto count = static_cast<std::size_t>(state[0]);
        if (!each.metric->restore(state.subspan(1, count))) {
            return false;
        }
        state = state.subspan(1 + count);
    }
    return true;
}

std::vector<NamedValue> MetricSet::results() const {
    std::vector<NamedValue> results;
    results.reserve(m_metrics.size());
    for (const Named& each : m_metrics) {
        results.push_back({each.name, each.metric->result()});
    }
    return results;
}

std::vector<std::pair<std::string, Direction>> MetricSet::directions() const {
    std::vector<std::pair<std::string, Direction>> directions;
    for (const Named& each : m_metrics) {
        directions.emplace_back(each.name, each.metric->direction());
    }
    return directions;
}

} // namespace nn
