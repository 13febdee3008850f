#pragma once

#include <QList>
#include <QPixmap>
#include <QRectF>
#include <QWidget>

namespace widgets {

/// One card in the small picture of the whole drawing.
struct MapCard {
    QRectF rect = {}; ///< In the scene.
    QColor color = {};
    bool operator==(const MapCard&) const = default;
};

/// A small picture of the whole drawing in a corner of the canvas: where the view is, and a way to
/// go elsewhere by a click or a drag.
class CanvasMap : public QWidget {
    Q_OBJECT

public:
    explicit CanvasMap(QWidget* parent = nullptr);

    /// `seen` is what the view shows of the scene.
    void setDrawing(const QList<MapCard>& cards, const QRectF& seen);
    [[nodiscard]] QSize sizeHint() const override { return {168, 120}; }

signals:
    /// The view should have this point of the scene in its middle.
    void centerWished(QPointF scenePoint);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;

private:
    [[nodiscard]] double scale() const;
    [[nodiscard]] QRectF toMap(const QRectF& rect) const;
    [[nodiscard]] QPixmap cardsPicture() const;
    void wishCenter(QPointF at);

    QList<MapCard> m_cards;
    QRectF m_seen;
    QRectF m_whole;    ///< Around all of it.
    QPixmap m_picture; ///< Of the cards; null when they have to be drawn anew.
};

} // namespace widgets
