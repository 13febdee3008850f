#include "widgets/panel_header.h"

#include "widgets/text_role.h"

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
    setTextRole(m_title, TextRole::Heading);
    setTextRole(m_detail, TextRole::Small);
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
    const bool isOther = event->type() == QEvent::Resize || event->type() == QEvent::FontChange;
    if (watched == m_detail && isOther) {
        showDetail();
    }
    return QWidget::eventFilter(watched, event);
}

void PanelHeader::addControl(QWidget* control) {
    m_row->addWidget(control);
}

QString PanelHeader::title() const {
    return m_title->text();
}

QString PanelHeader::detail() const {
    return m_detailText;
}

void usePanelSurface(QWidget* widget) {
    widget->setBackgroundRole(QPalette::Button);
    widget->setAutoFillBackground(true);
}

} // namespace widgets
