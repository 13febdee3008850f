#include "widgets/icons.h"

#include <QDirIterator>
#include <QFile>
#include <QSvgRenderer>
#include <QTest>

using namespace widgets;

namespace {

/// Names of all icons in the program.
QStringList iconNames() {
    QStringList names;
    for (QDirIterator it(QStringLiteral(":/icons")); it.hasNext();) {
        names += QFileInfo(it.next()).completeBaseName();
    }
    names.removeAll(QStringLiteral("receptive"));
    return names;
}

int inkOf(const QImage& image) {
    int ink = 0;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            ink += qAlpha(image.pixel(x, y)) > 127 ? 1 : 0;
        }
    }
    return ink;
}

/// Every icon("name", …), icon(u"name", …) and .icon = "name" in the sources of the window.
QStringList namesInSources() {
    const QString root = qEnvironmentVariable("RECEPTIVE_SOURCE_DIR");
    const QRegularExpression use(
        QStringLiteral("\\b(?:icon|iconPixmap)\\s*\\(\\s*(?:u|QStringLiteral\\()?\"([a-z-]+)\""));
    QStringList names;
    for (const QString& folder : {QStringLiteral("/widgets"), QStringLiteral("/app")}) {
        for (QDirIterator it(root + folder, {QStringLiteral("*.cpp")}, QDir::Files,
                             QDirIterator::Subdirectories);
             it.hasNext();) {
            QFile file(it.next());
            if (!file.open(QIODevice::ReadOnly)) {
                continue;
            }
            const QString text = QString::fromUtf8(file.readAll());
            for (auto match = use.globalMatch(text); match.hasNext();) {
                names += match.next().captured(1);
            }
        }
    }
    names.removeDuplicates();
    return names;
}

} // namespace

class TestIcons : public QObject {
    Q_OBJECT

private slots:
    void rendersEveryIcon_data() {
        QTest::addColumn<QString>("name");
        for (const QString& name : iconNames()) {
            QTest::newRow(qPrintable(name)) << name;
        }
    }
    void rendersEveryIcon() {
        QFETCH(QString, name);
        QVERIFY(hasIcon(name));
        for (const int extent : {16, 20, 24, 48}) {
            const QImage image = icon(name, QColor(Qt::red)).pixmap(extent).toImage();
            QCOMPARE(image.size(), QSize(extent, extent));
            QVERIFY2(inkOf(image) >= extent / 2, qPrintable(name));
        }
    }

    void takesTheColourOfTheTheme() {
        const QImage light = icon(u"stop", Theme::light()).pixmap(48).toImage();
        const QImage dark = icon(u"stop", Theme::dark()).pixmap(48).toImage();
        QVERIFY(light != dark);
        const QImage red = icon(u"stop", QColor(Qt::red)).pixmap(48).toImage();
        const QColor line = red.pixelColor(24, 11);
        QCOMPARE(line.green(), 0);
        QVERIFY(line.red() > 200);
    }

    void mutesTheDisabledState() {
        const QIcon save = icon(u"save", Theme::light());
        QVERIFY(save.pixmap(24, QIcon::Disabled).toImage() != save.pixmap(24).toImage());
        QVERIFY(save.pixmap(24, QIcon::Normal, QIcon::On).toImage() != save.pixmap(24).toImage());
    }

    void isFineAtHighResolution() {
        const QPixmap pixmap = iconPixmap(u"grid", Qt::black, 24, 2.0);
        QCOMPARE(pixmap.size(), QSize(48, 48));
        QCOMPARE(pixmap.devicePixelRatio(), 2.0);
    }

    void unknownNameGivesNullIcon() {
        QVERIFY(icon(u"no-such-icon", Theme::light()).isNull());
        QVERIFY(!hasIcon(u"no-such-icon"));
    }

    void sourcesNameOnlyIconsThatExist() {
        const QStringList names = namesInSources();
        QVERIFY(names.size() >= 5);
        for (const QString& name : names) {
            QVERIFY2(hasIcon(name), qPrintable(name));
        }
    }

    void everyCategoryHasAnIcon() {
        for (const char* name : kCategoryNames) {
            QVERIFY2(hasIcon(QString::fromLatin1(name)), name);
        }
    }

    void programIconRenders() { QVERIFY(inkOf(applicationIcon().pixmap(64).toImage()) > 3000); }
};

QTEST_MAIN(TestIcons)
#include "tst_icons.moc"
