#include "widgets/images/confusion_view.h"

#include "widgets/text.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QLocale>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

namespace widgets {
namespace {

constexpr int kMargin = spacing::kUnit;
constexpr int kMostName = 112;   ///< Widest column of names.
constexpr double kNumbered = 24; ///< Smaller cells hold no numbers.
constexpr double kNamed = 12;    ///< Smaller rows have no names.
constexpr double kLargest = 56;

QColor mixed(const QColor& from, const QColor& to, double part) {
    const auto mix = [part](int a, int b) {
        return static_cast<int>(std::lround(a + (b - a) * part));
    };
    return {mix(from.red(), to.red()), mix(from.green(), to.green()), mix(from.blue(), to.blue())};
}

} // namespace

ConfusionView::ConfusionView(QWidget* parent) : QWidget(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Confusion matrix"));
    setObjectName(QStringLiteral("confusion"));
    clear(tr("Train the network to see which classes it takes for which."));
}

void ConfusionView::setCounts(const QStringList& classes, std::vector<qint64> counts) {
    m_classes = classes;
    m_counts = std::move(counts);
    m_totals.assign(static_cast<std::size_t>(classes.size()), 0);
    for (std::size_t i = 0; i < m_counts.size(); ++i) {
        m_totals[i / m_totals.size()] += m_counts[i];
    }
    const int last = static_cast<int>(classes.size()) - 1;
    setCurrent({std::clamp(m_current.truth, 0, last), std::clamp(m_current.said, 0, last)});
    update();
}

void ConfusionView::clear(const QString& reason) {
    m_classes.clear();
    m_counts.clear();
    m_totals.clear();
    m_current = {};
    m_emptyText = reason;
    setAccessibleDescription(reason);
    update();
}

qint64 ConfusionView::count(int truth, int said) const {
    return m_counts[static_cast<std::size_t>(truth) * static_cast<std::size_t>(classes()) +
                    static_cast<std::size_t>(said)];
}

double ConfusionView::share(int truth, int said) const {
    const qint64 all = m_totals[static_cast<std::size_t>(truth)];
    return all == 0 ? 0.0 : static_cast<double>(count(truth, said)) / static_cast<double>(all);
}

QString ConfusionView::textOf(int truth, int said) const {
    const QString part = QLocale().toString(100.0 * share(truth, said), 'f', 1);
    const QString numbers = tr("%1 of %2 images of “%3”")
                                .arg(count(truth, said))
                                .arg(m_totals[static_cast<std::size_t>(truth)])
                                .arg(m_classes[truth]);
    return truth == said ? tr("%1 were recognised (%2 %).").arg(numbers, part)
                         : tr("%1 were taken for “%2” (%3 %).").arg(numbers, m_classes[said], part);
}

ConfusionView::Place ConfusionView::place() const {
    const QFontMetrics metrics(Theme::of(this).font(TextRole::Small, font()));
    int name = 0;
    for (const QString& each : m_classes) {
        name = std::max(name, metrics.horizontalAdvance(each));
    }
    Place place;
    const double count = std::max(1, classes());
    const int line = metrics.height() + spacing::kTight;
    // Names stand at the left, numbers of the classes above.
    const double left = kMargin + std::min(name, kMostName) + spacing::kUnit;
    const double top = kMargin + 2.0 * line;
    place.side = std::min(
        {(width() - left - kMargin) / count, (height() - top - kMargin) / count, kLargest});
    place.hasNames = place.side >= kNamed;
    place.origin = {left, top};
    if (!place.hasNames) {
        place.origin.setX(kMargin);
        place.side =
            std::min((width() - 2.0 * kMargin) / count, (height() - top - kMargin) / count);
    }
    place.side = std::max(place.side, 1.0);
    return place;
}

QRectF ConfusionView::cellRect(const Place& place, const Cell& cell) const {
    return {place.origin.x() + cell.said * place.side, place.origin.y() + cell.truth * place.side,
            place.side, place.side};
}

ConfusionView::Cell ConfusionView::cellAt(QPointF position) const {
    const Place now = place();
    const Cell cell{static_cast<int>(std::floor((position.y() - now.origin.y()) / now.side)),
                    static_cast<int>(std::floor((position.x() - now.origin.x()) / now.side))};
    const bool isInside =
        cell.truth >= 0 && cell.said >= 0 && cell.truth < classes() && cell.said < classes();
    return isInside ? cell : Cell{};
}

void ConfusionView::paintEvent(QPaintEvent* /*event*/) {
    const Theme& theme = Theme::of(this);
    QPainter painter(this);
    painter.fillRect(rect(), theme.panel);
    if (m_classes.isEmpty()) {
        painter.setPen(theme.mutedText);
        painter.drawText(rect().adjusted(kMargin, kMargin, -kMargin, -kMargin),
                         Qt::AlignCenter | Qt::TextWordWrap, m_emptyText);
        return;
    }
    painter.setFont(theme.font(TextRole::Small, font()));
    const Place now = place();
    paintCells(painter, now, theme);
    paintNames(painter, now, theme);
    if (hasFocus() && m_current.truth >= 0) {
        painter.setPen(QPen(theme.focus, spacing::kFocusWidth));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(cellRect(now, m_current));
    }
}

void ConfusionView::paintCells(QPainter& painter, const Place& place, const Theme& theme) const {
    const bool hasNumbers = place.side >= kNumbered;
    const double gap = place.side >= kNamed ? 1.0 : 0.0;
    for (int truth = 0; truth < classes(); ++truth) {
        for (int said = 0; said < classes(); ++said) {
            const double part = share(truth, said);
            const QColor full = truth == said ? theme.accent : theme.error;
            // The root shows small confusions, which matter, beside large right answers.
            const QColor fill = mixed(theme.alternateBase, full, std::sqrt(part));
            const QRectF cell = cellRect(place, {truth, said}).adjusted(0, 0, -gap, -gap);
            painter.fillRect(cell, fill);
            if (hasNumbers && count(truth, said) > 0) {
                const bool isLight =
                    contrastRatio(theme.text, fill) >= contrastRatio(theme.accentText, fill);
                painter.setPen(isLight ? theme.text : theme.accentText);
                painter.drawText(cell, Qt::AlignCenter, QString::number(count(truth, said)));
            }
        }
    }
}

void ConfusionView::paintNames(QPainter& painter, const Place& place, const Theme& theme) const {
    const QFontMetrics metrics = painter.fontMetrics();
    const int line = metrics.height() + spacing::kTight;
    painter.setPen(theme.mutedText);
    painter.drawText(
        QRectF(place.origin.x(), place.origin.y() - 2.0 * line, width() - place.origin.x(), line),
        Qt::AlignLeft | Qt::AlignVCenter, tr("taken for"));
    if (!place.hasNames) {
        return;
    }
    painter.setPen(theme.text);
    for (int i = 0; i < classes(); ++i) {
        const double along = i * place.side;
        const QRectF row(kMargin, place.origin.y() + along,
                         place.origin.x() - kMargin - spacing::kUnit, place.side - 1.0);
        painter.drawText(
            row, Qt::AlignRight | Qt::AlignVCenter,
            metrics.elidedText(m_classes[i], Qt::ElideRight, static_cast<int>(row.width())));
        const QRectF column(place.origin.x() + along, place.origin.y() - line, place.side - 1.0,
                            line);
        painter.drawText(
            column, Qt::AlignCenter,
            metrics.elidedText(m_classes[i], Qt::ElideRight, static_cast<int>(column.width())));
    }
}

void ConfusionView::setCurrent(const Cell& cell) {
    m_current = cell;
    if (cell.truth >= 0) {
        setAccessibleDescription(textOf(cell.truth, cell.said));
    }
    update();
}

bool ConfusionView::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const Cell cell = m_classes.isEmpty() ? Cell{} : cellAt(help->pos());
        QToolTip::showText(help->globalPos(),
                           cell.truth < 0 ? QString() : plainTip(textOf(cell.truth, cell.said)),
                           this);
        return true;
    }
    return QWidget::event(event);
}

