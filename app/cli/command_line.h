#pragma once

namespace app {

/// Whether the arguments ask for a command, --help or --version rather than for the window.
[[nodiscard]] bool isCommandLine(int argc, char** argv);

/// Runs a command without a window and returns its exit code: 0 ok, 1 wrong usage, 2 file or I/O
/// error, 3 invalid or unsupported file, 4 training diverged, 130 and 143 after a signal.
[[nodiscard]] int runCommandLine(int argc, char** argv);

/// What the window would show first, where there is no display: trains the starter network on the
/// embedded images and writes loss curve, filters and feature maps into a folder it names.
[[nodiscard]] int runHeadlessStarter(int argc, char** argv);

} // namespace app
