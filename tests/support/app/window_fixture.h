#pragma once

#include "app/main_window.h"

#include "widgets/canvas/canvas_view.h"

#include <QTemporaryDir>
#include <memory>

namespace tests {

/// A window with settings of its own and an empty project.
struct WindowFixture {
    WindowFixture();
    ~WindowFixture();

    [[nodiscard]] widgets::CanvasView& canvas();
    /// The control of an argument in the properties of the selection.
    template <typename Control>
    [[nodiscard]] Control* field(const QString& param) {
        return window->findChild<QWidget*>("layer-params")->findChild<Control*>(param);
    }

    /// Drops a layer from the palette below everything on the canvas.
    void dropLayer(const QString& type);
    /// Types into the field of an argument and presses Enter.
    void type(const QString& param, const QString& text);
    /// Presses the key of an action as the window's menu would.
    void trigger(app::ActionId id);

    QTemporaryDir folder;
    std::unique_ptr<app::Settings> settings;
    std::unique_ptr<app::Session> session;
    std::unique_ptr<app::MainWindow> window;
};

/// A network that learns the embedded digits in moments.
[[nodiscard]] nn::Project digitsProject(std::int64_t epochs);

} // namespace tests
