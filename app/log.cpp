#include "app/log.h"

namespace app {

namespace {

QString lineText(const LogEntry& entry) {
    return entry.time.toString("HH:mm:ss") + "  " + entry.text;
}

} // namespace

int Log::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_entries.size());
}

QVariant Log::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const LogEntry& entry = m_entries[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
    case Qt::AccessibleTextRole:
        return lineText(entry);
    case Qt::ToolTipRole:
        // A tool tip must not take text from a file for markup.
        return entry.text.toHtmlEscaped();
    case Qt::UserRole:
        return static_cast<int>(entry.severity);
    default:
        return {};
    }
}

QString Log::plainText() const {
    QString text;
    for (const LogEntry& entry : m_entries) {
        text += lineText(entry) + '\n';
    }
    return text;
}

void Log::add(nn::Severity severity, const QString& text) {
    if (m_entries.size() >= static_cast<std::size_t>(kMaxEntries)) {
        beginRemoveRows({}, 0, 0);
        m_entries.erase(m_entries.begin());
        endRemoveRows();
    }
    const int row = static_cast<int>(m_entries.size());
    beginInsertRows({}, row, row);
    m_entries.push_back({QDateTime::currentDateTime(), severity, text});
    endInsertRows();
    emit added(severity, text);
}

} // namespace app
