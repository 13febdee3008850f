#include "app/processor_time.h"

#include <chrono>
#include <ctime>

namespace app {

double threadMilliseconds() {
#ifdef CLOCK_THREAD_CPUTIME_ID
    timespec now{};
    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0) {
        return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
    }
#endif
    // Too much rather than nothing: with the time of day the looks come a little too rarely.
    const auto day = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration<double, std::milli>(day).count();
}

} // namespace app
