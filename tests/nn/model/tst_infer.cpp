#include "nn/model/infer.h"

#include "nn/base/random.h"
#include "nn/base/text.h"
#include "tests/support/text_graph.h"

#include <QTest>
#include <algorithm>

using namespace nn;
using tests::graph;
using tests::node;

namespace {

QString outputText(const Graph& graph, std::string_view name) {
    const Inference inference = infer(graph);
    const NodeInference* facts = inference.find(node(graph, name));
    return facts->output ? QString::fromStdString(shapeText(*facts->output)) : QString("unknown");
}

std::vector<Diagnostic> errorsOf(const Inference& inference) {
    std::vector<Diagnostic> errors = inference.diagnostics;
    std::erase_if(errors, [](const Diagnostic& d) { return d.severity != Severity::Error; });
    return errors;
}

bool isSame(const NodeInference& a, const NodeInference& b) {
    return a.def == b.def && a.inputs == b.inputs && a.inputShapes == b.inputShapes &&
           a.output == b.output && a.weights == b.weights &&
           a.trainableParams == b.trainableParams && a.nonTrainableParams == b.nonTrainableParams &&
           a.cost == b.cost && a.failed == b.failed;
}

/// The first difference between two inferences, or nothing.
QString difference(const Inference& a, const Inference& b) {
    if (a.order != b.order || a.inputs != b.inputs || a.outputs != b.outputs ||
        a.nodes.size() != b.nodes.size()) {
        return "order, inputs or outputs";
    }
    for (const auto& [id, facts] : a.nodes) {
        const NodeInference* other = b.find(id);
        if (other == nullptr || !isSame(*facts, *other)) {
            return "node " + QString::number(id);
        }
    }
    return a.diagnostics == b.diagnostics ? QString() : QString("diagnostics");
}

std::string chainText(int length) {
    std::string text = "16x16x4";
    for (int i = 0; i < length; ++i) {
        text += " -> Conv2D(4, kernel_size=3, padding=same)";
    }
    return text;
}

/// The sum of all severities' messages, for failures.
QByteArray allMessages(const Inference& inference) {
    std::string text;
    for (const Diagnostic& diagnostic : inference.diagnostics) {
        text += diagnostic.message + "\n";
        for (const Repair& repair : diagnostic.repairs) {
            text += "   " + repair.title + "\n";
        }
    }
    return QByteArray::fromStdString(text);
}

} // namespace

class InferTest : public QObject {
    Q_OBJECT

private slots:
    void slidingWindowsHaveKerasShapes_data();
    void slidingWindowsHaveKerasShapes();
    void countsParameters();
    void frozenLayersCountAsNonTrainable();
    void goesOnBehindABrokenLayer();
    void unknownExtentsStayUnknown();
    void namesTheLayerAndTheArgument();
    void repairsWork_data();
    void repairsWork();
    void classifierWithoutFlattenIsWarned();
    void severalOutputsAreANote();
    void emptyNetworkIsNotRunnable();
    void unknownClassIsKeptAndNamed();
    void loopsOfHandMadeGraphsAreReported();
    void hugeLayersAreErrorsNotOverflows();
    void incrementalEqualsFromScratch();
    void oneEditOfALongChainReachesItsReader();
};

void InferTest::slidingWindowsHaveKerasShapes_data() {
    QTest::addColumn<QList<int>>("window"); // input, kernel, stride, dilation
    QTest::addColumn<int>("valid");
    QTest::addColumn<int>("same");
    QTest::addColumn<int>("padBefore");
    const auto row = [](int i, int k, int s, int d, int valid, int same, int before) {
        QTest::addRow("%d %d %d %d", i, k, s, d)
            << QList<int>{i, k, s, d} << valid << same << before;
    };
    // keras-contract, section 2: computed with Keras.
    row(28, 3, 1, 1, 26, 28, 1);
    row(28, 5, 1, 1, 24, 28, 2);
    row(32, 3, 2, 1, 15, 16, 0);
    row(33, 3, 2, 1, 16, 17, 1);
    row(7, 3, 3, 1, 2, 3, 1);
    row(224, 7, 2, 1, 109, 112, 2);
    row(10, 4, 1, 1, 7, 10, 1);
    row(10, 4, 3, 1, 3, 4, 1);
    row(5, 2, 2, 1, 2, 3, 0);
    row(28, 3, 1, 2, 24, 28, 2);
    row(6, 5, 4, 1, 1, 2, 1);
    row(2, 5, 1, 1, 0, 2, 2);
    row(8, 1, 3, 1, 3, 3, 0);
}

