#include "app/inspection/layer_views.h"

#include "app/session.h"

#include "widgets/images/feature_map_view.h"
#include "widgets/images/filter_view.h"

namespace app {

LayerViews::LayerViews(Session& session, Qt::Orientation orientation, QWidget* parent)
    : QSplitter(orientation, parent), m_session(session) {
    setChildrenCollapsible(false);
    m_maps = new widgets::FeatureMapView(this);
    m_maps->setObjectName("featureMaps");
    m_filters = new widgets::FilterView(this);
    m_filters->setObjectName("filters");
    if (orientation == Qt::Horizontal) {
        addWidget(m_filters);
        addWidget(m_maps);
        setStretchFactor(0, 2);
        setStretchFactor(1, 5);
    } else {
        addWidget(m_maps);
        addWidget(m_filters);
        setStretchFactor(0, 3);
        setStretchFactor(1, 2);
    }
    connect(&session.inspection, &InspectionController::inspected, this, [this](const auto& seen) {
        if (isVisible()) {
            show(seen);
        }
    });
    session.inspection.addLayerViewer(this);
    show(session.inspection.last());
}

void LayerViews::showEvent(QShowEvent* event) {
    QSplitter::showEvent(event);
    // What was looked at for other views, while this one was hidden.
    show(m_session.inspection.last());
}

void LayerViews::show(const Inspection& inspection) {
    if (inspection.kernel) {
        m_filters->setKernel(inspection.layerName, *inspection.kernel);
    } else if (!inspection.error.isEmpty()) {
        m_filters->clear(inspection.error);
    } else {
        m_filters->clear();
    }
    showMaps(inspection);
}

void LayerViews::showMaps(const Inspection& inspection) {
    if (inspection.maps) {
        m_maps->setMaps(inspection.layerName, *inspection.maps);
    } else if (!inspection.error.isEmpty()) {
        m_maps->clear(inspection.error);
    } else if (inspection.input.isNull()) {
        m_maps->clear(m_session.data.state() == DataStore::State::Failed
                          ? m_session.data.error()
                          : tr("Choose an image to see what the layers make of it."));
    } else {
        m_maps->clear(tr("Select a layer to see its feature maps."));
    }
    m_maps->setInput(inspection.input,
                     inspection.input.isNull() ? QString() : m_session.inspection.sampleCaption());
    const QStringList names = classNames();
    if (inspection.probabilities.empty()) {
        m_maps->clearPrediction();
    } else {
        QStringList shown = names;
        for (auto i = shown.size(); i < static_cast<qsizetype>(inspection.probabilities.size());
             ++i) {
            shown << tr("class %1").arg(i);
        }
        m_maps->setPrediction(shown, inspection.probabilities, m_session.inspection.sampleClass());
    }
}

QStringList LayerViews::classNames() const {
    QStringList names;
    if (const auto source = m_session.data.source()) {
        for (const std::string& name : source->train.classNames()) {
            names << QString::fromStdString(name);
        }
    }
    return names;
}

} // namespace app
