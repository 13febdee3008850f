#include "nn/exec/network.h"
#include "nn/model/edit.h"
#include "nn/model/object_def.h"
#include "nn/model/registry.h"
#include "tests/support/instruction_set.h"
#include "tests/support/layer_harness.h"
#include "tests/support/other_values.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <cstring>

using namespace nn;

namespace {

/// A row for every registered definition, with or without those that only let data in.
enum class Rows { All, Computing };
void addLayerRows(Rows rows) {
    QTest::addColumn<QByteArray>("type");
    for (const LayerDef& def : layerDefs()) {
        if (rows == Rows::All || def.arity.max > 0) {
            QTest::newRow(def.type.c_str()) << QByteArray::fromStdString(def.type);
        }
    }
}

const LayerDef& definition(const QByteArray& type) {
    return *findLayerDef(std::string_view(type.constData(), static_cast<std::size_t>(type.size())));
}

bool sameBits(const std::vector<float>& a, const std::vector<float>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

bool sameBits(const std::vector<std::vector<float>>& a, const std::vector<std::vector<float>>& b) {
    return std::ranges::equal(a, b, [](const auto& x, const auto& y) { return sameBits(x, y); });
}

bool sameResults(const tests::LayerCase& a, const tests::LayerCase& b) {
    return sameBits(a.output, b.output) && sameBits(a.inputGradients, b.inputGradients) &&
           sameBits(a.weightGradients, b.weightGradients) &&
           sameBits(a.updatedWeights, b.updatedWeights);
}

bool hasNan(const std::vector<float>& values) {
    return std::ranges::any_of(values, [](float value) { return std::isnan(value); });
}

} // namespace

/// What must hold for every layer in nn/layers, whatever it is.
class TestLayerSweep : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void definitionIsComplete_data() { addLayerRows(Rows::All); }
    void definitionIsComplete();
    void argumentsRoundTrip_data() { addLayerRows(Rows::All); }
    void argumentsRoundTrip();
    void refusesWrongArgumentsByName_data() { addLayerRows(Rows::All); }
    void refusesWrongArgumentsByName();
    void countsItsWeights_data() { addLayerRows(Rows::Computing); }
    void countsItsWeights();
    void writesTheInferredShape_data() { addLayerRows(Rows::Computing); }
    void writesTheInferredShape();
    void agreesWithTheReference_data() { addLayerRows(Rows::Computing); }
    void agreesWithTheReference();
    void rowOfABatchIsTheRowAlone_data() { addLayerRows(Rows::Computing); }
    void rowOfABatchIsTheRowAlone();
    void sameForAnyNumberOfThreads_data() { addLayerRows(Rows::Computing); }
    void sameForAnyNumberOfThreads();
    void answersForAnyInputShape_data() { addLayerRows(Rows::Computing); }
    void answersForAnyInputShape();
};

void TestLayerSweep::initTestCase() {
    if (const std::string missing = tests::missingInstructionSet(); !missing.empty()) {
        QSKIP(missing.c_str());
    }
}

void TestLayerSweep::definitionIsComplete() {
    QFETCH(QByteArray, type);
    const LayerDef& def = definition(type);
    QVERIFY(def.summary.ends_with('.'));
    QVERIFY(def.help.size() > 150);
    QVERIFY(def.shape && def.weights && def.cost && def.window);
    QVERIFY(def.arity.min <= def.arity.max);
    QCOMPARE(def.kernel != nullptr, def.arity.max > 0);
    QVERIFY(def.exampleInputs.size() >= static_cast<std::size_t>(def.arity.min));
    for (const ParamSpec& spec : def.params) {
        QVERIFY2(spec.help.size() > 20 && spec.help.ends_with('.'), spec.name.c_str());
        const bool isNone = std::holds_alternative<None>(spec.defaultValue);
        QVERIFY2(checkedValue(spec, spec.defaultValue).has_value(), spec.name.c_str());
        QVERIFY2(isNone == spec.optional, spec.name.c_str());
        QVERIFY2(spec.shownWhenParam.empty() || findSpec(def.params, spec.shownWhenParam),
                 spec.name.c_str());
    }
    for (const auto& [name, value] : def.exampleParams) {
        QVERIFY2(checkedValue(*findSpec(def.params, name), value).has_value(), name.c_str());
    }
    const LayerContext context{def.exampleParams, def.exampleInputs};
    const auto shape = def.shape(context);
    QVERIFY(shape.has_value());
    QVERIFY(shape->isKnown() && shape->count() > 0);
}

