#pragma once

namespace app::cli {

/// While it lives, SIGINT and SIGTERM are noted instead of ending the program; a second one of
/// them ends it at once.
class SignalGuard {
public:
    SignalGuard();
    ~SignalGuard();
    SignalGuard(const SignalGuard&) = delete;
    SignalGuard& operator=(const SignalGuard&) = delete;

    /// The signal received, or 0.
    [[nodiscard]] static int received();
    /// 128 plus the signal: what a shell expects of a program that a signal ended.
    [[nodiscard]] static int exitCode() { return 128 + received(); }
};

} // namespace app::cli
