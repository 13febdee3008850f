#pragma once

#include "widgets/theme.h"

#include <QByteArray>
#include <QObject>
#include <QSettings>
#include <QStringList>

namespace app {

/// What the user chose once and for all programs runs; one typed table over an INI file.
class Settings : public QObject {
    Q_OBJECT

public:
    static constexpr int kSchema = 1;
    static constexpr int kMaxRecentFiles = 10;

    /// The user's file, or the file given.
    explicit Settings(QObject* parent = nullptr);
    explicit Settings(const QString& file, QObject* parent = nullptr);

    [[nodiscard]] widgets::ThemeChoice theme() const;
    void setTheme(widgets::ThemeChoice choice);

    /// Threads for training; 0 means all cores.
    [[nodiscard]] int threads() const;
    void setThreads(int threads);

    /// Folders in which named data sets are looked for first.
    [[nodiscard]] QStringList dataFolders() const;
    void setDataFolders(const QStringList& folders);

    /// Newest first; files that are gone are left out.
    [[nodiscard]] QStringList recentFiles() const;
    void addRecentFile(const QString& path);
    void clearRecentFiles();

    /// The folder file dialogs open in.
    [[nodiscard]] QString lastFolder() const;
    void setLastFolder(const QString& folder);

    [[nodiscard]] QByteArray windowGeometry() const;
    void setWindowGeometry(const QByteArray& geometry);
    /// Docks and tool bars of a workspace as QMainWindow::saveState gave them.
    [[nodiscard]] QByteArray layout(const QString& workspace) const;
    void setLayout(const QString& workspace, const QByteArray& state);
    void clearLayouts();

    /// Writes to disk now.
    void sync();

signals:
    void themeChanged(widgets::ThemeChoice choice);
    void threadsChanged(int threads);
    void dataFoldersChanged();
    void recentFilesChanged();

private:
    void migrate();

    QSettings m_store;
};

} // namespace app
