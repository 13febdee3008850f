#include "widgets/plots/schedule_plot.h"

#include "nn/base/text.h"
#include "widgets/text.h"
#include "widgets/theme.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

namespace widgets {
namespace {

QString rateText(double rate) {
    constexpr int kDigits = 3;
    return QString::number(rate, 'g', kDigits);
}

} // namespace

SchedulePlot::SchedulePlot(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("schedule-plot"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Learning rate over the steps of the run"));
}

void SchedulePlot::setRates(const std::vector<double>& rates, qint64 steps) {
    m_rates = rates;
    m_steps = steps;
    setAccessibleDescription(rates.empty()
                                 ? QString()
                                 : tr("From %1 to %2 in %3 steps.")
                                       .arg(rateText(rates.front()), rateText(rates.back()),
                                            fromUtf8(nn::withThousands(steps))));
    update();
}

QRectF SchedulePlot::area() const {
    const double line = fontMetrics().height();
    return QRectF(rect()).adjusted(1.0, line + spacing::kTight, -1.0, -line - spacing::kTight);
}

void SchedulePlot::paintEvent(QPaintEvent* /*event*/) {
    const Theme& theme = Theme::of(this);
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(theme.font(TextRole::Small, font()));
    const QRectF place = area();
    painter.setPen(theme.border);
    painter.setBrush(theme.plotBackground);
    painter.drawRect(place);
    if (m_rates.empty()) {
        return;
    }
    const double highest = std::max(*std::ranges::max_element(m_rates), 1e-300);
    QPolygonF curve;
    for (std::size_t i = 0; i < m_rates.size(); ++i) {
        const double along = static_cast<double>(i) /
                             static_cast<double>(std::max<std::size_t>(m_rates.size() - 1, 1));
        constexpr double kTop = 0.94; // a little room above the highest rate
        curve << QPointF(place.left() + along * place.width(),
                         place.bottom() - kTop * m_rates[i] / highest * place.height());
    }
    painter.setClipRect(place);
    painter.setPen(QPen(theme.accent, 2.0));
    painter.setBrush(Qt::NoBrush);
    painter.drawPolyline(curve);
    painter.setClipping(false);
    painter.setPen(theme.mutedText);
    const QRectF above(place.left(), 0.0, place.width(), place.top() - 2.0);
    const QRectF below(place.left(), place.bottom() + 2.0, place.width(),
                       height() - place.bottom() - 2.0);
    painter.drawText(above, Qt::AlignLeft | Qt::AlignBottom,
                     tr("learning rate, at most %1").arg(rateText(highest)));
    painter.drawText(below, Qt::AlignLeft | Qt::AlignTop, QStringLiteral("0"));
    painter.drawText(below, Qt::AlignRight | Qt::AlignTop,
                     tr("%1 steps").arg(fromUtf8(nn::withThousands(m_steps))));
}

bool SchedulePlot::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip && !m_rates.empty()) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const double along =
            std::clamp((help->pos().x() - area().left()) / area().width(), 0.0, 1.0);
        const auto last = static_cast<double>(m_rates.size() - 1);
        const auto index = static_cast<std::size_t>(std::lround(along * last));
        const auto step = static_cast<std::int64_t>(along * static_cast<double>(m_steps));
        QToolTip::showText(
            help->globalPos(),
            tr("Step %1: %2").arg(fromUtf8(nn::withThousands(step)), rateText(m_rates[index])),
            this);
        return true;
    }
    return QWidget::event(event);
}

} // namespace widgets
