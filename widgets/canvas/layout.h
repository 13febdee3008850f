#pragma once

#include "widgets/edit_wish.h"

#include <QSizeF>

namespace widgets {

struct LayoutOptions {
    Qt::Orientation orientation = Qt::Vertical; ///< Vertical: data flows from top to bottom.
    qreal layerGap = 48.0;                      ///< Between one layer of the drawing and the next.
    qreal nodeGap = 40.0;                       ///< Between neighbours of one layer.
    /// Long networks continue in a further column after this many layers; 0: never.
    int foldAfter = 0;
};

/// Places all nodes: layers by longest path, order by barycentres, long wires kept clear of cards.
/// The same graph always gets the same places. Nodes without a size take that of a usual card.
[[nodiscard]] Positions autoLayout(const nn::Graph& graph, const QHash<nn::NodeId, QSizeF>& sizes,
                                   const LayoutOptions& options = {});

/// Folds networks of more layers than fit on a screen.
[[nodiscard]] LayoutOptions usualLayout(const nn::Graph& graph);

/// Places for all nodes of a network as the canvas would draw it; for files without positions.
[[nodiscard]] Positions autoLayout(const NetworkValues& network);

} // namespace widgets
