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

} // namespace nn
