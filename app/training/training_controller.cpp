#include "app/training/training_controller.h"

#include "app/training/job.h"

#include "nn/base/parallel.h"
#include "nn/train/schedule.h"

#include <QMetaObject>
#include <cmath>

namespace app {

namespace {

/// The window looks at progress at most this often: what nobody can read is not drawn.
constexpr int kDrainMilliseconds = 200;

} // namespace

TrainingController::TrainingController(QObject* parent) : QObject(parent) {
    m_drainTimer.setSingleShot(true);
    connect(&m_drainTimer, &QTimer::timeout, this, &TrainingController::drain);
    m_sinceDrain.start();
}

TrainingController::~TrainingController() {
    if (m_control) {
        m_control->stop();
    }
}

void TrainingController::start(std::shared_ptr<const nn::Project> project,
                               std::shared_ptr<const nn::data::DataSource> source,
                               const Options& options) {
    if (isActive()) {
        return;
    }
    m_project = std::move(project);
    m_control = std::make_shared<nn::TrainControl>();
    m_status = {};
    m_recorder = nn::HistoryRecorder();
    m_status.epochs = m_project->training.epochs;
    const std::shared_ptr<const nn::Checkpoint> resume =
        options.resume ? m_project->checkpoint : nullptr;
    if (resume) {
        m_recorder.restore(resume->history,
                           {.every = resume->historyEvery, .seen = resume->historySeen});
    }
    // A run that is gone on with brings its own history; only that of the runs before counts.
    m_before =
        std::make_shared<const nn::History>(app::historyBefore(*m_project, resume != nullptr));
    m_status.firstEpoch = static_cast<std::int64_t>(m_before->epochs.size());
    if (options.startPaused) {
        m_control->pause();
    }
    setState(TrainingState::Starting);
    emit started(static_cast<int>(m_status.epochs), static_cast<int>(m_status.firstEpoch));
    m_thread = std::jthread([this, run = m_project, source = std::move(source), control = m_control,
                             options, resume, sink = makeSink()] {
        // This thread computes as well as those of nn::Parallel, and like them yields to the
        // window.
        nn::lowerThreadPriority();
        auto job = makeJob(*run, *source, options.threads);
        if (job) {
            job->resume = resume;
            job->keepsCheckpoint = true;
            job->folder = options.folder.toStdString();
        }
        auto result = job ? nn::train(*job, *control, sink)
                          : nn::Expected<nn::TrainResult>(tl::unexpected(job.error()));
        auto shared = std::make_shared<nn::Expected<nn::TrainResult>>(std::move(result));
        QMetaObject::invokeMethod(
            this, [this, shared] { finish(std::move(*shared)); }, Qt::QueuedConnection);
    });
    if (!options.startPaused) {
        setState(TrainingState::Running);
    }
}

void TrainingController::pause() {
    if (m_state == TrainingState::Running) {
        m_control->pause();
    }
}

void TrainingController::resume() {
    if (m_state == TrainingState::Paused || m_state == TrainingState::Starting) {
        m_control->resume();
        setState(TrainingState::Running);
    }
}

void TrainingController::step() {
    if (isActive() && m_state != TrainingState::Stopping) {
        m_control->step();
    }
}

void TrainingController::stop() {
    if (isActive()) {
        setState(TrainingState::Stopping);
        m_control->stop();
    }
}

void TrainingController::requestSnapshot() {
    if (m_control) {
        m_control->requestSnapshot();
    }
}

void TrainingController::requestCheckpoint() {
    if (m_control) {
        m_control->requestCheckpoint();
    }
}

nn::TrainSink TrainingController::makeSink() {
    nn::TrainSink sink;
    sink.checkpointsEveryEpoch = false;
    sink.checkpoint = [this](const nn::Checkpoint& checkpoint) {
        if (m_checkpoint.put(std::make_shared<const nn::Checkpoint>(checkpoint))) {
            QMetaObject::invokeMethod(
                this,
                [this] {
                    if (auto taken = m_checkpoint.take()) {
                        emit checkpointTaken(*std::move(taken));
                    }
                },
                Qt::QueuedConnection);
        }
    };
    sink.batchDone = [this](const nn::BatchProgress& batch) { post(batch); };
    sink.epochDone = [this](const nn::EpochResult& epoch) { post(epoch); };
    sink.wentOn = [this, epochs = m_status.epochs](const nn::Checkpoint& from,
                                                   const std::string& file) {
        nn::HistoryRecorder recorder;
        recorder.restore(from.history, {.every = from.historyEvery, .seen = from.historySeen});
        const std::string text = nn::goingOnText(from, file, epochs);
        post(std::make_shared<const WentOn::element_type>(QString::fromStdString(text),
                                                          std::move(recorder)));
    };
    sink.pausedChanged = [this](bool paused) {
        // The answer to a key: shown at once.
        static_cast<void>(m_events.put(Paused{paused}));
        QMetaObject::invokeMethod(this, &TrainingController::drain, Qt::QueuedConnection);
    };
    sink.snapshot = [this](std::shared_ptr<const nn::Weights> weights, std::int64_t) {
        if (m_snapshot.put({std::move(weights)})) {
            QMetaObject::invokeMethod(
                this,
                [this] {
                    if (auto snapshot = m_snapshot.take()) {
                        emit snapshotTaken(std::move(snapshot->weights));
                    }
                },
                Qt::QueuedConnection);
        }
    };
    return sink;
}

void TrainingController::post(Event event) {
    if (m_events.put(std::move(event))) {
        QMetaObject::invokeMethod(this, &TrainingController::wake, Qt::QueuedConnection);
    }
}

void TrainingController::wake() {
    const qint64 wait = kDrainMilliseconds - m_sinceDrain.elapsed();
    if (wait <= 0) {
        drain();
    } else if (!m_drainTimer.isActive()) {
        m_drainTimer.start(static_cast<int>(wait));
    }
}

void TrainingController::drain() {
    m_sinceDrain.restart();
    std::vector<nn::BatchProgress> batches;
    const auto flush = [&] {
        if (!batches.empty()) {
            noteProgress(batches);
            batches.clear();
        }
    };
    for (const Event& event : m_events.take()) {
        if (const auto* batch = std::get_if<nn::BatchProgress>(&event)) {
            batches.push_back(*batch);
        } else if (const auto* epoch = std::get_if<nn::EpochResult>(&event)) {
            flush();
            m_status.epoch = *epoch;
            for (const nn::NamedValue& value : epoch->values) {
                if (value.name == "learning_rate") {
                    m_status.learningRate = value.value;
                }
            }
            m_recorder.add(*epoch);
            emit epochDone(*epoch);
        } else if (const auto* from = std::get_if<WentOn>(&event)) {
            m_recorder = (*from)->second;
            emit wentOn((*from)->first);
        } else if (const auto* paused = std::get_if<Paused>(&event);
                   paused != nullptr && m_state != TrainingState::Stopping) {
            flush();
            setState(paused->on ? TrainingState::Paused : TrainingState::Running);
        }
    }
    flush();
}

void TrainingController::noteProgress(const std::vector<nn::BatchProgress>& batches) {
    const nn::BatchProgress& last = batches.back();
    m_status.batch = last;
    for (const nn::BatchProgress& batch : batches) {
        m_recorder.add(batch);
    }
    const auto rate = m_project->training.optimizerParams.find("learning_rate");
    if (rate != m_project->training.optimizerParams.end() &&
        std::holds_alternative<nn::ParamObject>(rate->second)) {
        m_status.learningRate = nn::learningRateAt(rate->second, last.step);
    }
    const double doneBatches = static_cast<double>(last.epoch * last.batchesPerEpoch + last.batch);
    const double allBatches = static_cast<double>(m_status.epochs * last.batchesPerEpoch);
    const double imagesLeft =
        (allBatches - doneBatches) * static_cast<double>(m_project->training.batchSize);
    m_status.secondsLeft =
        last.imagesPerSecond > 0.0 ? imagesLeft / last.imagesPerSecond : nn::kNotMeasured;
    emit batchesDone(batches);
}

void TrainingController::finish(nn::Expected<nn::TrainResult> result) {
    m_thread.join();
    m_drainTimer.stop();
    drain();
    if (auto snapshot = m_snapshot.take()) {
        emit snapshotTaken(std::move(snapshot->weights));
    }
    TrainingOutcome outcome;
    outcome.project = std::exchange(m_project, nullptr);
    m_control.reset();
    if (!result) {
        setState(TrainingState::Idle);
        emit refused(QString::fromStdString(result.error().message));
        return;
    }
    outcome.outcome = result->outcome;
    outcome.epochs = static_cast<std::int64_t>(result->history.epochs.size());
    static_cast<void>(m_checkpoint.take());
    outcome.weights = std::make_shared<const nn::Weights>(std::move(result->weights));
    outcome.message = QString::fromStdString(result->message);
    // A run that diverged would do so again.
    if (result->checkpoint && result->outcome != nn::TrainOutcome::Diverged) {
        if (result->checkpoint->weights == nullptr) {
            result->checkpoint->weights = outcome.weights;
        }
        outcome.checkpoint = std::make_shared<const nn::Checkpoint>(*std::move(result->checkpoint));
    }
    outcome.history = std::make_shared<const nn::History>(
        nn::continuedHistory(*m_before, std::move(result->history)));
    setState(TrainingState::Idle);
    emit ended(outcome);
}

nn::History TrainingController::historySoFar() const {
    return nn::continuedHistory(*m_before, m_recorder.history());
}

void TrainingController::setState(TrainingState state) {
    if (m_state != state) {
        m_state = state;
        emit stateChanged(state);
    }
}

} // namespace app
