#include "nn/train/epoch_meters.h"

namespace nn {

EpochMeters::EpochMeters(const std::vector<OutputPlan>& outputs,
                         const std::vector<ParamObject>& metrics) {
    for (const OutputPlan& plan : outputs) {
        m_outputs.push_back({.prefix = outputs.size() > 1 ? plan.name + "_" : std::string(),
                             .loss = {},
                             .metrics = MetricSet(metrics, plan.kind())});
    }
}

void EpochMeters::reset() {
    m_loss = {};
    for (Output& output : m_outputs) {
        output.loss = {};
        output.metrics.reset();
    }
}

void EpochMeters::observe(std::size_t output, const Outputs& outputs, const Targets& targets) {
    m_outputs[output].metrics.add(outputs, targets);
}

void EpochMeters::add(double loss, std::span<const double> outputLosses, std::int64_t size) {
    const auto weight = static_cast<double>(size);
    m_loss.add(loss, weight);
    for (std::size_t o = 0; o < outputLosses.size(); ++o) {
        m_outputs[o].loss.add(outputLosses[o], weight);
    }
}

Logs EpochMeters::logs() const {
    Logs logs{{"loss", m_loss.value()}};
    for (const Output& output : m_outputs) {
        if (m_outputs.size() > 1) {
            logs.push_back({output.prefix + "loss", output.loss.value()});
        }
        for (const NamedValue& metric : output.metrics.results()) {
            logs.push_back({output.prefix + metric.name, metric.value});
        }
    }
    return logs;
}

std::vector<TrainingRun::Column> EpochMeters::columns() const {
    std::vector<TrainingRun::Column> columns{{"loss", Direction::Down}};
    for (const Output& output : m_outputs) {
        if (m_outputs.size() > 1) {
            columns.push_back({output.prefix + "loss", Direction::Down});
        }
        for (const auto& [name, direction] : output.metrics.directions()) {
            columns.push_back({output.prefix + name, direction});
        }
    }
    return columns;
}

std::vector<double> EpochMeters::state() const {
    std::vector<double> state{m_loss.sum, m_loss.count};
    for (const Output& output : m_outputs) {
        state.insert(state.end(), {output.loss.sum, output.loss.count});
        const std::vector<double> metrics = output.metrics.state();
        state.insert(state.end(), metrics.begin(), metrics.end());
    }
    return state;
}

bool EpochMeters::restore(std::span<const double> state) {
    const auto mean = [&state](Mean& to) {
        if (state.size() < 2) {
            return false;
        }
        to = {.sum = state[0], .count = state[1]};
        state = state.subspan(2);
        return true;
    };
    if (!mean(m_loss)) {
        return false;
    }
    for (Output& output : m_outputs) {
        if (!mean(output.loss) || !output.metrics.restore(state)) {
            return false;
        }
    }
    return state.empty();
}

EpochResult epochResult(const Logs& logs) {
    EpochResult epoch;
    for (const NamedValue& value : logs) {
        if (value.name == "loss") {
            epoch.loss = value.value;
        } else if (value.name == "accuracy") {
            epoch.accuracy = value.value;
        } else if (value.name == "val_loss") {
            epoch.valLoss = value.value;
        } else if (value.name == "val_accuracy") {
            epoch.valAccuracy = value.value;
        } else {
            epoch.values.push_back(value);
        }
    }
    return epoch;
}

} // namespace nn
