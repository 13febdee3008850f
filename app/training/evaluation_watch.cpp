#include "app/training/evaluation_watch.h"

#include "app/data_store.h"
#include "app/document.h"
#include "app/settings.h"
#include "app/training/job.h"
#include "app/training/training_controller.h"

#include "nn/base/parallel.h"

#include <QEvent>
#include <algorithm>

namespace app {

namespace {

QStringList classNames(const nn::data::Dataset& images, std::int64_t classes) {
    QStringList names;
    for (const std::string& name : images.classNames()) {
        names << QString::fromStdString(name);
    }
    while (names.size() < classes) {
        names << QString::number(names.size());
    }
    return names.mid(0, static_cast<qsizetype>(classes));
}

nn::Expected<EvaluationReport> evaluated(const nn::Project& project,
                                         const nn::data::DataSource& source, int threads,
                                         const std::stop_token& stop) {
    nn::lowerThreadPriority(); // the window comes first
    auto job = makeJob(project, source, threads);
    if (!job) {
        return tl::unexpected(job.error());
    }
    const bool isTest = job->validation && !job->validation->isEmpty();
    const nn::TrainData& images = isTest ? *job->validation : job->training;
    auto result = nn::evaluate(
        job->graph, weightsFor(project, nn::infer(job->graph)), images,
        {.settings = job->settings, .cancelled = [stop] { return stop.stop_requested(); }});
    if (!result) {
        return tl::unexpected(result.error());
    }
    EvaluationReport report{.result = *std::move(result), .classes = {}, .isTest = isTest};
    if (const nn::data::Dataset* set = images.images()) {
        report.classes = classNames(*set, report.result.confusion.classes);
    }
    return report;
}

} // namespace

EvaluationWatch::EvaluationWatch(const Document& document, const DataStore& data,
                                 const Settings& settings, TrainingController& training,
                                 QObject* parent)
    : QObject(parent), m_document(document), m_data(data), m_settings(settings),
      m_training(training) {
    connect(&document, &Document::projectChanged, this, [this](ProjectParts parts) {
        if (parts & (ProjectPart::Weights | ProjectPart::Graph | ProjectPart::Data)) {
            forget();
        }
    });
    connect(&data, &DataStore::changed, this, &EvaluationWatch::forget);
    connect(&training, &TrainingController::stateChanged, this, &EvaluationWatch::refresh);
}

void EvaluationWatch::addViewer(QWidget* viewer) {
    m_viewers.emplace_back(viewer);
    viewer->installEventFilter(this);
}

bool EvaluationWatch::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::Show) {
        refresh();
    }
    return QObject::eventFilter(watched, event);
}

bool EvaluationWatch::isWatched() const {
    return std::ranges::any_of(m_viewers,
                               [](const auto& viewer) { return viewer && viewer->isVisible(); });
}

QString EvaluationWatch::emptyText() const {
    if (!m_problem.isEmpty()) {
        return m_problem;
    }
    if (m_training.isActive()) {
        return tr("The network is evaluated when the training has ended.");
    }
    if (!m_document.project().weights) {
        return tr("Train the network to see which classes it takes for which.");
    }
    return m_data.source() ? tr("Evaluating…") : tr("Reading the images…");
}

void EvaluationWatch::forget() {
    m_background.cancel();
    m_isRunning = false;
    m_report.reset();
    m_problem.clear();
    emit changed();
    refresh();
}

void EvaluationWatch::refresh() {
    if (m_training.isActive()) {
        if (std::exchange(m_isRunning, false)) {
            m_background.cancel(); // the processors belong to the run
        }
        emit changed();
        return;
    }
    const bool isWanted = !m_report && m_problem.isEmpty() && !m_isRunning && isWatched();
    if (isWanted && m_document.project().weights && m_data.source() &&
        m_document.inference().isRunnable()) {
        launch();
    }
}

void EvaluationWatch::launch() {
    m_isRunning = true;
    m_background.run(
        [project = m_document.snapshot(), source = m_data.source(), threads = m_settings.threads()](
            const std::stop_token& stop) { return evaluated(*project, *source, threads, stop); },
        [this](nn::Expected<EvaluationReport> report) {
            m_isRunning = false;
            if (report) {
                m_report = std::make_shared<const EvaluationReport>(*std::move(report));
            } else {
                m_problem = QString::fromStdString(report.error().message);
            }
            emit changed();
        });
    emit changed();
}

} // namespace app
