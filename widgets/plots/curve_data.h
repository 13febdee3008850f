#pragma once

#include <QByteArray>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

namespace widgets {

/// After one batch; `epoch` is fractional (2.5: half of the third epoch is done). NaN where there
/// is no value.
struct BatchPoint {
    double epoch = 0.0;
    double loss = std::numeric_limits<double>::quiet_NaN();
    double accuracy = std::numeric_limits<double>::quiet_NaN();
};

/// After one epoch; `epoch` counts finished epochs, from 1.
struct EpochPoint {
    double epoch = 0.0;
    double loss = std::numeric_limits<double>::quiet_NaN();
    double accuracy = std::numeric_limits<double>::quiet_NaN();
    double validationLoss = std::numeric_limits<double>::quiet_NaN();
    double validationAccuracy = std::numeric_limits<double>::quiet_NaN();
};

/// Least and greatest finite value seen, kept while points come.
struct Extent {
    double low = std::numeric_limits<double>::infinity();
    double high = -std::numeric_limits<double>::infinity();

    [[nodiscard]] bool isEmpty() const { return low > high; }
    void include(double value);
};

/// The points of one run. Batches beyond kMaxBatches are thinned: each pair of neighbours becomes
/// the one whose loss lies farther from the mean of both neighbours' pairs, so spikes stay.
class CurveData {
public:
    static constexpr std::size_t kMaxBatches = 10'000;

    void clear();
    void append(std::span<const BatchPoint> points);
    void append(const EpochPoint& point);

    [[nodiscard]] const std::vector<BatchPoint>& batches() const { return m_batches; }
    [[nodiscard]] const std::vector<EpochPoint>& epochs() const { return m_epochs; }
    [[nodiscard]] bool isEmpty() const { return m_batches.empty() && m_epochs.empty(); }
    /// How often the batches were thinned; changes mean that drawn points must be set anew.
    [[nodiscard]] int generation() const { return m_generation; }
    [[nodiscard]] double lastEpoch() const;

    [[nodiscard]] QByteArray csv() const;

private:
    void thin();

    std::vector<BatchPoint> m_batches;
    std::vector<EpochPoint> m_epochs;
    int m_generation = 0;
};

/// Exponential moving average, corrected for its start (Kingma & Ba 2015, section 3); NaN is passed
/// over.
class MovingAverage {
public:
    explicit MovingAverage(double weight) : m_weight(weight) {}
    [[nodiscard]] double next(double value);

private:
    double m_weight;
    double m_sum = 0.0;
    double m_norm = 0.0;
};

} // namespace widgets
