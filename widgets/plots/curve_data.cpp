#include "widgets/plots/curve_data.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace widgets {
namespace {

const std::string kValidation = "val_";
const std::string kRate = "learning_rate";

/// NaN counts as the greatest: a point where training broke must stay visible.
double weightOf(const BatchPoint& point) {
    return std::isnan(point.loss) ? std::numeric_limits<double>::infinity() : point.loss;
}

/// Appends the points of least and greatest loss in their order in time.
void appendExtremes(std::span<const BatchPoint> group, std::vector<BatchPoint>& to) {
    const auto [low, high] = std::minmax_element(
        group.begin(), group.end(),
        [](const BatchPoint& a, const BatchPoint& b) { return weightOf(a) < weightOf(b); });
    if (low == high) {
        to.push_back(*low);
        return;
    }
    to.push_back(*std::min(low, high));
    to.push_back(*std::max(low, high));
}

void addField(QByteArray& row, double value) {
    row += ',';
    if (std::isnan(value)) {
        return;
    }
    char buffer[32];
    const std::to_chars_result end = std::to_chars(buffer, buffer + sizeof(buffer), value);
    row.append(buffer, end.ptr - buffer);
}

void addRow(QByteArray& text, const char* kind, const std::vector<double>& fields) {
    text += kind;
    for (const double field : fields) {
        addField(text, field);
    }
    text += "\r\n";
}

} // namespace

BatchPoint batchPoint(const nn::BatchProgress& progress) {
    const auto part =
        progress.batchesPerEpoch > 0
            ? static_cast<double>(progress.batch) / static_cast<double>(progress.batchesPerEpoch)
            : 0.0;
    return {static_cast<double>(progress.epoch) + part, progress.loss, progress.accuracy};
}

double figureOf(const nn::EpochResult& epoch, std::string_view name) {
    if (name == "loss") {
        return epoch.loss;
    }
    if (name == "val_loss") {
        return epoch.valLoss;
    }
    if (name == "accuracy") {
        return epoch.accuracy;
    }
    if (name == "val_accuracy") {
        return epoch.valAccuracy;
    }
    const auto found = std::ranges::find(epoch.values, name, &nn::NamedValue::name);
    return found == epoch.values.end() ? nn::kNotMeasured : found->value;
}

void Extent::include(double value) {
    if (std::isfinite(value)) {
        low = std::min(low, value);
        high = std::max(high, value);
    }
}

void CurveData::clear() {
    *this = CurveData();
}

void CurveData::include(double loss, double accuracy) {
    m_loss.include(loss);
    m_accuracy.include(accuracy);
    if (loss > 0.0) {
        m_positiveLoss.include(loss);
    }
}

void CurveData::append(std::span<const nn::BatchProgress> batches) {
    for (const nn::BatchProgress& batch : batches) {
        append(batchPoint(batch));
    }
}

void CurveData::append(const BatchPoint& point) {
    m_lastEpoch = std::max(m_lastEpoch, point.epoch);
    include(point.loss, point.accuracy);
    if (m_stride == 1) {
        m_batches.push_back(point);
    } else {
        m_pending.push_back(point);
        if (m_pending.size() == 2 * m_stride) {
            appendExtremes(m_pending, m_batches);
            m_pending.clear();
        }
    }
    if (m_batches.size() > kMaxBatches) {
        thin();
    }
}

void CurveData::thin() {
    std::vector<BatchPoint> kept;
    kept.reserve(kMaxBatches);
    const std::span<const BatchPoint> all(m_batches);
    for (std::size_t i = 0; i < all.size(); i += 4) {
        appendExtremes(all.subspan(i, std::min<std::size_t>(4, all.size() - i)), kept);
    }
    m_batches = std::move(kept);
    m_stride *= 2;
}

void CurveData::append(const nn::EpochResult& epoch) {
    m_lastEpoch = std::max(m_lastEpoch, static_cast<double>(epoch.epoch));
    include(epoch.loss, epoch.accuracy);
    include(epoch.valLoss, epoch.valAccuracy);
    for (const nn::NamedValue& value : epoch.values) {
        m_others[value.name].include(value.value);
    }
    m_epochs.push_back(epoch);
}

std::vector<std::string> CurveData::figures() const {
    std::vector<std::string> names;
    if (!m_accuracy.isEmpty()) {
        names.emplace_back("accuracy");
    }
    for (const auto& [name, extent] : m_others) {
        if (!name.starts_with(kValidation) && name != kRate) {
            names.push_back(name);
        }
    }
    if (m_others.contains(kRate)) {
        names.emplace_back(kRate);
    }
    return names;
}

Extent CurveData::extentOf(const std::string& figure) const {
    if (figure == "accuracy") {
        return m_accuracy;
    }
    Extent all;
    for (const std::string& name : {figure, kValidation + figure}) {
        if (const auto found = m_others.find(name); found != m_others.end()) {
            all.include(found->second.low);
            all.include(found->second.high);
        }
    }
    return all;
}

QByteArray CurveData::csv() const {
    QByteArray text = "kind,epoch,loss,accuracy,val_loss,val_accuracy";
    for (const auto& [name, extent] : m_others) {
        text += ',' + QByteArray::fromStdString(name);
    }
    text += "\r\n";
    for (const BatchPoint& point : m_batches) {
        std::vector<double> fields{point.epoch, point.loss, point.accuracy};
        fields.resize(5 + m_others.size(), nn::kNotMeasured);
        addRow(text, "batch", fields);
    }
    for (const nn::EpochResult& epoch : m_epochs) {
        std::vector<double> fields{static_cast<double>(epoch.epoch), epoch.loss, epoch.accuracy,
                                   epoch.valLoss, epoch.valAccuracy};
        for (const auto& [name, extent] : m_others) {
            fields.push_back(figureOf(epoch, name));
        }
        addRow(text, "epoch", fields);
    }
    return text;
}

double MovingAverage::next(double value) {
    if (!std::isfinite(value)) {
        return m_norm > 0.0 ? m_sum / m_norm : nn::kNotMeasured;
    }
    m_sum = m_weight * m_sum + (1.0 - m_weight) * value;
    m_norm = m_weight * m_norm + (1.0 - m_weight);
    return m_sum / m_norm;
}

} // namespace widgets
