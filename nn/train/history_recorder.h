#pragma once

#include "nn/train/progress.h"

namespace nn {

/// Collects a run's history; keeps every batch of a short run and an even selection of a long one.
class HistoryRecorder {
public:
    /// `limit`: the largest number of batches kept; at least 2.
    explicit HistoryRecorder(std::size_t limit = 20'000) : m_limit(limit) {}

    void add(const BatchProgress& batch);
    void add(const EpochResult& epoch) { m_history.epochs.push_back(epoch); }
    [[nodiscard]] const History& history() const { return m_history; }

private:
    std::size_t m_limit;
    std::int64_t m_every = 1; ///< Batches whose number is a multiple of this are kept.
    std::int64_t m_seen = 0;
    History m_history;
};

/// A run's history behind that of earlier runs: epochs and steps are counted on.
[[nodiscard]] History continuedHistory(History before, History added);

} // namespace nn
