#include "nn/data/embedded.h"

#include <array>

// The build writes embedded_files.inc, one line per file of resources/data, and the symbols.
#define NN_EMBEDDED_FILE(symbol, name)                                                             \
    extern "C" const std::byte symbol;                                                             \
    extern "C" const std::byte symbol##_end;
#include "nn/data/embedded_files.inc"
#undef NN_EMBEDDED_FILE

namespace nn::data {

namespace {

struct EmbeddedFile {
    std::string_view name;
    const std::byte* begin = nullptr;
    const std::byte* end = nullptr;
};

std::span<const EmbeddedFile> files() {
    // The empty last entry keeps the array legal when there is no file.
    static const auto table = std::to_array<EmbeddedFile>({
#define NN_EMBEDDED_FILE(symbol, name) {name, &(symbol), &(symbol##_end)},
#include "nn/data/embedded_files.inc"
#undef NN_EMBEDDED_FILE
        {},
    });
    return std::span(table).first(table.size() - 1);
}

} // namespace

std::span<const std::byte> embeddedFile(std::string_view name) {
    for (const EmbeddedFile& file : files()) {
        if (file.name == name) {
            return {file.begin, file.end};
        }
    }
    return {};
}

std::vector<std::string_view> embeddedFileNames() {
    std::vector<std::string_view> names;
    for (const EmbeddedFile& file : files()) {
        names.push_back(file.name);
    }
    return names;
}

} // namespace nn::data
