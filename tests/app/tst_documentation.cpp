#include "app/actions.h"
#include "app/cli/command.h"
#include "nn/model/registry.h"

#include <QAction>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QMap>
#include <QRegularExpression>
#include <QSet>
#include <QTest>

namespace {

QString text(const QString& file) {
    QFile page(QDir(qEnvironmentVariable("RECEPTIVE_SOURCE_DIR")).filePath(file));
    return page.open(QIODevice::ReadOnly) ? QString::fromUtf8(page.readAll()) : QString();
}

/// The parts of a page below headings "## name" of one small word, by name.
QMap<QString, QString> sections(const QString& page) {
    static const QRegularExpression heading(QStringLiteral("^## (.+)$"),
                                            QRegularExpression::MultilineOption);
    static const QRegularExpression command(QStringLiteral("^[a-z]+$"));
    QMap<QString, QString> found;
    QString name;
    qsizetype from = 0;
    auto it = heading.globalMatch(page);
    while (it.hasNext()) {
        const QRegularExpressionMatch match = it.next();
        found[name] = page.mid(from, match.capturedStart() - from);
        name = match.captured(1);
        from = match.capturedEnd();
    }
    found[name] = page.mid(from);
    for (const QString& key : found.keys()) {
        if (!command.match(key).hasMatch()) {
            found.remove(key);
        }
    }
    return found;
}

QSet<QString> optionsIn(const QString& page) {
    static const QRegularExpression option(QStringLiteral("--([a-z][a-z-]*)"));
    QSet<QString> names;
    auto it = option.globalMatch(page);
    while (it.hasNext()) {
        names.insert(it.next().captured(1));
    }
    return names;
}

/// "`Ctrl+Y`, `Ctrl+Shift+Z`", empty without a shortcut.
QString keysOf(const QAction& action) {
    QStringList keys;
    for (const QKeySequence& key : action.shortcuts()) {
        keys << QStringLiteral("`%1`").arg(key.toString(QKeySequence::PortableText));
    }
    return keys.join(QStringLiteral(", "));
}

QString plain(QString label) {
    return label.remove(QLatin1Char('&')).remove(QChar(0x2026));
}

} // namespace

/// What the pages of docs/ say is what the program has.
class DocumentationTest : public QObject {
    Q_OBJECT

private slots:
    void everyCommandHasItsSectionWithItsOptions() {
        const QMap<QString, QString> pages = sections(text(QStringLiteral("docs/command-line.md")));
        QStringList names;
        for (const app::cli::Command& command : app::cli::commands()) {
            names << command.name;
            QSet<QString> options;
            for (const QCommandLineOption& option : command.options) {
                options.insert(option.names().constLast());
            }
            const QSet<QString> written = optionsIn(pages.value(command.name));
            QVERIFY2(written == options,
                     qPrintable(command.name + ": " +
                                QStringList((written - options + (options - written)).values())
                                    .join(QLatin1Char(' '))));
        }
        names.sort();
        QCOMPARE(QStringList(pages.keys()), names);
    }

    void readmeNamesEveryCommand() {
        const QString readme = text(QStringLiteral("README.md"));
        for (const app::cli::Command& command : app::cli::commands()) {
            QVERIFY2(readme.contains(QStringLiteral("    receptive ") + command.name),
                     qPrintable(command.name));
        }
    }

    void guideHasEveryActionWithItsKeys() {
        const QString guide = text(QStringLiteral("docs/guide.md"));
        const app::Actions actions;
        for (const app::ActionSpec& spec : app::actionSpecs()) {
            const QString row = QStringLiteral("\n| %1 | %2 | %3 |\n")
                                    .arg(plain(QString::fromUtf8(spec.text)),
                                         keysOf(*actions.at(spec.id)), QString::fromUtf8(spec.tip));
            QVERIFY2(guide.contains(row), qPrintable("docs/guide.md lacks" + row));
        }
    }

    void guideHasEveryLayerWithItsArguments() {
        const QString guide = text(QStringLiteral("docs/guide.md"));
        for (const nn::LayerDef& def : nn::layerDefs()) {
            QStringList names;
            for (const nn::ParamSpec& param : def.params) {
                names << QStringLiteral("`%1`").arg(QString::fromStdString(param.name));
            }
            const QString row =
                QStringLiteral("\n| %1 | %2 | %3 |\n")
                    .arg(QString::fromStdString(def.type), QString::fromStdString(def.summary),
                         names.isEmpty() ? QString(QChar(0x2013)) : names.join(", "));
            QVERIFY2(guide.contains(row), qPrintable("docs/guide.md lacks" + row));
        }
    }

    void linksLeadSomewhere() {
        static const QRegularExpression link(QStringLiteral("\\]\\(([^)#:\\s]+)(#[^)]*)?\\)"));
        const QDir root(qEnvironmentVariable("RECEPTIVE_SOURCE_DIR"));
        QStringList pages{QStringLiteral("README.md"), QStringLiteral("CONTRIBUTING.md")};
        for (const QString& page : QDir(root.filePath("docs")).entryList({"*.md"}, QDir::Files)) {
            pages << QStringLiteral("docs/") + page;
        }
        QVERIFY(pages.size() > 4);
        for (const QString& page : pages) {
            const QDir folder = QFileInfo(root.filePath(page)).dir();
            auto it = link.globalMatch(text(page));
            while (it.hasNext()) {
                const QString target = it.next().captured(1);
                QVERIFY2(folder.exists(target), qPrintable(page + ": " + target));
            }
        }
    }
};

QTEST_MAIN(DocumentationTest)
#include "tst_documentation.moc"
