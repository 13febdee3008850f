#include "widgets/plots/plot_legend.h"

#include <QPainter>

namespace widgets {
namespace {

constexpr int kSwatch = 20;
constexpr int kGap = 14;

} // namespace

PlotLegend::PlotLegend(QWidget* parent) : QWidget(parent), m_theme(Theme::of(this)) {
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setAccessibleName(tr("Legend"));
    setAccessibleDescription(names().join(QStringLiteral(", ")));
}

QStringList PlotLegend::names() const {
    return {tr("batches"), tr("training"), tr("validation")};
}

void PlotLegend::setTheme(const Theme& theme) {
    m_theme = theme;
    updateGeometry();
    update();
}

QSize PlotLegend::sizeHint() const {
    const QFontMetrics metrics(m_theme.font(TextRole::Small, font()));
    int width = 0;
    for (const QString& name : names()) {
        width += kSwatch + 6 + metrics.horizontalAdvance(name) + kGap;
    }
    return {width, metrics.height() + 4};
}

void PlotLegend::paintEvent(QPaintEvent* /*event*/) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(m_theme.font(TextRole::Small, font()));
    const double middle = height() / 2.0;
    const QStringList all = names();
    int x = 0;
    for (int i = 0; i < all.size(); ++i) {
        QColor color = m_theme.series[i == 2 ? 1 : 0];
        if (i == 0) {
            color.setAlphaF(0.5F);
        }
        painter.setPen(QPen(color, i == 0 ? 1 : 2));
        painter.drawLine(QPointF(x, middle), QPointF(x + kSwatch, middle));
        const QPointF centre(x + kSwatch / 2.0, middle);
        painter.setPen(Qt::NoPen);
        painter.setBrush(color);
        if (i == 1) {
            painter.drawEllipse(centre, 3.5, 3.5);
        } else if (i == 2) {
            painter.drawPolygon(QPolygonF({centre + QPointF(0, -4.5), centre + QPointF(4.5, 0),
                                           centre + QPointF(0, 4.5), centre + QPointF(-4.5, 0)}));
        }
        painter.setPen(m_theme.mutedText);
        const int left = x + kSwatch + 6;
        painter.drawText(QRect(left, 0, width(), height()), Qt::AlignLeft | Qt::AlignVCenter,
                         all[i]);
        x = left + painter.fontMetrics().horizontalAdvance(all[i]) + kGap;
    }
}

} // namespace widgets
