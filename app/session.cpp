#include "app/session.h"

#include "app/data_fit.h"
#include "app/training/job.h"

#include "nn/train/callback.h"

#include <algorithm>

namespace app {

namespace {

bool writesFiles(const nn::TrainSettings& training) {
    return std::ranges::any_of(training.callbacks, [](const nn::ParamObject& object) {
        const auto callback = nn::makeCallback(object);
        return callback != nullptr && callback->writesFiles();
    });
}

} // namespace

Session::Session(Settings& userSettings, QObject* parent)
    : QObject(parent), settings(userSettings), editor(document, selection),
      data(document, settings), runs(training, document, log, RunKeeper::standardFolder()),
      forecast(document, data), inspection(document, data, selection, training),
      evaluation(document, data, settings, training) {
    wire();
}

void Session::wire() {
    connect(&document, &Document::projectChanged, this, [this](ProjectParts parts) {
        if (parts.testFlag(ProjectPart::Graph)) {
            selection.prune(document.graph());
        }
        if (parts.testFlag(ProjectPart::Data) && data.state() != DataStore::State::Empty) {
            data.load();
        }
    });
    // The same numbers are other layers in another network.
    connect(&document, &Document::opened, this, [this] { selection.prune({}); });
    connect(&settings, &Settings::dataFoldersChanged, this, [this] {
        if (data.state() == DataStore::State::Failed) {
            data.reload();
        }
    });
    connect(&data, &DataStore::changed, this, &Session::beginWhenDataAreRead);
    connect(
        &runs, &RunKeeper::leftoverRead, this,
        [this](const nn::Project& project, const QString& path) {
            document.reset(project, path, Document::Origin::Rescued);
            log.info(
                canResume()
                    ? tr("Rescued a run of “%1” that was cut off in %2.")
                          .arg(document.displayName(), resumePlace())
                    : tr("Rescued a run of “%1” that was not saved.").arg(document.displayName()));
            emit requests.workspaceWished(Workspace::Train);
            if (canResume()) {
                startTraining();
            }
        });
    connect(&editor, &Editor::refused, this, [this](const QString& reason) {
        log.warn(reason);
        emit requests.hint(reason);
    });
    connect(&training, &TrainingController::refused, this, &Session::refuse);
    connect(&training, &TrainingController::started, this, [this] { setRunProblem({}); });
    connect(&document, &Document::opened, this, [this] { setRunProblem({}); });
    connect(&training, &TrainingController::ended, this, &Session::endRun);
    connect(&training, &TrainingController::wentOn, this,
            [this](const QString& text) { log.info(text); });
}

void Session::setRunProblem(const QString& message) {
    m_runProblems.clear();
    if (!message.isEmpty()) {
        m_runProblems.push_back({.severity = nn::Severity::Warning,
                                 .node = nn::kNoNode,
                                 .param = {},
                                 .message = message.toStdString(),
                                 .repairs = {}});
    }
    emit runProblemsChanged();
}

void Session::startTraining() {
    if (training.state() == TrainingState::Paused) {
        training.resume();
    } else if (!training.isActive()) {
        begin({.resumes = canResume()});
    }
}

void Session::startNewRun() {
    if (!training.isActive()) {
        begin({});
    }
}

bool Session::canResume() const {
    const nn::Project& project = document.project();
    if (!project.checkpoint || training.isActive()) {
        return false;
    }
    nn::TrainSettings before = project.checkpoint->settings;
    before.epochs = project.training.epochs;
    before.threads = project.training.threads;
    return project.checkpoint->epoch < project.training.epochs && before == project.training &&
           weightsFit(*project.checkpoint->weights, document.graph(), document.inference()) ==
               WeightsFit::All;
}

QString Session::resumePlace() const {
    const nn::Project& project = document.project();
    if (!project.checkpoint) {
        return {};
    }
    const nn::Checkpoint& run = *project.checkpoint;
    const QString epoch = tr("epoch %1 of %2").arg(run.epoch + 1).arg(project.training.epochs);
    return run.batch == 0   ? epoch
           : run.batch == 1 ? tr("%1, after 1 batch").arg(epoch)
                            : tr("%1, after %2 batches").arg(epoch).arg(run.batch);
}

void Session::stepTraining() {
    if (training.isActive()) {
        training.step();
    } else {
        begin({.paused = true, .resumes = canResume()});
    }
}

void Session::togglePause() {
    if (training.state() == TrainingState::Paused) {
        training.resume();
    } else {
        training.pause();
    }
}

void Session::begin(const Begin& how) {
    m_beginWhenReady = how;
    document.rollbackPreview();
    if (!document.inference().isRunnable()) {
        for (const nn::Diagnostic& problem : document.inference().diagnostics) {
            if (problem.severity == nn::Severity::Error) {
                refuse(tr("The network cannot be trained yet. ") +
                       QString::fromStdString(problem.message));
                return;
            }
        }
        refuse(tr("There is no network to train. Add layers, or start from a template."));
        return;
    }
    data.load();
    beginWhenDataAreRead();
}

void Session::beginWhenDataAreRead() {
    if (!m_beginWhenReady || data.state() == DataStore::State::Loading) {
        return;
    }
    if (data.state() == DataStore::State::Failed) {
        refuse(data.error());
        return;
    }
    if (const auto source = data.source()) {
        const Begin how = *std::exchange(m_beginWhenReady, std::nullopt);
        log.info(how.resumes
                     ? tr("Training goes on in %1.").arg(resumePlace())
                     : tr("Training begins: %1 epochs, batches of %2, %3.")
                           .arg(document.project().training.epochs)
                           .arg(document.project().training.batchSize)
                           .arg(QString::fromStdString(document.project().training.optimizer)));
        const QString folder = document.folder();
        if (writesFiles(document.project().training)) {
            log.info(tr("The files of callbacks are in %1.").arg(folder));
        }
        training.start(document.snapshot(), source,
                       {.threads = settings.threads(),
                        .startPaused = how.paused,
                        .resume = how.resumes,
                        .folder = folder});
        if (how.paused) {
            training.step();
        }
    }
}

void Session::refuse(const QString& reason) {
    m_beginWhenReady.reset();
    log.fail(reason);
    emit trainingRefused(reason);
}

void Session::endRun(const TrainingOutcome& outcome) {
    switch (outcome.outcome) {
    case nn::TrainOutcome::Finished:
        log.info(tr("Training finished."));
        break;
    case nn::TrainOutcome::Stopped:
        log.info(tr("Training stopped; what was learned is kept."));
        break;
    case nn::TrainOutcome::Diverged:
        log.fail(outcome.message);
        setRunProblem(outcome.message);
        break;
    }
    switch (weightsFit(*outcome.weights, document.graph(), document.inference())) {
    case WeightsFit::All:
        keepWeights(outcome);
        break;
    case WeightsFit::Some:
        emit weightsOffered(outcome);
        break;
    case WeightsFit::None:
        log.warn(tr("The network was changed while it was trained, and none of the trained weights "
                    "fits it any more. Undo the changes and train again to get them."));
        break;
    }
    emit trainingEnded(outcome);
}

void Session::keepWeights(const TrainingOutcome& outcome) {
    nn::Project next = document.settled();
    next.weights = outcome.weights;
    next.history = outcome.history;
    next.checkpoint = outcome.checkpoint;
    const auto epochs = static_cast<int>(outcome.epochs);
    document.commit(std::move(next), epochs == 0   ? tr("Train")
                                     : epochs == 1 ? tr("Train 1 Epoch")
                                                   : tr("Train %1 Epochs").arg(epochs));
}

void Session::resetWeights() {
    nn::Project next = document.settled();
    next.weights.reset();
    next.history.reset();
    next.checkpoint.reset();
    document.commit(std::move(next), tr("Reset Weights"));
}

void Session::useData(const QString& reference) {
    nn::Project next = document.settled();
    next.data.source = reference.toStdString();
    document.commit(std::move(next), tr("Choose Data"));
    data.load();
}

void Session::fitNetworkToData() {
    if (const auto source = data.source()) {
        const auto edits = editsToFit(document.graph(), document.inference(), source->train);
        if (edits.empty()) {
            return;
        }
        if (const auto done = document.apply(edits, {}, tr("Fit Network to Data")); !done) {
            emit editor.refused(QString::fromStdString(done.error().message));
        }
    }
}

QString Session::networkFitText() const {
    const auto source = data.source();
    if (!source) {
        return {};
    }
    QStringList changes;
    for (const nn::Edit& edit : editsToFit(document.graph(), document.inference(), source->train)) {
        const auto& set = std::get<nn::SetParam>(edit);
        const nn::Node* node = nn::findNode(document.graph(), set.id);
        changes << tr("%1: %2 = %3")
                       .arg(QString::fromStdString(node->name), QString::fromStdString(set.param),
                            QString::fromStdString(nn::plainText(set.value)));
    }
    return changes.join(tr(", "));
}

} // namespace app