void InferTest::slidingWindowsHaveKerasShapes() {
    QFETCH(QList<int>, window);
    QFETCH(int, valid);
    QFETCH(int, same);
    QFETCH(int, padBefore);
    const auto text = [&](const char* padding) {
        return QString("%1x%1x1 -> c: Conv2D(1, kernel_size=%2, strides=%3, dilation_rate=%4, "
                       "padding=%5)")
            .arg(window[0])
            .arg(window[1])
            .arg(window[2])
            .arg(window[3])
            .arg(padding)
            .toStdString();
    };
    const QString expected = valid == 0 ? "unknown" : QString("%1×%1×1").arg(valid);
    QCOMPARE(outputText(graph(text("valid")), "c"), expected);
    QCOMPARE(outputText(graph(text("same")), "c"), QString("%1×%1×1").arg(same));
    const Graph samePadded = graph(text("same"));
    const Inference inference = infer(samePadded);
    const NodeInference& facts = *inference.find(node(samePadded, "c"));
    const Window moves = facts.def->window({findNode(samePadded, "c")->params, facts.inputShapes});
    QCOMPARE(moves.padTop, padBefore);
    QCOMPARE(moves.padLeft, padBefore);
}

void InferTest::countsParameters() {
    const Graph seed = graph("28x28x1 -> Conv2D(32, kernel_size=3) -> MaxPooling2D -> Flatten -> "
                             "Dense(10)");
    const Inference inference = infer(seed);
    QVERIFY2(inference.isRunnable(), allMessages(inference));
    QCOMPARE(inference.find(node(seed, "conv2d"))->trainableParams, 320);
    QCOMPARE(inference.find(node(seed, "dense"))->trainableParams, 54090);
}

void InferTest::frozenLayersCountAsNonTrainable() {
    Graph frozen = graph("8x8x3 -> b: BatchNormalization");
    frozen = *apply(frozen, SetTrainable{node(frozen, "b"), false});
    const Inference inference = infer(frozen);
    QCOMPARE(inference.find(node(frozen, "b"))->trainableParams, 0);
    QCOMPARE(inference.find(node(frozen, "b"))->nonTrainableParams, 12);
}

void InferTest::goesOnBehindABrokenLayer() {
    const Graph broken = graph("4x4x1 -> c: Conv2D(8, kernel_size=5) -> f: Flatten; "
                               "9x9x1 -> d: Conv2D(2, kernel_size=3)");
    const Inference inference = infer(broken);
    QVERIFY(inference.find(node(broken, "c"))->failed);
    QVERIFY(!inference.find(node(broken, "f"))->failed);
    QVERIFY(!inference.find(node(broken, "f"))->output);
    QCOMPARE(*inference.find(node(broken, "d"))->output, (Shape{7, 7, 2}));
    QCOMPARE(errorsOf(inference).size(), std::size_t{1});
    QVERIFY(!inference.isRunnable());
}

void InferTest::unknownExtentsStayUnknown() {
    const Graph any = graph("?x?x3 -> Conv2D(8, kernel_size=3) -> p: MaxPooling2D -> "
                            "g: GlobalAveragePooling2D");
    QCOMPARE(outputText(any, "p"), QString("?×?×8"));
    QCOMPARE(outputText(any, "g"), QString("8"));
    const Inference inference = infer(any);
    QVERIFY(errorsOf(inference).empty());
    QVERIFY(!inference.isRunnable());
}

void InferTest::namesTheLayerAndTheArgument() {
    const Graph broken = graph("4x4x1 -> stem: Conv2D(8, kernel_size=5)");
    const Inference inference = infer(broken);
    const std::vector<Diagnostic> errors = errorsOf(inference);
    QCOMPARE(errors.size(), std::size_t{1});
    QCOMPARE(errors[0].node, node(broken, "stem"));
    QCOMPARE(QString::fromStdString(errors[0].param), QString("kernel_size"));
    QVERIFY(errors[0].message.find("stem") != std::string::npos);
    QVERIFY(errors[0].message.find("5×5") != std::string::npos);
    QVERIFY(errors[0].message.find("4×4×1") != std::string::npos);
}

