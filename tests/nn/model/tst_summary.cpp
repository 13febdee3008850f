#include "nn/model/summary.h"

#include "tests/support/oracle.h"
#include "tests/support/text_graph.h"

#include <QTest>

using namespace nn;
using tests::failed;
using tests::graph;
using tests::node;
using tests::OracleCase;
using tests::Outcome;

namespace {

Summary summaryOfText(std::string_view text) {
    const Graph net = graph(text);
    return summaryOf(net, infer(net));
}

SummaryRow rowFromJson(const io::Json& layer) {
    SummaryRow row;
    row.name = layer["name"].get<std::string>();
    row.type = layer["class"].get<std::string>();
    row.params = layer["params"].is_null() ? 0 : layer["params"].get<std::int64_t>();
    row.trainable = layer["trainable"].get<bool>();
    row.hasWeights = layer.contains("weights") && !layer["weights"].empty();
    if (!layer["output_shape"].is_null()) {
        std::vector<std::int64_t> extents;
        for (std::size_t i = 1; i < layer["output_shape"].size(); ++i) {
            const io::Json& extent = layer["output_shape"][i];
            extents.push_back(extent.is_null() ? kUnknown : extent.get<std::int64_t>());
        }
        row.output = Shape(std::move(extents));
    }
    for (const io::Json& call : layer["inbound"]) {
        for (const io::Json& source : call) {
            row.connectedTo.push_back(source["layer"].get<std::string>() + "[0][0]");
        }
    }
    return row;
}

/// Keras' own rows: so the tables are checked for layers this program does not have yet.
std::optional<Summary> summaryFromJson(const io::Json& description, const std::string& text) {
    Summary summary;
    summary.modelName = description["model_name"].get<std::string>();
    summary.showsConnections = text.find("Connected to") != std::string::npos;
    for (const io::Json& layer : description["layers"]) {
        if (layer.contains("layers") || layer["inbound"].size() > 1) {
            return std::nullopt;
        }
        summary.rows.push_back(rowFromJson(layer));
    }
    summary.totalParams = description["totals"]["total"].get<std::int64_t>();
    summary.trainableParams = description["totals"]["trainable"].get<std::int64_t>();
    summary.nonTrainableParams = description["totals"]["non_trainable"].get<std::int64_t>();
    return summary;
}

Outcome checkTables(const OracleCase& each) {
    SummaryTextOptions wide;
    if (each.description.contains("optimizer_params")) {
        wide.optimizerParams = each.description["optimizer_params"].get<std::int64_t>();
    }
    SummaryTextOptions narrow = wide;
    narrow.lineLength = 80;
    SummaryTextOptions trainable = wide;
    trainable.showTrainable = true;
    const std::vector<std::pair<std::string, SummaryTextOptions>> texts{
        {".txt", narrow}, {".wide.txt", wide}, {".trainable.txt", trainable}};
    for (const auto& [ending, style] : texts) {
        const auto keras = tests::fileText(each.folder / (each.name + ending));
        const auto summary = keras ? summaryFromJson(each.description, *keras) : std::nullopt;
        if (!keras || !summary) {
            return keras ? tests::skipped("a model inside the model or a shared layer")
                         : failed(ending + " is missing");
        }
        if (summaryText(*summary, style) != *keras) {
            return failed(ending + " differs:\n" + summaryText(*summary, style) + "Keras:\n" +
                          *keras);
        }
    }
    return tests::passed();
}

} // namespace

class SummaryTest : public QObject {
    Q_OBJECT

private slots:
    void tablesAreThoseOfKerasForAllLayers();
    void sequentialOmitsItsInput();
    void functionalChainShowsItsInput();
    void branchesShowConnections();
    void ordersBranchesAsKerasDoes();
    void brokenLayersAreUnbuilt();
    void keras2Table();
    void keras2TableWithConnections();
    void clipsToTheTerminal();
    void jsonIsTheContract();
    void csvQuotesNames();
    void emptyGraphHasATable();
    void editOfALongChainGivesTheSummaryOfTheWhole();
};

