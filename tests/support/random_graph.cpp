#include "tests/support/random_graph.h"

#include "nn/model/infer.h"
#include "nn/model/object_def.h"
#include "nn/model/registry.h"

#include <algorithm>
#include <cmath>

namespace tests {
namespace {

using kernel_cases::Dice;
using nn::ParamSpec;
using nn::ParamValue;
using nn::Shape;

constexpr std::int64_t kMostValues = 400;
constexpr std::int64_t kMostWeights = 2000;
constexpr std::int64_t kMostMacs = 20'000;

template <typename Container>
const auto& oneOf(Dice& dice, const Container& items) {
    return items[static_cast<std::size_t>(
        dice.number(0, static_cast<std::int64_t>(items.size()) - 1))];
}

double between(Dice& dice, double low, double high) {
    return low + (high - low) * static_cast<double>(dice.number(1, 19)) / 20.0;
}

/// Small whole numbers that an argument accepts.
std::int64_t wholeNumber(const ParamSpec& spec, Dice& dice) {
    const auto low = static_cast<std::int64_t>(std::max(spec.min, -3.0));
    const auto high = static_cast<std::int64_t>(
        std::min(spec.max, low < 0 ? 4.0 : static_cast<double>(low) + 5.0));
    return dice.number(low, high);
}

ParamValue objectValue(const ParamSpec& spec, Dice& dice) {
    const nn::ParamObject object = nn::defaultObject(oneOf(dice, spec.family->defs()));
    const auto checked = nn::checkedObject(*spec.family, object);
    return checked ? ParamValue(*checked) : spec.defaultValue;
}

ParamValue listValue(const ParamSpec& spec, Dice& dice) {
    std::vector<std::int64_t> list(std::clamp<std::size_t>(
        static_cast<std::size_t>(dice.number(1, 3)), spec.minCount, spec.maxCount));
    for (std::int64_t& item : list) {
        item = spec.min >= 1.0 ? dice.number(1, 3) : wholeNumber(spec, dice);
    }
    return list;
}

/// A value of the right kind and range; whether it suits the layer's inputs is another matter.
ParamValue randomValue(const ParamSpec& spec, Dice& dice) {
    if (spec.optional && dice.chance(0.4)) {
        return nn::None{};
    }
    const double low = std::max(spec.min, 0.0);
    const double high = std::min(spec.max, low + 1.0);
    switch (spec.kind) {
    case nn::ParamKind::Bool:
        return dice.chance(0.5);
    case nn::ParamKind::Integer:
        return wholeNumber(spec, dice);
    case nn::ParamKind::Real:
        return between(dice, low, high);
    case nn::ParamKind::Choice:
        return oneOf(dice, spec.choices);
    case nn::ParamKind::Size:
        return nn::Size2{dice.number(1, 3), dice.number(1, 3)};
    case nn::ParamKind::IntegerList:
        return listValue(spec, dice);
    case nn::ParamKind::RealList:
        return std::vector<double>(std::max<std::size_t>(spec.minCount, 1),
                                   between(dice, low, high));
    case nn::ParamKind::Borders:
        return nn::Borders{dice.number(0, 2), dice.number(0, 2), dice.number(0, 2),
                           dice.number(0, 2)};
    case nn::ParamKind::Object:
        return objectValue(spec, dice);
    case nn::ParamKind::Text:
        break;
    }
    return spec.defaultValue;
}

nn::ParamMap randomParams(const nn::LayerDef& def, Dice& dice) {
    nn::ParamMap params;
    for (const ParamSpec& spec : def.params) {
        if (spec.required || dice.chance(0.25)) {
            if (const auto set =
                    nn::withParam(params, def.params, spec.name, randomValue(spec, dice))) {
                params = *set;
            }
        }
    }
    return params;
}

/// A network while it grows.
class Sketch {
public:
    explicit Sketch(Dice& dice) : m_dice(dice) {}

    void addInput() {
        const std::int64_t rank = m_dice.number(1, 3);
        Shape shape;
        switch (rank) {
        case 1:
            shape = {m_dice.number(1, 8)};
            break;
        case 2:
            shape = {m_dice.number(1, 7), m_dice.number(1, 4)};
            break;
        default:
            shape = {m_dice.number(1, 8), m_dice.number(1, 8), m_dice.number(1, 4)};
            break;
        }
        add(std::string(nn::kInputType), {{"shape", shape.extents()}}, {}, shape);
    }

    /// One more layer, of a kind that accepts the place; false if none was found.
    bool addLayer() {
        const std::vector<nn::LayerDef>& defs = nn::layerDefs();
        for (int kind = 0; kind < 20; ++kind) {
            const nn::LayerDef& def = oneOf(m_dice, defs);
            for (int attempt = 0; def.arity.max > 0 && attempt < 8; ++attempt) {
                if (tryLayer(def)) {
                    return true;
                }
            }
        }
        return false;
    }

