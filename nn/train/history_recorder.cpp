#include "nn/train/history_recorder.h"

namespace nn {

void HistoryRecorder::add(const BatchProgress& batch) {
    if (m_seen++ % m_every != 0) {
        return;
    }
    m_history.batches.push_back(batch);
    if (m_history.batches.size() < m_limit) {
        return;
    }
    std::vector<BatchProgress> thinned;
    thinned.reserve(m_limit);
    for (std::size_t i = 0; i < m_history.batches.size(); i += 2) {
        thinned.push_back(m_history.batches[i]);
    }
    m_history.batches = std::move(thinned);
    m_every *= 2;
}

History continuedHistory(History before, History added) {
    constexpr std::size_t kMostBatches = 20'000;
    const auto epochs = static_cast<std::int64_t>(before.epochs.size());
    const std::int64_t steps = before.batches.empty() ? 0 : before.batches.back().step;
    for (BatchProgress& batch : added.batches) {
        batch.step += steps;
        batch.epoch += epochs;
        before.batches.push_back(batch);
    }
    for (EpochResult& epoch : added.epochs) {
        epoch.epoch += epochs;
        before.epochs.push_back(epoch);
    }
    while (before.batches.size() > kMostBatches) {
        std::size_t kept = 0;
        for (std::size_t i = 1; i < before.batches.size(); i += 2) {
            before.batches[kept++] = before.batches[i];
        }
        before.batches.resize(kept);
    }
    return before;
}

} // namespace nn
