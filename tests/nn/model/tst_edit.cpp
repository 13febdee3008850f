#include "nn/model/edit.h"

#include "nn/base/random.h"
#include "nn/model/registry.h"
#include "nn/model/wiring.h"
#include "tests/support/text_graph.h"

#include <QTest>
#include <algorithm>
#include <set>

using namespace nn;
using tests::graph;
using tests::node;

namespace {

/// The message of an edit that must be refused.
QString refusal(const Graph& graph, const Edit& edit) {
    const Expected<Graph> changed = nn::apply(graph, edit);
    return changed ? QString("accepted") : QString::fromStdString(changed.error().message);
}

Graph changed(const Graph& graph, const Edit& edit) {
    Expected<Graph> result = nn::apply(graph, edit);
    if (!result) {
        qFatal("%s", result.error().message.c_str());
    }
    return *std::move(result);
}

/// "a>b0 b>c0": sources, readers and ports, sorted.
QString wires(const Graph& graph) {
    QStringList list;
    for (const Edge& edge : graph.edges) {
        list << QString::fromStdString(findNode(graph, edge.from)->name + ">" +
                                       findNode(graph, edge.to)->name + std::to_string(edge.port));
    }
    list.sort();
    return list.join(' ');
}

/// What is wrong with the structure of a graph, or nothing.
QString unsoundness(const Graph& graph) {
    std::set<NodeId> ids;
    std::set<std::string> names;
    for (const Node& each : graph.nodes) {
        if (!ids.insert(each.id).second || each.id >= graph.nextId) {
            return "an id is used twice or was not given out";
        }
        if (!names.insert(each.name).second || each.name.empty()) {
            return "a name is used twice or empty";
        }
        for (const auto& [name, value] : each.params) {
            const ParamSpec* spec = findSpec(findLayerDef(each.type)->params, name);
            if (spec == nullptr || !checkedValue(*spec, value) || value == spec->defaultValue) {
                return "an argument is out of range or equal to its default";
            }
        }
    }
    std::set<std::pair<NodeId, int>> ports;
    for (const Edge& edge : graph.edges) {
        if (!ids.contains(edge.from) || !ids.contains(edge.to)) {
            return "a wire ends nowhere";
        }
        const Arity arity = findLayerDef(findNode(graph, edge.to)->type)->arity;
        if (!ports.emplace(edge.to, edge.port).second || edge.port < 0 || edge.port >= arity.max) {
            return "a port has two wires or does not exist";
        }
    }
    for (const Node& each : graph.nodes) {
        const Arity arity = findLayerDef(each.type)->arity;
        const std::vector<Edge> into = wiresInto(graph, each.id);
        const bool complete = static_cast<int>(into.size()) >= arity.min;
        if (complete && !into.empty() && into.back().port + 1 != static_cast<int>(into.size())) {
            return "there is a gap between the wires of '" + QString::fromStdString(each.name) +
                   "'";
        }
    }
    return Wiring(graph).topologicalOrder().size() == graph.nodes.size() ? QString() : "a loop";
}

Edit randomEdit(const Graph& graph, RandomSequence& random) {
    const auto pick = [&]() -> NodeId {
        return graph.nodes.empty() ? 7 : graph.nodes[random.below(graph.nodes.size())].id;
    };
    const auto wire = [&] {
        return graph.edges.empty() ? Edge{} : graph.edges[random.below(graph.edges.size())];
    };
    const auto port = [&] { return static_cast<int>(random.below(5)) - 1; };
    switch (random.below(14)) {
    case 0:
    case 1:
    case 2:
        return AddNode{layerDefs()[random.below(layerDefs().size())].type, {}, {}, true};
    case 3:
        return RemoveNode{pick()};
    case 4:
        return BypassNode{pick()};
    case 5:
        return Disconnect{wire()};
    case 6:
        return InsertOnEdge{pick(), wire()};
    case 7:
        return SetParam{pick(), "filters", static_cast<std::int64_t>(random.below(4))};
    case 8:
        return SetParam{pick(), "kernel_size",
                        Size2{3, static_cast<std::int64_t>(random.below(4))}};
    case 9:
        return RenameNode{pick(),
                          random.below(3) == 0 ? "same" : "n" + std::to_string(random.word())};
    default:
        return Connect{pick(), pick(), port()};
    }
}

} // namespace

