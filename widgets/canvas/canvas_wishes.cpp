#include "widgets/canvas/canvas_wishes.h"

#include "widgets/canvas/layout.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>

namespace widgets {
namespace {

struct WishText {
    Q_DECLARE_TR_FUNCTIONS(CanvasView)
};

QString nameOf(const nn::Graph& graph, nn::NodeId id) {
    const nn::Node* node = nn::findNode(graph, id);
    return node == nullptr ? QString() : fromUtf8(node->name);
}

/// Node ids in a fixed order, so that the same wish is always the same edits.
std::vector<nn::NodeId> inOrder(const nn::Graph& graph, const NodeSet& nodes) {
    std::vector<nn::NodeId> order;
    for (const nn::Node& node : graph.nodes) {
        if (nodes.contains(node.id)) {
            order.push_back(node.id);
        }
    }
    return order;
}

bool canCloseGap(const nn::Graph& graph, nn::NodeId node) {
    const auto inputs = std::ranges::count(graph.edges, node, &nn::Edge::to);
    return inputs == 1;
}

} // namespace

QString layersText(const nn::Graph& graph, const NodeSet& nodes) {
    return nodes.size() == 1 ? nameOf(graph, *nodes.begin())
                             : WishText::tr("%n layer(s)", "", static_cast<int>(nodes.size()));
}

QString connectProblem(const nn::Graph& graph, nn::NodeId from, nn::NodeId to) {
    const nn::Node* source = nn::findNode(graph, from);
    const nn::Node* target = nn::findNode(graph, to);
    if (source == nullptr || target == nullptr) {
        return WishText::tr("A wire goes from the output of one layer to the input of another.");
    }
    const QString name = fromUtf8(target->name);
    if (from == to) {
        return WishText::tr("%1 cannot read its own output.").arg(name);
    }
    const int room = maxInputsOf(*target);
    if (room == 0) {
        return WishText::tr("%1 is where data enters; it takes no wire.").arg(name);
    }
    if (nn::reaches(graph, to, from)) {
        return WishText::tr("%1 already feeds %2: a wire back would make a circle.")
            .arg(name, fromUtf8(source->name));
    }
    const auto taken = std::ranges::count(graph.edges, to, &nn::Edge::to);
    const bool connected = std::ranges::any_of(graph.edges, [from, to](const nn::Edge& edge) {
        return edge.from == from && edge.to == to;
    });
    if (connected && room == 1) {
        return WishText::tr("%1 already reads %2.").arg(name, fromUtf8(source->name));
    }
    if (room > 1 && taken >= room) {
        return WishText::tr("%1 already has all of its %2 inputs.").arg(name).arg(room);
    }
    return {};
}

EditWish connectWish(const nn::Graph& graph, const nn::Edge& wire,
                     const std::optional<nn::Edge>& taken) {
    EditWish wish;
    if (taken == wire) {
        return wish;
    }
    wish.text =
        WishText::tr("Connect %1 to %2").arg(nameOf(graph, wire.from), nameOf(graph, wire.to));
    if (taken) {
        wish.edits.emplace_back(nn::Disconnect{*taken});
    }
    const nn::Node* target = nn::findNode(graph, wire.to);
    const bool single = target != nullptr && maxInputsOf(*target) == 1;
    wish.edits.emplace_back(
        nn::Connect{.from = wire.from, .to = wire.to, .port = single ? 0 : wire.port});
    return wish;
}

EditWish disconnectWish(const nn::Graph& graph, const nn::Edge& wire) {
    EditWish wish;
    wish.text =
        WishText::tr("Disconnect %1 from %2").arg(nameOf(graph, wire.from), nameOf(graph, wire.to));
    wish.edits.emplace_back(nn::Disconnect{wire});
    return wish;
}

EditWish removeWish(const nn::Graph& graph, const NodeSet& nodes, Gap gap) {
    EditWish wish;
    wish.text = WishText::tr("Delete %1").arg(layersText(graph, nodes));
    for (const nn::NodeId node : inOrder(graph, nodes)) {
        if (gap == Gap::Close && canCloseGap(graph, node)) {
            wish.edits.emplace_back(nn::BypassNode{node});
        } else {
            wish.edits.emplace_back(nn::RemoveNode{node});
        }
    }
    return wish;
}

EditWish moveWish(const nn::Graph& graph, const Positions& positions) {
    const NodeSet nodes(positions.keyBegin(), positions.keyEnd());
    EditWish wish;
    wish.text = WishText::tr("Move %1").arg(layersText(graph, nodes));
    wish.positions = positions;
    return wish;
}

EditWish insertWish(const CanvasScene& scene, nn::NodeId node, const nn::Edge& edge) {
    EditWish wish;
    wish.text = WishText::tr("Insert %1 between %2 and %3")
                    .arg(nameOf(scene.graph(), node), nameOf(scene.graph(), edge.from),
                         nameOf(scene.graph(), edge.to));
    wish.edits.emplace_back(nn::InsertOnEdge{.id = node, .edge = edge});
    if (const Card* card = scene.card(node)) {
        wish.positions[node] = card->rect.topLeft();
    }
    return wish;
}

EditWish trainableWish(const nn::Graph& graph, const NodeSet& nodes, bool trainable) {
    EditWish wish;
    wish.text = trainable ? WishText::tr("Train %1").arg(layersText(graph, nodes))
                          : WishText::tr("Freeze %1").arg(layersText(graph, nodes));
    for (const nn::NodeId node : inOrder(graph, nodes)) {
        wish.edits.emplace_back(nn::SetTrainable{.id = node, .trainable = trainable});
    }
    return wish;
}

EditWish renameWish(const nn::Graph& graph, nn::NodeId node, const QString& name) {
    EditWish wish;
    if (name.isEmpty() || nameOf(graph, node) == name) {
        return wish;
    }
    wish.text = WishText::tr("Rename %1 to %2").arg(nameOf(graph, node), name);
    wish.edits.emplace_back(nn::RenameNode{.id = node, .name = name.toStdString()});
    return wish;
}

EditWish repairWish(const nn::Repair& repair) {
    EditWish wish;
    wish.text = fromUtf8(repair.title);
    wish.edits = repair.edits;
    return wish;
}

EditWish arrangeWish(const CanvasScene& scene) {
    LayoutOptions options = usualLayout(scene.graph());
    options.orientation = scene.flow();
    QHash<nn::NodeId, QSizeF> sizes;
    for (const Card& card : scene.cards()) {
        sizes[card.id] = card.rect.size();
    }
    EditWish wish;
    wish.text = WishText::tr("Arrange layers");
    wish.positions = autoLayout(scene.graph(), sizes, options);
    if (wish.positions == scene.positions()) {
        wish.positions.clear();
    }
    return wish;
}

} // namespace widgets