    [[nodiscard]] nn::Graph take() { return std::move(m_graph); }

private:
    void add(const std::string& type, nn::ParamMap params, const std::vector<std::size_t>& inputs,
             Shape shape) {
        const nn::NodeId id = m_graph.nextId++;
        m_graph.nodes.push_back({.id = id,
                                 .type = type,
                                 .name = "layer_" + std::to_string(id),
                                 .params = std::move(params)});
        for (std::size_t port = 0; port < inputs.size(); ++port) {
            m_graph.edges.push_back({m_graph.nodes[inputs[port]].id, id, static_cast<int>(port)});
        }
        m_shapes.push_back(std::move(shape));
    }

    /// Sources for a layer; those after the first often have its shape, as merging layers need.
    [[nodiscard]] std::vector<std::size_t> randomSources(const nn::LayerDef& def) {
        const int most = std::min(def.arity.max, 3);
        const auto count = m_dice.number(def.arity.min, std::max(def.arity.min, most));
        const auto last = static_cast<std::int64_t>(m_shapes.size()) - 1;
        std::vector<std::size_t> sources;
        while (static_cast<std::int64_t>(sources.size()) < count) {
            // Mostly near the end, so that networks become deep.
            const std::int64_t low = m_dice.chance(0.6) ? std::max<std::int64_t>(0, last - 3) : 0;
            auto source = static_cast<std::size_t>(m_dice.number(low, last));
            for (int i = 0;
                 !sources.empty() && i < 10 && m_shapes[source] != m_shapes[sources.front()]; ++i) {
                source = static_cast<std::size_t>(m_dice.number(0, last));
            }
            sources.push_back(source);
        }
        return sources;
    }

    bool tryLayer(const nn::LayerDef& def) {
        const std::vector<std::size_t> sources = randomSources(def);
        std::vector<Shape> inputs;
        for (const std::size_t source : sources) {
            inputs.push_back(m_shapes[source]);
        }
        nn::ParamMap params = randomParams(def, m_dice);
        const nn::LayerContext context{params, inputs};
        const auto output = def.shape(context);
        if (!output || !output->isKnown() || output->count() > kMostValues || output->rank() > 4 ||
            def.cost(context, *output).macs > kMostMacs) {
            return false;
        }
        std::int64_t weights = 0;
        bool hasObjects = false;
        for (const nn::WeightSpec& spec : def.weights(context)) {
            weights += spec.shape.count();
            hasObjects = true;
        }
        if (weights > kMostWeights) {
            return false;
        }
        add(def.type, std::move(params), sources, *output);
        // Some initializers and constraints do not suit every variable.
        if (hasObjects && nn::infer(m_graph).find(m_graph.nodes.back().id)->failed) {
            std::erase_if(m_graph.edges,
                          [&](const nn::Edge& edge) { return edge.to == m_graph.nodes.back().id; });
            m_graph.nodes.pop_back();
            m_shapes.pop_back();
            return false;
        }
        return true;
    }

