#include "tests/support/text_graph.h"

#include <QtGlobal>

namespace tests {

nn::Graph graph(std::string_view text) {
    const nn::Expected<nn::Graph> graph = nn::textGraph(text);
    if (!graph) {
        qFatal("'%s': %s", std::string(text).c_str(), graph.error().message.c_str());
    }
    return *graph;
}

nn::NodeId node(const nn::Graph& graph, std::string_view name) {
    const nn::Node* found = nn::findNode(graph, name);
    if (found == nullptr) {
        qFatal("no layer '%s'", std::string(name).c_str());
    }
    return found->id;
}

} // namespace tests
