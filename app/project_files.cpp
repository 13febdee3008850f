#include "app/project_files.h"

#include "app/document.h"
#include "app/log.h"
#include "app/settings.h"
#include "app/training/job.h"

#include "nn/io/project_file.h"

#include <QFileInfo>

namespace app {

namespace {

/// The project as it is written: weights are those of its present graph, or none.
nn::Project writable(const nn::Project& project) {
    nn::Project result = project;
    if (!project.weights) {
        return result;
    }
    const nn::Inference inference = nn::infer(*project.graph);
    switch (weightsFit(*project.weights, *project.graph, inference)) {
    case WeightsFit::All:
        break;
    case WeightsFit::Some:
        result.weights = std::make_shared<const nn::Weights>(weightsFor(project, inference));
        break;
    case WeightsFit::None:
        result.weights.reset();
        break;
    }
    return result;
}

} // namespace

ProjectFiles::ProjectFiles(Document& document, Settings& settings, Log& log, QObject* parent)
    : QObject(parent), m_document(document), m_settings(settings), m_log(log) {
    connect(&m_background, &Background::busyChanged, this, [this](bool busy) {
        if (!busy) {
            emit busyChanged({});
        }
    });
}

void ProjectFiles::open(const QString& path) {
    emit busyChanged(tr("Opening %1…").arg(QFileInfo(path).fileName()));
    const QString absolute = QFileInfo(path).absoluteFilePath();
    m_background.run([file = absolute.toStdString()](
                         const std::stop_token&) { return nn::io::loadProject(file); },
                     [this, absolute](nn::Expected<nn::io::LoadedProject> loaded) {
                         if (!loaded) {
                             const QString reason = QString::fromStdString(loaded.error().message);
                             m_log.fail(reason);
                             emit failed(tr("The project could not be opened"), reason);
                             return;
                         }
                         for (const std::string& note : loaded->notes) {
                             m_log.warn(QString::fromStdString(note));
                         }
                         m_settings.addRecentFile(absolute);
                         m_settings.setLastFolder(QFileInfo(absolute).absolutePath());
                         m_document.reset(std::move(loaded->project), absolute);
                         m_log.info(tr("Opened %1.").arg(absolute));
                     });
}

void ProjectFiles::save(const QString& path, std::function<void()> then) {
    emit busyChanged(tr("Saving %1…").arg(QFileInfo(path).fileName()));
    const QString absolute = QFileInfo(path).absoluteFilePath();
    m_document.rollbackPreview();
    const auto project = m_document.snapshot();
    m_background.run(
        [file = absolute.toStdString(), project](const std::stop_token&) {
            return nn::io::saveProject(file, writable(*project));
        },
        [this, absolute, project, then = std::move(then)](const nn::Expected<void>& saved) {
            if (!saved) {
                const QString reason = QString::fromStdString(saved.error().message);
                m_log.fail(reason);
                emit failed(tr("The project could not be saved"), reason);
                return;
            }
            m_settings.addRecentFile(absolute);
            m_settings.setLastFolder(QFileInfo(absolute).absolutePath());
            m_document.setSaved(project, absolute);
            m_log.info(tr("Saved %1.").arg(absolute));
            if (then) {
                then();
            }
        });
}

} // namespace app
