#include <cstdio>
#include <string_view>

#include "nn/base/version.h"

int main(int argc, char* argv[]) {
    if (argc == 2 && std::string_view(argv[1]) == "--version") {
        std::printf("receptive %s\n", nn::version.data());
        return 0;
    }
    std::fputs("usage: receptive --version\n", stderr);
    return 2;
}
