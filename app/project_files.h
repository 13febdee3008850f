#pragma once

#include "app/background.h"

#include <QObject>
#include <functional>

namespace app {

class Document;
class Log;
class Settings;

/// Reads and writes project files beside the window.
class ProjectFiles : public QObject {
    Q_OBJECT

public:
    ProjectFiles(Document& document, Settings& settings, Log& log, QObject* parent = nullptr);

    /// Opens a file in place of the project; the project stays when that fails.
    void open(const QString& path);
    /// Writes the project as it is now; `then` is called when it is safely on disk.
    void save(const QString& path, std::function<void()> then = {});
    [[nodiscard]] bool isBusy() const { return m_background.isBusy(); }

signals:
    void busyChanged(const QString& what);
    /// A file could not be read or written; says why and what to do.
    void failed(const QString& title, const QString& reason);

private:
    Document& m_document;
    Settings& m_settings;
    Log& m_log;
    Background m_background;
};

} // namespace app
