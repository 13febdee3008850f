#include "app/cli/command.h"
#include "app/cli/console.h"
#include "nn/model/templates.h"

namespace app::cli {

Command templatesCommand() {
    return {.name = QStringLiteral("templates"),
            .synopsis = {},
            .summary = QStringLiteral("list the built-in networks"),
            .details = {},
            .arguments = 0,
            .options = {},
            .run = [](const QCommandLineParser&) -> nn::Expected<int> {
                for (const nn::Template& each : nn::templates()) {
                    std::string name = "template:" + each.name;
                    name.resize(std::max<std::size_t>(name.size(), 22), ' ');
                    printLine(name + "  " + each.summary);
                }
                return 0;
            }};
}

} // namespace app::cli
