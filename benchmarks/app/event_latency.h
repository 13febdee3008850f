#pragma once

#include <QObject>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace benchmarks {

/// How long events wait for the window's thread: another thread posts one each millisecond, however
/// long the window takes, so that a long block counts as often as a user would meet it. Also how
/// much processor time the thread spends between two rests, which other programs do not disturb.
class EventLatency : public QObject {
public:
    EventLatency();
    ~EventLatency() override;

    void start();
    void stop();
    /// Milliseconds each event waited.
    [[nodiscard]] const std::vector<double>& waits() const { return m_waits; }
    /// Milliseconds of processor time between two rests of the event loop.
    [[nodiscard]] const std::vector<double>& bursts() const { return m_bursts; }

    bool event(QEvent* event) override;

private:
    void post(const std::stop_token& stop);

    std::vector<double> m_waits;
    std::vector<double> m_bursts;
    double m_rested = 0.0;
    std::mutex m_mutex;
    std::condition_variable_any m_pause;
    std::jthread m_thread;
};

/// Milliseconds of processor time of the calling thread.
[[nodiscard]] double threadMilliseconds();
/// Milliseconds of processor time of all threads.
[[nodiscard]] double processMilliseconds();

} // namespace benchmarks
