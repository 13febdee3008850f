#include "nn/train/machine_memory.h"

#include "nn/base/text.h"

#include <fstream>
#include <limits>
#include <optional>
#include <sys/resource.h>

namespace nn {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kUnlimited = std::numeric_limits<std::int64_t>::max();

std::optional<std::int64_t> numberIn(const fs::path& file) {
    std::ifstream stream(file);
    std::string word;
    if (!(stream >> word)) {
        return std::nullopt;
    }
    return parseInteger(word);
}

/// The bytes of a line "Name:   123 kB" of /proc/meminfo or /proc/self/status.
std::optional<std::int64_t> kilobyteLine(const fs::path& file, std::string_view name) {
    std::ifstream stream(file);
    std::string line;
    while (std::getline(stream, line)) {
        if (line.starts_with(name)) {
            std::string_view rest = trimmed(std::string_view(line).substr(name.size()));
            rest = trimmed(rest.substr(0, rest.find(' ')));
            const std::optional<std::int64_t> kilobytes = parseInteger(rest);
            return kilobytes ? std::optional(*kilobytes * 1024) : std::nullopt;
        }
    }
    return std::nullopt;
}

/// What a control group leaves: its limit less its use, the page cache counted as free.
std::int64_t leftInGroup(const fs::path& limitFile, const fs::path& useFile,
                         const fs::path& statFile, std::string_view cacheName) {
    const std::optional<std::int64_t> limit = numberIn(limitFile);
    const std::optional<std::int64_t> use = numberIn(useFile);
    if (!limit || !use) {
        return kUnlimited;
    }
    std::int64_t cache = 0;
    std::ifstream stat(statFile);
    std::string name;
    std::int64_t value = 0;
    while (stat >> name >> value) {
        if (name == cacheName) {
            cache = value;
        }
    }
    return *limit - *use + cache;
}

/// The least any control group from this process' own up to the root leaves.
std::int64_t leftInGroups(const fs::path& root) {
    std::int64_t least = kUnlimited;
    std::ifstream stream(root / "proc/self/cgroup");
    std::string line;
    while (std::getline(stream, line)) {
        const std::vector<std::string> parts = split(line, ':');
        if (parts.size() < 3) {
            continue;
        }
        const bool unified = parts[0] == "0" && parts[1].empty();
        if (!unified && parts[1].find("memory") == std::string::npos) {
            continue;
        }
        const fs::path base = root / (unified ? "sys/fs/cgroup" : "sys/fs/cgroup/memory");
        for (fs::path group = fs::path(parts[2]).relative_path();; group = group.parent_path()) {
            const fs::path folder = base / group;
            least = std::min(least,
                             unified ? leftInGroup(folder / "memory.max", folder / "memory.current",
                                                   folder / "memory.stat", "inactive_file")
                                     : leftInGroup(folder / "memory.limit_in_bytes",
                                                   folder / "memory.usage_in_bytes",
                                                   folder / "memory.stat", "total_inactive_file"));
            if (group.empty()) {
                break;
            }
        }
    }
    return least;
}

std::int64_t leftInAddressSpace(const fs::path& root) {
    rlimit limit{};
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
        return kUnlimited;
    }
    const std::int64_t used = kilobyteLine(root / "proc/self/status", "VmSize:").value_or(0);
    return static_cast<std::int64_t>(limit.rlim_cur) - used;
}

} // namespace

MachineMemory machineMemory(const fs::path& root) {
    MachineMemory memory{.availableBytes =
                             kilobyteLine(root / "proc/meminfo", "MemAvailable:").value_or(0),
                         .limit = "free memory"};
    const auto lower = [&memory](std::int64_t bytes, std::string_view limit) {
        if (bytes < memory.availableBytes) {
            memory = {.availableBytes = std::max<std::int64_t>(bytes, 0),
                      .limit = std::string(limit)};
        }
    };
    lower(leftInGroups(root), "the memory limit of this control group");
    lower(leftInAddressSpace(root), "the address space limit (ulimit -v)");
    return memory;
}

} // namespace nn
