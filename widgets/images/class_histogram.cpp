#include "widgets/images/class_histogram.h"

#include <QEvent>
#include <QKeyEvent>
#include <QLocale>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>

namespace widgets {
namespace {

constexpr int kRow = 22;
constexpr int kLegend = 22;
constexpr int kBar = 10;

} // namespace

ClassHistogram::ClassHistogram(QWidget* parent) : QWidget(parent), m_theme(Theme::of(this)) {
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAccessibleName(tr("Images per class"));
    clear();
}

void ClassHistogram::setCounts(std::vector<ClassCount> counts) {
    m_counts = std::move(counts);
    m_current =
        m_counts.empty() ? -1 : std::clamp(m_current, 0, static_cast<int>(m_counts.size()) - 1);
    m_hovered = -1;
    setMinimumHeight(m_counts.empty() ? 0 : sizeHint().height());
    updateAccessibleText();
    updateGeometry();
    update();
}

void ClassHistogram::clear(const QString& reason) {
    m_emptyText = reason.isEmpty() ? tr("Choose a data set to see its classes.") : reason;
    setCounts({});
}

void ClassHistogram::setTheme(const Theme& theme) {
    m_theme = theme;
    update();
}

bool ClassHistogram::hasValidation() const {
    return std::any_of(m_counts.begin(), m_counts.end(),
                       [](const ClassCount& one) { return one.validation > 0; });
}

void ClassHistogram::updateAccessibleText() {
    if (m_current < 0) {
        setAccessibleDescription(m_emptyText);
        return;
    }
    const ClassCount& one = m_counts[static_cast<std::size_t>(m_current)];
    setAccessibleDescription(tr("%1: %2 for training, %3 for validation")
                                 .arg(one.name)
                                 .arg(one.train)
                                 .arg(one.validation));
}

QSize ClassHistogram::sizeHint() const {
    return {280, static_cast<int>(m_counts.size()) * kRow + (hasValidation() ? kLegend : 0) + 4};
}

QSize ClassHistogram::minimumSizeHint() const {
    return {160, 3 * kRow};
}

QRect ClassHistogram::rowRect(int index) const {
    return {0, 2 + index * kRow, width(), kRow};
}

int ClassHistogram::rowAt(QPoint position) const {
    const int row = (position.y() - 2) / kRow;
    const bool isInside = position.y() >= 2 && row < static_cast<int>(m_counts.size());
    return isInside ? row : -1;
}

void ClassHistogram::paintEvent(QPaintEvent* /*event*/) {
    QPainter painter(this);
    if (m_counts.empty()) {
        painter.setPen(m_theme.mutedText);
        painter.drawText(rect().adjusted(8, 8, -8, -8), Qt::AlignCenter | Qt::TextWordWrap,
                         m_emptyText);
        return;
    }
    painter.setFont(m_theme.font(TextRole::Small, font()));
    for (int i = 0; i < static_cast<int>(m_counts.size()); ++i) {
        paintRow(painter, i);
    }
    if (hasValidation()) {
        paintLegend(painter);
    }
}

void ClassHistogram::paintRow(QPainter& painter, int index) const {
    const ClassCount& one = m_counts[static_cast<std::size_t>(index)];
    const QRect row = rowRect(index);
    const QFontMetrics metrics = painter.fontMetrics();
    if (index == m_hovered) {
        painter.fillRect(row, m_theme.hover);
    }
    qint64 most = 1;
    int nameWidth = 0;
    int numberWidth = 0;
    for (const ClassCount& other : m_counts) {
        const qint64 total = other.train + other.validation;
        most = std::max(most, total);
        nameWidth = std::max(nameWidth, metrics.horizontalAdvance(other.name));
        numberWidth = std::max(numberWidth, metrics.horizontalAdvance(QLocale().toString(total)));
    }
    nameWidth = std::min(nameWidth, width() * 2 / 5);
    painter.setPen(m_theme.text);
    painter.drawText(row.adjusted(6, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter,
                     metrics.elidedText(one.name, Qt::ElideRight, nameWidth));
    const int left = nameWidth + 14;
    const int room = std::max(0, width() - left - numberWidth - 14);
    const auto lengthOf = [&](qint64 value) { return static_cast<int>(value * room / most); };
    const int top = row.top() + (kRow - kBar) / 2;
    const int train = lengthOf(one.train);
    painter.fillRect(QRect(left, top, train, kBar), m_theme.series[0]);
    painter.fillRect(QRect(left + train + 1, top, lengthOf(one.validation), kBar),
                     m_theme.series[1]);
    painter.setPen(m_theme.mutedText);
    painter.drawText(row.adjusted(0, 0, -6, 0), Qt::AlignRight | Qt::AlignVCenter,
                     QLocale().toString(one.train + one.validation));
    if (hasFocus() && index == m_current) {
        painter.setPen(QPen(m_theme.focus, spacing::kFocusWidth));
        painter.drawRect(row.adjusted(1, 1, -2, -2));
    }
}

void ClassHistogram::paintLegend(QPainter& painter) const {
    const int top = 2 + static_cast<int>(m_counts.size()) * kRow;
    int x = 6;
    const auto entry = [&](const QColor& color, const QString& text) {
        painter.fillRect(QRect(x, top + (kLegend - 8) / 2, 8, 8), color);
        painter.setPen(m_theme.mutedText);
        painter.drawText(QRect(x + 13, top, width(), kLegend), Qt::AlignLeft | Qt::AlignVCenter,
                         text);
        x += 13 + painter.fontMetrics().horizontalAdvance(text) + 16;
    };
    entry(m_theme.series[0], tr("training"));
    entry(m_theme.series[1], tr("validation"));
}

void ClassHistogram::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        setTheme(Theme::of(this));
    }
}

void ClassHistogram::mousePressEvent(QMouseEvent* event) {
    const int row = rowAt(event->position().toPoint());
    if (row >= 0) {
        m_current = row;
        updateAccessibleText();
        update();
        emit classActivated(row);
    }
}

void ClassHistogram::mouseMoveEvent(QMouseEvent* event) {
    const int row = rowAt(event->position().toPoint());
    if (row != m_hovered) {
        m_hovered = row;
        update();
    }
}

void ClassHistogram::leaveEvent(QEvent* event) {
    QWidget::leaveEvent(event);
    m_hovered = -1;
    update();
}

void ClassHistogram::keyPressEvent(QKeyEvent* event) {
    const int last = static_cast<int>(m_counts.size()) - 1;
    if (last >= 0 && (event->key() == Qt::Key_Down || event->key() == Qt::Key_Up)) {
        m_current = std::clamp(m_current + (event->key() == Qt::Key_Down ? 1 : -1), 0, last);
        updateAccessibleText();
        update();
        return;
    }
    if (m_current >= 0 && (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)) {
        emit classActivated(m_current);
        return;
    }
    QWidget::keyPressEvent(event);
}

void ClassHistogram::focusInEvent(QFocusEvent* event) {
    QWidget::focusInEvent(event);
    update();
}

void ClassHistogram::focusOutEvent(QFocusEvent* event) {
    QWidget::focusOutEvent(event);
    update();
}

} // namespace widgets
