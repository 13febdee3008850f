#include "nn/io/keras_json.h"
#include "nn/io/project_file.h"
#include "nn/model/summary.h"
#include "tests/support/oracle.h"

#include <QTest>

using namespace nn;
using tests::failed;
using tests::OracleCase;
using tests::Outcome;

namespace {

/// Keras' connections of a layer, call by call: "conv2d[0][0]".
std::vector<std::string> sourcesOf(const io::Json& layer) {
    std::vector<std::string> sources;
    for (const io::Json& call : layer["inbound"]) {
        for (const io::Json& source : call) {
            sources.push_back(source["layer"].get<std::string>() + "[" + source["node"].dump() +
                              "][" + source["tensor"].dump() + "]");
        }
    }
    return sources;
}

std::string rowDifference(const SummaryRow& row, const io::Json& described, const io::Json& keras,
                          int depth) {
    for (const char* key : {"name", "class", "output_shape"}) {
        if (described[key] != keras[key]) {
            return std::string(key) + ": ours " + described[key].dump() + ", Keras " +
                   keras[key].dump();
        }
    }
    if (!keras["params"].is_null() && row.params != keras["params"]) {
        return "parameters: ours " + std::to_string(row.params) + ", Keras " +
               keras["params"].dump();
    }
    if (keras["output_shape"].is_null() || depth > 0) {
        return {}; // Not built, so Keras names no sources; inside a model it counts further calls.
    }
    return row.connectedTo == sourcesOf(keras) ? std::string() : "the layers it reads";
}

/// The first difference between rows and what Keras' description lists, models inside included.
std::string difference(const std::vector<SummaryRow>& rows, const io::Json& described,
                       const io::Json& layers, int depth) {
    if (rows.size() != layers.size()) {
        return "ours has " + std::to_string(rows.size()) + " layers, Keras' has " +
               std::to_string(layers.size());
    }
    for (std::size_t i = 0; i < layers.size(); ++i) {
        std::string different = rowDifference(rows[i], described[i], layers[i], depth);
        if (different.empty() && layers[i].contains("layers")) {
            different =
                difference(rows[i].inner, described[i]["layers"], layers[i]["layers"], depth + 1);
        }
        if (!different.empty()) {
            return "layer " + layers[i]["name"].dump() + ": " + different;
        }
    }
    return {};
}

/// The layers as the summary's description lists them: count, names, classes, shapes, parameters
/// and wires.
Outcome checkLayers(const Graph& graph, const io::Json& description) {
    const Summary summary = summaryOf(graph, infer(graph));
    const auto described = io::parsedJson(summaryJson(summary));
    const std::string different =
        described ? difference(summary.rows, (*described)["layers"], description["layers"], 0)
                  : "its summary is no JSON";
    return different.empty() ? tests::passed() : failed(different);
}

Outcome checkRoundTrip(const Graph& graph) {
    const Expected<Graph> again = io::graphFromJson(io::graphJson(graph));
    if (!again) {
        return failed("written and read again: " + again.error().message);
    }
    return *again == graph ? tests::passed() : failed("written and read again it is different");
}

Outcome checkTopology(const OracleCase& each) {
    const Expected<io::KerasModel> model = io::modelFromKeras(each.description);
    if (!model) {
        return tests::refusal(model.error());
    }
    const auto text = tests::fileText(each.root / "summary" / (each.name + ".json"));
    if (text) {
        const Expected<io::Json> description = io::parsedJson(*text);
        if (!description) {
            return failed("summary/" + each.name + ".json: " + description.error().message);
        }
        const Outcome layers = checkLayers(model->graph, *description);
        if (layers.kind != Outcome::Kind::Passed) {
            return layers;
        }
    }
    return checkRoundTrip(model->graph);
}

} // namespace

/// Model files of Keras, read into a graph and kept in a project file.
class OracleTopologyTest : public QObject {
    Q_OBJECT

private slots:
    void everyModelIsReadAsKerasMeansIt();
};

void OracleTopologyTest::everyModelIsReadAsKerasMeansIt() {
    const tests::OracleCounts counts = tests::runOracle("topology", checkTopology);
    QVERIFY(counts.passed > 0);
    QCOMPARE(counts.failed, 0);
}

QTEST_APPLESS_MAIN(OracleTopologyTest)
#include "tst_oracle_topology.moc"
