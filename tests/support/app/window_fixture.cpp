#include "tests/support/app/window_fixture.h"

#include "tests/support/text_graph.h"

#include "widgets/theme.h"

#include <QAccessible>
#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QDragEnterEvent>
#include <QLineEdit>
#include <QMimeData>
#include <QTest>

namespace tests {

namespace {

constexpr int kBelowTheLast = 24;

/// Where a hand would drop the next layer: below the lowest card.
QPoint nextPlace(widgets::CanvasView& view) {
    QAccessibleInterface* accessible = QAccessible::queryAccessibleInterface(&view);
    QRect lowest;
    for (int i = 0; i < accessible->childCount(); ++i) {
        const QRect card = accessible->child(i)->rect();
        if (lowest.isNull() || card.bottom() > lowest.bottom()) {
            lowest = card;
        }
    }
    return lowest.isNull()
               ? view.rect().center()
               : view.mapFromGlobal(QPoint(lowest.center().x(), lowest.bottom() + kBelowTheLast));
}

} // namespace

WindowFixture::WindowFixture()
    : settings(std::make_unique<app::Settings>(folder.filePath("settings.ini"))),
      session(std::make_unique<app::Session>(*settings)) {
    widgets::applyTheme(*qApp, widgets::Theme::light());
    window = std::make_unique<app::MainWindow>(*session);
    window->resize(1280, 900);
    window->show();
    [[maybe_unused]] const bool isExposed = QTest::qWaitForWindowExposed(window.get());
}

WindowFixture::~WindowFixture() = default;

widgets::CanvasView& WindowFixture::canvas() {
    return *window->findChild<widgets::CanvasView*>();
}

void WindowFixture::dropLayer(const QString& type) {
    widgets::CanvasView& view = canvas();
    QMimeData layer;
    layer.setData(widgets::kLayerMimeType, type.toUtf8());
    view.fit();
    const QPoint place = nextPlace(view);
    QDragEnterEvent enter(place, Qt::CopyAction, &layer, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&view, &enter);
    QDragMoveEvent move(place, Qt::CopyAction, &layer, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&view, &move);
    QDropEvent drop(place, Qt::CopyAction, &layer, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&view, &drop);
}

void WindowFixture::type(const QString& param, const QString& text) {
    // The form of the layer selected before goes with the next turn of the event loop.
    QApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    QApplication::sendPostedEvents();
    if (auto* choice = field<QComboBox>(param)) {
        choice->setFocus();
        QTest::keyClicks(choice, text);
        return;
    }
    auto* control = field<QWidget>(param);
    control->setFocus();
    auto* edit = qobject_cast<QLineEdit*>(control);
    if (edit == nullptr) {
        edit = control->findChild<QLineEdit*>();
    }
    edit->selectAll();
    QTest::keyClicks(edit, text);
    QTest::keyClick(edit, Qt::Key_Return);
}

void WindowFixture::trigger(app::ActionId id) {
    window->actions().at(id)->trigger();
}

nn::Project digitsProject(std::int64_t epochs) {
    nn::Project project;
    project.graph = std::make_shared<const nn::Graph>(
        graph("8x8x1 -> Conv2D(8, activation=relu) -> Flatten -> Dense(10, activation=softmax)"));
    project.data.source = "digits";
    project.training.epochs = epochs;
    project.training.threads = 1;
    return project;
}

} // namespace tests
