#include "widgets/params/help_strip.h"

#include "widgets/text.h"
#include "widgets/text_role.h"

#include <QEvent>

namespace widgets {
namespace {

constexpr int kLines = 4;

} // namespace

HelpStrip::HelpStrip(QWidget* parent) : QLabel(parent) {
    setObjectName(QStringLiteral("param-help"));
    setTextFormat(Qt::PlainText);
    setWordWrap(true);
    setAlignment(Qt::AlignTop | Qt::AlignLeft);
    setContentsMargins(spacing::kWide, spacing::kUnit, spacing::kWide, spacing::kUnit);
    setForegroundRole(QPalette::PlaceholderText); // the theme's muted text
    setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    setTextRole(this, TextRole::Small);
    showHelp({});
}

void HelpStrip::showHelp(const QString& text) {
    m_full = text.isEmpty() ? tr("Point at an argument to read what it means.") : text;
    fit();
}

int HelpStrip::heightOfLines() const {
    const QMargins margins = contentsMargins();
    return kLines * fontMetrics().lineSpacing() + margins.top() + margins.bottom();
}

QSize HelpStrip::minimumSizeHint() const {
    return {0, heightOfLines()};
}

QSize HelpStrip::sizeHint() const {
    return {QLabel::sizeHint().width(), heightOfLines()};
}

/// Cuts whole words from the end until the text fits.
void HelpStrip::fit() {
    const QRect room = contentsRect();
    const auto fits = [&](const QString& text) {
        const QRect needed =
            fontMetrics().boundingRect(QRect(0, 0, room.width(), 1'000), Qt::TextWordWrap, text);
        return needed.height() <= room.height();
    };
    QString shown = m_full;
    while (room.width() > 0 && !fits(shown) && shown.contains(u' ')) {
        shown = shown.left(shown.lastIndexOf(u' ')) + QChar(0x2026);
        if (!fits(shown)) {
            shown.chop(1);
        }
    }
    setText(shown);
    setToolTip(shown == m_full ? QString() : plainTip(m_full));
}

void HelpStrip::changeEvent(QEvent* event) {
    QLabel::changeEvent(event);
    if (event->type() == QEvent::FontChange) {
        updateGeometry();
        fit();
    }
}

void HelpStrip::resizeEvent(QResizeEvent* event) {
    QLabel::resizeEvent(event);
    fit();
}

} // namespace widgets
