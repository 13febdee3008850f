#include "nn/base/parallel.h"

#include <algorithm>
#include <cassert>
#include <chrono>

#if defined(__SSE2__)
#include <immintrin.h>
#endif
#if defined(__linux__)
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace nn {
namespace {

/// Flushes denormal numbers to zero on this thread while it lives.
class DenormalsOff {
public:
#if defined(__SSE2__)
    DenormalsOff() : m_saved(_mm_getcsr()) {
        _mm_setcsr(m_saved | 0x8040U);
    }
    ~DenormalsOff() {
        _mm_setcsr(m_saved);
    }
#elif defined(__aarch64__)
    DenormalsOff() {
        __asm__ volatile("mrs %0, fpcr" : "=r"(m_saved));
        __asm__ volatile("msr fpcr, %0" : : "r"(m_saved | (1ULL << 24)));
    }
    ~DenormalsOff() {
        __asm__ volatile("msr fpcr, %0" : : "r"(m_saved));
    }
#else
    DenormalsOff() = default;
#endif
    DenormalsOff(const DenormalsOff&) = delete;
    DenormalsOff& operator=(const DenormalsOff&) = delete;

private:
#if defined(__SSE2__)
    unsigned m_saved;
#elif defined(__aarch64__)
    std::uint64_t m_saved = 0;
#endif
};

void pauseBriefly() {
#if defined(__SSE2__)
    _mm_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/// Waits until `value` is not `old`: first spinning for up to 50 microseconds, then asleep.
void waitWhileEqual(const std::atomic<std::uint32_t>& value, std::uint32_t old) {
    using Clock = std::chrono::steady_clock;
    constexpr int pausesPerLook = 32;
    const auto deadline = Clock::now() + std::chrono::microseconds(50);
    do {
        for (int i = 0; i < pausesPerLook; ++i) {
            if (value.load(std::memory_order_acquire) != old) {
                return;
            }
            pauseBriefly();
        }
    } while (Clock::now() < deadline);
    value.wait(old, std::memory_order_acquire);
}

// A ticket holds the generation of its run (32 bits) and how many tasks were taken from the end and
// from the beginning (16 bits each). The caller begins at the first task, its workers at the last:
// runs of equal length then find on each core what the runs before have left in its cache.
constexpr std::uint64_t kFromBeginning = 1;
constexpr std::uint64_t kFromEnd = std::uint64_t{1} << 16;
constexpr std::int64_t kMostTickets = 0xFFFF;

std::uint32_t fromBeginning(std::uint64_t ticket) {
    return static_cast<std::uint32_t>(ticket & 0xFFFFU);
}
std::uint32_t fromEnd(std::uint64_t ticket) {
    return static_cast<std::uint32_t>((ticket >> 16) & 0xFFFFU);
}

int usableThreads(int wanted) {
    // Asking for the cores takes longer than a small task.
    const int threads = wanted > 0 ? wanted : static_cast<int>(std::thread::hardware_concurrency());
    return std::clamp(threads, 1, Parallel::maxThreads);
}

} // namespace

void lowerThreadPriority() {
#if defined(__linux__)
    // On Linux this is a property of a thread; failure costs smoothness of the window only.
    constexpr int nicer = 5;
    const auto thread = static_cast<id_t>(syscall(SYS_gettid));
    static_cast<void>(setpriority(PRIO_PROCESS, thread, nicer));
#endif
}

Parallel::Parallel(int threads) {
    const int count = usableThreads(threads);
    m_workers.reserve(static_cast<std::size_t>(count - 1));
    for (int worker = 1; worker < count; ++worker) {
        m_workers.emplace_back([this, worker] { work(worker); });
    }
}

Parallel::~Parallel() {
    m_stop.store(true, std::memory_order_relaxed);
    m_generation.fetch_add(1, std::memory_order_release);
    m_generation.notify_all();
    for (std::thread& worker : m_workers) {
        worker.join();
    }
}

void Parallel::run(std::int64_t tasks, TaskBody body) {
    assert(tasks >= 0 && tasks < 0xFFFFFFFF);
    if (tasks > kMostTickets && !m_workers.empty()) {
        run(kMostTickets, [&](std::int64_t ticket, int worker) {
            const std::int64_t end = tasks * (ticket + 1) / kMostTickets;
            for (std::int64_t task = tasks * ticket / kMostTickets; task < end; ++task) {
                body(task, worker);
            }
        });
        return;
    }
    [[maybe_unused]] const bool nested = m_running.exchange(true, std::memory_order_acquire);
    assert(!nested && "Parallel::run called inside a task or by two threads at once");
    const DenormalsOff denormalsOff;
    if (m_workers.empty() || tasks <= 1) {
        for (std::int64_t task = 0; task < tasks; ++task) {
            body(task, 0);
        }
    } else {
        const std::uint32_t generation = m_generation.load(std::memory_order_relaxed) + 1;
        const auto count = static_cast<std::uint32_t>(tasks);
        // First no ticket is valid: a late worker that reads the new body must fail to take one.
        m_ticket.store((std::uint64_t{generation} << 32) | 0xFFFFFFFFU, std::memory_order_relaxed);
        m_body.store(body.m_body, std::memory_order_release);
        m_call.store(body.m_call, std::memory_order_release);
        m_tasks.store(count, std::memory_order_release);
        m_finished.store(0, std::memory_order_relaxed);
        m_ticket.store(std::uint64_t{generation} << 32, std::memory_order_release);
        m_generation.store(generation, std::memory_order_release);
        m_generation.notify_all();
        takeTasks(generation, 0);
        for (std::uint32_t done = m_finished.load(std::memory_order_acquire); done != count;
             done = m_finished.load(std::memory_order_acquire)) {
            waitWhileEqual(m_finished, done);
        }
    }
    m_running.store(false, std::memory_order_release);
}

void Parallel::work(int worker) {
    lowerThreadPriority();
    const DenormalsOff denormalsOff;
    std::uint32_t seen = 0;
    for (;;) {
        waitWhileEqual(m_generation, seen);
        seen = m_generation.load(std::memory_order_acquire);
        if (m_stop.load(std::memory_order_relaxed)) {
            return;
        }
        takeTasks(seen, worker);
    }
}

void Parallel::takeTasks(std::uint32_t generation, int worker) {
    std::uint32_t finished = 0;
    std::uint64_t ticket = m_ticket.load(std::memory_order_acquire);
    for (;;) {
        // The values of another run may be read here; then the exchange below fails.
        const std::uint32_t tasks = m_tasks.load(std::memory_order_acquire);
        const TaskBody body(m_body.load(std::memory_order_acquire),
                            m_call.load(std::memory_order_acquire));
        const std::uint32_t first = fromBeginning(ticket);
        const std::uint32_t last = fromEnd(ticket);
        if ((ticket >> 32) != generation || first + last >= tasks) {
            break;
        }
        const std::uint64_t next = ticket + (worker == 0 ? kFromBeginning : kFromEnd);
        if (m_ticket.compare_exchange_weak(ticket, next, std::memory_order_acq_rel,
                                           std::memory_order_acquire)) {
            body(worker == 0 ? first : tasks - 1 - last, worker);
            ++finished;
            ticket = next;
        }
    }
    if (finished != 0) {
        m_finished.fetch_add(finished, std::memory_order_acq_rel);
        m_finished.notify_all();
    }
}

} // namespace nn
