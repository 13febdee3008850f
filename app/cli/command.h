#pragma once

#include "nn/base/error.h"

#include <QCommandLineOption>
#include <QCommandLineParser>
#include <QString>
#include <functional>
#include <vector>

namespace app::cli {

/// One command: how it is called, what it says about itself, what it does.
struct Command {
    QString name;
    QString synopsis;  ///< "MODEL --data DATA [--epochs N]"
    QString summary;   ///< One line for the list of commands.
    QString details;   ///< Further help, may be empty.
    int arguments = 0; ///< Positional arguments, exactly.
    std::vector<QCommandLineOption> options;
    /// Receives the parsed arguments; returns the exit code.
    std::function<nn::Expected<int>(const QCommandLineParser&)> run;
};

/// All commands in the order of the help. One function per file makes each.
[[nodiscard]] std::vector<Command> commands();

[[nodiscard]] Command templatesCommand();
[[nodiscard]] Command summaryCommand();
[[nodiscard]] Command codeCommand();
[[nodiscard]] Command trainCommand();
[[nodiscard]] Command evaluateCommand();
[[nodiscard]] Command predictCommand();
[[nodiscard]] Command inspectCommand();
[[nodiscard]] Command benchCommand();

/// The exit code an error stands for.
[[nodiscard]] int exitCode(const nn::Error& error);

/// A whole number given to an option; the error names the option and the range.
[[nodiscard]] nn::Expected<qint64> integerOption(const QCommandLineParser& parser,
                                                 const QString& name, qint64 min, qint64 max);
[[nodiscard]] nn::Expected<double> realOption(const QCommandLineParser& parser,
                                              const QString& name);

} // namespace app::cli
