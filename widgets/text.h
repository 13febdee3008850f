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

} // namespace widgets
