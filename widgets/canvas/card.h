#pragma once

#include "widgets/edit_wish.h"
#include "widgets/text.h"

#include <QRectF>
#include <QSizeF>
#include <QStringList>
#include <optional>

namespace widgets {

inline constexpr qreal kGrid = 8.0;
inline constexpr qreal kCardWidth = 264.0;
inline constexpr qreal kCardPadding = 8.0;
inline constexpr int kStripCount = 6;
inline constexpr qreal kStripSide = 38.0;
inline constexpr qreal kStripGap = 4.0;

/// The nearest place of the grid that cards lie on.
[[nodiscard]] qreal onGrid(qreal value);
[[nodiscard]] QPointF onGrid(QPointF point);

/// What a node looks like: everything the painter, the tool tip and the screen reader need.
struct Card {
    nn::NodeId id = nn::kNoNode;
    QString type;
    QString name;
    QString arguments; ///< Required and changed ones: "32 filters · kernel 3×3 · relu".
    QString shape;     ///< Of the output: "26×26×32", "?" when unknown.
    QString params;    ///< "320 params".
    nn::Category category = nn::Category::Core;
    std::optional<std::int64_t> elements; ///< Of the output of one sample.
    std::optional<nn::Severity> severity; ///< The worst of its problems.
    QStringList problems;
    std::vector<nn::Repair> repairs;
    bool failed = false;    ///< The node itself is wrong, not one before it.
    bool trainable = true;  ///< False: frozen by the user.
    bool hasOutput = false; ///< Its output shape is known.
    int ports = 1;          ///< Inputs drawn.
    int maxInputs = 1;
    quint64 version = 0;      ///< Grows whenever it has to be drawn anew.
    quint64 stripVersion = 0; ///< Grows with every new strip.
    QRectF rect;

    /// Where live feature maps or the problem are shown; empty when there is no room for them.
    [[nodiscard]] QRectF stripRect() const;
    /// The line of the first repair; empty without one.
    [[nodiscard]] QRectF repairRect() const;
    /// Where a wire enters; any port that does not exist: the middle.
    [[nodiscard]] QPointF inputPoint(int port, Qt::Orientation flow) const;
    [[nodiscard]] QPointF outputPoint(Qt::Orientation flow) const;
    /// One sentence for screen readers and tool tips.
    [[nodiscard]] QString sentence() const;
};

[[nodiscard]] QSizeF usualCardSize();
[[nodiscard]] QSizeF cardSize(const nn::Node& node, const nn::Inference& inference);
/// The card of a node at the origin; `problems` are the diagnostics that name it.
[[nodiscard]] Card cardOf(const nn::Node& node, const nn::Inference& inference,
                          const std::vector<const nn::Diagnostic*>& problems);
/// Whether what is known about a node without problems differs in its output alone.
[[nodiscard]] bool differsInOutputOnly(const nn::NodeInference& before,
                                       const nn::NodeInference& now);
/// Shows on a card what is known of its output.
void showShape(Card& card, const nn::NodeInference& known);
/// Shows on a card how many parameters the layer has.
void showParams(Card& card, const nn::Node& node, const nn::NodeInference& known);
/// The shape of a node's output: "26×26×32", "?" when unknown.
[[nodiscard]] QString outputText(const nn::NodeInference* known);
/// Required and changed arguments of a layer as short text.
[[nodiscard]] QString argumentsText(const nn::LayerDef& def, const nn::ParamMap& params);
[[nodiscard]] QString parameterText(std::int64_t count);
/// What a node is, also while the inference does not know it; nullptr for an unknown class.
[[nodiscard]] const nn::LayerDef* definitionOf(const nn::Node& node);
/// How many wires a layer can take.
[[nodiscard]] int maxInputsOf(const nn::Node& node);

} // namespace widgets