void TestLayerSweep::argumentsRoundTrip() {
    QFETCH(QByteArray, type);
    const LayerDef& def = definition(type);
    for (const ParamSpec& spec : def.params) {
        if (spec.choices.size() == 1) {
            continue; // Keras allows one value only: there is no other.
        }
        const ParamValue other = tests::otherValue(spec);
        const auto set = withParam({}, def.params, spec.name, other);
        QVERIFY2(set.has_value(), spec.name.c_str());
        QVERIFY2(paramValue(*set, spec) == other, spec.name.c_str());
        QVERIFY(paramValue(*set, spec) != spec.defaultValue);
        const auto reset = withParam(*set, def.params, spec.name, spec.defaultValue);
        QVERIFY2(reset.has_value() && reset->empty(), spec.name.c_str());
        for (const ParamValue& value : {other, spec.defaultValue}) {
            const auto read = parsedValue(spec, pythonText(value));
            QVERIFY2(read.has_value() && *read == value, pythonText(value).c_str());
        }
    }
}

void TestLayerSweep::refusesWrongArgumentsByName() {
    QFETCH(QByteArray, type);
    const LayerDef& def = definition(type);
    for (const ParamSpec& spec : def.params) {
        for (const ParamValue& value : tests::wrongValues(spec)) {
            const auto checked = checkedValue(spec, value);
            const std::string what = spec.name + " = " + pythonText(value);
            QVERIFY2(!checked.has_value(), what.c_str());
            QVERIFY2(checked.error().message.find(spec.name) != std::string::npos,
                     checked.error().message.c_str());
        }
    }
}

void TestLayerSweep::countsItsWeights() {
    QFETCH(QByteArray, type);
    const LayerDef& def = definition(type);
    Graph graph;
    const NodeId target = static_cast<NodeId>(def.exampleInputs.size()) + 1;
    for (const Shape& shape : def.exampleInputs) {
        graph = apply(graph, AddNode{std::string(kInputType), {}, {{"shape", shape.extents()}}})
                    .value();
    }
    graph = apply(graph, AddNode{def.type, "", def.exampleParams}).value();
    for (NodeId id = 1; id < target; ++id) {
        graph = apply(graph, Connect{id, target, static_cast<int>(id) - 1}).value();
    }
    const Inference inference = infer(graph);
    QVERIFY(inference.isRunnable());
    const NodeInference& known = *inference.find(target);
    std::int64_t trainable = 0;
    std::int64_t fixed = 0;
    for (const WeightSpec& spec : known.weights) {
        (spec.trainable ? trainable : fixed) += spec.shape.count();
        QVERIFY(checkedObject(kInitializers, spec.initializer) == spec.initializer);
    }
    QCOMPARE(known.trainableParams, trainable);
    QCOMPARE(known.nonTrainableParams, fixed);
    const auto network = Network::compile(graph, inference);
    QVERIFY2(network.has_value(), network ? "" : network.error().message.c_str());
    std::int64_t made = 0;
    for (const Tensor& tensor : initialWeights((*network)->variables(), 1).tensors) {
        made += tensor.size();
    }
    QCOMPARE(made, trainable + fixed);
}

