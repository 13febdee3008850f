#include "widgets/params/form_section.h"

#include "widgets/icons.h"
#include "widgets/text_role.h"
#include "widgets/theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>

namespace widgets {

FormSection::FormSection(const QString& title, QWidget* parent)
    : QWidget(parent), m_heading(new QToolButton(this)), m_note(new QLabel(this)),
      m_content(new QWidget(this)), m_column(new QVBoxLayout(m_content)) {
    m_heading->setObjectName(QStringLiteral("section"));
    m_heading->setText(title);
    m_heading->setAccessibleName(title);
    m_heading->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_heading->setAutoRaise(true);
    m_heading->setCheckable(true);
    m_heading->setChecked(true);
    m_heading->setProperty("quiet", true);
    setTextRole(m_heading, TextRole::Heading);
    setTextRole(m_note, TextRole::Small);
    m_note->setTextFormat(Qt::PlainText);
    m_note->setForegroundRole(QPalette::PlaceholderText);
    auto* row = new QHBoxLayout;
    row->setSpacing(spacing::kUnit);
    row->addWidget(m_heading);
    row->addStretch(1);
    row->addWidget(m_note);
    m_column->setContentsMargins(0, 0, 0, 0);
    m_column->setSpacing(spacing::kUnit);
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->setSpacing(spacing::kTight);
    outer->addLayout(row);
    outer->addWidget(m_content);
    connect(m_heading, &QToolButton::toggled, this, [this](bool open) {
        m_content->setVisible(open);
        restyle();
    });
    restyle();
}

void FormSection::add(QWidget* content) {
    m_column->addWidget(content);
}

bool FormSection::isOpen() const {
    return m_heading->isChecked();
}

void FormSection::setOpen(bool open) {
    m_heading->setChecked(open);
}

void FormSection::setNote(const QString& text) {
    m_note->setText(text);
}

void FormSection::restyle() {
    const Theme& theme = Theme::of(this);
    m_heading->setIcon(icon(isOpen() ? u"chevron-down" : u"chevron-right", theme));
}

void FormSection::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_column != nullptr) {
        restyle();
    }
}

} // namespace widgets
