#include "app/application.h"
#include "app/cli/command_line.h"

int main(int argc, char** argv) {
    if (app::isCommandLine(argc, argv)) {
        return app::runCommandLine(argc, argv);
    }
    if (!app::hasDisplay()) {
        return app::runHeadlessStarter(argc, argv);
    }
    return app::runWindow(argc, argv);
}
