#include "app/desktop_theme.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QDBusVariant>
#include <QFileInfo>

namespace app {

namespace {

constexpr const char* kService = "org.freedesktop.portal.Desktop";
constexpr const char* kPath = "/org/freedesktop/portal/desktop";
constexpr const char* kInterface = "org.freedesktop.portal.Settings";
constexpr const char* kSpace = "org.freedesktop.appearance";
constexpr const char* kKey = "color-scheme";

/// Whether a session bus runs: asking for one that does not would start it.
bool hasSessionBus() {
    return qEnvironmentVariableIsSet("DBUS_SESSION_BUS_ADDRESS") ||
           QFileInfo::exists(qEnvironmentVariable("XDG_RUNTIME_DIR") + QStringLiteral("/bus"));
}

/// Portals wrap the value once or twice.
QVariant unwrapped(QVariant value) {
    while (value.canConvert<QDBusVariant>()) {
        value = value.value<QDBusVariant>().variant();
    }
    return value;
}

} // namespace

DesktopTheme::DesktopTheme(QObject* parent) : QObject(parent) {}

std::optional<widgets::ThemeKind> DesktopTheme::kindOf(const QVariant& scheme) {
    bool isNumber = false;
    const uint number = unwrapped(scheme).toUInt(&isNumber);
    if (!isNumber || number < 1 || number > 2) {
        return std::nullopt;
    }
    return number == 1 ? widgets::ThemeKind::Dark : widgets::ThemeKind::Light;
}

void DesktopTheme::watch() {
    if (!hasSessionBus()) {
        return;
    }
    QDBusConnection bus = QDBusConnection::sessionBus();
    if (!bus.isConnected()) {
        return;
    }
    bus.connect(kService, kPath, kInterface, QStringLiteral("SettingChanged"), this,
                SLOT(takeSetting(QString, QString, QDBusVariant)));
    QDBusMessage question =
        QDBusMessage::createMethodCall(kService, kPath, kInterface, QStringLiteral("Read"));
    question << QString::fromLatin1(kSpace) << QString::fromLatin1(kKey);
    auto* answer = new QDBusPendingCallWatcher(bus.asyncCall(question), this);
    connect(answer, &QDBusPendingCallWatcher::finished, this,
            [this](QDBusPendingCallWatcher* watcher) {
                const QDBusPendingReply<QDBusVariant> reply = *watcher;
                if (!reply.isError()) {
                    take(QVariant::fromValue(reply.value()));
                }
                watcher->deleteLater();
            });
}

void DesktopTheme::takeSetting(const QString& space, const QString& key,
                               const QDBusVariant& value) {
    if (space == QLatin1String(kSpace) && key == QLatin1String(kKey)) {
        take(value.variant());
    }
}

void DesktopTheme::take(const QVariant& scheme) {
    const auto kind = kindOf(scheme);
    if (kind != m_kind) {
        m_kind = kind;
        emit changed();
    }
}

} // namespace app
