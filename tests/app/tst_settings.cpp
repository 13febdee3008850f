#include "app/settings.h"

#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using app::Settings;

/// What is remembered from run to run.
class SettingsTest : public QObject {
    Q_OBJECT

private slots:
    void init() { QFile::remove(file()); }
    void newUserGetsDefaults();
    void valuesSurviveTheProgram();
    void nonsenseInTheFileGivesDefaults();
    void recentFilesAreNewestFirstWithoutTwinsAndMissingOnes();
    void layoutsOfAnotherSchemaAreForgotten();

private:
    [[nodiscard]] QString file() const { return m_folder.filePath("settings.ini"); }

    QTemporaryDir m_folder;
};

void SettingsTest::newUserGetsDefaults() {
    const Settings settings(file());
    QCOMPARE(settings.theme(), widgets::ThemeChoice::System);
    QCOMPARE(settings.threads(), 0);
    QVERIFY(settings.dataFolders().isEmpty());
    QVERIFY(settings.recentFiles().isEmpty());
    QVERIFY(settings.layout("design").isEmpty());
}

void SettingsTest::valuesSurviveTheProgram() {
    {
        Settings settings(file());
        QSignalSpy themes(&settings, &Settings::themeChanged);
        settings.setTheme(widgets::ThemeChoice::HighContrast);
        settings.setTheme(widgets::ThemeChoice::HighContrast);
        QCOMPARE(themes.count(), 1);
        settings.setThreads(2);
        settings.setDataFolders({"/data/a", "/data/b"});
        settings.setLayout("train", "state");
    }
    const Settings settings(file());
    QCOMPARE(settings.theme(), widgets::ThemeChoice::HighContrast);
    QCOMPARE(settings.threads(), 2);
    QCOMPARE(settings.dataFolders(), QStringList({"/data/a", "/data/b"}));
    QCOMPARE(settings.layout("train"), QByteArray("state"));
}

void SettingsTest::nonsenseInTheFileGivesDefaults() {
    QFile broken(file());
    QVERIFY(broken.open(QIODevice::WriteOnly));
    broken.write("[appearance]\ntheme=mauve\n[training]\nthreads=-7\n[files]\nrecent=@Invalid()\n");
    broken.close();
    const Settings settings(file());
    QCOMPARE(settings.theme(), widgets::ThemeChoice::System);
    QCOMPARE(settings.threads(), 0);
    QVERIFY(settings.recentFiles().isEmpty());
}

void SettingsTest::recentFilesAreNewestFirstWithoutTwinsAndMissingOnes() {
    Settings settings(file());
    QStringList made;
    for (int i = 0; i < Settings::kMaxRecentFiles + 3; ++i) {
        QFile project(m_folder.filePath(QString("%1.receptive").arg(i)));
        QVERIFY(project.open(QIODevice::WriteOnly));
        made << project.fileName();
        settings.addRecentFile(project.fileName());
    }
    settings.addRecentFile(made.at(5));
    QCOMPARE(settings.recentFiles().size(), Settings::kMaxRecentFiles);
    QCOMPARE(settings.recentFiles().front(), made.at(5));
    QCOMPARE(settings.recentFiles().count(made.at(5)), 1);
    QVERIFY(QFile::remove(made.at(5)));
    QVERIFY(!settings.recentFiles().contains(made.at(5)));
    settings.clearRecentFiles();
    QVERIFY(settings.recentFiles().isEmpty());
}

void SettingsTest::layoutsOfAnotherSchemaAreForgotten() {
    {
        QSettings old(file(), QSettings::IniFormat);
        old.setValue("schema", Settings::kSchema + 1);
        old.setValue("layouts/design", QByteArray("old"));
        old.setValue("training/threads", 2);
    }
    const Settings settings(file());
    QVERIFY(settings.layout("design").isEmpty());
    QCOMPARE(settings.threads(), 2);
}

QTEST_GUILESS_MAIN(SettingsTest)
#include "tst_settings.moc"
