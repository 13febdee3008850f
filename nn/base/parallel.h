#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <type_traits>
#include <vector>

namespace nn {

/// A reference to a callable `void(std::int64_t task, int worker)`; does not own it.
class TaskBody {
public:
    template <typename Body>
    requires(!std::is_same_v<std::remove_cvref_t<Body>, TaskBody>)
        TaskBody(const Body& body) // NOLINT(google-explicit-constructor): a parameter type
        : m_body(&body), m_call([](const void* self, std::int64_t task, int worker) {
              (*static_cast<const Body*>(self))(task, worker);
          }) {}

    void operator()(std::int64_t task, int worker) const { m_call(m_body, task, worker); }

private:
    friend class Parallel;
    using Call = void (*)(const void*, std::int64_t, int);
    TaskBody(const void* body, Call call) : m_body(body), m_call(call) {}

    const void* m_body;
    Call m_call;
};

/// Lets the calling thread yield to others, above all to a window's, when processors are scarce.
void lowerThreadPriority();

/// A small pool of threads for numeric tasks. The caller works too; tasks are handed out by
/// tickets, so a slow core never stalls the rest. Results must depend on the task number only,
/// never on the worker, which merely names a private piece of scratch memory. Tasks run with
/// denormals flushed to zero and must not throw. One `run` at a time; `run` inside a task is a bug.
class Parallel {
public:
    /// More threads than this are never used; kernels plan scratch memory for so many workers.
    static constexpr int maxThreads = 16;

    /// `threads` counts the caller: 1 means no workers, 0 or less one per core.
    explicit Parallel(int threads = 1);
    ~Parallel();
    Parallel(const Parallel&) = delete;
    Parallel& operator=(const Parallel&) = delete;

    [[nodiscard]] int threads() const { return static_cast<int>(m_workers.size()) + 1; }

    /// Calls body(task, worker) once for each task in [0, tasks); worker is in [0, threads()).
    void run(std::int64_t tasks, TaskBody body);

private:
    void work(int worker);
    void takeTasks(std::uint32_t generation, int worker);

    // The ticket holds the generation of the run and the next task, so that a late worker can
    // never take a task of a run it does not know.
    alignas(64) std::atomic<std::uint64_t> m_ticket{0};
    alignas(64) std::atomic<std::uint32_t> m_finished{0};
    alignas(64) std::atomic<std::uint32_t> m_generation{0};
    std::atomic<std::uint32_t> m_tasks{0};
    std::atomic<const void*> m_body{nullptr};
    std::atomic<TaskBody::Call> m_call{nullptr};
    std::atomic<bool> m_running{false};
    std::atomic<bool> m_stop{false};
    std::vector<std::thread> m_workers;
};

} // namespace nn
