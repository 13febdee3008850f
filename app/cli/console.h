#pragma once

#include <string>
#include <string_view>

namespace app::cli {

/// Writes a line to standard output.
void printLine(std::string_view text);
/// Writes a line to standard error.
void printError(std::string_view text);
/// Whether standard error is a terminal: progress bars make sense.
[[nodiscard]] bool isInteractive();
/// Columns of the terminal standard output goes to, or 0.
[[nodiscard]] int terminalColumns();
/// Overwrites the current line of standard error; an empty text clears it.
void showProgress(std::string_view text);

} // namespace app::cli
