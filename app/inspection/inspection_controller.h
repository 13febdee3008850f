#pragma once

#include "app/background.h"
#include "app/inspection/layer_inspection.h"

#include <QObject>
#include <QPointer>
#include <QTimer>
#include <QWidget>
#include <memory>

namespace app {

class DataStore;
class Document;
class Selection;
class TrainingController;

enum class DataPart { Test, Training };

/// The image that is sent through the network.
struct SampleChoice {
    DataPart part = DataPart::Test;
    qint64 index = 0;
    QImage picture;  ///< Dropped or drawn; null: an image of the data set.
    QString caption; ///< Of the picture.
};

/// Looks inside the network beside the window, for the chosen sample: the newest wish wins. While
/// training it asks for weights now and then, only when somebody is looking.
class InspectionController : public QObject {
    Q_OBJECT

public:
    InspectionController(const Document& document, const DataStore& data,
                         const Selection& selection, TrainingController& training,
                         QObject* parent = nullptr);
    ~InspectionController() override;

    /// A widget that shows the selected layer, or the strips of all layers; nothing is computed
    /// while no viewer of its kind is visible.
    void addLayerViewer(QWidget* viewer);
    void addStripViewer(QWidget* viewer, int strips);

    [[nodiscard]] const SampleChoice& sample() const { return m_sample; }
    void setSample(const SampleChoice& sample);
    /// The first image of a class in the part shown.
    void setSampleClass(int label);
    /// "Test image 12 · sneaker".
    [[nodiscard]] QString sampleCaption() const;
    /// The class of the sample, -1 when unknown.
    [[nodiscard]] int sampleClass() const;
    /// Images in the part of the data the sample is from.
    [[nodiscard]] qint64 sampleCount() const;
    /// The layer looked into: the selected one, or the first convolution.
    [[nodiscard]] nn::NodeId layer() const;

    [[nodiscard]] const Inspection& last() const { return m_last; }

signals:
    void inspected(const app::Inspection& inspection);
    void sampleChanged();

private:
    void request();
    void launch();
    void takeResult(Inspection inspection);
    /// The next look at a network that trains comes later the more this one took, in milliseconds
    /// of computing and painting.
    void spaceLooks(double cost);
    void askForSnapshot();
    void useWeights(std::shared_ptr<const nn::Weights> weights);
    [[nodiscard]] bool isWatched() const;
    [[nodiscard]] InspectionRequest makeRequest() const;
    [[nodiscard]] const nn::data::Dataset* dataset() const;
    void addViewer(QWidget* viewer);
    bool eventFilter(QObject* watched, QEvent* event) override;

    const Document& m_document;
    const DataStore& m_data;
    const Selection& m_selection;
    TrainingController& m_training;
    SampleChoice m_sample;
    std::vector<QPointer<QWidget>> m_layerViewers;
    std::vector<QPointer<QWidget>> m_stripViewers;
    int m_strips = 0;
    std::shared_ptr<const nn::Weights> m_live; ///< Of the run under way.
    Inspection m_last;
    bool m_isWanted = false;
    bool m_isStale = true;
    QTimer m_snapshotTimer;
    std::shared_ptr<Inspector> m_inspector; ///< Used by the background thread only.
    Background m_background;
};

} // namespace app