class EditTest : public QObject {
    Q_OBJECT

private slots:
    void namesNewLayersAsKerasDoes();
    void idsAreNeverUsedAgain();
    void rejectsUnknownClassWithTheNearest();
    void rejectsArgumentsOutOfRange_data();
    void rejectsArgumentsOutOfRange();
    void argumentsEqualToTheDefaultAreNotKept();
    void rejectsCycleByItsNames();
    void takesOverAnOccupiedPort();
    void mergingLayersTakeTheNextFreePort();
    void removingAWireOfAMergingLayerClosesTheGap();
    void mergingLayersKeepThePlaceOfAMissingWire();
    void inputLayersTakeNoWire();
    void rejectsPortsThatDoNotExist();
    void bypassClosesTheGap();
    void insertsIntoAWire();
    void rejectsInsertingWiredLayers();
    void rejectsBadNames();
    void namesOfTheGraph();
    void missingNodesAndWiresAreNamed();
    void applyAllStopsAtTheFirstError();
    void randomEditsKeepTheGraphSound();
};

void EditTest::namesNewLayersAsKerasDoes() {
    const Graph net =
        graph("8x8x1 -> Conv2D -> Conv2D -> MaxPooling2D -> ReLU -> BatchNormalization "
              "-> GlobalAveragePooling2D -> Dense");
    QStringList names;
    for (const Node& each : net.nodes) {
        names << QString::fromStdString(each.name);
    }
    QCOMPARE(names, QStringList({"input_layer", "conv2d", "conv2d_1", "max_pooling2d", "re_lu",
                                 "batch_normalization", "global_average_pooling2d", "dense"}));
}

void EditTest::idsAreNeverUsedAgain() {
    Graph net = graph("8x8x1 -> Conv2D");
    const NodeId old = node(net, "conv2d");
    net = changed(changed(net, RemoveNode{old}), AddNode{"Conv2D", {}, {}, true});
    QVERIFY(node(net, "conv2d") > old);
}

void EditTest::rejectsUnknownClassWithTheNearest() {
    const QString message = refusal({}, AddNode{"Conv2d", {}, {}, true});
    QVERIFY2(message.contains("'Conv2d'"), qPrintable(message));
    QVERIFY2(message.contains("Did you mean 'Conv2D'?"), qPrintable(message));
}

void EditTest::rejectsArgumentsOutOfRange_data() {
    QTest::addColumn<QString>("type");
    QTest::addColumn<QString>("param");
    QTest::addColumn<int>("which");
    QTest::newRow("no filters") << "Conv2D"
                                << "filters" << 0;
    QTest::newRow("10^12 units") << "Dense"
                                 << "units" << 1;
    QTest::newRow("stride 0") << "Conv2D"
                              << "strides" << 2;
    QTest::newRow("negative kernel") << "Conv2D"
                                     << "kernel_size" << 3;
    QTest::newRow("NaN rate") << "Dropout"
                              << "rate" << 4;
    QTest::newRow("infinite rate") << "Dropout"
                                   << "rate" << 5;
    QTest::newRow("rate above 1") << "Dropout"
                                  << "rate" << 6;
    QTest::newRow("unknown padding") << "Conv2D"
                                     << "padding" << 7;
    QTest::newRow("text for a number") << "Conv2D"
                                       << "filters" << 7;
    QTest::newRow("None for filters") << "Conv2D"
                                      << "filters" << 8;
}

void EditTest::rejectsArgumentsOutOfRange() {
    QFETCH(QString, type);
    QFETCH(QString, param);
    QFETCH(int, which);
    const std::vector<ParamValue> values{std::int64_t{0},
                                         std::int64_t{1'000'000'000'000},
                                         Size2{0, 1},
                                         std::int64_t{-3},
                                         std::numeric_limits<double>::quiet_NaN(),
                                         std::numeric_limits<double>::infinity(),
                                         1.5,
                                         std::string("smae"),
                                         None{}};
    const ParamValue& value = values[static_cast<std::size_t>(which)];
    const Graph net = changed({}, AddNode{type.toStdString(), "layer", {}, true});
    const Graph before = net;
    const QString message = refusal(net, SetParam{1, param.toStdString(), value});
    QVERIFY2(message.contains("layer"), qPrintable(message));
    QVERIFY2(message.contains(param), qPrintable(message));
    QVERIFY2(message.contains(QString::fromStdString(pythonText(value))), qPrintable(message));
    QVERIFY(net == before);
    const QString added =
        refusal({}, AddNode{type.toStdString(), "layer", {{param.toStdString(), value}}, true});
    QVERIFY2(added.contains(param), qPrintable(added));
}

void EditTest::argumentsEqualToTheDefaultAreNotKept() {
    const Graph net = graph("8x8x1 -> c: Conv2D");
    const NodeId id = node(net, "c");
    const Graph strided = changed(net, SetParam{id, "strides", std::int64_t{2}});
    QCOMPARE(findNode(strided, id)->params.size(), std::size_t{1});
    QVERIFY(changed(strided, SetParam{id, "strides", std::int64_t{1}}) == net);
}

