#pragma once

#include <QString>
#include <QTextDocument>
#include <string_view>

namespace widgets {

/// Text of the engine for Qt.
[[nodiscard]] inline QString fromUtf8(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

/// A tool tip that is never read as rich text: names and messages come from files.
[[nodiscard]] inline QString plainTip(const QString& text) {
    return text.isEmpty() ? QString() : Qt::convertFromPlainText(text, Qt::WhiteSpaceNormal);
}

/// A message without the name of its layer in front, where the layer is clear from the place.
[[nodiscard]] inline QString withoutLayer(const QString& message, const QString& layer) {
    const QString prefix = u'\'' + layer + QStringLiteral("': ");
    return message.startsWith(prefix) ? message.mid(prefix.size()) : message;
}

} // namespace widgets
