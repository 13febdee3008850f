#pragma once

#include "nn/model/diagnostic.h"

#include <QAbstractListModel>
#include <QDateTime>
#include <vector>

namespace app {

/// One line of what happened.
struct LogEntry {
    QDateTime time;
    nn::Severity severity = nn::Severity::Info;
    QString text;
};

/// What happened since the program started, oldest first; the newest 2,000 lines.
class Log : public QAbstractListModel {
    Q_OBJECT

public:
    static constexpr int kMaxEntries = 2000;

    using QAbstractListModel::QAbstractListModel;

    void info(const QString& text) { add(nn::Severity::Info, text); }
    void warn(const QString& text) { add(nn::Severity::Warning, text); }
    void fail(const QString& text) { add(nn::Severity::Error, text); }

    [[nodiscard]] const std::vector<LogEntry>& entries() const { return m_entries; }
    /// All lines as text, for the clipboard.
    [[nodiscard]] QString plainText() const;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;

signals:
    void added(nn::Severity severity, const QString& text);

private:
    void add(nn::Severity severity, const QString& text);

    std::vector<LogEntry> m_entries;
};

} // namespace app
