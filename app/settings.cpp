#include "app/settings.h"

#include <QDir>
#include <QFileInfo>
#include <algorithm>
#include <array>

namespace app {

namespace {

/// Where a value lives in the file and what it is when the file does not say.
struct Key {
    const char* path;
    QVariant (*fallback)();
};

constexpr Key kTheme{"appearance/theme", [] { return QVariant("system"); }};
constexpr Key kThreads{"training/threads", [] { return QVariant(0); }};
constexpr Key kDataFolders{"data/folders", [] { return QVariant(QStringList()); }};
constexpr Key kRecentFiles{"files/recent", [] { return QVariant(QStringList()); }};
constexpr Key kLastFolder{"files/last_folder", [] { return QVariant(QDir::homePath()); }};
constexpr Key kGeometry{"window/geometry", [] { return QVariant(QByteArray()); }};
constexpr const char* kLayouts = "layouts";
constexpr const char* kSchemaPath = "schema";
constexpr int kMaxThreads = 256;

constexpr std::array kThemeNames = {"system", "light", "dark", "high_contrast"};

QVariant read(const QSettings& store, const Key& key) {
    return store.value(key.path, key.fallback());
}

} // namespace

Settings::Settings(QObject* parent)
    : QObject(parent),
      m_store(QSettings::IniFormat, QSettings::UserScope, "receptive", "receptive") {
    migrate();
}

Settings::Settings(const QString& file, QObject* parent)
    : QObject(parent), m_store(file, QSettings::IniFormat) {
    migrate();
}

void Settings::migrate() {
    // Layouts of another schema describe docks that may not exist.
    if (m_store.value(kSchemaPath, kSchema).toInt() != kSchema) {
        clearLayouts();
    }
    m_store.setValue(kSchemaPath, kSchema);
}

widgets::ThemeChoice Settings::theme() const {
    const QString name = read(m_store, kTheme).toString();
    const auto found = std::ranges::find(kThemeNames, name);
    return found == kThemeNames.end()
               ? widgets::ThemeChoice::System
               : static_cast<widgets::ThemeChoice>(found - kThemeNames.begin());
}

void Settings::setTheme(widgets::ThemeChoice choice) {
    if (choice != theme()) {
        m_store.setValue(kTheme.path, kThemeNames[static_cast<std::size_t>(choice)]);
        emit themeChanged(choice);
    }
}

int Settings::threads() const {
    return std::clamp(read(m_store, kThreads).toInt(), 0, kMaxThreads);
}

void Settings::setThreads(int threads) {
    if (threads != this->threads()) {
        m_store.setValue(kThreads.path, threads);
        emit threadsChanged(threads);
    }
}

QStringList Settings::dataFolders() const {
    return read(m_store, kDataFolders).toStringList();
}

void Settings::setDataFolders(const QStringList& folders) {
    if (folders != dataFolders()) {
        m_store.setValue(kDataFolders.path, folders);
        emit dataFoldersChanged();
    }
}

QStringList Settings::recentFiles() const {
    QStringList files = read(m_store, kRecentFiles).toStringList();
    files.removeIf([](const QString& path) { return !QFileInfo::exists(path); });
    return files;
}

void Settings::addRecentFile(const QString& path) {
    const QString absolute = QFileInfo(path).absoluteFilePath();
    QStringList files = recentFiles();
    files.removeAll(absolute);
    files.prepend(absolute);
    m_store.setValue(kRecentFiles.path, QStringList(files.mid(0, kMaxRecentFiles)));
    emit recentFilesChanged();
}

void Settings::clearRecentFiles() {
    m_store.setValue(kRecentFiles.path, QStringList());
    emit recentFilesChanged();
}

QString Settings::lastFolder() const {
    return read(m_store, kLastFolder).toString();
}

void Settings::setLastFolder(const QString& folder) {
    m_store.setValue(kLastFolder.path, folder);
}

QByteArray Settings::windowGeometry() const {
    return read(m_store, kGeometry).toByteArray();
}

void Settings::setWindowGeometry(const QByteArray& geometry) {
    m_store.setValue(kGeometry.path, geometry);
}

QByteArray Settings::layout(const QString& workspace) const {
    return m_store.value(QString("%1/%2").arg(kLayouts, workspace)).toByteArray();
}

void Settings::setLayout(const QString& workspace, const QByteArray& state) {
    m_store.setValue(QString("%1/%2").arg(kLayouts, workspace), state);
}

void Settings::clearLayouts() {
    m_store.remove(kLayouts);
}

void Settings::sync() {
    m_store.sync();
}

} // namespace app
