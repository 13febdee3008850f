#pragma once

#include <QDialog>

class QComboBox;
class QListWidget;
class QSpinBox;

namespace app {

class Settings;

/// What is chosen once: theme, threads, data folders. Takes effect at once.
class PreferencesDialog : public QDialog {
    Q_OBJECT

public:
    explicit PreferencesDialog(Settings& settings, QWidget* parent = nullptr);

private:
    [[nodiscard]] QWidget* makeFolders();
    void addFolder();
    void removeFolder();
    void storeFolders();

    Settings& m_settings;
    QComboBox* m_theme = nullptr;
    QSpinBox* m_threads = nullptr;
    QListWidget* m_folders = nullptr;
};

} // namespace app