void InferTest::repairsWork_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QStringList>("titles");
    const auto row = [](const char* name, const char* text, const QStringList& titles) {
        QTest::newRow(name) << text << titles;
    };
    row("kernel larger than the image", "4x4x1 -> Conv2D(8, kernel_size=5)",
        {"Set padding to 'same' (→ 4×4×8)", "Set kernel_size to (4, 4) (→ 1×1×8)"});
    row("pooled once too often", "8x8x1 -> MaxPooling2D(4) -> p: MaxPooling2D(4)",
        {"Set padding to 'same' (→ 1×1×1)", "Set pool_size to (2, 2) (→ 1×1×1)",
         "Remove 'max_pooling2d' before it (→ 2×2×1)"});
    row("convolution behind Flatten", "8x8x1 -> f: Flatten -> Conv2D(8)",
        {"Connect it to 'input_layer', before 'f' (→ 6×6×8)"});
    row("strides and dilation", "9x9x1 -> Conv2D(8, strides=2, dilation_rate=2)",
        {"Set dilation_rate to (1, 1) (→ 4×4×8)", "Set strides to (1, 1) (→ 5×5×8)"});
    row("groups do not divide", "9x9x4 -> Conv2D(6, groups=4)",
        {"Set groups to 2 (→ 7×7×6)", "Set groups to 1 (→ 7×7×6)"});
    row("no wire", "8x8x1 -> a: ReLU; Flatten", {"Connect it to 'a'", "Remove 'flatten'"});
    row("no Input", "Flatten -> Dense", {"Put an Input layer before it", "Remove 'flatten'"});
    row("Add of different sizes", "8x8x4 -> a: ReLU -> b: Conv2D(4, kernel_size=3); [a, b] -> Add",
        {"Set padding of 'b' to 'same' (→ 8×8×4)"});
    row("Add of different channels",
        "8x8x4 -> a: ReLU -> b: Conv2D(6, padding=same); [a, b] -> Add -> Flatten",
        {"Set filters of 'b' to 4 (→ 8×8×4)",
         "Insert a 1×1 Conv2D with 4 filters behind 'b' (→ 8×8×4)",
         "Insert a 1×1 Conv2D with 6 filters behind 'a' (→ 8×8×6)",
         "Use Concatenate in its place (→ 8×8×10)"});
    row("Add behind a strided branch",
        "8x8x4 -> a: ReLU -> b: Conv2D(4, strides=2, padding=same); [b, a] -> Add",
        {"Insert a 1×1 Conv2D with 4 filters and strides 2×2 behind 'a' (→ 4×4×4)"});
    row("Concatenate of different sizes", "8x8x4 -> a: ReLU -> b: Conv2D(4); [a, b] -> Concatenate",
        {"Set padding of 'b' to 'same' (→ 8×8×8)"});
}

void InferTest::repairsWork() {
    QFETCH(QString, text);
    QFETCH(QStringList, titles);
    const Graph broken = graph(text.toStdString());
    const Inference inference = infer(broken);
    const std::vector<Diagnostic> errors = errorsOf(inference);
    QVERIFY(!errors.empty());
    QStringList offered;
    for (const Repair& repair : errors[0].repairs) {
        offered << QString::fromStdString(repair.title);
        const Expected<Graph> mended = applyAll(broken, repair.edits);
        QVERIFY2(mended.has_value(), repair.title.c_str());
        const Inference after = infer(*mended);
        const auto stillBroken = [&](const Diagnostic& d) { return d.node == errors[0].node; };
        QVERIFY2(std::ranges::none_of(errorsOf(after), stillBroken),
                 (repair.title + "\n").c_str() + allMessages(after));
    }
    for (const QString& title : titles) {
        QVERIFY2(offered.contains(title),
                 qPrintable(title + " is not among\n" + offered.join('\n')));
    }
}

void InferTest::classifierWithoutFlattenIsWarned() {
    const Graph maps = graph("8x8x1 -> Conv2D(4) -> d: Dense(10) -> Softmax");
    const Inference inference = infer(maps);
    QCOMPARE(inference.diagnostics.size(), std::size_t{1});
    const Diagnostic& warning = inference.diagnostics[0];
    QCOMPARE(warning.severity, Severity::Warning);
    QCOMPARE(warning.node, node(maps, "d"));
    QCOMPARE(warning.repairs.size(), std::size_t{2});
    for (const Repair& repair : warning.repairs) {
        const Graph mended = applyAll(maps, repair.edits).value();
        QVERIFY(infer(mended).diagnostics.empty());
        QCOMPARE(outputText(mended, "d"), QString("10"));
    }
}

void InferTest::severalOutputsAreANote() {
    const Graph two = graph("8x8x1 -> f: Flatten -> Dense(3); f -> Dense(2)");
    const Inference inference = infer(two);
    QCOMPARE(inference.diagnostics.size(), std::size_t{1});
    QCOMPARE(inference.diagnostics[0].severity, Severity::Info);
    QVERIFY(inference.diagnostics[0].message.find("'dense', 'dense_1'") != std::string::npos);
}

