#pragma once

#include "widgets/theme.h"

#include <QStringList>
#include <QWidget>
#include <vector>

namespace widgets {

/// How often samples of a class were taken for which: a row for each class there is, a column for
/// each that was said. Shares of a row by colour; the right answers stand on the diagonal.
class ConfusionView : public QWidget {
    Q_OBJECT

public:
    explicit ConfusionView(QWidget* parent = nullptr);

    /// `counts` by row; as many as names squared.
    void setCounts(const QStringList& classes, std::vector<qint64> counts);
    /// Shows a text instead.
    void clear(const QString& reason);
    [[nodiscard]] qint64 count(int truth, int said) const;
    [[nodiscard]] int classes() const { return static_cast<int>(m_classes.size()); }
    /// "12 of 100 images of “Shirt” were taken for “Coat” (12 %)."
    [[nodiscard]] QString textOf(int truth, int said) const;

    [[nodiscard]] QSize sizeHint() const override { return {360, 320}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {200, 180}; }

signals:
    /// A click on a cell, or Enter on the current one.
    void cellActivated(int truth, int said);

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    /// Where everything stands at this size.
    struct Place {
        double side = 0.0; ///< Of a cell.
        QPointF origin;    ///< Upper left corner of the first cell.
        bool hasNames = false;
    };
    struct Cell {
        int truth = -1;
        int said = -1;
        bool operator==(const Cell&) const = default;
    };
    [[nodiscard]] Place place() const;
    [[nodiscard]] QRectF cellRect(const Place& place, const Cell& cell) const;
    [[nodiscard]] Cell cellAt(QPointF position) const;
    [[nodiscard]] double share(int truth, int said) const;
    void paintCells(QPainter& painter, const Place& place, const Theme& theme) const;
    void paintNames(QPainter& painter, const Place& place, const Theme& theme) const;
    void setCurrent(const Cell& cell);

    QStringList m_classes;
    std::vector<qint64> m_counts;
    std::vector<qint64> m_totals; ///< Of the rows.
    QString m_emptyText;
    Cell m_current;
};

} // namespace widgets
