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
    m_row->addWidget(m_title);
    m_row->addWidget(m_detail, 1);
    setMinimumHeight(32);
    setTheme(Theme::of(this));
}

void PanelHeader::setTitle(const QString& title) {
    m_title->setText(title);
}

void PanelHeader::setDetail(const QString& detail) {
    m_detail->setText(detail);
    m_detail->setToolTip(detail);
}

void PanelHeader::addControl(QWidget* control) {
    m_row->addWidget(control);
}

void PanelHeader::setTheme(const Theme& theme) {
    m_title->setFont(theme.font(TextRole::Heading, font()));
    m_detail->setFont(theme.font(TextRole::Small, font()));
}

QString PanelHeader::title() const {
    return m_title->text();
}

QString PanelHeader::detail() const {
    return m_detail->text();
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
