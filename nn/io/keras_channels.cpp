#include "nn/io/keras_channels.h"

#include "nn/model/registry.h"
#include "nn/model/wiring.h"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace nn::io {
namespace {

bool isOneOf(std::string_view type, std::span<const std::string_view> types) {
    return std::ranges::find(types, type) != types.end();
}

/// Layers that treat every number of an image alike, whatever its axes mean.
bool isElementwise(std::string_view type) {
    constexpr std::array<std::string_view, 19> types{"Activation",
                                                     "ReLU",
                                                     "LeakyReLU",
                                                     "ELU",
                                                     "Dropout",
                                                     "GaussianNoise",
                                                     "GaussianDropout",
                                                     "AlphaDropout",
                                                     "ActivityRegularization",
                                                     "Rescaling",
                                                     "Identity",
                                                     "Add",
                                                     "Subtract",
                                                     "Multiply",
                                                     "Average",
                                                     "Maximum",
                                                     "Minimum",
                                                     "PReLU",
                                                     "InputLayer"};
    return isOneOf(type, types);
}

/// Layers whose argument names the axis they work along.
bool hasAxis(std::string_view type) {
    constexpr std::array<std::string_view, 6> types{"BatchNormalization",
                                                    "LayerNormalization",
                                                    "GroupNormalization",
                                                    "UnitNormalization",
                                                    "Softmax",
                                                    "Concatenate"};
    return isOneOf(type, types);
}

/// Layers with a 'data_format': what they do depends on it.
bool hasDataFormat(std::string_view type) {
    return type.ends_with("1D") || type.ends_with("2D") || type.ends_with("3D") ||
           type == "Flatten" || type == "Resizing" || type == "CenterCrop" ||
           type.starts_with("Random");
}

/// An axis of (batch, channels, …) in (batch, …, channels); both count the batch.
std::int64_t movedAxis(std::int64_t axis, std::int64_t rank) {
    const std::int64_t counted = axis < 0 ? axis + rank : axis;
    if (counted <= 0 || counted >= rank) {
        return axis;
    }
    return counted == 1 ? -1 : counted - 1;
}

class Mover {
public:
    Mover(Graph graph, const std::unordered_set<NodeId>& channelsFirst)
        : m_graph(std::move(graph)), m_channelsFirst(channelsFirst) {}

    Expected<Graph> result() {
        const Wiring wiring(m_graph);
        for (const std::size_t index : wiring.topologicalOrder()) {
            Node& node = m_graph.nodes[index];
            std::int64_t rank = 0;
            for (const NodeId source : wiring.inputs(index)) {
                const std::int64_t from = m_ranks[source];
                if (rank != 0 && from != rank) {
                    return refused(node, "it joins tensors of different rank, so it is not clear "
                                         "which axis is which");
                }
                rank = from;
            }
            if (const auto moved = move(node, rank); !moved) {
                return tl::unexpected(moved.error());
            }
        }
        return std::move(m_graph);
    }

private:
    static tl::unexpected<Error> refused(const Node& node, const std::string& why) {
        return failure(ErrorCode::Unsupported,
                       "layer '" + node.name + "' (" + node.type +
                           "): the model has its channels first (data_format='channels_first') "
                           "and cannot be turned to channels last here: " +
                           why + ". Build it in Keras with data_format='channels_last'");
    }

    /// `rank`: of the input with the batch; 0 when there is none.
    Expected<void> move(Node& node, std::int64_t rank) {
        m_ranks[node.id] = rankBehind(node, rank);
        if (node.type == kInputType) {
            return moveInput(node);
        }
        const bool isImage = rank > 2;
        const bool makesImage = m_ranks[node.id] > 2;
        if (node.model || (!isImage && !makesImage)) {
            return {};
        }
        if (endsInLastAxis(node)) {
            return refused(node, "its activation works along the last axis");
        }
        if (hasDataFormat(node.type)) {
            return m_channelsFirst.contains(node.id)
                       ? Expected<void>()
                       : refused(node, "this layer has its channels last");
        }
        if (hasAxis(node.type)) {
            return moveAxis(node, "axis", rank);
        }
        if (node.type == "PReLU") {
            return moveAxis(node, "shared_axes", rank);
        }
        return isElementwise(node.type)
                   ? Expected<void>()
                   : refused(node, "it depends on the order of the numbers in an image");
    }

