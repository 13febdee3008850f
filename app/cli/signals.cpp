#include "app/cli/signals.h"

#include <csignal>

namespace app::cli {
namespace {

volatile std::sig_atomic_t receivedSignal = 0;

void note(int signal) {
    receivedSignal = signal;
    std::signal(signal, SIG_DFL);
}

} // namespace

SignalGuard::SignalGuard() {
    receivedSignal = 0;
    std::signal(SIGINT, note);
    std::signal(SIGTERM, note);
}

SignalGuard::~SignalGuard() {
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
}

int SignalGuard::received() {
    return receivedSignal;
}

} // namespace app::cli
