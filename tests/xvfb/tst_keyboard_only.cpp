#include "tests/support/app/window_fixture.h"

#include <QApplication>
#include <QComboBox>
#include <QSignalSpy>
#include <QTest>

using tests::WindowFixture;

/// Everything from an empty canvas to a trained network without a mouse.
class KeyboardOnlyTest : public QObject {
    Q_OBJECT

private slots:
    void buildsTrainsAndLooksInside();
};

namespace {

constexpr int kPatience = 20'000;

/// A key for whatever has the keyboard.
void press(Qt::Key key, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
    QTest::keyClick(QApplication::focusWidget(), key, modifiers);
}

void write(const QString& text) {
    QTest::keyClicks(QApplication::focusWidget(), text);
}

/// Searches the palette and adds what is found.
void add(const QString& type) {
    press(Qt::Key_F, Qt::ControlModifier);
    QTRY_COMPARE(QApplication::focusWidget()->objectName(), QString("palette-search"));
    press(Qt::Key_A, Qt::ControlModifier);
    write(type);
    press(Qt::Key_Return);
}

} // namespace

void KeyboardOnlyTest::buildsTrainsAndLooksInside() {
    WindowFixture fixture;
    fixture.window->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(fixture.window.get()));
    fixture.canvas().setFocus();
    nn::Project empty;
    empty.data.source = "digits";
    empty.training.epochs = 1;
    fixture.session->document.reset(empty, {});

    add("InputLayer");
    add("Conv2D");
    add("Flatten");
    add("Dense");
    const nn::Graph& graph = fixture.session->document.graph();
    QCOMPARE(graph.nodes.size(), std::size_t{4});
    QCOMPARE(graph.edges.size(), std::size_t{3});

    fixture.canvas().setFocus();
    press(Qt::Key_Return);
    QTRY_COMPARE(fixture.session->selection.nodes().size(), 1);
    QTRY_VERIFY(fixture.window->findChild<QWidget*>("layer-params")
                    ->isAncestorOf(QApplication::focusWidget()));
    press(Qt::Key_A, Qt::ControlModifier);
    write("10");
    press(Qt::Key_Return);
    QCOMPARE(fixture.session->document.inference().outputs.size(), std::size_t{1});
    const nn::NodeId last = fixture.session->document.inference().outputs.front();
    QCOMPARE(*fixture.session->document.inference().find(last)->output, nn::Shape{10});

    fixture.session->data.load();
    QTRY_COMPARE_WITH_TIMEOUT(fixture.session->data.state(), app::DataStore::State::Ready,
                              kPatience);
    QTest::keyClick(fixture.window.get(), Qt::Key_D, Qt::AltModifier);
    QTRY_VERIFY(QApplication::activePopupWidget());
    QTest::keyClick(QApplication::activePopupWidget(), Qt::Key_N);
    QCOMPARE(*fixture.session->document.inference().find(1)->output, (nn::Shape{8, 8, 1}));

    QSignalSpy ended(fixture.session.get(), &app::Session::trainingEnded);
    press(Qt::Key_F5);
    QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, kPatience);
    QVERIFY(fixture.session->document.project().weights);
    press(Qt::Key_4, Qt::ControlModifier);
    QCOMPARE(fixture.window->workspace(), app::Workspace::Inspect);
    QTRY_VERIFY_WITH_TIMEOUT(fixture.session->inspection.last().maps, kPatience);
}

QTEST_MAIN(KeyboardOnlyTest)
#include "tst_keyboard_only.moc"
