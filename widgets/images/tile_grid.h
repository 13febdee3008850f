#pragma once

#include "widgets/theme.h"

#include <QAbstractScrollArea>
#include <QImage>
#include <QStringList>
#include <functional>
#include <vector>

class QMenu;

namespace widgets {

/// Many small pictures of one size in a scrollable grid; draws only what is visible, pixels stay
/// sharp. Arrows, Home, End, Page keys move the current tile, Enter activates it; the context menu
/// copies and saves.
class TileGrid : public QAbstractScrollArea {
    Q_OBJECT

public:
    explicit TileGrid(QWidget* parent = nullptr);

    /// Replaces all pictures; with the same count and size only a repaint, position and current
    /// tile stay.
    void setTiles(std::vector<QImage> tiles);
    void clear();
    /// Short texts below the tiles; empty for none.
    void setCaptions(QStringList captions);
    /// Text of a tile for tooltip and screen reader ("channel 12 · min −0.3 max 1.2"); asked only
    /// when needed.
    void setTipProvider(std::function<QString(int)> provider);
    /// What the grid says while it has no tiles.
    void setEmptyText(const QString& text);
    /// The least side of a tile on screen; pictures grow by whole factors above it.
    void setMinimumTileSide(int pixels);
    /// A stem for saved files ("conv2d-filters").
    void setExportName(const QString& name);
    void setTheme(const Theme& theme);

    [[nodiscard]] int count() const { return static_cast<int>(m_tiles.size()); }
    [[nodiscard]] int currentTile() const { return m_current; }
    void setCurrentTile(int index);
    [[nodiscard]] const QImage& tile(int index) const {
        return m_tiles[static_cast<size_t>(index)];
    }
    /// Where a tile's picture is, in viewport coordinates.
    [[nodiscard]] QRect tileRect(int index) const;
    /// The tile at a viewport position, -1 for none.
    [[nodiscard]] int tileAt(QPoint position) const;
    [[nodiscard]] int columns() const { return m_columns; }
    /// Logical pixels per picture pixel: whole, or one over a whole for large pictures.
    [[nodiscard]] double tileScale() const { return static_cast<double>(m_up) / m_down; }
    /// All tiles in one picture, at the factor shown.
    [[nodiscard]] QImage sheet() const;

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

signals:
    /// -1 when the pointer leaves.
    void tileHovered(int index);
    void tileActivated(int index);
    void currentTileChanged(int index);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void changeEvent(QEvent* event) override;
    bool viewportEvent(QEvent* event) override;

private:
    void relayout();
    void setHovered(int index);
    void paintTile(QPainter& painter, int index) const;
    void announceCurrent();
    void addMenuActions(QMenu& menu, int index);
    void chooseScale();
    /// True when everything fits at this factor.
    bool tryScale(int up, int down);
    [[nodiscard]] int columnsAt(QSize picture) const;
    [[nodiscard]] int cellWidth(QSize picture) const;
    [[nodiscard]] int contentHeight() const;
    [[nodiscard]] QSize pictureSize() const;
    [[nodiscard]] int captionHeight() const;
    [[nodiscard]] QString tipOf(int index) const;

    std::vector<QImage> m_tiles;
    QStringList m_captions;
    std::function<QString(int)> m_tip;
    QString m_emptyText;
    QString m_exportName = QStringLiteral("tiles");
    Theme m_theme;
    int m_captionWidth = 0;
    int m_minimumSide = 40;
    int m_up = 1;
    int m_down = 1;
    int m_columns = 1;
    int m_current = -1;
    int m_hovered = -1;
};

} // namespace widgets
