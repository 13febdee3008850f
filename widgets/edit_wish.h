#pragma once

#include "nn/model/edit.h"
#include "nn/model/infer.h"

#include <QHash>
#include <QPointF>
#include <QSet>
#include <QString>
#include <memory>
#include <vector>

namespace widgets {

using NodeSet = QSet<nn::NodeId>;
/// The upper left corners of cards on the canvas, in pixels at zoom 1.
using Positions = QHash<nn::NodeId, QPointF>;

/// The network as widgets show it: values that are shared and never change.
struct NetworkValues {
    std::shared_ptr<const nn::Graph> graph = std::make_shared<const nn::Graph>();
    std::shared_ptr<const nn::Inference> inference = std::make_shared<const nn::Inference>();
};

/// What one gesture of the user asks for: one undo step. Widgets emit it and change nothing.
struct EditWish {
    QString text;                ///< Name of the undo step: "Insert Conv2D".
    std::vector<nn::Edit> edits; ///< To be applied in this order; may be empty (a move).
    /// Cards that get a place. A node made by the i-th AddNode of `edits` has the id `nextId + i`.
    Positions positions;
    /// The selection afterwards; empty: leave it as it is.
    NodeSet select;

    [[nodiscard]] bool isEmpty() const { return edits.empty() && positions.isEmpty(); }
    bool operator==(const EditWish&) const = default;
};

} // namespace widgets
