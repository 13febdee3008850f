#include "nn/base/text.h"
#include "nn/io/keras_json.h"
#include "nn/model/summary.h"
#include "tests/support/oracle.h"

#include <QTest>

using namespace nn;
using tests::failed;
using tests::OracleCase;
using tests::Outcome;

namespace {

/// Both texts at the first line where they differ, or nothing.
std::string difference(const std::string& ours, const std::string& keras) {
    const std::vector<std::string> our = split(ours, '\n');
    const std::vector<std::string> their = split(keras, '\n');
    for (std::size_t i = 0; i < std::max(our.size(), their.size()); ++i) {
        const std::string a = i < our.size() ? our[i] : "(end)";
        const std::string b = i < their.size() ? their[i] : "(end)";
        if (a != b) {
            return "line " + std::to_string(i + 1) + "\n  ours:  " + a + "\n  Keras: " + b;
        }
    }
    return {};
}

std::string rowDifference(const io::Json& row, const io::Json& keras) {
    for (const char* key : {"name", "class", "output_shape"}) {
        if (row[key] != keras[key]) {
            return std::string(key) + ": ours " + row[key].dump() + ", Keras " + keras[key].dump();
        }
    }
    const io::Json params = keras["params"].is_null() ? io::Json(0) : keras["params"];
    return row["params"] == params ? std::string() : "params of " + row["name"].dump();
}

Outcome checkRows(const Summary& summary, const io::Json& description) {
    const auto json = io::parsedJson(summaryJson(summary));
    if (!json || (*json)["layers"].size() != description["layers"].size()) {
        return failed("a different number of layers");
    }
    for (std::size_t i = 0; i < description["layers"].size(); ++i) {
        const std::string different = rowDifference((*json)["layers"][i], description["layers"][i]);
        if (!different.empty()) {
            return failed("row " + std::to_string(i) + ", " + different);
        }
    }
    const io::Json& totals = description["totals"];
    const bool sums = (*json)["total_params"] == totals["total"] &&
                      (*json)["trainable_params"] == totals["trainable"] &&
                      (*json)["non_trainable_params"] == totals["non_trainable"] &&
                      (*json)["name"] == description["model_name"];
    return sums ? tests::passed() : failed("totals or name");
}

Outcome checkTexts(const Summary& summary, const OracleCase& each) {
    SummaryTextOptions options;
    if (each.description.contains("optimizer_params")) {
        options.optimizerParams = each.description["optimizer_params"].get<std::int64_t>();
    }
    SummaryTextOptions narrow = options;
    narrow.lineLength = 80;
    SummaryTextOptions trainable = options;
    trainable.showTrainable = true;
    trainable.expandNested = true;
    const std::vector<std::pair<std::string, SummaryTextOptions>> texts{
        {".txt", narrow}, {".wide.txt", options}, {".trainable.txt", trainable}};
    for (const auto& [ending, style] : texts) {
        const auto keras = tests::fileText(each.folder / (each.name + ending));
        if (!keras) {
            return failed(ending + " cannot be read");
        }
        const std::string different = difference(summaryText(summary, style), *keras);
        if (!different.empty()) {
            return failed(ending + ", " + different);
        }
    }
    return tests::passed();
}

Outcome checkSummary(const OracleCase& each) {
    const auto topology = tests::fileText(each.root / "topology" / (each.name + ".json"));
    if (!topology) {
        return failed("its topology cannot be read: expected topology/" + each.name + ".json");
    }
    const auto model = io::modelFromKerasJson(*topology);
    if (!model) {
        return tests::refusal(model.error());
    }
    const Summary summary = summaryOf(model->graph, infer(model->graph));
    const Outcome rows = checkRows(summary, each.description);
    return rows.kind == Outcome::Kind::Passed ? checkTexts(summary, each) : rows;
}

} // namespace

class OracleSummaryTest : public QObject {
    Q_OBJECT

private slots:
    void everySummaryIsThatOfKeras();
};

void OracleSummaryTest::everySummaryIsThatOfKeras() {
    const tests::OracleCounts counts = tests::runOracle("summary", checkSummary);
    QVERIFY(counts.passed > 0);
    QCOMPARE(counts.failed, 0);
}

QTEST_APPLESS_MAIN(OracleSummaryTest)
#include "tst_oracle_summary.moc"
