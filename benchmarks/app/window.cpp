#include "benchmarks/app/window.h"

#include "widgets/theme.h"

#include <QApplication>
#include <QTimer>

namespace benchmarks {

namespace {

/// The theme comes first, as in the program.
std::unique_ptr<app::MainWindow> themedWindow(app::Session& session) {
    widgets::applyTheme(*qApp, widgets::Theme::light());
    return std::make_unique<app::MainWindow>(session);
}

} // namespace

Window::Window() : owned(themedWindow(session)), window(*owned) {
    window.resize(1280, 900);
    window.show();
    runFor(100);
}

Window::~Window() = default;

void runFor(int milliseconds) {
    QEventLoop loop;
    QTimer::singleShot(milliseconds, Qt::PreciseTimer, &loop, &QEventLoop::quit);
    loop.exec();
}

bool runLoop(const std::function<void(QEventLoop&)>& arrange, int milliseconds) {
    QEventLoop loop;
    arrange(loop);
    QTimer::singleShot(milliseconds, &loop, [&loop] { loop.exit(0); });
    return loop.exec() == 1;
}

} // namespace benchmarks
