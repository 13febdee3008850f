#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace nn {

/// How much memory a run may still take on this machine.
struct MachineMemory {
    std::int64_t availableBytes = 0;
    std::string limit = {}; ///< What sets it: "free memory", "the control group's limit", …
    bool operator==(const MachineMemory&) const = default;
};

/// The least of: MemAvailable, what control groups (v2 and v1) leave, what RLIMIT_AS leaves.
/// `root` is where /proc and /sys are found; tests give a folder of their own.
[[nodiscard]] MachineMemory machineMemory(const std::filesystem::path& root = "/");

} // namespace nn
