#include "nn/train/trainer.h"

namespace nn {

void TrainControl::become(State state) {
    {
        const std::scoped_lock lock(m_mutex);
        if (m_state != State::Stopped) {
            m_state = state;
        }
    }
    m_changed.notify_all();
}

void TrainControl::pause() {
    become(State::Paused);
}
void TrainControl::resume() {
    become(State::Running);
}
void TrainControl::step() {
    become(State::Stepping);
}
void TrainControl::stop() {
    become(State::Stopped);
}

bool TrainControl::takeSnapshotRequest() {
    return m_snapshotWanted.load(std::memory_order_relaxed) &&
           m_snapshotWanted.exchange(false, std::memory_order_relaxed);
}

bool TrainControl::takeCheckpointRequest() {
    return m_checkpointWanted.load(std::memory_order_relaxed) &&
           m_checkpointWanted.exchange(false, std::memory_order_relaxed);
}

bool TrainControl::mayContinue(const std::function<void(bool)>& pausedChanged) {
    std::unique_lock lock(m_mutex);
    if (m_state == State::Paused) {
        const auto tell = [&](bool paused) {
            lock.unlock();
            if (pausedChanged) {
                pausedChanged(paused);
            }
            lock.lock();
        };
        tell(true);
        m_changed.wait(lock, [this] { return m_state != State::Paused; });
        if (m_state == State::Running) {
            tell(false);
        }
    }
    if (m_state == State::Stepping) {
        m_state = State::Paused;
        return true;
    }
    return m_state != State::Stopped;
}

} // namespace nn