void EditTest::rejectsCycleByItsNames() {
    const Graph net = graph("8x8x1 -> a: ReLU -> b: ReLU -> c: ReLU");
    const QString message = refusal(net, Connect{node(net, "c"), node(net, "a"), 0});
    QVERIFY2(message.contains("a → b → c → a"), qPrintable(message));
    QVERIFY(refusal(net, Connect{node(net, "b"), node(net, "b"), 0}).contains("b → b"));
}

void EditTest::takesOverAnOccupiedPort() {
    const Graph net = graph("8x8x1 -> a: ReLU -> b: ReLU; input_layer -> c: ReLU");
    const Graph taken = changed(net, Connect{node(net, "c"), node(net, "b"), 0});
    QCOMPARE(wires(taken), QString("c>b0 input_layer>a0 input_layer>c0"));
    QCOMPARE(wires(changed(net, Connect{node(net, "c"), node(net, "b"), kFreePort})), wires(taken));
}

void EditTest::mergingLayersTakeTheNextFreePort() {
    Graph net = graph("8x8x1 -> a: ReLU -> b: ReLU -> c: ReLU; [a, b] -> s: Add");
    net = changed(net, Connect{node(net, "c"), node(net, "s"), kFreePort});
    QCOMPARE(wires(net), QString("a>b0 a>s0 b>c0 b>s1 c>s2 input_layer>a0"));
    // A port far behind the last one is the next one.
    net = changed(net, Connect{node(net, "input_layer"), node(net, "s"), 40});
    QVERIFY(wires(net).contains("input_layer>s3"));
}

void EditTest::removingAWireOfAMergingLayerClosesTheGap() {
    const Graph net = graph("8x8x1 -> a: ReLU -> b: ReLU -> c: ReLU; [a, b, c] -> s: Add");
    const Graph less = changed(net, Disconnect{{node(net, "a"), node(net, "s"), 0}});
    QCOMPARE(wires(less), QString("a>b0 b>c0 b>s0 c>s1 input_layer>a0"));
    QCOMPARE(wires(changed(net, RemoveNode{node(net, "b")})), QString("a>s0 c>s1 input_layer>a0"));
}

void EditTest::mergingLayersKeepThePlaceOfAMissingWire() {
    const Graph net = graph("8x8x1 -> a: ReLU -> b: ReLU; [a, b] -> s: Concatenate");
    const Graph open = changed(net, Disconnect{{node(net, "a"), node(net, "s"), 0}});
    QCOMPARE(wires(open), QString("a>b0 b>s1 input_layer>a0"));
    QCOMPARE(wires(changed(open, Connect{node(net, "a"), node(net, "s"), kFreePort})), wires(net));
}

void EditTest::inputLayersTakeNoWire() {
    const Graph net = graph("8x8x1 -> a: ReLU; 9x9x1");
    QVERIFY(refusal(net, Connect{node(net, "a"), node(net, "input_layer_1"), 0})
                .contains("'input_layer_1'"));
}

void EditTest::rejectsPortsThatDoNotExist() {
    const Graph net = graph("8x8x1 -> a: ReLU -> b: ReLU; [a, b] -> s: Add");
    QVERIFY(refusal(net, Connect{node(net, "input_layer"), node(net, "b"), 1})
                .contains("inputs 0 to 0"));
    QVERIFY(refusal(net, Connect{node(net, "a"), node(net, "s"), kManyInputs}).contains("64"));
    QVERIFY(refusal(net, Connect{node(net, "a"), node(net, "s"), -2}).contains("-2"));
}

void EditTest::bypassClosesTheGap() {
    const Graph net = graph("8x8x1 -> a: ReLU -> b: ReLU -> c: ReLU; [c, b] -> s: Add");
    QCOMPARE(wires(changed(net, BypassNode{node(net, "b")})),
             QString("a>c0 a>s1 c>s0 input_layer>a0"));
    QVERIFY(refusal(net, BypassNode{node(net, "s")}).contains("2 inputs"));
    QVERIFY(refusal(net, BypassNode{node(net, "input_layer")}).contains("0 inputs"));
}