    static bool endsInLastAxis(const Node& node) {
        const auto activation = node.params.find("activation");
        if (activation == node.params.end()) {
            return false;
        }
        const auto* name = std::get_if<std::string>(&activation->second);
        return name != nullptr && (*name == "softmax" || *name == "log_softmax" || *name == "glu" ||
                                   *name == "sparsemax");
    }

    std::int64_t rankBehind(const Node& node, std::int64_t rank) const {
        if (node.type == kInputType) {
            const std::vector<std::int64_t>* shape = shapeOf(node, "shape");
            return shape == nullptr ? 0 : static_cast<std::int64_t>(shape->size()) + 1;
        }
        if (node.model) {
            const std::vector<Source> outputs = outputsOf(*node.model);
            const bool flat = std::ranges::any_of(node.model->nodes, [](const Node& inner) {
                return inner.type == "Flatten" || inner.type.starts_with("Global");
            });
            return flat || outputs.empty() ? 2 : rank;
        }
        if (node.type == "Reshape") {
            const std::vector<std::int64_t>* shape = shapeOf(node, "target_shape");
            return shape == nullptr ? rank : static_cast<std::int64_t>(shape->size()) + 1;
        }
        const auto keepdims = node.params.find("keepdims");
        const bool keeps = keepdims != node.params.end() && keepdims->second == ParamValue(true);
        const bool flattens = node.type == "Flatten" || (node.type.starts_with("Global") && !keeps);
        return flattens ? 2 : rank;
    }

    static const std::vector<std::int64_t>* shapeOf(const Node& node, std::string_view param) {
        const ParamSpec* spec = findSpec(findLayerDef(node.type)->params, param);
        return spec == nullptr
                   ? nullptr
                   : std::get_if<std::vector<std::int64_t>>(&paramValue(node.params, *spec));
    }

    static Expected<void> setParam(Node& node, std::string_view name, const ParamValue& value) {
        auto params = withParam(node.params, findLayerDef(node.type)->params, name, value);
        if (!params) {
            return failure(params.error(), "layer '" + node.name + "'");
        }
        node.params = *std::move(params);
        return {};
    }

    static Expected<void> moveInput(Node& node) {
        const std::vector<std::int64_t>* shape = shapeOf(node, "shape");
        if (shape == nullptr || shape->size() < 2) {
            return {};
        }
        std::vector<std::int64_t> moved(shape->begin() + 1, shape->end());
        moved.push_back(shape->front());
        return setParam(node, "shape", moved);
    }

    static Expected<void> moveAxis(Node& node, std::string_view name, std::int64_t rank) {
        const ParamSpec* spec = findSpec(findLayerDef(node.type)->params, name);
        if (spec == nullptr) {
            return {};
        }
        const ParamValue value = paramValue(node.params, *spec);
        if (const auto* axis = std::get_if<std::int64_t>(&value)) {
            return setParam(node, name, movedAxis(*axis, rank));
        }
        if (const auto* axes = std::get_if<std::vector<std::int64_t>>(&value)) {
            std::vector<std::int64_t> moved;
            for (const std::int64_t axis : *axes) {
                const std::int64_t to = movedAxis(axis, rank);
                moved.push_back(to < 0 ? to + rank : to);
            }
            std::ranges::sort(moved);
            return setParam(node, name, moved);
        }
        return {};
    }

    Graph m_graph;
    const std::unordered_set<NodeId>& m_channelsFirst;
    std::unordered_map<NodeId, std::int64_t> m_ranks; ///< With the batch.
};

} // namespace

ChannelOrder channelOrderIn(const Json& model) {
    if (model.is_object() && model.contains("data_format") &&
        model["data_format"] == "channels_first") {
        return ChannelOrder::First;
    }
    const bool first = model.is_structured() && std::ranges::any_of(model, [](const Json& part) {
                           return channelOrderIn(part) == ChannelOrder::First;
                       });
    return first ? ChannelOrder::First : ChannelOrder::Last;
}

Expected<Graph> channelsMovedLast(Graph graph, const std::unordered_set<NodeId>& channelsFirst) {
    return Mover(std::move(graph), channelsFirst).result();
}

} // namespace nn::io
