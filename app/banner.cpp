#include "app/banner.h"

#include "widgets/icons.h"
#include "widgets/theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>

namespace app {

namespace {

QString iconName(BannerKind kind) {
    switch (kind) {
    case BannerKind::Info:
        return "info";
    case BannerKind::Warning:
        return "warning";
    case BannerKind::Error:
        return "error";
    }
    return {};
}

QColor iconColor(BannerKind kind, const widgets::Theme& theme) {
    switch (kind) {
    case BannerKind::Info:
        return theme.info;
    case BannerKind::Warning:
        return theme.warning;
    case BannerKind::Error:
        return theme.error;
    }
    return theme.text;
}

} // namespace

Banner::Banner(QWidget* parent) : QFrame(parent) {
    setObjectName("banner");
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(widgets::spacing::kWide, widgets::spacing::kUnit,
                               widgets::spacing::kUnit, widgets::spacing::kUnit);
    layout->setSpacing(widgets::spacing::kUnit);
    m_icon = new QLabel(this);
    m_text = new QLabel(this);
    m_text->setObjectName("bannerText");
    m_text->setWordWrap(true);
    // The text may come from a file: never markup.
    m_text->setTextFormat(Qt::PlainText);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_action = new QPushButton(this);
    m_action->setObjectName("bannerAction");
    m_other = new QPushButton(this);
    m_other->setObjectName("bannerOther");
    m_close = new QToolButton(this);
    m_close->setObjectName("bannerClose");
    m_close->setAccessibleName(tr("Dismiss message"));
    m_close->setToolTip(tr("Dismiss"));
    layout->addWidget(m_icon, 0, Qt::AlignTop);
    layout->addWidget(m_text, 1);
    layout->addWidget(m_action);
    layout->addWidget(m_other);
    layout->addWidget(m_close, 0, Qt::AlignTop);
    connect(m_action, &QPushButton::clicked, this, [this] {
        hide();
        emit actionTriggered();
    });
    connect(m_other, &QPushButton::clicked, this, [this] {
        hide();
        emit otherTriggered();
    });
    connect(m_close, &QToolButton::clicked, this, [this] {
        hide();
        emit dismissed();
    });
    hide();
}

void Banner::showMessage(BannerKind kind, const QString& text, const QString& action,
                         const QString& other) {
    m_kind = kind;
    m_text->setText(text);
    m_action->setText(action);
    m_action->setVisible(!action.isEmpty());
    m_other->setText(other);
    m_other->setVisible(!other.isEmpty());
    setAccessibleName(text);
    applyLook();
    show();
}

QString Banner::text() const {
    return m_text->text();
}

void Banner::changeEvent(QEvent* event) {
    QFrame::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_text != nullptr) {
        applyLook();
    }
}

void Banner::applyLook() {
    const widgets::Theme& theme = widgets::Theme::of(this);
    const QColor color = iconColor(m_kind, theme);
    m_icon->setPixmap(widgets::iconPixmap(iconName(m_kind), color, widgets::spacing::kToolIcon,
                                          devicePixelRatioF()));
    m_close->setIcon(widgets::icon(u"close", theme));
    update();
}

void Banner::paintEvent(QPaintEvent* /*event*/) {
    const widgets::Theme& theme = widgets::Theme::of(this);
    QColor fill = theme.panel;
    if (m_kind == BannerKind::Error) {
        fill = theme.errorFill;
    } else if (m_kind == BannerKind::Warning) {
        fill = theme.warningFill;
    }
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(iconColor(m_kind, theme));
    painter.setBrush(fill);
    const QRectF inside = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
    painter.drawRoundedRect(inside, widgets::spacing::kRadius, widgets::spacing::kRadius);
}

} // namespace app
