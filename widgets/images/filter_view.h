#pragma once

#include "nn/tensor/tensor.h"
#include "widgets/images/tensor_image.h"
#include "widgets/theme.h"

#include <QWidget>
#include <vector>

class QComboBox;

namespace widgets {

class ColorScale;
class PanelHeader;
class TileGrid;

/// The learned filters of a convolution as pictures: blue below zero, white at zero, red above, one
/// shared scale.
class FilterView : public QWidget {
    Q_OBJECT

public:
    explicit FilterView(QWidget* parent = nullptr);

    /// Shows a kernel (height, width, inputs, outputs); cheap enough to be called 30 times a
    /// second.
    void setKernel(const QString& layerName, const nn::Tensor& kernel);
    /// The empty state; without a text it asks to select a convolution layer.
    void clear(const QString& reason = {});
    /// The parts follow the palette by themselves; this is for a view outside of a themed window.
    void setTheme(const Theme& theme);

    /// -1 when the filters are shown as RGB.
    [[nodiscard]] int inputChannel() const;
    void setInputChannel(int channel);
    [[nodiscard]] bool isEmpty() const { return m_kernel.empty(); }
    [[nodiscard]] TileGrid* grid() const { return m_grid; }
    [[nodiscard]] QString scaleText() const;

signals:
    void filterActivated(int output);
    void inputChannelChanged(int channel);

private:
    void showTiles();
    void fillChannels();
    [[nodiscard]] QString tipOf(int output) const;
    [[nodiscard]] std::array<PlaneView, 3> colorPlanes(int output) const;

    PanelHeader* m_header = nullptr;
    QComboBox* m_channel = nullptr;
    TileGrid* m_grid = nullptr;
    ColorScale* m_scale = nullptr;
    QString m_layerName;
    std::vector<float> m_kernel;
    KernelExtent m_extent;
    ValueRange m_range;
};

} // namespace widgets
