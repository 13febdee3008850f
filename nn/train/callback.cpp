#include "nn/train/callback.h"

#include "nn/train/callbacks/define_callback.h"

#include <algorithm>

namespace nn {
namespace {

const CallbackTable& callbackTable() {
    static const CallbackTable table = [] {
        CallbackTable all;
        addEarlyStopping(all);
        addReduceLROnPlateau(all);
        addModelCheckpoint(all);
        addLearningRateScheduler(all);
        addTerminateOnNaN(all);
        addCsvLogger(all);
        addBackupAndRestore(all);
        addSwapEmaWeights(all);
        return all;
    }();
    return table;
}

const std::vector<ObjectDef>& callbackDefs() {
    return callbackTable().defs();
}

} // namespace

std::optional<double> logged(const Logs& logs, std::string_view name) {
    const auto found = std::ranges::find(logs, name, &NamedValue::name);
    return found == logs.end() ? std::nullopt : std::optional(found->value);
}

void setLogged(Logs& logs, std::string_view name, double value) {
    const auto found = std::ranges::find(logs, name, &NamedValue::name);
    if (found == logs.end()) {
        logs.push_back({std::string(name), value});
    } else {
        found->value = value;
    }
}

std::optional<double> numberIn(const CallbackState& state, const char* name) {
    const auto found = state.values.find(name);
    return found != state.values.end() && found->is_number() ? std::optional(found->get<double>())
                                                             : std::nullopt;
}

const ObjectFamily& callbackFamily() {
    static constexpr ObjectFamily family{.name = "callback",
                                         .phrase = "a callback",
                                         .module = "keras.callbacks",
                                         .defs = callbackDefs};
    return family;
}

std::unique_ptr<Callback> makeCallback(const ParamObject& callback) {
    std::optional<std::unique_ptr<Callback>> made = callbackTable().made(callback);
    return made ? std::move(*made) : nullptr;
}

CallbackList::CallbackList(const std::vector<ParamObject>& callbacks) {
    for (const ParamObject& object : callbacks) {
        if (std::unique_ptr<Callback> callback = makeCallback(object)) {
            m_callbacks.push_back(std::move(callback));
        }
    }
}

Expected<void> CallbackList::check(const TrainingRun& run) const {
    for (const auto& callback : m_callbacks) {
        if (auto checked = callback->check(run); !checked) {
            return checked;
        }
    }
    return {};
}

Expected<void> CallbackList::trainBegin(TrainingRun& run) {
    for (const auto& callback : m_callbacks) {
        if (auto begun = callback->trainBegin(run); !begun) {
            return begun;
        }
    }
    return {};
}

void CallbackList::epochBegin(std::int64_t epoch, TrainingRun& run) {
    for (const auto& callback : m_callbacks) {
        callback->epochBegin(epoch, run);
    }
}

Expected<void> CallbackList::batchEnd(std::int64_t epoch, std::int64_t batch, const Logs& logs,
                                      TrainingRun& run) {
    for (const auto& callback : m_callbacks) {
        if (auto done = callback->batchEnd(epoch, batch, logs, run); !done) {
            return done;
        }
    }
    return {};
}

void CallbackList::testBegin(TrainingRun& run) {
    for (const auto& callback : m_callbacks) {
        callback->testBegin(run);
    }
}

void CallbackList::testEnd(TrainingRun& run) {
    for (const auto& callback : m_callbacks) {
        callback->testEnd(run);
    }
}

Expected<void> CallbackList::epochEnd(std::int64_t epoch, Logs& logs, TrainingRun& run) {
    for (const auto& callback : m_callbacks) {
        if (auto done = callback->epochEnd(epoch, logs, run); !done) {
            return done;
        }
    }
    return {};
}

void CallbackList::trainEnd(TrainingRun& run) {
    for (const auto& callback : m_callbacks) {
        callback->trainEnd(run);
    }
}

bool CallbackList::notFinite(std::int64_t batch, TrainingRun& run) {
    return std::ranges::any_of(
        m_callbacks, [&](const auto& callback) { return callback->notFinite(batch, run); });
}

std::vector<CallbackState> CallbackList::states() const {
    std::vector<CallbackState> states;
    states.reserve(m_callbacks.size());
    for (const auto& callback : m_callbacks) {
        states.push_back(callback->state());
    }
    return states;
}

void CallbackList::restore(const std::vector<CallbackState>& states) {
    for (std::size_t i = 0; i < std::min(states.size(), m_callbacks.size()); ++i) {
        m_callbacks[i]->restore(states[i]);
    }
}

} // namespace nn
