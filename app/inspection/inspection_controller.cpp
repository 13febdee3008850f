#include "app/inspection/inspection_controller.h"

#include "app/data_store.h"
#include "app/document.h"
#include "app/image_decoder.h"
#include "app/processor_time.h"
#include "app/selection.h"
#include "app/training/training_controller.h"

#include <QEvent>
#include <algorithm>

namespace app {

namespace {

/// Between two looks at a network that trains; the real distance grows with the cost of a look.
constexpr int kSnapshotMilliseconds = 150;
/// Looking may take this part of the time of one core: the training that is looked at needs it.
constexpr double kLookingShare = 0.01;
constexpr int kMaxSnapshotMilliseconds = 2000;
/// Within this time after a result the window has painted it.
constexpr int kPaintMilliseconds = 60;

bool anyVisible(const std::vector<QPointer<QWidget>>& viewers) {
    return std::ranges::any_of(viewers,
                               [](const auto& viewer) { return viewer && viewer->isVisible(); });
}

/// A result with the time it was computed in.
struct Timed {
    Inspection inspection;
    double milliseconds = 0.0;
};

} // namespace

InspectionController::InspectionController(const Document& document, const DataStore& data,
                                           const Selection& selection, TrainingController& training,
                                           QObject* parent)
    : QObject(parent), m_document(document), m_data(data), m_selection(selection),
      m_training(training), m_inspector(std::make_shared<Inspector>()) {
    connect(&document, &Document::projectChanged, this, &InspectionController::request);
    connect(&selection, &Selection::changed, this, &InspectionController::request);
    connect(&data, &DataStore::changed, this, [this] {
        if (m_sample.picture.isNull()) {
            m_sample = {};
        }
        emit sampleChanged();
        request();
    });
    connect(&training, &TrainingController::snapshotTaken, this, &InspectionController::useWeights);
    connect(&training, &TrainingController::stateChanged, this, [this] {
        if (!m_training.isActive()) {
            m_live.reset();
            m_snapshotTimer.stop();
            request();
        } else {
            askForSnapshot();
        }
    });
    m_snapshotTimer.setSingleShot(true);
    connect(&m_snapshotTimer, &QTimer::timeout, this, &InspectionController::askForSnapshot);
}

InspectionController::~InspectionController() = default;

void InspectionController::addLayerViewer(QWidget* viewer) {
    m_layerViewers.emplace_back(viewer);
    addViewer(viewer);
}

void InspectionController::addStripViewer(QWidget* viewer, int strips) {
    m_stripViewers.emplace_back(viewer);
    m_strips = std::max(m_strips, strips);
    addViewer(viewer);
}

void InspectionController::addViewer(QWidget* viewer) {
    viewer->installEventFilter(this);
    request();
}

bool InspectionController::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::Show) {
        if (m_isStale) {
            QMetaObject::invokeMethod(this, &InspectionController::request, Qt::QueuedConnection);
        }
        QMetaObject::invokeMethod(this, &InspectionController::askForSnapshot,
                                  Qt::QueuedConnection);
    }
    return QObject::eventFilter(watched, event);
}

const nn::data::Dataset* InspectionController::dataset() const {
    const auto source = m_data.source();
    if (!source) {
        return nullptr;
    }
    return m_sample.part == DataPart::Test && source->test ? &*source->test : &source->train;
}

void InspectionController::setSample(const SampleChoice& sample) {
    m_sample = sample;
    m_sample.index = std::clamp<qint64>(m_sample.index, 0, std::max<qint64>(sampleCount() - 1, 0));
    emit sampleChanged();
    request();
}

void InspectionController::setSampleClass(int label) {
    const nn::data::Dataset* images = dataset();
    if (images == nullptr) {
        return;
    }
    if (const auto first = images->firstOf(label)) {
        setSample({.part = m_sample.part, .index = *first, .picture = {}, .caption = {}});
    }
}