void SummaryTest::tablesAreThoseOfKerasForAllLayers() {
    const tests::OracleCounts counts = tests::runOracle("summary", checkTables);
    QVERIFY(counts.passed > 0);
    QCOMPARE(counts.failed, 0);
}

void SummaryTest::sequentialOmitsItsInput() {
    const Summary summary = summaryOfText("8x8x1 -> Conv2D(4, 3) -> Flatten");
    QCOMPARE(summary.modelName, std::string("sequential"));
    QCOMPARE(summary.rows.size(), std::size_t{2});
    QVERIFY(!summary.showsConnections);
}

void SummaryTest::functionalChainShowsItsInput() {
    Graph net = graph("8x8x1 -> Conv2D(4, 3) -> Flatten");
    net.kind = GraphKind::Functional;
    const Summary summary = summaryOf(net, infer(net));
    QCOMPARE(summary.modelName, std::string("functional"));
    QCOMPARE(summary.rows.front().type, std::string("InputLayer"));
    QVERIFY(!summary.showsConnections);
}

void SummaryTest::branchesShowConnections() {
    const Summary summary = summaryOfText("8x8x1 -> a: ReLU -> b: ReLU; [b, a] -> Add");
    QVERIFY(summary.showsConnections);
    QCOMPARE(summary.rows.back().connectedTo, (std::vector<std::string>{"b[0][0]", "a[0][0]"}));
    QVERIFY(summaryText(summary, {}).find("│ b[0][0], a[0][0]") != std::string::npos);
}

void SummaryTest::ordersBranchesAsKerasDoes() {
    // Made in another order than Keras keeps them: by distance from the end, then as met from it.
    const Summary summary =
        summaryOfText("side: 5 -> short: Dense(4); image: 8x8x1 -> c: Conv2D -> "
                      "f: Flatten; [f, short] -> j: Concatenate");
    QStringList names;
    for (const SummaryRow& row : summary.rows) {
        names << QString::fromStdString(row.name);
    }
    QCOMPARE(names, QStringList({"image", "c", "side", "f", "short", "j"}));
}

void SummaryTest::brokenLayersAreUnbuilt() {
    const Summary summary = summaryOfText("2x2x1 -> c: Conv2D(4, 5) -> Flatten");
    QVERIFY(!summary.rows[0].output);
    const std::string text = summaryText(summary, {});
    QVERIFY(text.find("│ ?   ") != std::string::npos);
    QVERIFY(text.find("0 (unbuilt) │") != std::string::npos);
}

void SummaryTest::keras2Table() {
    const Summary summary = summaryOfText(
        "28x28x1 -> Conv2D(32, 3) -> MaxPooling2D -> Conv2D(64, 3) -> MaxPooling2D -> Flatten -> "
        "Dropout -> Dense(10)");
    // As printed by tf_keras 2.21.
    const std::string expected =
        "Model: \"sequential\"\n"
        "_________________________________________________________________\n"
        " Layer (type)                Output Shape              Param #   \n"
        "=================================================================\n"
        " conv2d (Conv2D)             (None, 26, 26, 32)        320       \n"
        "                                                                 \n"
        " max_pooling2d (MaxPooling2  (None, 13, 13, 32)        0         \n"
        " D)                                                              \n"
        "                                                                 \n"
        " conv2d_1 (Conv2D)           (None, 11, 11, 64)        18496     \n"
        "                                                                 \n"
        " max_pooling2d_1 (MaxPoolin  (None, 5, 5, 64)          0         \n"
        " g2D)                                                            \n"
        "                                                                 \n"
        " flatten (Flatten)           (None, 1600)              0         \n"
        "                                                                 \n"
        " dropout (Dropout)           (None, 1600)              0         \n"
        "                                                                 \n"
        " dense (Dense)               (None, 10)                16010     \n"
        "                                                                 \n"
        "=================================================================\n"
        "Total params: 34826 (136.04 KB)\n"
        "Trainable params: 34826 (136.04 KB)\n"
        "Non-trainable params: 0 (0.00 Byte)\n"
        "_________________________________________________________________\n";
    const std::string text = summaryText(summary, {.style = SummaryStyle::Keras2});
    QCOMPARE(QString::fromStdString(text), QString::fromStdString(expected));
}

