#include "tests/support/app/window_fixture.h"
#include "tests/support/text_graph.h"

#include <QApplication>
#include <QLabel>
#include <QSignalSpy>
#include <QTest>

using app::Workspace;
using tests::WindowFixture;

/// The theme can change at any time, whatever the window shows.
class ThemeChangeTest : public QObject {
    Q_OBJECT

private slots:
    void everyPageTakesTheNewColours();
    void headingsKeepTheirFonts();
    void changedArgumentsAreSetInBold();
};

void ThemeChangeTest::everyPageTakesTheNewColours() {
    WindowFixture fixture;
    fixture.session->document.reset(tests::digitsProject(1), {});
    QSignalSpy ended(fixture.session.get(), &app::Session::trainingEnded);
    fixture.trigger(app::ActionId::StartTraining);
    QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, 60'000);
    for (const Workspace workspace :
         {Workspace::Data, Workspace::Inspect, Workspace::Train, Workspace::Design}) {
        fixture.window->showWorkspace(workspace);
        fixture.session->selection.set(
            {nn::findNode(fixture.session->document.graph(), "conv2d")->id});
        for (const widgets::Theme* theme :
             {&widgets::Theme::dark(), &widgets::Theme::light(), &widgets::Theme::highContrast()}) {
            widgets::applyTheme(*qApp, *theme);
            QApplication::sendPostedEvents();
            const QImage picture = fixture.window->grab().toImage();
            QCOMPARE(picture.pixelColor(picture.width() / 2, 40), theme->window);
            QCOMPARE(&widgets::Theme::of(fixture.window.get()), theme);
        }
        fixture.session->selection.set({});
    }
}

void ThemeChangeTest::headingsKeepTheirFonts() {
    WindowFixture fixture;
    fixture.session->document.reset(tests::digitsProject(1), {});
    fixture.trigger(app::ActionId::Data);
    QWidget* page = fixture.window->page(Workspace::Data);
    const auto bold = [page] {
        int count = 0;
        for (const QLabel* label : page->findChildren<QLabel*>()) {
            count += label->font().weight() > QFont::Normal ? 1 : 0;
        }
        return count;
    };
    const int before = bold();
    QVERIFY(before > 0);
    widgets::applyTheme(*qApp, widgets::Theme::highContrast());
    QCOMPARE(bold(), before);
    fixture.trigger(app::ActionId::Design);
    widgets::applyTheme(*qApp, widgets::Theme::dark());
    QCOMPARE(bold(), before);
}

// Being shown first, and another theme, took the weight away.
void ThemeChangeTest::changedArgumentsAreSetInBold() {
    WindowFixture fixture;
    fixture.session->document.reset(tests::digitsProject(1), {});
    fixture.trigger(app::ActionId::Design);
    fixture.session->selection.set({tests::node(fixture.session->document.graph(), "conv2d")});
    const auto isBold = [&](const QString& argument) {
        for (const QLabel* label : fixture.window->findChildren<QLabel*>()) {
            if (label->accessibleName() == argument && label->isVisible()) {
                return label->font().weight() > QFont::Normal;
            }
        }
        return false;
    };
    QTRY_VERIFY(isBold("filters"));
    QVERIFY(!isBold("strides"));
    fixture.trigger(app::ActionId::Train);
    QVERIFY(isBold("epochs"));
    QVERIFY(!isBold("batch_size"));
    fixture.trigger(app::ActionId::Design);
    widgets::applyTheme(*qApp, widgets::Theme::dark());
    QTRY_VERIFY(isBold("filters"));
    QVERIFY(!isBold("strides"));
}

QTEST_MAIN(ThemeChangeTest)
#include "tst_theme_change.moc"