QString InspectionController::sampleCaption() const {
    if (!m_sample.picture.isNull()) {
        return m_sample.caption;
    }
    const nn::data::Dataset* images = dataset();
    if (images == nullptr || m_sample.index >= images->size()) {
        return {};
    }
    const QString name = QString::fromStdString(images->labelName(m_sample.index));
    const bool isTest = m_sample.part == DataPart::Test && m_data.source()->test;
    return (isTest ? tr("Test image %1 · %2") : tr("Training image %1 · %2"))
        .arg(m_sample.index)
        .arg(name);
}

int InspectionController::sampleClass() const {
    const nn::data::Dataset* images = dataset();
    if (!m_sample.picture.isNull() || images == nullptr || m_sample.index >= images->size()) {
        return -1;
    }
    return images->label(m_sample.index);
}

qint64 InspectionController::sampleCount() const {
    const nn::data::Dataset* images = dataset();
    return images == nullptr ? 0 : images->size();
}

nn::NodeId InspectionController::layer() const {
    const nn::Graph& graph = m_document.graph();
    if (nn::findNode(graph, m_selection.current()) != nullptr) {
        return m_selection.current();
    }
    for (const nn::NodeId id : m_document.inference().order) {
        const nn::NodeInference* node = m_document.inference().find(id);
        if (node != nullptr && node->def != nullptr &&
            node->def->category == nn::Category::Convolution) {
            return id;
        }
    }
    return nn::kNoNode;
}

bool InspectionController::isWatched() const {
    return anyVisible(m_layerViewers) || anyVisible(m_stripViewers);
}

void InspectionController::request() {
    m_isStale = true;
    if (!isWatched()) {
        return;
    }
    m_isWanted = true;
    if (!m_background.isBusy()) {
        launch();
    }
}

InspectionRequest InspectionController::makeRequest() const {
    InspectionRequest request;
    request.graph = m_document.project().graph;
    request.inference = m_document.sharedInference();
    request.weights = m_live ? m_live : m_document.project().weights;
    request.seed = m_document.project().training.seed;
    request.layer = layer();
    request.strips = anyVisible(m_stripViewers) ? m_strips : 0;
    if (!m_sample.picture.isNull()) {
        request.image = toImage(m_sample.picture);
    } else if (const nn::data::Dataset* images = dataset();
               images != nullptr && m_sample.index < images->size()) {
        request.image = images->image(m_sample.index);
    }
    return request;
}

void InspectionController::launch() {
    m_isWanted = false;
    m_isStale = false;
    m_background.run(
        [inspector = m_inspector, wish = makeRequest()](const std::stop_token&) {
            const double start = threadMilliseconds();
            Inspection inspection = inspector->inspect(wish);
            return Timed{std::move(inspection), threadMilliseconds() - start};
        },
        [this](Timed timed) {
            const double start = threadMilliseconds();
            takeResult(std::move(timed.inspection));
            const double computed = timed.milliseconds;
            QTimer::singleShot(kPaintMilliseconds, this, [this, start, computed] {
                spaceLooks(computed + threadMilliseconds() - start);
            });
        });
}

void InspectionController::takeResult(Inspection inspection) {
    m_last = std::move(inspection);
    emit inspected(m_last);
    if (m_isWanted) {
        // The job that brought this result counts as busy until it returns.
        QMetaObject::invokeMethod(
            this,
            [this] {
                if (m_isWanted && isWatched() && !m_background.isBusy()) {
                    launch();
                }
            },
            Qt::QueuedConnection);
    }
}

void InspectionController::spaceLooks(double cost) {
    const auto pause = static_cast<int>(
        std::min<double>(cost / kLookingShare, kMaxSnapshotMilliseconds) - kPaintMilliseconds);
    m_snapshotTimer.setInterval(std::clamp(pause, kSnapshotMilliseconds, kMaxSnapshotMilliseconds));
    if (m_training.isActive() && !m_snapshotTimer.isActive()) {
        m_snapshotTimer.start();
    }
}

void InspectionController::askForSnapshot() {
    if (m_training.isActive() && isWatched()) {
        m_training.requestSnapshot();
    }
}

void InspectionController::useWeights(std::shared_ptr<const nn::Weights> weights) {
    if (m_training.isActive()) {
        m_live = std::move(weights);
        request();
    }
}

} // namespace app
