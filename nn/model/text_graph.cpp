#include "nn/model/text_graph.h"

#include "nn/base/brackets.h"
#include "nn/base/text.h"
#include "nn/model/edit.h"
#include "nn/model/registry.h"

#include <algorithm>

namespace nn {
namespace {

/// One layer as written: "name: Type(arguments)".
struct Item {
    std::string name;
    std::string type;
    std::vector<std::string_view> arguments;
};

Expected<Item> parsedItem(std::string_view text) {
    Item item;
    const std::size_t open = text.find('(');
    const std::size_t colon = text.substr(0, open).find(':');
    if (colon != std::string_view::npos) {
        item.name = std::string(trimmed(text.substr(0, colon)));
        text = trimmed(text.substr(colon + 1));
    }
    const std::size_t bracket = text.find('(');
    item.type = std::string(trimmed(text.substr(0, bracket)));
    if (bracket == std::string_view::npos) {
        return item;
    }
    if (text.back() != ')') {
        return failure(ErrorCode::Usage, "expected ')' at the end of '" + std::string(text) + "'");
    }
    const std::string_view inner = text.substr(bracket + 1, text.size() - bracket - 2);
    if (!trimmed(inner).empty()) {
        item.arguments = outerParts(inner, ",");
    }
    return item;
}

Expected<ParamMap> parsedParams(const LayerDef& def, const Item& item) {
    ParamMap params;
    std::size_t position = 0;
    for (const std::string_view argument : item.arguments) {
        const std::vector<std::string_view> sides = outerParts(argument, "=");
        const ParamSpec* spec = sides.size() == 2 ? findSpec(def.params, sides.front()) : nullptr;
        if (sides.size() == 1 && position < def.params.size()) {
            spec = &def.params[position++];
        }
        if (spec == nullptr) {
            return failure(ErrorCode::Usage,
                           item.type + " has no argument for '" + std::string(argument) + "'");
        }
        const Expected<ParamValue> value = parsedValue(*spec, sides.back());
        if (!value) {
            return failure(value.error(), item.type);
        }
        params[spec->name] = *value;
    }
    return params;
}

class Builder {
public:
    Expected<Graph> result(std::string_view text) {
        std::string lines(text);
        std::ranges::replace(lines, '\n', ';');
        for (const std::string_view chain : outerParts(lines, ";")) {
            if (chain.empty()) {
                continue;
            }
            if (const Expected<void> added = addChain(chain); !added) {
                return tl::unexpected(added.error());
            }
        }
        return m_graph;
    }

private:
    Expected<void> addChain(std::string_view chain) {
        std::vector<NodeId> sources;
        bool isFirst = true;
        for (const std::string_view text : outerParts(chain, "->")) {
            const bool isSource = isFirst && addSources(text, sources);
            isFirst = false;
            if (isSource) {
                continue;
            }
            const Expected<NodeId> added = addLayer(text);
            if (!added) {
                return tl::unexpected(added.error());
            }
            for (const NodeId source : sources) {
                if (const auto done = change(Connect{source, *added, kFreePort}); !done) {
                    return done;
                }
            }
            sources = {*added};
        }
        return {};
    }

    /// Names of layers that exist already: "a" or "[a, b]".
    bool addSources(std::string_view text, std::vector<NodeId>& sources) const {
        if (text.starts_with('[') && text.ends_with(']')) {
            text = text.substr(1, text.size() - 2);
        }
        for (const std::string_view name : outerParts(text, ",")) {
            const Node* node = findNode(m_graph, name);
            if (node == nullptr) {
                sources.clear();
                return false;
            }
            sources.push_back(node->id);
        }
        return true;
    }

    Expected<NodeId> addLayer(std::string_view text) {
        Expected<Item> item = parsedItem(text);
        if (!item) {
            return tl::unexpected(item.error());
        }
        const bool isShape = item->type.find_first_not_of("0123456789x?") == std::string::npos;
        if (isShape && !item->type.empty()) {
            item->arguments = {item->type};
        }
        const std::string type(isShape || item->type == "Input" ? kInputType : item->type);
        const LayerDef* def = findLayerDef(type);
        if (def == nullptr) {
            return failure(ErrorCode::Usage, "'" + std::string(text) +
                                                 "' is neither a layer class nor the name of a "
                                                 "layer made before");
        }
        Expected<ParamMap> params = parsedParams(*def, *item);
        if (!params) {
            return tl::unexpected(params.error());
        }
        const NodeId id = m_graph.nextId;
        const auto done = change(AddNode{type, item->name, std::move(*params), true});
        return done ? Expected<NodeId>(id) : tl::unexpected(done.error());
    }

    Expected<void> change(const Edit& edit) {
        Expected<Graph> changed = nn::apply(m_graph, edit);
        if (!changed) {
            return tl::unexpected(changed.error());
        }
        m_graph = std::move(*changed);
        return {};
    }

    Graph m_graph;
};

} // namespace

Expected<Graph> textGraph(std::string_view text) {
    return Builder().result(text);
}

} // namespace nn
