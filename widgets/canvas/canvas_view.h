#pragma once

#include "widgets/edit_wish.h"
#include "widgets/theme.h"

#include <QImage>
#include <QWidget>

namespace widgets {

/// What a drag from the palette carries: the class name of a layer in UTF-8.
inline constexpr const char* kLayerMimeType = "application/x-receptive-layer";

/// The drawing of the network: cards and wires that are dragged, connected and edited. It shows
/// values and emits wishes; while a card is dragged it shows the move itself and emits one wish at
/// the end.
class CanvasView : public QWidget {
    Q_OBJECT

public:
    explicit CanvasView(QWidget* parent = nullptr);

    /// Shows a network; zoom, scroll position and selection stay where they can. A node without a
    /// position is placed by the layout.
    void setNetwork(const NetworkValues& network, const Positions& positions);
    void setSelection(const NodeSet& nodes);
    /// Small pictures of the feature maps of the current image, shown on the card.
    void setStrip(nn::NodeId node, const QList<QImage>& maps);
    void clearStrips();
    void setTheme(const Theme& theme);

    [[nodiscard]] const NodeSet& selection() const;
    [[nodiscard]] bool isEmpty() const;
    [[nodiscard]] bool hasSelection() const; ///< A card or a wire is selected.
    [[nodiscard]] static bool canPaste();    ///< The clipboard holds layers.
    [[nodiscard]] double zoom() const;       ///< 1: one pixel of the drawing is one on screen.
    /// How many maps the card of a node shows.
    [[nodiscard]] static int stripCount();

    // Actions for menus, tool bars and the palette. Those that change the network emit `wished`.
    void addLayer(const QString& type); ///< Behind the selected or last layer.
    void removeSelection();
    void duplicateSelection();
    void copySelection() const;
    void cutSelection();
    void paste();
    void selectAll();
    void arrange();      ///< Automatic layout of all cards.
    void beginConnect(); ///< From the current card; arrows choose, Enter connects, Esc ends.
    void zoomIn();
    void zoomOut();
    void zoomTo(double zoom);
    void fit();
    void showNode(nn::NodeId node); ///< Scrolls until the card is visible.

signals:
    void wished(const widgets::EditWish& wish);
    void selectionChanged(const widgets::NodeSet& nodes);
    /// Enter or double click on a card: show its properties.
    void propertiesWished(nn::NodeId node);
    void zoomChanged(double zoom);
    /// A hint for the status bar: why a wire cannot end here, how many cards move…; empty to clear.
    void hintChanged(const QString& text);
};

} // namespace widgets
