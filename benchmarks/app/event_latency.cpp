#include "benchmarks/app/event_latency.h"

#include <QAbstractEventDispatcher>
#include <QCoreApplication>
#include <QEvent>
#include <chrono>
#include <ctime>

namespace benchmarks {

namespace {

using Clock = std::chrono::steady_clock;

const QEvent::Type kProbe = static_cast<QEvent::Type>(QEvent::registerEventType());

class Probe : public QEvent {
public:
    Probe() : QEvent(kProbe) {}
    [[nodiscard]] double waited() const {
        return std::chrono::duration<double, std::milli>(Clock::now() - m_posted).count();
    }

private:
    Clock::time_point m_posted = Clock::now();
};

double clockMilliseconds(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

} // namespace

double threadMilliseconds() {
    return clockMilliseconds(CLOCK_THREAD_CPUTIME_ID);
}

double processMilliseconds() {
    return clockMilliseconds(CLOCK_PROCESS_CPUTIME_ID);
}

EventLatency::EventLatency() {
    const auto* dispatcher = QAbstractEventDispatcher::instance();
    // The dispatcher of Qt handles timers before it says that it is awake.
    connect(dispatcher, &QAbstractEventDispatcher::aboutToBlock, this, [this] {
        const double now = threadMilliseconds();
        if (m_thread.joinable() && m_rested > 0.0) {
            m_bursts.push_back(now - m_rested);
        }
        m_rested = now;
    });
}

EventLatency::~EventLatency() {
    stop();
}

void EventLatency::start() {
    m_thread = std::jthread([this](const std::stop_token& stop) { post(stop); });
}

void EventLatency::stop() {
    m_thread.request_stop();
    if (m_thread.joinable()) {
        m_thread.join();
    }
    QCoreApplication::removePostedEvents(this, kProbe);
}

bool EventLatency::event(QEvent* event) {
    if (event->type() == kProbe) {
        m_waits.push_back(static_cast<Probe*>(event)->waited());
        return true;
    }
    return QObject::event(event);
}

void EventLatency::post(const std::stop_token& stop) {
    std::unique_lock lock(m_mutex);
    while (!stop.stop_requested()) {
        QCoreApplication::postEvent(this, new Probe);
        m_pause.wait_for(lock, stop, std::chrono::milliseconds(1), [] { return false; });
    }
}

} // namespace benchmarks
