#pragma once

#include "nn/tensor/tensor.h"
#include "widgets/images/tensor_image.h"
#include "widgets/theme.h"

#include <QStringList>
#include <QWidget>
#include <span>
#include <vector>

class QComboBox;
class QLabel;

namespace widgets {

class ColorScale;
class PanelHeader;
class PredictionBars;
class TileGrid;

enum class MapScale { PerMap, Shared };

/// What a layer makes of one sample: every channel as a picture, the input and the prediction
/// beside them.
class FeatureMapView : public QWidget {
    Q_OBJECT

public:
    explicit FeatureMapView(QWidget* parent = nullptr);

    /// Maps of one sample: (height, width, channels), or (units) shown as a bar code. A leading
    /// batch axis of 1 is fine.
    void setMaps(const QString& layerName, const nn::Tensor& maps);
    /// The sample as people see it, with a caption ("test image 12 · sneaker").
    void setInput(const QImage& image, const QString& caption);
    /// `trueClass` is -1 when unknown.
    void setPrediction(const QStringList& names, std::span<const float> probabilities,
                       int trueClass = -1);
    void clearPrediction(const QString& reason = {});
    void clear(const QString& reason = {});
    void setTheme(const Theme& theme);

    [[nodiscard]] MapScale mapScale() const;
    void setMapScale(MapScale scale);
    [[nodiscard]] bool isEmpty() const { return m_values.empty(); }
    [[nodiscard]] TileGrid* grid() const { return m_grid; }
    [[nodiscard]] PredictionBars* predictionBars() const { return m_bars; }
    [[nodiscard]] QString scaleText() const;

signals:
    void channelActivated(int channel);
    void channelHovered(int channel);
    void mapScaleChanged(widgets::MapScale scale);

protected:
    void changeEvent(QEvent* event) override;

private:
    QWidget* makeSide();
    void showTiles();
    void showInput();
    [[nodiscard]] bool isUnits() const { return m_extent.height == 1 && m_extent.width == 1; }
    [[nodiscard]] QString tipOf(int channel) const;

    PanelHeader* m_header = nullptr;
    QComboBox* m_scaleChoice = nullptr;
    TileGrid* m_grid = nullptr;
    ColorScale* m_scale = nullptr;
    QWidget* m_side = nullptr;
    QLabel* m_input = nullptr;
    QLabel* m_inputCaption = nullptr;
    PredictionBars* m_bars = nullptr;
    QString m_layerName;
    QImage m_inputImage;
    std::vector<float> m_values;
    ImageExtent m_extent;
};

} // namespace widgets
