#include "app/application.h"

int main(int argc, char** argv) {
    return app::runWindow(argc, argv);
}
