#pragma once

#include "nn/exec/weights.h"
#include "nn/model/object_def.h"
#include "nn/train/metric.h"
#include "nn/train/progress.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nn {

/// What Keras calls logs: the figures of an epoch or batch so far.
using Logs = std::vector<NamedValue>;
/// The value of that name, or nothing.
[[nodiscard]] std::optional<double> logged(const Logs& logs, std::string_view name);
void setLogged(Logs& logs, std::string_view name, double value);

/// What callbacks see of a run and may change.
class TrainingRun {
public:
    TrainingRun() = default;
    TrainingRun(const TrainingRun&) = delete;
    TrainingRun& operator=(const TrainingRun&) = delete;
    virtual ~TrainingRun() = default;

    [[nodiscard]] virtual double learningRate() const = 0;
    virtual void setLearningRate(double rate) = 0;
    /// The rate is a number, not a schedule of its own.
    [[nodiscard]] virtual bool hasFixedLearningRate() const = 0;
    [[nodiscard]] virtual const Weights& weights() const = 0;
    virtual void setWeights(const Weights& weights) = 0;
    /// The optimizer keeps moving averages of the weights.
    [[nodiscard]] virtual bool keepsAverages() const = 0;
    /// Puts the moving averages, which must be kept, in the place of the trained weights, and back.
    virtual void swapAverages() = 0;
    /// Ends the run after the epoch (or batch) under way; the reason is for the user.
    virtual void stop(std::string reason) = 0;
    /// The file or folder a callback was given, from the folder this run writes into.
    [[nodiscard]] virtual std::string pathOf(const std::string& given) const { return given; }
    /// Writes the model as it is to a project file.
    [[nodiscard]] virtual Expected<void> saveModel(const std::string& path) = 0;
    /// Writes the run itself to a file, with the state of all callbacks, once the batch or epoch
    /// under way is done.
    virtual void backUp(std::string path) = 0;
    /// For `trainBegin`: goes on with the run of such a file in place of beginning one. Refuses a
    /// run of another network, other data or settings.
    [[nodiscard]] virtual Expected<void> goOnFrom(const std::string& path) = 0;
    /// The names an epoch's logs will have, with the direction that is better where it is known.
    struct Column {
        std::string name;
        std::optional<Direction> direction;
    };
    [[nodiscard]] virtual std::vector<Column> columns() const = 0;
};

/// What a callback remembers between two epochs, for checkpoints.
struct CallbackState {
    nlohmann::ordered_json values = nlohmann::ordered_json::object();
    std::shared_ptr<const Weights> weights = {}; ///< The best so far, where it keeps them.
};

/// A number of a state; nothing where it is missing or was infinite, which JSON cannot hold.
[[nodiscard]] std::optional<double> numberIn(const CallbackState& state, const char* name);

/// Looks at a run while it goes on, and steers it: Keras' callbacks. Epochs and batches count from
/// 0. What fails ends the run.
class Callback {
public:
    Callback() = default;
    Callback(const Callback&) = delete;
    Callback& operator=(const Callback&) = delete;
    virtual ~Callback() = default;

    /// It writes files, at `TrainingRun::pathOf` what it was given.
    [[nodiscard]] virtual bool writesFiles() const { return false; }
    /// Before anything is trained: whether this run has what the callback needs.
    [[nodiscard]] virtual Expected<void> check(const TrainingRun& /*run*/) const { return {}; }
    [[nodiscard]] virtual Expected<void> trainBegin(TrainingRun& /*run*/) { return {}; }
    virtual void epochBegin(std::int64_t /*epoch*/, TrainingRun& /*run*/) {}
    [[nodiscard]] virtual Expected<void> batchEnd(std::int64_t /*epoch*/, std::int64_t /*batch*/,
                                                  const Logs& /*logs*/, TrainingRun& /*run*/) {
        return {};
    }
    virtual void testBegin(TrainingRun& /*run*/) {}
    virtual void testEnd(TrainingRun& /*run*/) {}
    [[nodiscard]] virtual Expected<void> epochEnd(std::int64_t /*epoch*/, Logs& /*logs*/,
                                                  TrainingRun& /*run*/) {
        return {};
    }
    virtual void trainEnd(TrainingRun& /*run*/) {}
    /// A batch whose loss or gradient is not finite; true: this callback deals with it.
    virtual bool notFinite(std::int64_t /*batch*/, TrainingRun& /*run*/) { return false; }

    [[nodiscard]] virtual CallbackState state() const { return {}; }
    /// Goes on from a state of the same callback, after `trainBegin`; what is missing keeps its
    /// initial value.
    virtual void restore(const CallbackState& /*state*/) {}
};

/// The classes of Keras' callbacks.
[[nodiscard]] const ObjectFamily& callbackFamily();
/// The callback of a checked object.
[[nodiscard]] std::unique_ptr<Callback> makeCallback(const ParamObject& callback);

/// Callbacks as Keras' fit calls them, in their order.
class CallbackList {
public:
    CallbackList() = default;
    explicit CallbackList(const std::vector<ParamObject>& callbacks);

    [[nodiscard]] Expected<void> check(const TrainingRun& run) const;
    [[nodiscard]] Expected<void> trainBegin(TrainingRun& run);
    void epochBegin(std::int64_t epoch, TrainingRun& run);
    [[nodiscard]] Expected<void> batchEnd(std::int64_t epoch, std::int64_t batch, const Logs& logs,
                                          TrainingRun& run);
    void testBegin(TrainingRun& run);
    void testEnd(TrainingRun& run);
    [[nodiscard]] Expected<void> epochEnd(std::int64_t epoch, Logs& logs, TrainingRun& run);
    void trainEnd(TrainingRun& run);
    [[nodiscard]] bool notFinite(std::int64_t batch, TrainingRun& run);
    [[nodiscard]] bool isEmpty() const { return m_callbacks.empty(); }

    [[nodiscard]] std::vector<CallbackState> states() const;
    /// As many states as there are callbacks.
    void restore(const std::vector<CallbackState>& states);

private:
    std::vector<std::unique_ptr<Callback>> m_callbacks;
};

} // namespace nn
