#pragma once

#include "widgets/theme.h"

#include <QObject>
#include <QVariant>
#include <optional>

class QDBusVariant;

namespace app {

/// What the desktop wishes its programs to look like, told by its settings portal. Without a portal
/// nothing is known.
class DesktopTheme : public QObject {
    Q_OBJECT

public:
    explicit DesktopTheme(QObject* parent = nullptr);

    /// Asks the portal, and follows it from then on; returns at once.
    void watch();
    [[nodiscard]] std::optional<widgets::ThemeKind> kind() const { return m_kind; }

    /// The portal's "color-scheme": 1 dark, 2 light, anything else no wish.
    [[nodiscard]] static std::optional<widgets::ThemeKind> kindOf(const QVariant& scheme);

signals:
    void changed();

private slots:
    void takeSetting(const QString& space, const QString& key, const QDBusVariant& value);

private:
    void take(const QVariant& scheme);

    std::optional<widgets::ThemeKind> m_kind;
};

} // namespace app
