#pragma once

#include "app/background.h"

#include "nn/io/project_file.h"

#include <QDateTime>
#include <QElapsedTimer>
#include <QLockFile>
#include <QObject>
#include <QTimer>
#include <memory>
#include <optional>

namespace app {

class Document;
class Log;
class TrainingController;
struct TrainingOutcome;

/// A run that the program did not live to end.
struct Leftover {
    QString file;    ///< A project that holds all of it.
    QString project; ///< The file of the project it belonged to; empty: it was never saved.
    QString name;
    QDateTime time;                  ///< When it was written last.
    std::shared_ptr<QLockFile> lock; ///< So that no other window offers it.
};

/// Keeps the run under way on disk: whole, beside the window, after every epoch but at most every
/// two seconds, and at least once a minute. What it kept goes when the project is saved or left.
class RunKeeper : public QObject {
    Q_OBJECT

public:
    /// `folder` is made when it is needed.
    RunKeeper(TrainingController& training, const Document& document, Log& log, QString folder,
              QObject* parent = nullptr);
    ~RunKeeper() override;

    /// $XDG_STATE_HOME/receptive/runs.
    [[nodiscard]] static QString standardFolder();

    /// Looks for runs that were cut off, newest first; `leftoverFound` brings one of them, or
    /// `nothingFound`.
    void lookForLeftovers();
    /// Reads a run that was cut off; `leftoverRead` brings it, and what is kept from now on takes
    /// its place.
    void takeUp(const Leftover& leftover);
    /// Deletes a run that was cut off, and looks for the next.
    void discard(const Leftover& leftover);
    /// Where the run under way, or the last one, is kept; empty: nowhere.
    [[nodiscard]] QString file() const { return m_isWritten ? m_place->file : QString(); }

signals:
    void leftoverFound(const app::Leftover& leftover);
    void nothingFound();
    void leftoverRead(const nn::Project& project, const QString& path);
    void failed(const QString& reason);
    /// The run was written.
    void kept();

private:
    void begin();
    void wish();
    void write(std::shared_ptr<const nn::Checkpoint> checkpoint);
    void launch();
    void end(const TrainingOutcome& outcome);
    void forget();

    /// A file and what says whose it is; claimed by the background thread with the first write.
    struct Place {
        QString file;
        QString project;
        QString name;
        std::shared_ptr<QLockFile> lock;
    };
    [[nodiscard]] static nn::Expected<void> claim(Place& place);
    [[nodiscard]] std::shared_ptr<Place> newPlace() const;

    TrainingController& m_training;
    const Document& m_document;
    Log& m_log;
    QString m_folder;
    std::shared_ptr<Place> m_place; ///< nullptr: nothing is kept.
    std::optional<Leftover> m_offered;
    std::shared_ptr<const nn::Project> m_run;     ///< What the run began with.
    std::shared_ptr<const nn::Checkpoint> m_next; ///< Waits for the one that is being written.
    std::shared_ptr<const nn::History> m_before;
    bool m_isWriting = false;
    bool m_isWritten = false;
    bool m_isLost = false; ///< It was said that nothing can be kept.
    QElapsedTimer m_sinceWish;
    QTimer m_minute;
    std::unique_ptr<Background> m_background = std::make_unique<Background>();
};

} // namespace app
