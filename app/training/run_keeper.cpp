#include "app/training/run_keeper.h"

#include "app/document.h"
#include "app/log.h"
#include "app/training/training_controller.h"

#include <QDir>
#include <QFileInfo>
#include <QSettings>
#include <QUuid>

namespace app {

namespace {

constexpr int kLeastMilliseconds = 2'000;
constexpr int kMostMilliseconds = 60'000;
constexpr const char* kEnding = ".receptive";

/// The little file beside a kept run that says whose it is.
QString noteFile(const QString& file) {
    return file.chopped(static_cast<int>(qstrlen(kEnding))) + ".ini";
}

QString lockFile(const QString& file) {
    return file.chopped(static_cast<int>(qstrlen(kEnding))) + ".lock";
}

/// The lock of a file, if nobody alive holds it.
std::shared_ptr<QLockFile> lockOf(const QString& file) {
    auto lock = std::make_shared<QLockFile>(lockFile(file));
    lock->setStaleLockTime(0); // stale when its program is gone, however long it takes
    return lock->tryLock(0) ? lock : nullptr;
}

void removeFiles(const QString& file) {
    QFile::remove(file);
    QFile::remove(noteFile(file));
}

/// The project as it is kept: the run's own network and settings, with what it has learnt.
nn::Project keptProject(const nn::Project& run, const nn::History& before,
                        const std::shared_ptr<const nn::Checkpoint>& checkpoint) {
    nn::Project project = run;
    project.weights = checkpoint->weights;
    project.history =
        std::make_shared<const nn::History>(nn::continuedHistory(before, checkpoint->history));
    project.checkpoint = checkpoint;
    return project;
}

} // namespace

RunKeeper::RunKeeper(TrainingController& training, const Document& document, Log& log,
                     QString folder, QObject* parent)
    : QObject(parent), m_training(training), m_document(document), m_log(log),
      m_folder(std::move(folder)) {
    m_minute.setInterval(kMostMilliseconds);
    connect(&m_minute, &QTimer::timeout, this, &RunKeeper::wish);
    connect(&training, &TrainingController::started, this, &RunKeeper::begin);
    connect(&training, &TrainingController::epochDone, this, [this] {
        if (m_sinceWish.elapsed() >= kLeastMilliseconds) {
            wish();
        }
    });
    connect(&training, &TrainingController::checkpointTaken, this, &RunKeeper::write);
    connect(&training, &TrainingController::ended, this, &RunKeeper::end);
    connect(&training, &TrainingController::refused, this, [this] { m_minute.stop(); });
    connect(&document, &Document::opened, this, [this] {
        if (!m_training.isActive()) {
            forget();
        }
    });
    connect(&document, &Document::wasSaved, this, [this] {
        if (!m_training.isActive()) {
            forget();
        }
    });
}

RunKeeper::~RunKeeper() {
    // The program ends as it should: the user was asked what is to be kept.
    m_background.reset();
    if (m_place) {
        removeFiles(m_place->file);
    }
}

QString RunKeeper::standardFolder() {
    const QString state = qEnvironmentVariable("XDG_STATE_HOME");
    return (state.isEmpty() ? QDir::homePath() + "/.local/state" : state) + "/receptive/runs";
}

void RunKeeper::begin() {
    m_run = m_training.runProject();
    m_before = m_training.historyBefore();
    m_isLost = false;
    m_sinceWish.start();
    m_minute.start();
}

void RunKeeper::wish() {
    m_sinceWish.restart();
    m_minute.start();
    m_training.requestCheckpoint();
}

void RunKeeper::end(const TrainingOutcome& outcome) {
    m_minute.stop();
    if (outcome.checkpoint) {
        write(outcome.checkpoint);
    }
}

std::shared_ptr<RunKeeper::Place> RunKeeper::newPlace() const {
    const QString path = m_document.path();
    return std::make_shared<Place>(
        Place{.file = m_folder + '/' + QUuid::createUuid().toString(QUuid::WithoutBraces) + kEnding,
              .project = path,
              .name = path.isEmpty() ? QString::fromStdString(m_run->graph->name)
                                     : m_document.displayName(),
              .lock = nullptr});
}

nn::Expected<void> RunKeeper::claim(Place& place) {
    if (place.lock) {
        return {};
    }
    QDir().mkpath(QFileInfo(place.file).path());
    place.lock = lockOf(place.file);
    QSettings note(noteFile(place.file), QSettings::IniFormat);
    note.setValue("project", place.project);
    note.setValue("name", place.name);
    note.sync();
    if (!place.lock || note.status() != QSettings::NoError) {
        return nn::failure(nn::ErrorCode::Io,
                           "The run cannot be kept: nothing can be written into " +
                               QFileInfo(place.file).path().toStdString() +
                               ". If the program is cut off, the run is lost.");
    }
    return {};
}

void RunKeeper::write(std::shared_ptr<const nn::Checkpoint> checkpoint) {
    if (!m_run || !checkpoint->weights) {
        return;
    }
    m_next = std::move(checkpoint);
    if (!m_isWriting) {
        launch();
    }
}

void RunKeeper::launch() {
    if (!m_place) {
        m_place = newPlace();
    }
    m_isWriting = true;
    m_background->run(
        [place = m_place, run = m_run, before = m_before,
         checkpoint = std::exchange(m_next, nullptr)](const std::stop_token&) {
            if (auto claimed = claim(*place); !claimed) {
                return claimed;
            }
            return nn::io::saveProject(place->file.toStdString(),
                                       keptProject(*run, *before, checkpoint));
        },
        [this, place = m_place](const nn::Expected<void>& saved) {
            m_isWriting = false;
            if (!saved && !std::exchange(m_isLost, true)) {
                m_log.warn(QString::fromStdString(saved.error().message));
            }
            if (saved && place == m_place) {
                m_isWritten = true;
                emit kept();
            }
            if (m_next) {
                launch();
            }
        });
}

void RunKeeper::forget() {
    m_next.reset();
    m_isWritten = false;
    if (m_place) {
        // Behind what is being written now, which would bring the file back.
        m_background->run(
            [place = std::exchange(m_place, nullptr)](const std::stop_token&) {
                removeFiles(place->file);
                place->lock.reset();
                return true;
            },
            [](bool) {});
    }
}

void RunKeeper::lookForLeftovers() {
    if (m_offered) {
        emit leftoverFound(*m_offered);
        return;
    }
    m_background->run(
        [folder = m_folder](const std::stop_token&) -> std::optional<Leftover> {
            const QFileInfoList files =
                QDir(folder).entryInfoList({QString('*') + kEnding}, QDir::Files, QDir::Time);
            for (const QFileInfo& info : files) {
                if (auto lock = lockOf(info.filePath())) {
                    const QSettings note(noteFile(info.filePath()), QSettings::IniFormat);
                    return Leftover{.file = info.filePath(),
                                    .project = note.value("project").toString(),
                                    .name = note.value("name").toString(),
                                    .time = info.lastModified(),
                                    .lock = std::move(lock)};
                }
            }
            return std::nullopt;
        },
        [this](const std::optional<Leftover>& found) {
            m_offered = found;
            if (found) {
                emit leftoverFound(*found);
            } else {
                emit nothingFound();
            }
        });
}

void RunKeeper::takeUp(const Leftover& leftover) {
    m_background->run([file = leftover.file.toStdString()](
                          const std::stop_token&) { return nn::io::loadProject(file); },
                      [this, leftover](nn::Expected<nn::io::LoadedProject> loaded) {
                          if (!loaded) {
                              emit failed(QString::fromStdString(loaded.error().message));
                              return;
                          }
                          m_offered.reset();
                          emit leftoverRead(loaded->project, leftover.project);
                          // What is kept from now on takes its place; until then it stays.
                          m_place = std::make_shared<Place>(Place{.file = leftover.file,
                                                                  .project = leftover.project,
                                                                  .name = leftover.name,
                                                                  .lock = leftover.lock});
                          m_isWritten = true;
                      });
}

void RunKeeper::discard(const Leftover& leftover) {
    m_offered.reset();
    m_background->run(
        [leftover](const std::stop_token&) {
            removeFiles(leftover.file);
            leftover.lock->unlock();
            return true;
        },
        [this](bool) { lookForLeftovers(); });
}

} // namespace app
