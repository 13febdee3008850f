#include "app/application.h"
#include "app/cli/command_line.h"

#include <cstdio>

int main(int argc, char** argv) {
    if (app::isCommandLine(argc, argv)) {
        return app::runCommandLine(argc, argv);
    }
    if (!app::hasDisplay()) {
        std::fputs("receptive: no display was found, so there is no window; doing the same without "
                   "one.\n",
                   stderr);
        return app::runHeadlessStarter(argc, argv);
    }
    return app::runWindow(argc, argv);
}
