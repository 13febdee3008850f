#include "tests/support/nested_graphs.h"

#include "tests/support/text_graph.h"

#include <QtGlobal>

namespace tests {

nn::Graph changed(const nn::Graph& graph, const nn::Edit& edit) {
    const nn::Expected<nn::Graph> after = nn::apply(graph, edit);
    if (!after) {
        qFatal("%s", after.error().message.c_str());
    }
    return *after;
}

nn::Graph sharedDense() {
    nn::Graph net = graph("a: 6; b: 6");
    net = changed(net, nn::AddNode{.type = "Dense",
                                   .name = "d",
                                   .params = {{"units", std::int64_t{4}},
                                              {"activation", std::string("tanh")}}});
    net = changed(net, nn::AddNode{.sharedWith = node(net, "d")});
    net = changed(net, nn::AddNode{.type = "Add", .name = "s"});
    net = changed(
        net, nn::AddNode{.type = "Dense", .name = "e", .params = {{"units", std::int64_t{3}}}});
    net = changed(net, nn::Connect{node(net, "a"), node(net, "d"), 0});
    net = changed(net, nn::Connect{node(net, "b"), node(net, "d[1]"), 0});
    net = changed(net, nn::Connect{node(net, "d"), node(net, "s"), 0});
    net = changed(net, nn::Connect{node(net, "d[1]"), node(net, "s"), 1});
    return changed(net, nn::Connect{node(net, "s"), node(net, "e"), 0});
}

nn::Graph withModel(std::string_view shape, const nn::Graph& model) {
    nn::Graph net = graph(shape);
    net = changed(net, nn::AddNode{.type = nn::isSequential(model) ? "Sequential" : "Functional",
                                   .name = "inside",
                                   .model = nn::InnerGraph(model)});
    return changed(net, nn::Connect{net.nodes.front().id, node(net, "inside"), 0});
}

nn::Graph siamese() {
    nn::Graph net = graph("a: 8x8x1; b: 8x8x1");
    net = changed(net, nn::AddNode{.type = "Sequential",
                                   .name = "tower",
                                   .model = nn::InnerGraph(
                                       graph("8x8x1 -> Conv2D(3, 3, activation=tanh) -> Flatten -> "
                                             "Dense(5)"))});
    net = changed(net, nn::AddNode{.sharedWith = node(net, "tower")});
    net = changed(net, nn::AddNode{.type = "Add", .name = "sum"});
    net = changed(net, nn::Connect{node(net, "a"), node(net, "tower"), 0});
    net = changed(net, nn::Connect{node(net, "b"), node(net, "tower[1]"), 0});
    net = changed(net, nn::Connect{node(net, "tower"), node(net, "sum"), 0});
    return changed(net, nn::Connect{node(net, "tower[1]"), node(net, "sum"), 1});
}

} // namespace tests
