#include "widgets/canvas/clipboard.h"

#include "nn/model/registry.h"
#include "widgets/canvas/canvas_wishes.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMimeData>
#include <algorithm>

namespace widgets {
namespace {

constexpr qsizetype kMostBytes = 16 * 1024 * 1024; // what is larger was not copied here
constexpr const char* kMark = "receptive-layers";

struct ClipText {
    Q_DECLARE_TR_FUNCTIONS(CanvasView)
};

/// Values travel as the text a person would type: it is checked on the way in.
QString typedText(const nn::ParamValue& value) {
    const auto* text = std::get_if<std::string>(&value);
    return fromUtf8(text != nullptr ? *text : nn::pythonText(value));
}

QJsonObject nodeToJson(const nn::Node& node, QPointF corner) {
    QJsonObject params;
    for (const auto& [name, value] : node.params) {
        params[fromUtf8(name)] = typedText(value);
    }
    return {{"type", fromUtf8(node.type)},
            {"name", fromUtf8(node.name)},
            {"params", params},
            {"trainable", node.trainable},
            {"x", corner.x()},
            {"y", corner.y()}};
}

nn::ParamMap paramsFromJson(const nn::LayerDef& def, const QJsonObject& json) {
    nn::ParamMap params;
    for (const nn::ParamSpec& spec : def.params) {
        const auto found = json.constFind(fromUtf8(spec.name));
        if (found == json.constEnd()) {
            continue;
        }
        const auto value = nn::parsedValue(spec, found->toString().toStdString());
        if (value) {
            params = nn::withParam(params, def.params, spec.name, *value).value_or(params);
        }
    }
    return params;
}

struct Clip {
    std::vector<nn::AddNode> nodes;
    std::vector<QPointF> corners;
    std::vector<nn::Edge> edges; ///< Ends are indices into `nodes`.
};

Clip clipFromJson(const QByteArray& json) {
    Clip clip;
    const QJsonObject root = QJsonDocument::fromJson(json).object();
    std::vector<nn::NodeId> kept; // index in the file → index in the clip, or -1
    for (const QJsonValue& value : root[kMark].toArray()) {
        const QJsonObject object = value.toObject();
        const std::string type = object["type"].toString().toStdString();
        const nn::LayerDef* def = nn::findLayerDef(type);
        kept.push_back(def == nullptr ? -1 : static_cast<nn::NodeId>(clip.nodes.size()));
        if (def != nullptr) {
            clip.nodes.push_back({.type = type,
                                  .name = {},
                                  .params = paramsFromJson(*def, object["params"].toObject()),
                                  .trainable = object["trainable"].toBool(true)});
            clip.corners.emplace_back(object["x"].toDouble(), object["y"].toDouble());
        }
    }
    const auto end = [&kept](const QJsonValue& value) {
        const auto index = static_cast<std::size_t>(value.toInt(-1));
        return index < kept.size() ? kept[index] : -1;
    };
    for (const QJsonValue& value : root["wires"].toArray()) {
        const QJsonArray wire = value.toArray();
        const nn::Edge edge{end(wire[0]), end(wire[1]), wire[2].toInt()};
        if (edge.from >= 0 && edge.to >= 0) {
            clip.edges.push_back(edge);
        }
    }
    return clip;
}

QPointF upperLeft(const std::vector<QPointF>& corners) {
    QPointF least = corners.front();
    for (const QPointF& corner : corners) {
        least = {std::min(least.x(), corner.x()), std::min(least.y(), corner.y())};
    }
    return least;
}

} // namespace

QByteArray layersToJson(const CanvasScene& scene, const NodeSet& nodes) {
    QJsonArray layers;
    QHash<nn::NodeId, int> index;
    for (const nn::Node& node : scene.graph().nodes) {
        const Card* card = scene.card(node.id);
        if (nodes.contains(node.id) && card != nullptr) {
            index[node.id] = static_cast<int>(layers.size());
            layers.append(nodeToJson(node, card->rect.topLeft()));
        }
    }
    QJsonArray wires;
    for (const nn::Edge& edge : scene.graph().edges) {
        if (index.contains(edge.from) && index.contains(edge.to)) {
            wires.append(QJsonArray{index[edge.from], index[edge.to], edge.port});
        }
    }
    return QJsonDocument(QJsonObject{{kMark, layers}, {"wires", wires}}).toJson();
}

QByteArray layersOf(const QMimeData* data) {
    if (data == nullptr) {
        return {};
    }
    QByteArray json = data->data(kLayersMimeType);
    if (json.isEmpty() && data->hasText()) {
        json = data->text().toUtf8();
    }
    const bool isOurs = json.size() <= kMostBytes && json.contains(kMark);
    return isOurs ? json : QByteArray();
}

EditWish pasteWish(const nn::Graph& graph, const QByteArray& json, QPointF corner) {
    const Clip clip = clipFromJson(json);
    EditWish wish;
    if (clip.nodes.empty()) {
        return wish;
    }
    const QPointF shift = onGrid(corner) - onGrid(upperLeft(clip.corners));
    for (std::size_t i = 0; i < clip.nodes.size(); ++i) {
        const nn::NodeId id = graph.nextId + static_cast<nn::NodeId>(i);
        wish.edits.emplace_back(clip.nodes[i]);
        wish.positions[id] = onGrid(clip.corners[i] + shift);
        wish.select.insert(id);
    }
    for (const nn::Edge& edge : clip.edges) {
        wish.edits.emplace_back(nn::Connect{
            .from = graph.nextId + edge.from, .to = graph.nextId + edge.to, .port = edge.port});
    }
    wish.text = ClipText::tr("Paste %n layer(s)", "", static_cast<int>(clip.nodes.size()));
    return wish;
}

EditWish duplicateWish(const CanvasScene& scene, const NodeSet& nodes) {
    constexpr qreal kBeside = 40.0;
    QRectF place = scene.boundsOf(nodes);
    place.moveLeft(place.right() + kBeside);
    place = freePlace(scene, place);
    EditWish wish = pasteWish(scene.graph(), layersToJson(scene, nodes), place.topLeft());
    wish.text = ClipText::tr("Duplicate %1").arg(layersText(scene.graph(), nodes));
    return wish;
}

} // namespace widgets
