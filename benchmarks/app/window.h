#pragma once

#include "app/main_window.h"

#include <QEventLoop>
#include <QTemporaryDir>
#include <functional>
#include <memory>

namespace benchmarks {

/// The program's window with settings of its own.
struct Window {
    Window();
    ~Window();

    QTemporaryDir folder;
    app::Settings settings{folder.filePath("settings.ini")};
    app::Session session{settings};
    std::unique_ptr<app::MainWindow> owned;
    app::MainWindow& window;
};

/// Lets the event loop run.
void runFor(int milliseconds);

/// Lets the event loop run until a signal comes; false when it did not come in time.
template <typename Sender, typename Signal>
[[nodiscard]] bool runUntil(Sender* sender, Signal signal, int milliseconds = 60'000);

bool runLoop(const std::function<void(QEventLoop&)>& arrange, int milliseconds);

template <typename Sender, typename Signal>
bool runUntil(Sender* sender, Signal signal, int milliseconds) {
    return runLoop(
        [&](QEventLoop& loop) {
            QObject::connect(sender, signal, &loop, [&loop] { loop.exit(1); });
        },
        milliseconds);
}

} // namespace benchmarks