void InferTest::emptyNetworkIsNotRunnable() {
    const Inference inference = infer(Graph{});
    QVERIFY(!inference.isRunnable());
    QCOMPARE(inference.diagnostics.size(), std::size_t{1});
    const Graph started = applyAll(Graph{}, inference.diagnostics[0].repairs.at(0).edits).value();
    QVERIFY(infer(started).isRunnable());
}

void InferTest::unknownClassIsKeptAndNamed() {
    Graph foreign = graph("8x8x1 -> Conv2D(4) -> mystery: ReLU -> Flatten");
    for (Node& node : foreign.nodes) {
        node.type = node.name == "mystery" ? "Conv3DMagic" : node.type;
    }
    const Inference inference = infer(foreign);
    const std::vector<Diagnostic> errors = errorsOf(inference);
    QCOMPARE(errors.size(), std::size_t{1});
    QVERIFY(errors[0].message.find("Conv3DMagic") != std::string::npos);
    QVERIFY(infer(applyAll(foreign, errors[0].repairs.at(0).edits).value()).isRunnable());
}

void InferTest::loopsOfHandMadeGraphsAreReported() {
    Graph loop = graph("8x8x1 -> a: ReLU -> b: ReLU -> c: ReLU");
    for (Edge& edge : loop.edges) {
        if (edge.to == node(loop, "a")) {
            edge.from = node(loop, "b");
        }
    }
    const Inference inference = infer(loop);
    QCOMPARE(errorsOf(inference).size(), std::size_t{3});
    QCOMPARE(inference.order.size(), loop.nodes.size());
}

void InferTest::hugeLayersAreErrorsNotOverflows() {
    std::string text = "1048576x1048576x1048576";
    const Inference image = infer(graph(text));
    QVERIFY(!image.isRunnable());
    text = "1048576x1048576";
    const Inference wide = infer(graph(text + "x64 -> Dense(16777216)"));
    QVERIFY(!wide.isRunnable());
}

namespace {

/// A random edit, which may well be refused.
Edit randomEdit(const Graph& graph, RandomSequence& random) {
    const auto pick = [&]() -> NodeId {
        return graph.nodes.empty() ? 1 : graph.nodes[random.below(graph.nodes.size())].id;
    };
    const auto wire = [&] {
        return graph.edges.empty() ? Edge{} : graph.edges[random.below(graph.edges.size())];
    };
    static const std::vector<std::string> types{
        "InputLayer", "Conv2D",      "MaxPooling2D", "Flatten", "Dense",
        "Add",        "Concatenate", "ReLU",         "Dropout", "BatchNormalization"};
    switch (random.below(12)) {
    case 0:
    case 1:
    case 2:
        return AddNode{types[random.below(types.size())], {}, {}, true};
    case 3:
        return RemoveNode{pick()};
    case 4:
        return BypassNode{pick()};
    case 5:
        return Disconnect{wire()};
    case 6:
        return InsertOnEdge{pick(), wire()};
    case 7:
        return SetParam{pick(), "filters", static_cast<std::int64_t>(random.below(9))};
    case 8:
        return SetTrainable{pick(), random.below(2) == 0};
    case 9:
        return SetParam{pick(), "shape", std::vector<std::int64_t>{8, 8, 1}};
    default:
        return Connect{pick(), pick(), static_cast<int>(random.below(4)) - 1};
    }
}

} // namespace

void InferTest::incrementalEqualsFromScratch() {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        RandomSequence random({.seed = seed});
        Graph current = graph("12x12x2 -> Conv2D(4, kernel_size=3) -> a: ReLU -> Flatten");
        Inference inference = infer(current);
        for (int step = 0; step < 60; ++step) {
            const Expected<Graph> changed = nn::apply(current, randomEdit(current, random));
            if (!changed) {
                continue;
            }
            const Inference next = infer(*changed, &inference, &current);
            const QString different = difference(next, infer(*changed));
            QVERIFY2(different.isEmpty(), qPrintable(different));
            current = *changed;
            inference = next;
        }
    }
}

void InferTest::oneEditOfALongChainReachesItsReader() {
    const Graph chain = graph(chainText(1000));
    const Inference inference = infer(chain);
    QVERIFY(inference.isRunnable());
    const Graph changed = *apply(chain, SetParam{chain.nodes[500].id, "filters", std::int64_t{5}});
    const Inference next = infer(changed, &inference, &chain);
    QCOMPARE(next.find(chain.nodes[501].id)->inputShapes[0].back(), 5);
    QCOMPARE(next.find(chain.nodes[502].id)->inputShapes[0].back(), 4);
}

QTEST_APPLESS_MAIN(InferTest)
#include "tst_infer.moc"