void EditTest::insertsIntoAWire() {
    const Graph net = graph("8x8x1 -> a: ReLU -> b: ReLU; n: Dropout");
    const Edge wire{node(net, "a"), node(net, "b"), 0};
    QCOMPARE(wires(changed(net, InsertOnEdge{node(net, "n"), wire})),
             QString("a>n0 input_layer>a0 n>b0"));
    const Graph merging = graph("8x8x1 -> a: ReLU -> b: ReLU; a -> n: Add");
    QCOMPARE(wires(changed(merging, InsertOnEdge{node(merging, "n"),
                                                 {node(merging, "a"), node(merging, "b"), 0}})),
             QString("a>n0 a>n1 input_layer>a0 n>b0"));
}

void EditTest::rejectsInsertingWiredLayers() {
    const Graph net = graph("8x8x1 -> a: ReLU -> b: ReLU -> c: ReLU");
    const Edge wire{node(net, "a"), node(net, "b"), 0};
    QVERIFY(refusal(net, InsertOnEdge{node(net, "c"), wire}).contains("already wired"));
    QVERIFY(refusal(net, InsertOnEdge{node(net, "input_layer"), wire}).contains("takes no wire"));
    const Edge missing{node(net, "a"), node(net, "c"), 0};
    QVERIFY(refusal(net, InsertOnEdge{node(net, "c"), missing}).contains("there is no wire"));
    // A merging layer fed from behind the wire would close a loop.
    const Graph loop = graph("8x8x1 -> a: ReLU -> b: ReLU -> s: Add");
    QVERIFY(refusal(loop, InsertOnEdge{node(loop, "s"), {node(loop, "a"), node(loop, "b"), 0}})
                .contains("b → s → b"));
}

void EditTest::rejectsBadNames() {
    const Graph net = graph("8x8x1 -> a: ReLU -> b: ReLU");
    const NodeId id = node(net, "b");
    QVERIFY(refusal(net, RenameNode{id, "a"}).contains("taken"));
    QVERIFY(refusal(net, RenameNode{id, "  "}).contains("needs a name"));
    QVERIFY(refusal(net, RenameNode{id, "x/y"}).contains("'/'"));
    QVERIFY(refusal(net, RenameNode{id, std::string(300, 'x')}).contains("256"));
    QCOMPARE(findNode(changed(net, RenameNode{id, " head "}), id)->name, std::string("head"));
    QVERIFY(changed(net, RenameNode{id, "b"}) == net);
}

void EditTest::namesOfTheGraph() {
    QCOMPARE(changed({}, RenameGraph{"my net"}).name, std::string("my net"));
    QVERIFY(refusal({}, RenameGraph{" "}).contains("name"));
}

void EditTest::missingNodesAndWiresAreNamed() {
    const Graph net = graph("8x8x1 -> a: ReLU");
    const std::vector<Edit> edits{RemoveNode{9},
                                  BypassNode{9},
                                  Connect{9, 1, 0},
                                  Connect{1, 9, 0},
                                  SetParam{9, "filters", std::int64_t{1}},
                                  RenameNode{9, "x"},
                                  SetTrainable{9, false},
                                  InsertOnEdge{9, {}}};
    for (const Edit& edit : edits) {
        QVERIFY2(refusal(net, edit).contains("number 9"), qPrintable(refusal(net, edit)));
    }
    QVERIFY(refusal(net, Disconnect{{2, 1, 0}}).contains("there is no wire from 'a'"));
    QVERIFY(refusal(net, SetParam{2, "max_valu", 1.0}).contains("Did you mean 'max_value'?"));
}

void EditTest::applyAllStopsAtTheFirstError() {
    const Graph net = graph("8x8x1 -> a: ReLU");
    const std::vector<Edit> good{AddNode{"Flatten", "f", {}, true}, Connect{2, 3, 0}};
    QCOMPARE(wires(applyAll(net, good).value()), QString("a>f0 input_layer>a0"));
    const std::vector<Edit> bad{AddNode{"Flatten", "f", {}, true}, RemoveNode{77}};
    QVERIFY(applyAll(net, bad).error().message.find("77") != std::string::npos);
}

void EditTest::randomEditsKeepTheGraphSound() {
    int accepted = 0;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        RandomSequence random({.seed = seed});
        Graph current = graph("8x8x1 -> a: Conv2D -> b: ReLU; [a, b] -> Add");
        for (int step = 0; step < 100; ++step) {
            const Graph before = current;
            const Expected<Graph> next = nn::apply(current, randomEdit(current, random));
            QVERIFY(current == before);
            if (next) {
                ++accepted;
                current = *next;
            } else {
                QVERIFY(!next.error().message.empty());
            }
            const QString wrong = unsoundness(current);
            QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
        }
    }
    QVERIFY2(accepted > 1000, qPrintable(QString::number(accepted)));
}

QTEST_APPLESS_MAIN(EditTest)
#include "tst_edit.moc"
