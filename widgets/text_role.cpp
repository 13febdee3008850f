#include "widgets/text_role.h"

#include <QApplication>
#include <QStyle>
#include <QVariant>
#include <QWidget>
#include <array>
#include <utility>

namespace widgets {
namespace {

constexpr const char* kProperty = "textRole";

constexpr std::array<std::pair<TextRole, const char*>, 5> kNames{{{TextRole::Title, "title"},
                                                                  {TextRole::Heading, "heading"},
                                                                  {TextRole::Body, "body"},
                                                                  {TextRole::Small, "small"},
                                                                  {TextRole::Mono, "mono"}}};

QString nameOf(TextRole role) {
    for (const auto& [each, name] : kNames) {
        if (each == role) {
            return QString::fromLatin1(name);
        }
    }
    return {};
}

} // namespace

void setTextRole(QWidget* widget, TextRole role) {
    const QString name = nameOf(role);
    if (widget->property(kProperty).toString() == name) {
        return;
    }
    widget->setProperty(kProperty, name);
    if (widget->testAttribute(Qt::WA_WState_Polished)) {
        widget->style()->unpolish(widget);
        widget->style()->polish(widget);
    }
}

QString textRoleRules(const Theme& theme) {
    QString rules;
    for (const auto& [role, name] : kNames) {
        const QFont font = theme.font(role, QApplication::font());
        QStringList families;
        for (const QString& family : font.families()) {
            families << u'"' + family + u'"';
        }
        rules += QStringLiteral("*[%1=\"%2\"] { font-family: %3; font-size: %4pt; "
                                "font-weight: %5; }\n")
                     .arg(QLatin1String(kProperty), QLatin1String(name), families.join(u','))
                     .arg(font.pointSizeF())
                     .arg(font.weight());
    }
    return rules;
}

} // namespace widgets