void ConfusionView::mousePressEvent(QMouseEvent* event) {
    const Cell cell = m_classes.isEmpty() ? Cell{} : cellAt(event->position());
    if (cell.truth >= 0) {
        setCurrent(cell);
        emit cellActivated(cell.truth, cell.said);
    }
}

void ConfusionView::keyPressEvent(QKeyEvent* event) {
    if (m_classes.isEmpty()) {
        return QWidget::keyPressEvent(event);
    }
    Cell next = m_current;
    switch (event->key()) {
    case Qt::Key_Left:
        --next.said;
        break;
    case Qt::Key_Right:
        ++next.said;
        break;
    case Qt::Key_Up:
        --next.truth;
        break;
    case Qt::Key_Down:
        ++next.truth;
        break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        emit cellActivated(m_current.truth, m_current.said);
        return;
    default:
        return QWidget::keyPressEvent(event);
    }
    setCurrent({std::clamp(next.truth, 0, classes() - 1), std::clamp(next.said, 0, classes() - 1)});
}

void ConfusionView::focusInEvent(QFocusEvent* event) {
    QWidget::focusInEvent(event);
    update();
}

void ConfusionView::focusOutEvent(QFocusEvent* event) {
    QWidget::focusOutEvent(event);
    update();
}

} // namespace widgets