void TestLayerSweep::writesTheInferredShape() {
    QFETCH(QByteArray, type);
    Parallel parallel(1);
    tests::LayerCase layer = tests::exampleCase(definition(type), 3);
    tests::runLayer(layer, parallel);
    QVERIFY(!hasNan(layer.output));
    for (const auto& gradients : {layer.inputGradients, layer.weightGradients}) {
        for (const std::vector<float>& gradient : gradients) {
            QVERIFY(!hasNan(gradient));
        }
    }
}

void TestLayerSweep::agreesWithTheReference() {
    QFETCH(QByteArray, type);
    Parallel parallel(1);
    for (const Phase phase : {Phase::Inference, Phase::Training}) {
        tests::LayerCase layer = tests::exampleCase(definition(type), 2);
        layer.run.phase = phase;
        tests::runLayer(layer, parallel);
        for (const tests::LayerError& error : tests::layerErrors(layer)) {
            QVERIFY2(error.error <= 1e-6, error.what.c_str());
        }
    }
}

void TestLayerSweep::rowOfABatchIsTheRowAlone() {
    QFETCH(QByteArray, type);
    const LayerDef& def = definition(type);
    Parallel parallel(2);
    for (const Phase phase : {Phase::Inference, Phase::Training}) {
        if (phase == Phase::Training && def.mixesBatch) {
            continue;
        }
        tests::LayerCase batch = tests::exampleCase(def, 5);
        batch.run.phase = phase;
        tests::runLayer(batch, parallel);
        for (std::int64_t row = 0; row < 5; ++row) {
            tests::LayerCase alone = tests::rowOf(batch, row);
            tests::runLayer(alone, parallel);
            const auto length = static_cast<std::ptrdiff_t>(alone.output.size());
            const auto begin = batch.output.begin() + row * length;
            // Equal but for rounding: a kernel may sum a few rows in another order.
            QVERIFY(reference::normError(alone.output, {begin, begin + length}) <= 1e-6);
        }
    }
}

void TestLayerSweep::sameForAnyNumberOfThreads() {
    QFETCH(QByteArray, type);
    tests::LayerCase first = tests::exampleCase(definition(type), 7);
    Parallel one(1);
    tests::runLayer(first, one);
    for (const int threads : {1, 2, 4}) {
        Parallel parallel(threads);
        tests::LayerCase again = tests::exampleCase(definition(type), 7);
        tests::runLayer(again, parallel);
        QVERIFY(sameResults(first, again));
    }
}

void TestLayerSweep::answersForAnyInputShape() {
    QFETCH(QByteArray, type);
    const LayerDef& def = definition(type);
    // Whatever it is given, a definition answers with a shape or a message, never with a crash.
    const std::vector<Shape> shapes{{},
                                    {1},
                                    {kUnknown},
                                    {3, 4},
                                    {1, 1, 1},
                                    {kUnknown, kUnknown, 3},
                                    {2, 3, kUnknown},
                                    {2, 3, 4, 5},
                                    {1'048'576, 1'048'576, 1'048'576}};
    for (const Shape& shape : shapes) {
        const std::vector<Shape> inputs(static_cast<std::size_t>(def.arity.min), shape);
        const LayerContext context{def.exampleParams, inputs};
        const auto output = def.shape(context);
        if (!output) {
            QVERIFY2(output.error().message.find(def.type) != std::string::npos,
                     output.error().message.c_str());
            QVERIFY(output.error().param.empty() || findSpec(def.params, output.error().param));
            continue;
        }
        const LayerCost cost = def.cost(context, *output);
        QVERIFY(cost.macs >= 0 && cost.otherOperations >= 0 && cost.savedBytes >= 0);
        for (const WeightSpec& spec : def.weights(context)) {
            QVERIFY(spec.shape.isKnown());
        }
        static_cast<void>(def.window(context));
    }
}

QTEST_APPLESS_MAIN(TestLayerSweep)
#include "tst_layer_sweep.moc"
