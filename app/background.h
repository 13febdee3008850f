#pragma once

#include <QObject>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

namespace app {

/// One thread beside the window's for work that takes longer than a frame: jobs run one after
/// another; what a job gives is delivered on the window's thread. Destroying it cancels.
class Background : public QObject {
    Q_OBJECT

public:
    explicit Background(QObject* parent = nullptr);
    ~Background() override;

    /// Runs `work(stop)` on the thread, then `done(result)` here. A cancelled job is not done.
    template <typename Work, typename Done>
    void run(Work work, Done done) {
        using Result = std::invoke_result_t<Work, std::stop_token>;
        enqueue([work = std::move(work), done = std::move(done)](const std::stop_token& stop) {
            auto result = std::make_shared<Result>(work(stop));
            return [done, result] { done(std::move(*result)); };
        });
    }

    /// Drops the jobs that wait and asks the running one to stop.
    void cancel();
    /// A job runs, waits, or has a result on its way.
    [[nodiscard]] bool isBusy() const { return m_pending > 0; }

signals:
    void busyChanged(bool busy);

private:
    using Delivery = std::function<void()>;
    using Work = std::function<Delivery(const std::stop_token&)>;
    struct Job {
        Work work;
        std::stop_source stop;
        int generation = 0;
    };

    void enqueue(Work work);
    void loop(const std::stop_token& end);
    void deliver(const Delivery& delivery, int generation);
    void changePending(int by);

    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    std::deque<Job> m_jobs;
    std::stop_source m_running{std::nostopstate};
    int m_pending = 0;
    int m_generation = 0;  ///< Counts cancellations; results of an older one are dropped.
    std::jthread m_thread; ///< Started with the first job; joined before the rest goes.
};

} // namespace app
