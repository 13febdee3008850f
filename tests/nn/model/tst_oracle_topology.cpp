#include "nn/io/keras_json.h"
#include "nn/io/project_file.h"
#include "nn/model/summary.h"
#include "tests/support/oracle.h"

#include <QTest>
#include <set>

using namespace nn;
using tests::failed;
using tests::OracleCase;
using tests::Outcome;

namespace {

/// Keras' connections of a layer: every source of every call, without double ones.
std::set<std::string> sourcesOf(const io::Json& layer) {
    std::set<std::string> sources;
    for (const io::Json& call : layer["inbound"]) {
        for (const io::Json& source : call) {
            sources.insert(source["layer"].get<std::string>());
        }
    }
    return sources;
}

std::string rowDifference(const SummaryRow& row, const io::Json& described, const io::Json& keras) {
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
    if (keras["output_shape"].is_null()) {
        return {}; // Not built: Keras has not called the layer, so it names no sources.
    }
    const std::set<std::string> sources(row.connectedTo.begin(), row.connectedTo.end());
    return sources == sourcesOf(keras) ? std::string() : "the layers it reads";
}

/// The layers as the summary's description lists them: count, names, classes, shapes, parameters
/// and wires.
Outcome checkLayers(const Graph& graph, const io::Json& description) {
    const Summary summary = summaryOf(graph, infer(graph));
    const auto described = io::parsedJson(summaryJson(summary));
    const io::Json& layers = description["layers"];
    if (!described || summary.rows.size() != layers.size()) {
        return failed("ours has " + std::to_string(summary.rows.size()) + " layers, Keras' has " +
                      std::to_string(layers.size()));
    }
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const std::string different =
            rowDifference(summary.rows[i], (*described)["layers"][i], layers[i]);
        if (!different.empty()) {
            return failed("layer " + layers[i]["name"].dump() + ": " + different);
        }
    }
    return tests::passed();
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
