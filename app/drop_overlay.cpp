#include "app/drop_overlay.h"

#include "widgets/theme.h"

#include <QPainter>

namespace app {

DropOverlay::DropOverlay(QWidget* parent) : QWidget(parent) {
    setAttribute(Qt::WA_TransparentForMouseEvents);
    hide();
}

void DropOverlay::showText(const QString& text) {
    m_text = text;
    setGeometry(parentWidget()->rect());
    raise();
    show();
    update();
}

void DropOverlay::paintEvent(QPaintEvent* /*event*/) {
    const widgets::Theme& theme = widgets::Theme::of(this);
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QColor veil = theme.window;
    veil.setAlphaF(0.85F);
    painter.fillRect(rect(), veil);
    constexpr int kMargin = widgets::spacing::kSection;
    painter.setPen(QPen(theme.accent, 2, Qt::DashLine));
    painter.drawRoundedRect(rect().adjusted(kMargin, kMargin, -kMargin, -kMargin),
                            widgets::spacing::kCardRadius, widgets::spacing::kCardRadius);
    painter.setPen(theme.text);
    painter.setFont(theme.font(widgets::TextRole::Title, font()));
    painter.drawText(rect().adjusted(2 * kMargin, 0, -2 * kMargin, 0),
                     Qt::AlignCenter | Qt::TextWordWrap, m_text);
}

} // namespace app
