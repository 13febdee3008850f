#include "app/desktop_theme.h"

#include <QTest>

using app::DesktopTheme;
using widgets::ThemeKind;

class DesktopThemeTest : public QObject {
    Q_OBJECT

private slots:
    void schemeOfThePortalIsUnderstood() {
        QCOMPARE(DesktopTheme::kindOf(1U), ThemeKind::Dark);
        QCOMPARE(DesktopTheme::kindOf(2U), ThemeKind::Light);
        QVERIFY(!DesktopTheme::kindOf(0U));
        QVERIFY(!DesktopTheme::kindOf(7U));
        QVERIFY(!DesktopTheme::kindOf(QStringLiteral("dark")));
        QVERIFY(!DesktopTheme::kindOf({}));
    }

    void nothingIsKnownWithoutABus() {
        qunsetenv("DBUS_SESSION_BUS_ADDRESS");
        qputenv("XDG_RUNTIME_DIR", "/nonexistent");
        DesktopTheme theme;
        theme.watch();
        QVERIFY(!theme.kind());
    }
};

QTEST_MAIN(DesktopThemeTest)
#include "tst_desktop_theme.moc"
