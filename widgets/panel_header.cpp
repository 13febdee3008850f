#include "widgets/panel_header.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>

namespace widgets {

PanelHeader::PanelHeader(QWidget* parent)
    : QWidget(parent), m_title(new QLabel(this)), m_detail(new QLabel(this)),
      m_row(new QHBoxLayout(this)) {
    m_row->setContentsMargins(spacing::kUnit, spacing::kTight, spacing::kUnit, spacing::kTight);
    m_row->setSpacing(spacing::kUnit);
    m_title->setTextFormat(Qt::PlainText);
    m_detail->setTextFormat(Qt::PlainText);
    m_detail->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_detail->setForegroundRole(QPalette::PlaceholderText); // the theme's muted text
    m_detail->installEventFilter(this);
    m_row->addWidget(m_title);
    m_row->addWidget(m_detail, 1);
    setMinimumHeight(32);
    setTheme(Theme::of(this));
}

void PanelHeader::setTitle(const QString& title) {
    m_title->setText(title);
}

void PanelHeader::setDetail(const QString& detail) {
    m_detailText = detail;
    m_detail->setAccessibleName(detail);
    m_detail->setToolTip(detail);
    showDetail();
}

void PanelHeader::showDetail() {
    m_detail->setText(
        m_detail->fontMetrics().elidedText(m_detailText, Qt::ElideRight, m_detail->width()));
}

bool PanelHeader::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_detail && event->type() == QEvent::Resize) {
        showDetail();
    }
    return QWidget::eventFilter(watched, event);
}

void PanelHeader::addControl(QWidget* control) {
    m_row->addWidget(control);
}

void PanelHeader::setTheme(const Theme& theme) {
    m_title->setFont(theme.font(TextRole::Heading, font()));
    m_detail->setFont(theme.font(TextRole::Small, font()));
    showDetail();
}

QString PanelHeader::title() const {
    return m_title->text();
}

QString PanelHeader::detail() const {
    return m_detailText;
}

void PanelHeader::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        setTheme(Theme::of(this));
    }
}

void usePanelSurface(QWidget* widget) {
    widget->setBackgroundRole(QPalette::Button);
    widget->setAutoFillBackground(true);
}

} // namespace widgets
