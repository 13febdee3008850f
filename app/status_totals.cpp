#include "app/status_totals.h"

#include "app/session.h"
#include "app/totals.h"

#include "nn/base/text.h"

#include "widgets/theme.h"

#include <QEvent>

namespace app {

namespace {

QString verdictText(const Forecast& forecast) {
    switch (forecast.verdict) {
    case nn::MemoryVerdict::Fits:
        return StatusTotals::tr("fits");
    case nn::MemoryVerdict::Tight:
        return StatusTotals::tr("tight");
    case nn::MemoryVerdict::TooLarge:
        return StatusTotals::tr("does not fit");
    }
    return {};
}

QColor verdictColor(const Forecast& forecast, const widgets::Theme& theme) {
    switch (forecast.verdict) {
    case nn::MemoryVerdict::Fits:
        return theme.success;
    case nn::MemoryVerdict::Tight:
        return theme.warning;
    case nn::MemoryVerdict::TooLarge:
        return theme.error;
    }
    return theme.text;
}

} // namespace

StatusTotals::StatusTotals(Session& session, QWidget* parent) : QLabel(parent), m_session(session) {
    setObjectName("statusTotals");
    setTextFormat(Qt::RichText);
    setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    setContentsMargins(widgets::spacing::kUnit, 0, widgets::spacing::kUnit, 0);
    connect(&session.document, &Document::projectChanged, this, &StatusTotals::showTotals);
    connect(&session.forecast, &ForecastWatch::changed, this, &StatusTotals::showTotals);
    showTotals();
}

void StatusTotals::showTotals() {
    const Totals totals = totalsOf(m_session.document.inference());
    const auto count = [](std::int64_t value) {
        return QString::fromStdString(nn::countText(static_cast<double>(value)));
    };
    QStringList parts;
    parts << (totals.layers == 1 ? tr("1 layer") : tr("%1 layers").arg(totals.layers))
          << tr("%1 weights").arg(QString::fromStdString(nn::withThousands(totals.params)))
          << tr("%1 MACs per image").arg(count(totals.macs));
    const Forecast& forecast = m_session.forecast.forecast();
    if (totals.errors > 0) {
        const widgets::Theme& theme = widgets::Theme::of(this);
        parts << QString("<span style='color:%1'>%2</span>")
                     .arg(theme.error.name(), totals.errors == 1
                                                  ? tr("1 problem")
                                                  : tr("%1 problems").arg(totals.errors));
    } else if (forecast.isKnown) {
        parts << tr("training takes %1, <span style='color:%2'>%3</span>")
                     .arg(QString::fromStdString(nn::byteText(forecast.memory.totalBytes)),
                          verdictColor(forecast, widgets::Theme::of(this)).name(),
                          verdictText(forecast));
    }
    setText(parts.join("&nbsp;&nbsp;·&nbsp;&nbsp;"));
    setToolTip(forecast.refusal.toHtmlEscaped());
}

void StatusTotals::changeEvent(QEvent* event) {
    QLabel::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        showTotals();
    }
}

} // namespace app
