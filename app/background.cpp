#include "app/background.h"

#include <QMetaObject>

namespace app {

Background::Background(QObject* parent) : QObject(parent) {}

Background::~Background() {
    cancel();
    if (m_thread.joinable()) {
        m_thread.request_stop();
        m_thread.join();
    }
}

void Background::enqueue(Work work) {
    changePending(1);
    {
        const std::scoped_lock lock(m_mutex);
        m_jobs.push_back({std::move(work), std::stop_source(), m_generation});
    }
    if (!m_thread.joinable()) {
        m_thread = std::jthread([this](const std::stop_token& end) { loop(end); });
    }
    m_wake.notify_one();
}

void Background::cancel() {
    std::size_t dropped = 0;
    ++m_generation;
    {
        const std::scoped_lock lock(m_mutex);
        m_running.request_stop();
        dropped = m_jobs.size();
        m_jobs.clear();
    }
    changePending(-static_cast<int>(dropped));
}

void Background::loop(const std::stop_token& end) {
    while (true) {
        Job job;
        {
            std::unique_lock lock(m_mutex);
            if (!m_wake.wait(lock, end, [this] { return !m_jobs.empty(); })) {
                return;
            }
            job = std::move(m_jobs.front());
            m_jobs.pop_front();
            m_running = job.stop;
        }
        Delivery delivery = job.work(job.stop.get_token());
        QMetaObject::invokeMethod(
            this,
            [this, delivery = std::move(delivery), generation = job.generation] {
                deliver(delivery, generation);
            },
            Qt::QueuedConnection);
    }
}

void Background::deliver(const Delivery& delivery, int generation) {
    if (generation == m_generation) {
        delivery();
    }
    changePending(-1);
}

void Background::changePending(int by) {
    const bool wasBusy = isBusy();
    m_pending += by;
    if (wasBusy != isBusy()) {
        emit busyChanged(isBusy());
    }
}

} // namespace app
