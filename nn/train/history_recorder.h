#pragma once

#include "nn/train/progress.h"

#include <utility>

namespace nn {

/// Collects a run's history; keeps every batch of a short run and an even selection of a long one.
class HistoryRecorder {
public:
    /// `limit`: the largest number of batches kept; at least 2.
    explicit HistoryRecorder(std::size_t limit = 20'000) : m_limit(limit) {}

    void add(const BatchProgress& batch);
    void add(const EpochResult& epoch) { m_history.epochs.push_back(epoch); }
    [[nodiscard]] const History& history() const { return m_history; }

    /// Which batches are kept: every so many, of so many seen.
    struct Place {
        std::int64_t every = 1;
        std::int64_t seen = 0;
    };
    [[nodiscard]] Place place() const { return {m_every, m_seen}; }
    /// Goes on where another recorder was.
    void restore(History history, const Place& place) {
        m_history = std::move(history);
        m_every = place.every;
        m_seen = place.seen;
    }

private:
    std::size_t m_limit;
    std::int64_t m_every = 1; ///< Batches whose number is a multiple of this are kept.
    std::int64_t m_seen = 0;
    History m_history;
};

/// A run's history behind that of earlier runs: epochs and steps are counted on.
[[nodiscard]] History continuedHistory(History before, History added);

} // namespace nn
