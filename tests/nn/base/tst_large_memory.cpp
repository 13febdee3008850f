#include "nn/base/large_memory.h"
#include "nn/exec/arena.h"
#include "nn/tensor/tensor.h"

#include <QTest>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <new>
#include <sstream>
#include <string>

namespace {

/// Whether the system was asked for huge pages where this byte lies ("hg" among the flags of its
/// mapping).
bool asksForHugePages(const void* address) {
    const auto wanted = reinterpret_cast<std::uintptr_t>(address);
    std::ifstream maps("/proc/self/smaps");
    std::string line;
    bool inside = false;
    while (std::getline(maps, line)) {
        std::uintptr_t begin = 0;
        std::uintptr_t end = 0;
        char dash = 0;
        std::istringstream range(line);
        if (range >> std::hex >> begin >> dash >> end && dash == '-') {
            inside = wanted >= begin && wanted < end;
        } else if (inside && line.starts_with("VmFlags:")) {
            return line.find(" hg") != std::string::npos;
        }
    }
    return false;
}

bool isAligned(const void* address, std::size_t alignment) {
    return reinterpret_cast<std::uintptr_t>(address) % alignment == 0;
}

} // namespace

class TestLargeMemory : public QObject {
    Q_OBJECT

private slots:
    void startsAtCacheLinesAndHugePages() {
        for (const std::size_t bytes : {std::size_t{1}, std::size_t{65}, nn::kHugePage - 1}) {
            void* const memory = nn::allocateMemory(bytes);
            QVERIFY(isAligned(memory, nn::kMemoryAlignment));
            nn::releaseMemory(memory);
        }
        void* const memory = nn::allocateMemory(nn::kHugePage + 5);
        QVERIFY(isAligned(memory, nn::kHugePage));
        nn::releaseMemory(memory);
    }

    void refusesWhatNoMachineHas() {
        for (const std::size_t bytes : {SIZE_MAX, SIZE_MAX / 2}) {
            QVERIFY_EXCEPTION_THROWN(static_cast<void>(nn::allocateMemory(bytes)), std::bad_alloc);
        }
    }

    void weightsAndBuffersAskForHugePages() {
        if (!std::filesystem::exists("/sys/kernel/mm/transparent_hugepage")) {
            QSKIP("This system has no transparent huge pages.");
        }
        const nn::Tensor weights(nn::Shape{3 << 20});
        QVERIFY(isAligned(weights.values().data(), nn::kHugePage));
        QVERIFY(asksForHugePages(weights.values().data() + (1 << 20)));
        const nn::Arena arena(std::size_t{5} << 20);
        QVERIFY(asksForHugePages(arena.data() + nn::kHugePage));
        const nn::Tensor small(nn::Shape{1000});
        QVERIFY(!asksForHugePages(small.values().data()));
    }
};

QTEST_APPLESS_MAIN(TestLargeMemory)
#include "tst_large_memory.moc"
