#include "app/cli/command_line.h"

#include "app/cli/command.h"
#include "app/cli/console.h"
#include "nn/base/text.h"
#include "nn/base/version.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string_view>

namespace app {
namespace cli {
namespace {

constexpr int kUsageError = 1;

const QString& usageHead() {
    static const QString text = QStringLiteral("Usage:\n"
                                               "  receptive [FILE]          open the window\n"
                                               "  receptive COMMAND …       work without a "
                                               "window\n");
    return text;
}

QString generalHelp(const std::vector<Command>& all) {
    QString text =
        QStringLiteral("Receptive: draw, train and inspect convolutional networks.\n\n") +
        usageHead() + QStringLiteral("\nCommands:\n");
    for (const Command& command : all) {
        text += QStringLiteral("  %1  %2\n").arg(command.name, -10).arg(command.summary);
    }
    return text + QStringLiteral(
                      "\nMODEL is a file (.receptive, or Keras' topology as .json) or "
                      "template:NAME.\nDATA is digits, fashion-mini, fashion-mnist, or a path: a "
                      "folder of IDX files, one\nIDX file, or a folder with one folder of images "
                      "per class.\n\n\"receptive COMMAND --help\" explains a command. Exit codes: "
                      "0 ok, 1 wrong usage,\n2 file or I/O error, 3 invalid or unsupported file, "
                      "4 training diverged,\n130 or 143 after Ctrl+C or a request to end.\n");
}

QString commandHelp(const Command& command, const QCommandLineParser& parser) {
    QString text =
        QStringLiteral("Usage: receptive %1\n\n%2\n")
            .arg((command.name + QLatin1Char(' ') + command.synopsis).trimmed(), command.summary);
    if (!command.details.isEmpty()) {
        text += QStringLiteral("\n%1\n").arg(command.details);
    }
    const QString help = parser.helpText();
    const qsizetype options = help.indexOf(QStringLiteral("Options:"));
    return options < 0 ? text : text + QLatin1Char('\n') + help.mid(options);
}

void prepare(QCommandLineParser& parser, const Command& command) {
    parser.setOptionsAfterPositionalArgumentsMode(QCommandLineParser::ParseAsOptions);
    parser.addOptions(QList<QCommandLineOption>(command.options.begin(), command.options.end()));
    parser.addOption(QCommandLineOption({QStringLiteral("h"), QStringLiteral("help")},
                                        QStringLiteral("Show this help.")));
}

int usageError(const Command& command, const QString& problem) {
    printError(problem.toStdString());
    printError(QStringLiteral("Usage: receptive %1 %2\n\"receptive %1 --help\" explains it.")
                   .arg(command.name, command.synopsis)
                   .toStdString());
    return kUsageError;
}

int runCommand(const Command& command, const QStringList& arguments) {
    QCommandLineParser parser;
    prepare(parser, command);
    const bool parsed = parser.parse(arguments);
    if (parsed && parser.isSet(QStringLiteral("help"))) {
        printLine(commandHelp(command, parser).toStdString());
        return 0;
    }
    if (!parsed) {
        return usageError(command, parser.errorText());
    }
    const QStringList positional = parser.positionalArguments();
    if (positional.size() != command.arguments) {
        return usageError(
            command, QStringLiteral("Expected %1 argument(s), but received %2%3.")
                         .arg(command.arguments)
                         .arg(positional.size())
                         .arg(positional.isEmpty()
                                  ? QString()
                                  : QStringLiteral(": ") + positional.join(QStringLiteral(", "))));
    }
    const nn::Expected<int> code = command.run(parser);
    if (!code) {
        showProgress({});
        printError(code.error().message);
        return exitCode(code.error());
    }
    return *code;
}

int unknownCommand(const QString& name, const std::vector<Command>& all) {
    std::vector<std::string> names;
    for (const Command& command : all) {
        names.push_back(command.name.toStdString());
    }
    const std::optional<std::string> near = nn::nearest(name.toStdString(), names);
    printError("There is no command or option \"" + name.toStdString() + "\"." +
               (near ? " Did you mean \"" + *near + "\"?" : std::string()));
    printError("\"receptive --help\" lists the commands.");
    return kUsageError;
}

} // namespace

std::vector<Command> commands() {
    return {templatesCommand(), summaryCommand(), codeCommand(),    trainCommand(),
            evaluateCommand(),  predictCommand(), inspectCommand(), benchCommand()};
}

int exitCode(const nn::Error& error) {
    switch (error.code) {
    case nn::ErrorCode::Usage:
    case nn::ErrorCode::TooLarge:
    case nn::ErrorCode::Cancelled:
        return 1;
    case nn::ErrorCode::Io:
        return 2;
    case nn::ErrorCode::InvalidFile:
    case nn::ErrorCode::Unsupported:
        return 3;
    case nn::ErrorCode::Diverged:
        return 4;
    }
    return 1;
}

nn::Expected<qint64> integerOption(const QCommandLineParser& parser, const QString& name,
                                   qint64 min, qint64 max) {
    const std::string text = parser.value(name).toStdString();
    const std::optional<std::int64_t> value = nn::parseInteger(text);
    if (!value || *value < min || *value > max) {
        return nn::failure(nn::ErrorCode::Usage,
                           "--" + name.toStdString() + ": expected a whole number from " +
                               nn::withThousands(min) + " to " + nn::withThousands(max) +
                               ", but received \"" + text + "\".");
    }
    return *value;
}

nn::Expected<double> realOption(const QCommandLineParser& parser, const QString& name) {
    const std::string text = parser.value(name).toStdString();
    const std::optional<double> value = nn::parseReal(text);
    if (!value || !std::isfinite(*value)) {
        return nn::failure(nn::ErrorCode::Usage, "--" + name.toStdString() +
                                                     ": expected a number such as 0.001, but "
                                                     "received \"" +
                                                     text + "\".");
    }
    return *value;
}

} // namespace cli

bool isCommandLine(int argc, char** argv) {
    if (argc < 2) {
        return false;
    }
    const std::string_view first = argv[1];
    if (first == "--help" || first == "-h" || first == "--version" || first == "help") {
        return true;
    }
    const std::vector<cli::Command> all = cli::commands();
    if (std::ranges::any_of(all, [&](const cli::Command& command) {
            return command.name.toStdString() == first;
        })) {
        return true;
    }
    // A word that is neither an option nor a file name is a mistyped command.
    std::error_code error;
    return !first.starts_with("-") && first.find_first_of("./:") == std::string_view::npos &&
           !std::filesystem::exists(first, error);
}

int runCommandLine(int argc, char** argv) {
    const std::vector<cli::Command> all = cli::commands();
    const QString name = QString::fromLocal8Bit(argv[1]);
    if (name == QStringLiteral("--version")) {
        cli::printLine("receptive " + std::string(nn::version));
        return 0;
    }
    if (name == QStringLiteral("--help") || name == QStringLiteral("-h") ||
        name == QStringLiteral("help")) {
        cli::printLine(cli::generalHelp(all).toStdString());
        return 0;
    }
    const auto found = std::ranges::find(all, name, &cli::Command::name);
    if (found == all.end()) {
        return cli::unknownCommand(name, all);
    }
    const QCoreApplication application(argc, argv);
    QStringList arguments = QCoreApplication::arguments();
    arguments.removeAt(1);
    return cli::runCommand(*found, arguments);
}

} // namespace app
