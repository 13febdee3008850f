#include "nn/train/active_run.h"

#include <utility>

namespace nn {
namespace {

std::vector<CallbackRecord> callbackRecords(const CallbackList& callbacks) {
    std::vector<CallbackRecord> records;
    for (const CallbackState& state : callbacks.states()) {
        records.push_back({.values = state.values.dump(), .weights = state.weights});
    }
    return records;
}

/// False when the records are not those of these callbacks.
bool restoreCallbacks(const std::vector<CallbackRecord>& records, CallbackList& callbacks) {
    std::vector<CallbackState> states;
    for (const CallbackRecord& record : records) {
        CallbackState state{.values = nlohmann::ordered_json::parse(record.values, nullptr, false),
                            .weights = record.weights};
        if (!state.values.is_object()) {
            return false;
        }
        states.push_back(std::move(state));
    }
    if (states.size() != callbacks.states().size()) {
        return false;
    }
    try {
        callbacks.restore(states);
    } catch (const nlohmann::json::exception&) {
        return false; // a value of another type: the file was changed
    }
    return true;
}

} // namespace

Expected<void> ActiveRun::goOnFrom(const std::string& path) {
    if (!m_job.loadRun) {
        return failure(ErrorCode::Unsupported, "Whoever started this run reads no files.");
    }
    const auto loaded = m_job.loadRun(path);
    if (!loaded) {
        return tl::unexpected(loaded.error());
    }
    if (auto same = checkCheckpoint(**loaded, *m_network, m_job.settings, m_data.training.size());
        !same) {
        return same;
    }
    m_from = *loaded;
    m_fromFile = path;
    return {};
}

/// Goes on where a checkpoint is, which must have passed `checkCheckpoint`.
Expected<void> ActiveRun::takeUp() {
    if (m_from == nullptr) {
        return {};
    }
    const Checkpoint& from = *m_from;
    m_result.weights.tensors = from.weights->tensors;
    if (auto restored = m_step.optimizer().restore(from.optimizer); !restored) {
        return restored;
    }
    if (!m_meters.restore(from.sums) || !restoreCallbacks(from.callbacks, m_callbacks)) {
        return failure(ErrorCode::InvalidFile,
                       "The last run cannot be continued: the figures or callbacks it kept are "
                       "not those of these settings. Begin a new run.");
    }
    m_place = {.epoch = from.epoch, .batch = from.batch};
    m_result.steps = from.steps;
    m_history.restore(from.history, {.every = from.historyEvery, .seen = from.historySeen});
    m_secondsBefore = from.seconds;
    if (from.averagesInPlace && keepsAverages()) {
        swapAverages();
    }
    if (!m_fromFile.empty() && m_sink.wentOn) {
        m_sink.wentOn(from, m_fromFile);
    }
    m_from = nullptr;
    return {};
}

/// Writes the run where callbacks asked for it since the last time.
Expected<void> ActiveRun::writeBackups() {
    for (const std::string& path : std::exchange(m_backups, {})) {
        if (!m_job.saveRun) {
            return failure(ErrorCode::Unsupported, "Whoever started this run writes no files.");
        }
        Expected<void> saved;
        lendCheckpoint([&](const Checkpoint& run) { saved = m_job.saveRun(path, run); });
        if (!saved) {
            return saved;
        }
    }
    return {};
}

bool ActiveRun::endChangesWeights() const {
    return m_result.outcome == TrainOutcome::Finished &&
           (m_step.optimizer().finishChangesWeights() || !m_callbacks.isEmpty());
}

/// Where the run is, but for the weights: what `takeUp` needs.
Checkpoint ActiveRun::place(OptimizerState optimizer) const {
    return {.settings = m_job.settings,
            .images = m_data.training.size(),
            .epoch = m_place.epoch,
            .batch = m_place.batch,
            .steps = m_result.steps,
            .averagesInPlace = m_trained.has_value(),
            .optimizer = std::move(optimizer),
            .history = m_history.history(),
            .historyEvery = m_history.place().every,
            .historySeen = m_history.place().seen,
            .sums = m_meters.state(),
            .seconds = m_place.batch == 0 ? 0.0 : m_secondsBefore + secondsSince(m_began),
            .callbacks = callbackRecords(m_callbacks)};
}

/// At the end, with copies only of what the end of the run is still to change.
void ActiveRun::keepCheckpoint() {
    const bool changes = endChangesWeights();
    Optimizer& optimizer = m_step.optimizer();
    m_result.checkpoint = place(changes ? optimizer.state() : optimizer.takenState());
    if (changes || m_trained) {
        m_result.checkpoint->weights =
            std::make_shared<const Weights>(m_trained ? *m_trained : m_result.weights);
    }
}

/// Calls use(checkpoint) with one that holds the numbers of the run itself, which are put back
/// afterwards: a copy would double what a run needs.
void ActiveRun::lendCheckpoint(const std::function<void(const Checkpoint&)>& use) {
    Weights& weights = m_trained ? *m_trained : m_result.weights;
    auto lent = std::make_shared<Weights>(std::move(weights));
    Checkpoint now = place(m_step.optimizer().takenState());
    now.weights = lent;
    use(std::as_const(now));
    now.weights.reset();
    weights = lent.use_count() == 1 ? std::move(*lent) : *lent;
    m_step.optimizer().giveBack(std::move(now.optimizer));
}

} // namespace nn
