#include "widgets/problem_card.h"

#include "widgets/icons.h"
#include "widgets/text.h"
#include "widgets/text_role.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QMouseEvent>
#include <QPainter>
#include <QPushButton>
#include <QStyleOptionButton>
#include <QStylePainter>
#include <QVBoxLayout>
#include <algorithm>

namespace widgets {
namespace {

QString severityIcon(nn::Severity severity) {
    switch (severity) {
    case nn::Severity::Error:
        return QStringLiteral("error");
    case nn::Severity::Warning:
        return QStringLiteral("warning");
    case nn::Severity::Info:
        return QStringLiteral("info");
    }
    return {};
}

QString severityName(nn::Severity severity) {
    switch (severity) {
    case nn::Severity::Error:
        return ProblemCard::tr("Error");
    case nn::Severity::Warning:
        return ProblemCard::tr("Warning");
    case nn::Severity::Info:
        return ProblemCard::tr("Note");
    }
    return {};
}

QColor severityColor(nn::Severity severity, const Theme& theme) {
    switch (severity) {
    case nn::Severity::Error:
        return theme.error;
    case nn::Severity::Warning:
        return theme.warning;
    case nn::Severity::Info:
        return theme.info;
    }
    return theme.text;
}

/// A button whose text goes on in further lines where a panel is narrow.
class WrappingButton final : public QPushButton {
public:
    WrappingButton(const QString& text, QWidget* parent)
        : QPushButton(QString(text).replace(u'&', QStringLiteral("&&")), parent), m_plain(text) {
        QSizePolicy policy(QSizePolicy::Maximum, QSizePolicy::Minimum);
        policy.setHeightForWidth(true);
        setSizePolicy(policy);
    }
    QSize minimumSizeHint() const override { return {kLeastWidth, heightForWidth(kLeastWidth)}; }
    QSize sizeHint() const override {
        const int wanted = fontMetrics().horizontalAdvance(m_plain) + textLeft() + kPadding + 2;
        return {wanted, heightForWidth(wanted)};
    }
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override {
        const QRect text = fontMetrics().boundingRect(
            QRect(0, 0, width - textLeft() - kPadding, 10'000), kFlags, m_plain);
        return std::max(text.height(), iconSize().height()) + 2 * spacing::kTight + 2;
    }

protected:
    void paintEvent(QPaintEvent* /*event*/) override {
        QStylePainter painter(this);
        QStyleOptionButton option;
        initStyleOption(&option);
        option.text.clear();
        option.icon = {};
        painter.drawControl(QStyle::CE_PushButton, option);
        const QRect image(QPoint(kPadding, (height() - iconSize().height()) / 2), iconSize());
        icon().paint(&painter, image, Qt::AlignCenter,
                     isEnabled() ? QIcon::Normal : QIcon::Disabled);
        painter.drawItemText(rect().adjusted(textLeft(), 0, -kPadding, 0),
                             kFlags | Qt::AlignVCenter, palette(), isEnabled(), m_plain,
                             QPalette::ButtonText);
    }

private:
    static constexpr int kPadding = spacing::kUnit;
    static constexpr int kLeastWidth = 120;
    static constexpr int kFlags = Qt::TextWordWrap | Qt::AlignLeft;
    [[nodiscard]] int textLeft() const { return kPadding + iconSize().width() + spacing::kTight; }

    QString m_plain;
};

QLabel* textLabel(const QString& text, QWidget* parent) {
    auto* label = new QLabel(text, parent);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    return label;
}

} // namespace

ProblemCard::ProblemCard(const nn::Diagnostic& diagnostic, const QString& name, Heading heading,
                         QWidget* parent)
    : QWidget(parent), m_diagnostic(diagnostic), m_icon(new QLabel(this)),
      m_layer(textLabel(name, this)),
      m_message(textLabel(withoutLayer(fromUtf8(diagnostic.message), name), this)) {
    setObjectName(QStringLiteral("problem"));
    setFocusPolicy(diagnostic.node == nn::kNoNode ? Qt::NoFocus : Qt::StrongFocus);
    setAccessibleName(severityName(diagnostic.severity) + QStringLiteral(": ") +
                      (name.isEmpty() ? QString() : name + QStringLiteral(": ")) +
                      m_message->text());
    setTextRole(m_layer, TextRole::Heading);
    m_layer->setVisible(heading == Heading::Layer && !name.isEmpty());
    m_message->setTextInteractionFlags(Qt::TextSelectableByMouse);

    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(spacing::kUnit, spacing::kUnit, spacing::kUnit, spacing::kUnit);
    row->setSpacing(spacing::kUnit);
    row->addWidget(m_icon, 0, Qt::AlignTop);
    auto* column = new QVBoxLayout;
    column->setSpacing(spacing::kTight);
    column->addWidget(m_layer);
    column->addWidget(m_message);
    for (const nn::Repair& repair : m_diagnostic.repairs) {
        const QString title = fromUtf8(repair.title);
        auto* button = new WrappingButton(title, this);
        button->setAccessibleName(tr("Repair: %1").arg(title));
        button->setObjectName(QStringLiteral("repair"));
        connect(button, &QPushButton::clicked, this, [this, repair] { emit repairWished(repair); });
        column->addWidget(button, 0, Qt::AlignLeft);
    }
    row->addLayout(column, 1);
    restyle();
}

void ProblemCard::restyle() {
    const Theme& theme = Theme::of(this);
    const QColor color = severityColor(m_diagnostic.severity, theme);
    m_icon->setPixmap(iconPixmap(severityIcon(m_diagnostic.severity), color, spacing::kIcon,
                                 devicePixelRatioF()));
    for (QPushButton* button : findChildren<QPushButton*>(QStringLiteral("repair"))) {
        button->setIcon(icon(u"repair", theme.accent));
    }
}

void ProblemCard::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_message != nullptr) {
        restyle();
    }
}

void ProblemCard::paintEvent(QPaintEvent*) {
    const Theme& theme = Theme::of(this);
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const bool isError = m_diagnostic.severity == nn::Severity::Error;
    const bool isWarning = m_diagnostic.severity == nn::Severity::Warning;
    painter.setPen(hasFocus() ? QPen(theme.focus, spacing::kFocusWidth) : QPen(Qt::NoPen));
    painter.setBrush(isError ? theme.errorFill : isWarning ? theme.warningFill : theme.hover);
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), spacing::kRadius,
                            spacing::kRadius);
}

void ProblemCard::mouseReleaseEvent(QMouseEvent* event) {
    QWidget::mouseReleaseEvent(event);
    if (event->button() == Qt::LeftButton && m_diagnostic.node != nn::kNoNode) {
        emit chosen(m_diagnostic.node);
    }
}

void ProblemCard::keyPressEvent(QKeyEvent* event) {
    const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter ||
                       event->key() == Qt::Key_Space;
    if (enter && m_diagnostic.node != nn::kNoNode) {
        emit chosen(m_diagnostic.node);
        return;
    }
    QWidget::keyPressEvent(event);
}

} // namespace widgets