void SummaryTest::keras2TableWithConnections() {
    const Summary summary =
        summaryOfText("input_1: 32x32x16 -> re_lu: ReLU -> conv2d_1: Conv2D(16, 3, padding=same); "
                      "[conv2d_1, re_lu] -> Add");
    const std::string text = summaryText(summary, {.style = SummaryStyle::Keras2});
    const std::vector<std::string> lines{"Model: \"model\"\n",
                                         " input_1 (InputLayer)        [(None, 32, 32, 16)]        "
                                         " 0         []                      "
                                         "      \n",
                                         " add (Add)                   (None, 32, 32, 16)          "
                                         " 0         ['conv2d_1[0][0]',      "
                                         "      \n"
                                         "                                                         "
                                         "            're_lu[0][0]']         "
                                         "      \n"};
    for (const std::string& line : lines) {
        QVERIFY2(text.find(line) != std::string::npos, (line + "\n" + text).c_str());
    }
}

void SummaryTest::clipsToTheTerminal() {
    const Summary summary = summaryOfText("8x8x1 -> Conv2D");
    const auto width = [&](const SummaryTextOptions& options) {
        return QString::fromStdString(summaryText(summary, options)).split('\n').at(1).size();
    };
    QCOMPARE(width({}), 88);
    QCOMPARE(width({.terminalColumns = 200}), 88);
    QCOMPARE(width({.terminalColumns = 80}), 76);
    QCOMPARE(width({.lineLength = 100, .terminalColumns = 80}), 100);
    // Too narrow for Keras: the narrowest table there is.
    QCOMPARE(width({.lineLength = 5}), 60);
}

void SummaryTest::jsonIsTheContract() {
    const auto json = io::parsedJson(summaryJson(summaryOfText("?x?x3 -> c: Conv2D(8, 3)")));
    QVERIFY(json.has_value());
    const io::Json expected = {{"name", "sequential"},
                               {"layers",
                                {{{"name", "c"},
                                  {"class", "Conv2D"},
                                  {"output_shape", {nullptr, nullptr, nullptr, 8}},
                                  {"params", 224}}}},
                               {"total_params", 224},
                               {"trainable_params", 224},
                               {"non_trainable_params", 0}};
    QCOMPARE(QString::fromStdString(json->dump()), QString::fromStdString(expected.dump()));
}

void SummaryTest::csvQuotesNames() {
    Graph net = graph("8x8x1 -> c: Conv2D(4, 3)");
    net = apply(net, RenameNode{node(net, "c"), "a \"b\", c"}).value();
    const std::string csv = summaryCsv(summaryOf(net, infer(net)));
    QVERIFY2(
        csv.find(
            "\"a \"\"b\"\", c\",Conv2D,\"(None, 6, 6, 4)\",40,yes,1296,576,3×3,input_layer\n") !=
            std::string::npos,
        csv.c_str());
}

void SummaryTest::emptyGraphHasATable() {
    const Graph net;
    const std::string text = summaryText(summaryOf(net, infer(net)), {});
    QVERIFY(text.find("Total params: 0 (0.00 B)") != std::string::npos);
}

void SummaryTest::editOfALongChainGivesTheSummaryOfTheWhole() {
    std::string text = "16x16x4";
    for (int i = 0; i < 1000; ++i) {
        text += " -> Conv2D(4, kernel_size=3, padding=same)";
    }
    const Graph chain = graph(text);
    const Inference inference = infer(chain);
    const Graph changed = *apply(chain, SetParam{chain.nodes[500].id, "filters", std::int64_t{5}});
    const Summary summary = summaryOf(changed, infer(changed, &inference, &chain));
    QCOMPARE(summary.rows.size(), std::size_t{1000});
    QCOMPARE(summaryText(summary, {}), summaryText(summaryOf(changed, infer(changed)), {}));
}

QTEST_APPLESS_MAIN(SummaryTest)
#include "tst_summary.moc"