    Dice& m_dice;
    nn::Graph m_graph;
    std::vector<Shape> m_shapes; ///< Of the nodes.
};

std::optional<SpoiltGraph> withCutWire(nn::Graph graph, Dice& dice) {
    const std::size_t index =
        static_cast<std::size_t>(dice.number(0, static_cast<std::int64_t>(graph.edges.size()) - 1));
    const nn::Edge edge = graph.edges[index];
    const auto inputs = static_cast<int>(nn::inputsOf(graph, edge.to).size());
    const nn::LayerDef& def = *nn::findLayerDef(nn::findNode(graph, edge.to)->type);
    if (inputs > def.arity.min && edge.port == inputs - 1) {
        return std::nullopt; // The layer can do without this one.
    }
    graph.edges.erase(graph.edges.begin() + static_cast<std::ptrdiff_t>(index));
    return SpoiltGraph{std::move(graph), edge.to, false, "a cut wire"};
}

std::optional<SpoiltGraph> withUnknownClass(nn::Graph graph, Dice& dice) {
    auto& node = graph.nodes[static_cast<std::size_t>(
        dice.number(0, static_cast<std::int64_t>(graph.nodes.size()) - 1))];
    node.type = "My" + node.type;
    const nn::NodeId id = node.id;
    return SpoiltGraph{std::move(graph), id, false, "an unknown class"};
}

std::optional<SpoiltGraph> withLoop(nn::Graph graph, Dice& dice) {
    auto& edge = graph.edges[static_cast<std::size_t>(
        dice.number(0, static_cast<std::int64_t>(graph.edges.size()) - 1))];
    std::vector<nn::NodeId> later;
    for (const nn::Node& node : graph.nodes) {
        if (nn::reaches(graph, edge.to, node.id)) {
            later.push_back(node.id);
        }
    }
    edge.from = oneOf(dice, later);
    const nn::NodeId id = edge.to;
    return SpoiltGraph{std::move(graph), id, true, "a loop"};
}

std::vector<Shape> inputShapes(const nn::Inference& inference, nn::NodeId id) {
    return inference.find(id)->inputShapes;
}

std::optional<SpoiltGraph> withWrongInput(nn::Graph graph, Dice& dice) {
    const nn::Inference inference = nn::infer(graph);
    for (int attempt = 0; attempt < 30; ++attempt) {
        auto& edge = graph.edges[static_cast<std::size_t>(
            dice.number(0, static_cast<std::int64_t>(graph.edges.size()) - 1))];
        const nn::NodeId source = oneOf(dice, graph.nodes).id;
        const nn::Node& node = *nn::findNode(graph, edge.to);
        std::vector<Shape> shapes = inputShapes(inference, node.id);
        shapes[static_cast<std::size_t>(edge.port)] = *inference.find(source)->output;
        const nn::LayerContext context{node.params, shapes};
        if (!nn::reaches(graph, node.id, source) && !nn::findLayerDef(node.type)->shape(context)) {
            edge.from = source;
            const nn::NodeId id = edge.to;
            return SpoiltGraph{std::move(graph), id, false, "an input of a wrong shape"};
        }
    }
    return std::nullopt;
}

std::optional<SpoiltGraph> withWrongArgument(nn::Graph graph, Dice& dice) {
    const nn::Inference inference = nn::infer(graph);
    for (int attempt = 0; attempt < 60; ++attempt) {
        auto& node = graph.nodes[static_cast<std::size_t>(
            dice.number(0, static_cast<std::int64_t>(graph.nodes.size()) - 1))];
        const nn::LayerDef& def = *nn::findLayerDef(node.type);
        if (def.params.empty() || def.arity.max == 0) {
            continue;
        }
        const ParamSpec& spec = oneOf(dice, def.params);
        const auto params =
            nn::withParam(node.params, def.params, spec.name, randomValue(spec, dice));
        const std::vector<Shape> shapes = inputShapes(inference, node.id);
        if (params && !def.shape(nn::LayerContext{*params, shapes})) {
            node.params = *params;
            const nn::NodeId id = node.id;
            return SpoiltGraph{std::move(graph), id, false, spec.name + " that does not suit"};
        }
    }
    return std::nullopt;
}

std::optional<SpoiltGraph> withWrongShape(nn::Graph graph, Dice& dice) {
    const std::vector<std::vector<std::int64_t>> shapes{
        {}, {0}, {3, -4, 1}, {std::int64_t{1} << 30, std::int64_t{1} << 30, 5}};
    const nn::Inference inference = nn::infer(graph);
    const nn::NodeId id = oneOf(dice, inference.inputs);
    for (nn::Node& node : graph.nodes) {
        if (node.id == id) {
            node.params["shape"] = oneOf(dice, shapes);
        }
    }
    return SpoiltGraph{std::move(graph), id, false, "an impossible Input"};
}

} // namespace

nn::Graph randomGraph(Dice& dice) {
    Sketch sketch(dice);
    for (std::int64_t i = dice.number(1, 3); i > 0; --i) {
        sketch.addInput();
    }
    const std::int64_t layers = dice.number(1, dice.chance(0.15) ? 40 : 12);
    for (std::int64_t i = 0; i < layers && sketch.addLayer(); ++i) {
    }
    return sketch.take();
}

std::optional<SpoiltGraph> spoiltGraph(const nn::Graph& graph, Dice& dice) {
    if (graph.edges.empty()) {
        return std::nullopt;
    }
    switch (dice.number(0, 5)) {
    case 0:
        return withCutWire(graph, dice);
    case 1:
        return withUnknownClass(graph, dice);
    case 2:
        return withLoop(graph, dice);
    case 3:
        return withWrongInput(graph, dice);
    case 4:
        return withWrongArgument(graph, dice);
    default:
        return withWrongShape(graph, dice);
    }
}

std::string description(const nn::Graph& graph) {
    std::string text;
    for (const nn::Node& node : graph.nodes) {
        text += "\n" + std::to_string(node.id) + " " + node.type + "(";
        for (const auto& [name, value] : node.params) {
            text += name + "=" + nn::pythonText(value) + " ";
        }
        text += ") of";
        for (const nn::NodeId source : nn::inputsOf(graph, node.id)) {
            text += " " + std::to_string(source);
        }
    }
    return text;
}

} // namespace tests
