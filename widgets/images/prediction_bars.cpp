#include "widgets/images/prediction_bars.h"

#include <QEvent>
#include <QLocale>
#include <QPainter>
#include <algorithm>
#include <cmath>
#include <numeric>

namespace widgets {
namespace {

QString percentText(float probability) {
    return QLocale().toString(static_cast<double>(probability) * 100.0, 'f', 1) +
           QStringLiteral(" %");
}

} // namespace

PredictionBars::PredictionBars(QWidget* parent) : QWidget(parent), m_theme(Theme::of(this)) {
    setAccessibleName(tr("Predicted classes"));
    clear();
}

void PredictionBars::setPrediction(const QStringList& names, std::span<const float> probabilities,
                                   int trueClass) {
    std::vector<int> order(probabilities.size());
    std::iota(order.begin(), order.end(), 0);
    const auto value = [&](int i) {
        const float p = probabilities[static_cast<std::size_t>(i)];
        return std::isfinite(p) ? p : -1.0F;
    };
    const auto shown = std::min(order.size(), static_cast<std::size_t>(m_maximumBars));
    std::partial_sort(
        order.begin(), order.begin() + static_cast<std::ptrdiff_t>(shown), order.end(),
        [&](int a, int b) { return value(a) != value(b) ? value(a) > value(b) : a < b; });
    m_bars.clear();
    for (std::size_t i = 0; i < shown; ++i) {
        const int index = order[i];
        const QString name = names.value(index, QString::number(index));
        m_bars.push_back({index, name, probabilities[static_cast<std::size_t>(index)]});
    }
    m_trueClass = trueClass;
    QStringList words;
    for (std::size_t i = 0; i < std::min<std::size_t>(3, m_bars.size()); ++i) {
        words += QStringLiteral("%1 %2").arg(m_bars[i].name, percentText(m_bars[i].probability));
    }
    if (trueClass >= 0) {
        words += tr("true class: %1").arg(names.value(trueClass, QString::number(trueClass)));
    }
    setAccessibleDescription(words.join(QStringLiteral(", ")));
    updateGeometry();
    update();
}

void PredictionBars::clear(const QString& reason) {
    m_bars.clear();
    m_trueClass = -1;
    m_emptyText = reason.isEmpty() ? tr("No prediction yet.") : reason;
    setAccessibleDescription(m_emptyText);
    update();
}

void PredictionBars::setMaximumBars(int count) {
    m_maximumBars = std::max(1, count);
    if (m_bars.size() > static_cast<std::size_t>(m_maximumBars)) {
        m_bars.resize(static_cast<std::size_t>(m_maximumBars));
    }
    updateGeometry();
    update();
}

void PredictionBars::setTheme(const Theme& theme) {
    m_theme = theme;
    update();
}

std::vector<int> PredictionBars::shownClasses() const {
    std::vector<int> classes;
    for (const Bar& bar : m_bars) {
        classes.push_back(bar.classIndex);
    }
    return classes;
}

int PredictionBars::rowHeight() const {
    return QFontMetrics(m_theme.font(TextRole::Small, font())).height() + 6;
}

QSize PredictionBars::sizeHint() const {
    const int rows = std::max(5, static_cast<int>(m_bars.size()));
    return {200, rows * rowHeight()};
}

QSize PredictionBars::minimumSizeHint() const {
    return {120, 3 * rowHeight()};
}

void PredictionBars::paintEvent(QPaintEvent* /*event*/) {
    QPainter painter(this);
    painter.setFont(m_theme.font(TextRole::Small, font()));
    if (m_bars.empty()) {
        painter.setPen(m_theme.mutedText);
        painter.drawText(rect(), Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap, m_emptyText);
        return;
    }
    QRect row(0, 0, width(), rowHeight());
    for (const Bar& bar : m_bars) {
        if (row.bottom() > height()) {
            break;
        }
        paintBar(painter, bar, row);
        row.translate(0, rowHeight());
    }
}

void PredictionBars::paintBar(QPainter& painter, const Bar& bar, const QRect& row) const {
    const QFontMetrics metrics = painter.fontMetrics();
    const bool isTrue = bar.classIndex == m_trueClass;
    const int markWidth = m_trueClass >= 0 ? metrics.horizontalAdvance(u'✓') + 4 : 0;
    const int numberWidth = metrics.horizontalAdvance(percentText(1.0F)) + 4;
    int nameWidth = 0;
    for (const Bar& other : m_bars) {
        nameWidth = std::max(nameWidth, metrics.horizontalAdvance(other.name));
    }
    nameWidth = std::min(nameWidth + 8, row.width() * 2 / 5);
    if (isTrue) {
        painter.setPen(m_theme.success);
        painter.drawText(row, Qt::AlignLeft | Qt::AlignVCenter, QStringLiteral("✓"));
    }
    painter.setPen(isTrue ? m_theme.success : m_theme.text);
    const QRect name(row.left() + markWidth, row.top(), nameWidth - 8, row.height());
    painter.drawText(name, Qt::AlignLeft | Qt::AlignVCenter,
                     metrics.elidedText(bar.name, Qt::ElideRight, name.width()));
    const int left = row.left() + markWidth + nameWidth;
    const QRect track(left, row.center().y() - 3, row.right() - left - numberWidth, 8);
    painter.fillRect(track, m_theme.tileBackground);
    if (std::isfinite(bar.probability) && bar.probability > 0.0F) {
        const float part = std::min(1.0F, bar.probability);
        const int length =
            std::max(1, static_cast<int>(std::lround(part * static_cast<float>(track.width()))));
        painter.fillRect(QRect(track.topLeft(), QSize(length, track.height())),
                         isTrue ? m_theme.success : m_theme.accent);
    }
    painter.setPen(m_theme.mutedText);
    painter.drawText(row, Qt::AlignRight | Qt::AlignVCenter, percentText(bar.probability));
}

void PredictionBars::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        setTheme(Theme::of(this));
    }
}

} // namespace widgets
