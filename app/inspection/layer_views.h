#pragma once

#include "app/inspection/layer_inspection.h"

#include <QSplitter>

namespace widgets {
class FeatureMapView;
class FilterView;
} // namespace widgets

namespace app {

class Session;

/// Filters and feature maps of the layer looked into, live.
class LayerViews : public QSplitter {
    Q_OBJECT

public:
    LayerViews(Session& session, Qt::Orientation orientation, QWidget* parent = nullptr);

protected:
    void showEvent(QShowEvent* event) override;

private:
    void show(const Inspection& inspection);
    void showMaps(const Inspection& inspection);
    [[nodiscard]] QStringList classNames() const;

    Session& m_session;
    widgets::FilterView* m_filters = nullptr;
    widgets::FeatureMapView* m_maps = nullptr;
};

} // namespace app
