#pragma once

#include "nn/train/progress.h"

#include <QByteArray>
#include <cstddef>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace widgets {

/// After one batch; `epoch` is fractional (2.5: half of the third epoch is done).
struct BatchPoint {
    double epoch = 0.0;
    double loss = nn::kNotMeasured;
    double accuracy = nn::kNotMeasured;
};

[[nodiscard]] BatchPoint batchPoint(const nn::BatchProgress& progress);

/// A figure of an epoch by Keras' name, "val_auc"; NaN where it was not measured.
[[nodiscard]] double figureOf(const nn::EpochResult& epoch, std::string_view name);

/// Least and greatest finite value seen, kept while points come.
struct Extent {
    double low = std::numeric_limits<double>::infinity();
    double high = -std::numeric_limits<double>::infinity();

    [[nodiscard]] bool isEmpty() const { return low > high; }
    void include(double value);
};

/// The points of one run. Beyond kMaxBatches the batches are thinned by two, again and again: of
/// each group only the points of least and greatest loss stay, so the curve keeps its outline and
/// its spikes.
class CurveData {
public:
    static constexpr std::size_t kMaxBatches = 10'000;

    void clear();
    void append(std::span<const nn::BatchProgress> batches);
    void append(const nn::EpochResult& epoch);

    [[nodiscard]] const std::vector<BatchPoint>& batches() const { return m_batches; }
    [[nodiscard]] const std::vector<nn::EpochResult>& epochs() const { return m_epochs; }
    [[nodiscard]] bool isEmpty() const { return m_batches.empty() && m_epochs.empty(); }
    /// How many measured batches one kept point stands for.
    [[nodiscard]] std::size_t stride() const { return m_stride; }
    [[nodiscard]] double lastEpoch() const { return m_lastEpoch; }
    [[nodiscard]] const Extent& loss() const { return m_loss; }
    [[nodiscard]] const Extent& positiveLoss() const { return m_positiveLoss; }
    [[nodiscard]] const Extent& accuracy() const { return m_accuracy; }

    /// What was measured besides the loss, without val_: accuracy first, then by name, the learning
    /// rate last.
    [[nodiscard]] std::vector<std::string> figures() const;
    /// Of a figure, in training and validation.
    [[nodiscard]] Extent extentOf(const std::string& figure) const;

    /// Header "kind,epoch,loss,accuracy,val_loss,val_accuracy" and what else was measured, one row
    /// a point, empty where not measured.
    [[nodiscard]] QByteArray csv() const;

private:
    void append(const BatchPoint& point);
    void thin();
    void include(double loss, double accuracy);

    std::vector<BatchPoint> m_batches;
    std::vector<BatchPoint> m_pending;
    std::vector<nn::EpochResult> m_epochs;
    std::size_t m_stride = 1;
    double m_lastEpoch = 0.0;
    Extent m_loss;
    Extent m_positiveLoss;
    Extent m_accuracy;
    std::map<std::string, Extent> m_others; ///< By the names in the epochs' `values`.
};

/// Exponential moving average, corrected for its start (Kingma & Ba 2015, section 3); NaN is passed
/// over.
class MovingAverage {
public:
    explicit MovingAverage(double weight = 0.0) : m_weight(weight) {}
    [[nodiscard]] double next(double value);

private:
    double m_weight;
    double m_sum = 0.0;
    double m_norm = 0.0;
};

} // namespace widgets
