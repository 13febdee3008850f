#pragma once

#include "nn/model/layer_def.h"
#include "widgets/theme.h"

#include <QImage>
#include <QPolygonF>
#include <QSize>
#include <QString>
#include <optional>
#include <vector>

class QPainter;

namespace widgets {

/// The numbers of one tensor in a figure; the shape is without batch.
struct FigureTensor {
    nn::Shape shape = {};
    std::vector<float> values = {};
};

/// A function of one number.
struct FigureCurve {
    QString name = {};
    QPolygonF points = {};
};

/// What a figure of a layer shows: numbers that went in, the window that slides over them, numbers
/// that came out. Or curves, for a layer that changes every number by itself.
struct LayerFigure {
    QString title = {};
    std::vector<FigureTensor> inputs = {};
    std::optional<FigureTensor> output = {};
    nn::Window window = {};
    std::vector<float> kernel = {}; ///< [height][width] of the window; empty: it has no weights.
    std::vector<FigureCurve> curves = {};

    [[nodiscard]] bool isEmpty() const { return !output && curves.empty(); }
};

[[nodiscard]] QSize layerFigureSize(const LayerFigure& figure);
void paintLayerFigure(QPainter& painter, const LayerFigure& figure, const Theme& theme);
/// The figure on the theme's base colour.
[[nodiscard]] QImage layerFigureImage(const LayerFigure& figure, const Theme& theme,
                                      qreal devicePixelRatio);

} // namespace widgets
