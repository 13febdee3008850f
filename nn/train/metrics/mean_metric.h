#pragma once

#include "nn/train/metrics/define_metric.h"

namespace nn {

/// The weighted mean of values that are added one by one.
class MeanMetric : public Metric {
public:
    explicit MeanMetric(Direction direction) : m_direction(direction) {}

    void reset() final { m_total = m_count = 0.0; }
    [[nodiscard]] std::vector<double> state() const final { return {m_total, m_count}; }
    [[nodiscard]] bool restore(std::span<const double> state) final {
        if (state.size() != 2) {
            return false;
        }
        m_total = state[0];
        m_count = state[1];
        return true;
    }
    [[nodiscard]] double result() const override { return quotientOrZero(m_total, m_count); }
    [[nodiscard]] Direction direction() const final { return m_direction; }

protected:
    void addValue(double value, double weight) {
        m_total += value * weight;
        m_count += weight;
    }

private:
    Direction m_direction;
    double m_total = 0.0;
    double m_count = 0.0;
};

} // namespace nn
