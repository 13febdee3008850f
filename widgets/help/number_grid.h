#pragma once

#include "widgets/help/layer_figure.h"

#include <QRectF>

namespace widgets {

/// The first sheet of a tensor as cells with numbers: rows × columns of an image's first channel, a
/// table, or a column of numbers. Large ones are cut, with dots.
class NumberGrid {
public:
    explicit NumberGrid(const FigureTensor& tensor);
    /// A table of its own: the weights of a window.
    NumberGrid(std::vector<float> values, int rows, int columns);

    /// The room it takes, sheets behind it and caption included.
    [[nodiscard]] QSizeF size() const;
    void moveTo(QPointF topLeft) { m_at = topLeft; }
    /// Where all shown cells are.
    [[nodiscard]] QRectF cells() const;
    /// A cell by row and column of the whole tensor; may lie outside, as padding does.
    [[nodiscard]] QRectF cell(double row, double column) const;
    [[nodiscard]] int rows() const { return m_rows; }
    [[nodiscard]] int columns() const { return m_columns; }
    [[nodiscard]] bool isImage() const { return m_isImage; }
    void paint(QPainter& painter, const Theme& theme) const;

private:
    void paintCell(QPainter& painter, const Theme& theme, int row, int column, float largest) const;
    [[nodiscard]] int shownRows() const;
    [[nodiscard]] int shownColumns() const;

    QPointF m_at;
    std::vector<float> m_values; ///< [rows][columns]
    int m_rows = 0;
    int m_columns = 0;
    int m_sheets = 1;
    bool m_isImage = false;
    QString m_caption;
};

} // namespace widgets
