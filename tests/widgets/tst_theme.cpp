#include "widgets/theme.h"

#include <QApplication>
#include <QLabel>
#include <QTest>
#include <QWidget>

using namespace widgets;

namespace {

struct Pair {
    const char* name;
    QColor front;
    QColor back;
};

std::vector<Pair> textPairs(const Theme& t) {
    return {{"text on window", t.text, t.window},
            {"text on panel", t.text, t.panel},
            {"text on base", t.text, t.base},
            {"text on alternateBase", t.text, t.alternateBase},
            {"text on hover", t.text, t.hover},
            {"text on pressed", t.text, t.pressed},
            {"text on card", t.text, t.card},
            {"text on cardHeader", t.text, t.cardHeader},
            {"text on errorFill", t.text, t.errorFill},
            {"text on warningFill", t.text, t.warningFill},
            {"mutedText on window", t.mutedText, t.window},
            {"mutedText on panel", t.mutedText, t.panel},
            {"mutedText on base", t.mutedText, t.base},
            {"mutedText on card", t.mutedText, t.card},
            {"mutedText on plotBackground", t.mutedText, t.plotBackground},
            {"wireText on canvas", t.wireText, t.canvas},
            {"accentText on accent", t.accentText, t.accent},
            {"selectionText on selection", t.selectionText, t.selection},
            {"error on panel", t.error, t.panel},
            {"error on errorFill", t.error, t.errorFill},
            {"warning on panel", t.warning, t.panel},
            {"warning on warningFill", t.warning, t.warningFill},
            {"info on panel", t.info, t.panel},
            {"success on panel", t.success, t.panel}};
}

std::vector<Pair> graphicPairs(const Theme& t) {
    std::vector<Pair> pairs = {{"controlBorder on window", t.controlBorder, t.window},
                               {"controlBorder on base", t.controlBorder, t.base},
                               {"focus on window", t.focus, t.window},
                               {"focus on panel", t.focus, t.panel},
                               {"accent on panel", t.accent, t.panel},
                               {"wire on canvas", t.wire, t.canvas},
                               {"plotAxis on plotBackground", t.plotAxis, t.plotBackground}};
    for (const QColor& color : t.series) {
        pairs.push_back({"series on plotBackground", color, t.plotBackground});
    }
    for (const QColor& color : t.categories) {
        pairs.push_back({"category on card", color, t.card});
        pairs.push_back({"category on window", color, t.window});
    }
    return pairs;
}

} // namespace

class TestTheme : public QObject {
    Q_OBJECT

private slots:
    void contrastFollowsWcag() {
        QCOMPARE(contrastRatio(Qt::black, Qt::white), 21.0);
        QCOMPARE(contrastRatio(Qt::white, Qt::white), 1.0);
        // #777777 on white is the well known value just below the limit of 4.5.
        QVERIFY(std::abs(contrastRatio(QColor(0x77, 0x77, 0x77), Qt::white) - 4.48) < 0.01);
    }

    void textStandsOut_data() { addThemes(); }
    void textStandsOut() {
        QFETCH(int, kind);
        check(textPairs(Theme::of(static_cast<ThemeKind>(kind))), 4.5);
    }

    void graphicsStandOut_data() { addThemes(); }
    void graphicsStandOut() {
        QFETCH(int, kind);
        check(graphicPairs(Theme::of(static_cast<ThemeKind>(kind))), 3.0);
    }

    void paletteLeadsBackToItsTheme_data() { addThemes(); }
    void paletteLeadsBackToItsTheme() {
        QFETCH(int, kind);
        const auto wanted = static_cast<ThemeKind>(kind);
        QCOMPARE(Theme::of(Theme::of(wanted).palette()).kind, wanted);
    }

    void foreignPaletteIsJudgedByLightness() {
        QPalette dark(QColor(20, 20, 20));
        dark.setColor(QPalette::Link, QColor(1, 2, 3));
        QCOMPARE(Theme::of(dark).kind, ThemeKind::Dark);
        QPalette light(QColor(240, 240, 240));
        light.setColor(QPalette::Link, QColor(1, 2, 3));
        QCOMPARE(Theme::of(light).kind, ThemeKind::Light);
        QCOMPARE(resolvedTheme(ThemeChoice::System, dark), ThemeKind::Dark);
        QCOMPARE(resolvedTheme(ThemeChoice::HighContrast, dark), ThemeKind::HighContrast);
    }

    void appliedThemeReachesOldAndNewWidgets() {
        applyTheme(*qApp, Theme::light());
        QWidget before;
        auto* child = new QLabel(&before);
        applyTheme(*qApp, Theme::dark());
        const QWidget after;
        QCOMPARE(Theme::of(child).kind, ThemeKind::Dark);
        QCOMPARE(Theme::of(&after).kind, ThemeKind::Dark);
        applyTheme(*qApp, Theme::light());
        QCOMPARE(Theme::of(child).kind, ThemeKind::Light);
    }

    void styleSheetNamesOnlyColoursAndFilesThatExist_data() { addThemes(); }
    void styleSheetNamesOnlyColoursAndFilesThatExist() {
        QFETCH(int, kind);
        const QString sheet = Theme::of(static_cast<ThemeKind>(kind)).styleSheet();
        QVERIFY(!sheet.contains(u'@'));
        const QRegularExpression url(QStringLiteral("url\\(([^)]+)\\)"));
        int files = 0;
        for (auto it = url.globalMatch(sheet); it.hasNext(); ++files) {
            const QString path = it.next().captured(1);
            QVERIFY2(QFile::exists(path), qPrintable(path));
        }
        QVERIFY(files > 10);
    }

    void categoriesAreFoundByName() {
        const Theme& theme = Theme::light();
        QCOMPARE(theme.categoryColor(u"Convolution"), theme.categories[1]);
        QCOMPARE(theme.categoryColor(u"merging"), theme.categories[8]);
        QCOMPARE(theme.categoryColor(u"nothing"), theme.mutedText);
    }

    void typeScaleFollowsTheBaseFont() {
        QFont base;
        base.setPointSizeF(20.0);
        const Theme& theme = Theme::light();
        QCOMPARE(theme.font(TextRole::Body, base).pointSizeF(), 20.0);
        QVERIFY(theme.font(TextRole::Title, base).pointSizeF() > 24.0);
        QVERIFY(theme.font(TextRole::Small, base).pointSizeF() < 20.0);
        QVERIFY(theme.font(TextRole::Mono, base).fixedPitch());
    }

private:
    static void addThemes() {
        QTest::addColumn<int>("kind");
        QTest::newRow("light") << static_cast<int>(ThemeKind::Light);
        QTest::newRow("dark") << static_cast<int>(ThemeKind::Dark);
        QTest::newRow("high contrast") << static_cast<int>(ThemeKind::HighContrast);
    }

    static void check(const std::vector<Pair>& pairs, double least) {
        for (const Pair& pair : pairs) {
            const double ratio = contrastRatio(pair.front, pair.back);
            QVERIFY2(ratio >= least, qPrintable(QStringLiteral("%1: %2 on %3 is %4")
                                                    .arg(QLatin1String(pair.name),
                                                         pair.front.name(), pair.back.name())
                                                    .arg(ratio)));
        }
    }
};

QTEST_MAIN(TestTheme)
#include "tst_theme.moc"
