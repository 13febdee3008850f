#pragma once

namespace benchmarks {

/// This process was started by the benchmark of the start, to be the program.
[[nodiscard]] bool isMeasuredStart(int argc, char** argv);
/// Opens the window as the program does; prints when it was painted and its memory at rest.
[[nodiscard]] int measuredStart(int argc, char** argv);

} // namespace benchmarks
