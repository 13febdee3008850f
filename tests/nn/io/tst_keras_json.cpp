#include "nn/io/keras_json.h"

#include "nn/model/infer.h"
#include "tests/support/oracle.h"
#include "tests/support/text_graph.h"

#include <QTest>

using namespace nn;
using io::Json;
using tests::graph;

namespace {

const std::string kInput = R"({"class_name":"InputLayer","config":{"batch_shape":[null,8,8,1],
    "dtype":"float32","name":"in"},"name":"in","inbound_nodes":[]})";

/// A layer of a Functional model that reads one other.
std::string layer(const std::string& type, const std::string& name, const std::string& source,
                  const std::string& config = {}) {
    return R"({"class_name":")" + type + R"(","config":{"name":")" + name + "\"" +
           (config.empty() ? "" : "," + config) + R"(},"name":")" + name +
           R"(","inbound_nodes":[{"args":[{"class_name":"__keras_tensor__","config":{)"
           R"("keras_history":[")" +
           source + R"(",0,0]}}],"kwargs":{}}]})";
}

std::string functional(const std::string& layers, const std::string& output) {
    return R"({"class_name":"Functional","config":{"name":"net","layers":[)" + layers +
           R"(],"input_layers":[["in",0,0]],"output_layers":[[")" + output + R"(",0,0]]}})";
}

std::string sequential(const std::string& layers) {
    return R"({"class_name":"Sequential","config":{"name":"net","layers":[)" + layers + "]}}";
}

QString refusal(const std::string& text) {
    const auto model = io::modelFromKerasJson(text);
    return model ? QString("accepted") : QString::fromStdString(model.error().message);
}

} // namespace

class KerasJsonTest : public QObject {
    Q_OBJECT

private slots:
    void readsAllArguments();
    void readsObjectsWithArguments();
    void readsEveryOracleModelThatItKnows();
    void readsKeras2();
    void readsKeras2Functional();
    void readsOldForms();
    void keepsFrozenLayers();
    void refusesCycles();
    void refusesLayersThatReadThemselves();
    void namesAllUnknownLayersAtOnce();
    void refusesWhatItCannotDo_data();
    void refusesWhatItCannotDo();
    void refusesBrokenFiles_data();
    void refusesBrokenFiles();
    void refusesEndsThatAreNoOutputs();
    void readsSharedLayersAndModelsInside();
    void countsCallsOfModelsAsKerasDoes();
    void keepsTheOrderOfInputsAndOutputs();
    void callsWhileTrainingAreRefusedInKeras2();
    void movesChannelsLast();
    void refusesChannelsFirstWhereTheOrderMatters_data();
    void refusesChannelsFirstWhereTheOrderMatters();
    void refusesModelsTooDeepInside();
    void unknownKeysAreWarnings();
    void everyChangedByteIsSurvived();
};

void KerasJsonTest::readsAllArguments() {
    const std::string conv =
        R"({"class_name":"Conv2D","config":{"name":"c","filters":6,"kernel_size":[5,3],
        "strides":[2,1],"padding":"same","data_format":"channels_last","dilation_rate":[1,1],
        "groups":1,"activation":"relu","use_bias":false,"kernel_initializer":{"module":
        "keras.initializers","class_name":"HeNormal","config":{"seed":null},"registered_name":null},
        "bias_initializer":{"class_name":"Zeros","config":{}},"kernel_regularizer":null}})";
    const auto model = io::modelFromKerasJson(sequential(kInput + "," + conv));
    QVERIFY2(model.has_value(), model ? "" : model.error().message.c_str());
    const Graph expected = graph("in: 8x8x1 -> c: Conv2D(6, kernel_size=(5, 3), strides=(2, 1), "
                                 "padding=same, activation=relu, use_bias=false, "
                                 "kernel_initializer=he_normal)");
    QVERIFY(model->graph.nodes == expected.nodes);
    QVERIFY(model->graph.edges == expected.edges);
    QCOMPARE(model->graph.name, std::string("net"));
    QVERIFY(model->warnings.empty());
}

void KerasJsonTest::readsObjectsWithArguments() {
    const std::string conv =
        R"({"class_name":"Conv2D","config":{"name":"c","filters":6,"kernel_size":3,
        "kernel_initializer":{"class_name":"VarianceScaling","config":{"scale":0.5,
        "mode":"fan_out","distribution":"normal","seed":null,"dtype":"float32"}},
        "bias_initializer":{"class_name":"Constant","config":{"value":1}},
        "kernel_regularizer":{"module":"keras.regularizers","class_name":"L2",
        "config":{"l2":0.125},"registered_name":null},"bias_regularizer":"l1",
        "activity_regularizer":null,"kernel_constraint":{"class_name":"MaxNorm",
        "config":{"max_value":3,"axis":[0,1,2]}}}})";
    const auto model = io::modelFromKerasJson(sequential(kInput + "," + conv));
    QVERIFY2(model.has_value(), model ? "" : model.error().message.c_str());
    const Graph expected =
        graph("in: 8x8x1 -> c: Conv2D(6, kernel_initializer=VarianceScaling(0.5, fan_out), "
              "bias_initializer=Constant(1), kernel_regularizer=L2(0.125), bias_regularizer=l1, "
              "kernel_constraint=MaxNorm(3, axis=(0, 1, 2)))");
    QVERIFY(model->graph.nodes == expected.nodes);
    QVERIFY(model->warnings.empty());
}

void KerasJsonTest::readsEveryOracleModelThatItKnows() {
    for (const char* folder : {"forward", "train"}) {
        const tests::OracleCounts counts =
            tests::runOracle(folder, [](const tests::OracleCase& each) {
                const auto model = io::modelFromKeras(each.modelJson());
                if (!model) {
                    return tests::refusal(model.error());
                }
                const Inference inference = infer(model->graph);
                for (const Diagnostic& diagnostic : inference.diagnostics) {
                    if (diagnostic.severity == Severity::Error) {
                        return tests::failed(diagnostic.message);
                    }
                }
                for (const Json& layer : each.description["layers"]) {
                    const Node* node = findNode(model->graph, layer["name"].get<std::string>());
                    const NodeInference* facts = node ? inference.find(node->id) : nullptr;
                    if (facts == nullptr || facts->trainableParams + facts->nonTrainableParams !=
                                                layer["params"].get<std::int64_t>()) {
                        return tests::failed("parameters of " + layer["name"].dump());
                    }
                }
                return tests::passed();
            });
        QVERIFY(counts.passed > 0);
        QCOMPARE(counts.failed, 0);
    }
}

void KerasJsonTest::readsKeras2() {
    const std::string text = R"({"class_name":"Sequential","config":{"name":"sequential","layers":[
        {"class_name":"InputLayer","config":{"batch_input_shape":[null,28,28,1],"dtype":"float32",
         "sparse":false,"ragged":false,"name":"input_1"}},
        {"class_name":"Conv2D","config":{"name":"conv2d","trainable":true,"dtype":"float32",
         "filters":8,"kernel_size":[3,3],"activation":"relu","kernel_initializer":{"class_name":
         "GlorotUniform","config":{"seed":null}}}},
        {"class_name":"BatchNormalization","config":{"name":"bn","axis":[3],"fused":true}}]},
        "keras_version":"2.15.0","backend":"tensorflow"})";
    const auto model = io::modelFromKerasJson(text);
    QVERIFY2(model.has_value(), model ? "" : model.error().message.c_str());
    const Inference inference = infer(model->graph);
    QVERIFY(inference.isRunnable());
    QCOMPARE(*inference.find(inference.outputs[0])->output, (Shape{26, 26, 8}));
}

void KerasJsonTest::readsKeras2Functional() {
    const std::string text = R"({"class_name":"Model","config":{"name":"model","layers":[
        {"class_name":"InputLayer","config":{"batch_input_shape":[null,8,8,1],"name":"in"},
         "name":"in","inbound_nodes":[]},
        {"class_name":"Activation","config":{"name":"a","activation":"tanh"},"name":"a",
         "inbound_nodes":[[["in",0,0,{}]]]},
        {"class_name":"Add","config":{"name":"s"},"name":"s",
         "inbound_nodes":[[["a",0,0,{}],["in",0,0,{}]]]}],
        "input_layers":[["in",0,0]],"output_layers":[["s",0,0]]}})";
    const auto model = io::modelFromKerasJson(text);
    QVERIFY2(model.has_value(), model ? "" : model.error().message.c_str());
    const Graph& net = model->graph;
    QCOMPARE(inputsOf(net, tests::node(net, "s")),
             (std::vector<NodeId>{tests::node(net, "a"), tests::node(net, "in")}));
    QCOMPARE(net.kind, GraphKind::Functional);
}

void KerasJsonTest::readsOldForms() {
    // The shape at the first layer, the layers as the config itself, a function as activation.
    const std::string text = R"({"class_name":"Sequential","config":[
        {"class_name":"Dense","config":{"name":"d","units":3,"batch_input_shape":[null,5],
         "activation":{"module":"builtins","class_name":"function","config":"relu",
         "registered_name":"relu"}}}]})";
    const auto model = io::modelFromKerasJson(text);
    QVERIFY2(model.has_value(), model ? "" : model.error().message.c_str());
    QVERIFY(model->graph.nodes == graph("5 -> d: Dense(3, activation=relu)").nodes);
}

void KerasJsonTest::keepsFrozenLayers() {
    const auto model = io::modelFromKerasJson(sequential(
        kInput + R"(,{"class_name":"Flatten","config":{"name":"f","trainable":false}})"));
    QVERIFY(model.has_value());
    QVERIFY(!findNode(model->graph, "f")->trainable);
}

void KerasJsonTest::refusesCycles() {
    const QString message =
        refusal(functional(kInput + "," + layer("Flatten", "a", "c") + "," +
                               layer("Flatten", "b", "a") + "," + layer("Flatten", "c", "b"),
                           "c"));
    QVERIFY2(message.contains("circle: 'a', 'b', 'c'"), qPrintable(message));
}

void KerasJsonTest::refusesLayersThatReadThemselves() {
    const QString message = refusal(functional(kInput + "," + layer("Flatten", "a", "a"), "a"));
    QVERIFY2(message.contains("circle"), qPrintable(message));
}

void KerasJsonTest::namesAllUnknownLayersAtOnce() {
    const QString message = refusal(sequential(
        kInput +
        R"(,{"class_name":"Lambda","config":{"name":"evil","function":"exit"}},)"
        R"({"class_name":"Conv7D","config":{"name":"odd"}},)"
        R"({"class_name":"Sequential","config":{"name":"inner","layers":[)"
        R"({"class_name":"Strange","config":{"name":"deep"}}]}},)"
        R"({"class_name":"Add","module":"keras.src.ops.numpy","config":{"name":"sum"}},)"
        R"({"class_name":"Dense","registered_name":"mine>Dense","config":{"name":"own"}})"));
    for (const char* part :
         {"'evil' (Lambda, which holds Python code)", "'odd' (Conv7D)", "'inner/deep' (Strange)",
          "'sum' (Add, an operation", "'own' (Dense)", "nothing of the file was run"}) {
        QVERIFY2(message.contains(part), qPrintable(message));
    }
}

void KerasJsonTest::refusesWhatItCannotDo_data() {
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("value");
    QTest::newRow("regularizer") << "kernel_regularizer"
                                 << R"({"class_name":"MyRegularizer","config":{}})";
    QTest::newRow("constraint") << "bias_constraint"
                                << R"({"class_name":"function","config":"my_function"})";
    QTest::newRow("half precision") << "dtype"
                                    << R"("float16")";
    QTest::newRow("mixed policy")
        << "dtype"
        << R"({"class_name":"DTypePolicy","config":{"name":"mixed_float16"}})";
    QTest::newRow("initializer") << "kernel_initializer"
                                 << R"({"class_name":"Magic","config":{}})";
    QTest::newRow("initializer's argument")
        << "kernel_initializer"
        << R"({"class_name":"RandomNormal","config":{"skew":0.01}})";
    QTest::newRow("function of another module")
        << "activation"
        << R"({"class_name":"function","config":"my_function"})";
    QTest::newRow("code") << "activation"
                          << R"({"class_name":"__lambda__","config":{"value":"4wE"}})";
}

void KerasJsonTest::refusesWhatItCannotDo() {
    QFETCH(QString, key);
    QFETCH(QString, value);
    const std::string config =
        R"("filters":4,"kernel_size":3,")" + key.toStdString() + "\":" + value.toStdString();
    const QString message =
        refusal(functional(kInput + "," + layer("Conv2D", "c", "in", config), "c"));
    QVERIFY2(message.contains("'c'"), qPrintable(message));
    QVERIFY2(message.contains(key), qPrintable(message));
}

void KerasJsonTest::refusesBrokenFiles_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("reason");
    const auto row = [](const char* name, const std::string& text, const char* reason) {
        QTest::newRow(name) << QString::fromStdString(text) << reason;
    };
    const std::string& input = kInput;
    row("no JSON", "keras", "JSON");
    row("a list", "[1, 2]", "class_name");
    row("no config", R"({"class_name":"Sequential"})", "config");
    row("another class", R"({"class_name":"Subclassed","config":{}})", "Subclassed");
    row("layers missing", R"({"class_name":"Sequential","config":{}})", "layers");
    row("layers a number", R"({"class_name":"Sequential","config":{"layers":3}})", "layers");
    row("layer a text", sequential(R"("Conv2D")"), "class_name");
    row("filters missing", sequential(input + R"(,{"class_name":"Conv2D","config":{"name":"c"}})"),
        "filters");
    row("filters 0",
        sequential(input + R"(,{"class_name":"Conv2D","config":{"filters":0,"kernel_size":3}})"),
        "filters");
    row("filters huge",
        sequential(input + R"(,{"class_name":"Dense","config":{"units":1000000000000}})"), "units");
    row("kernel of three",
        sequential(input +
                   R"(,{"class_name":"Conv2D","config":{"filters":1,"kernel_size":[3,3,3]}})"),
        "kernel_size");
    row("name twice", sequential(input + R"(,{"class_name":"Flatten","config":{"name":"in"}})"),
        "in");
    row("input in the middle",
        sequential(R"({"class_name":"Flatten","config":{"name":"f"}},)" + input), "Input");
    row("no batch shape", sequential(R"({"class_name":"InputLayer","config":{"name":"in"}})"),
        "batch_shape");
    row("batch shape a number",
        sequential(R"({"class_name":"InputLayer","config":{"batch_shape":3}})"), "batch_shape");
    row("unknown source", functional(input + "," + layer("Flatten", "f", "ghost"), "f"), "ghost");
    row("no inbound nodes",
        functional(input + R"(,{"class_name":"Flatten","config":{"name":"f"}})", "f"),
        "inbound_nodes");
    row("odd inbound nodes",
        functional(
            input +
                R"(,{"class_name":"Flatten","config":{"name":"f"},"inbound_nodes":[{"args":[3]}]})",
            "f"),
        "inbound_nodes");
    row("unknown output", functional(input, "ghost"), "output_layers");
    row("inbound nodes a number",
        functional(input + R"(,{"class_name":"Flatten","config":{"name":"f"},"inbound_nodes":3})",
                   "f"),
        "inbound_nodes");
}

void KerasJsonTest::refusesBrokenFiles() {
    QFETCH(QString, text);
    QFETCH(QString, reason);
    const QString message = refusal(text.toStdString());
    QVERIFY2(message != "accepted" && message.contains(reason), qPrintable(message));
}

void KerasJsonTest::refusesEndsThatAreNoOutputs() {
    const QString message = refusal(functional(
        kInput + "," + layer("Flatten", "a", "in") + "," + layer("Flatten", "b", "a"), "a"));
    QVERIFY2(message.contains("'b' is read by no other"), qPrintable(message));
}

void KerasJsonTest::readsSharedLayersAndModelsInside() {
    const std::string tower = R"({"class_name":"Sequential","config":{"name":"tower","layers":[)" +
                              kInput +
                              R"(,{"class_name":"Flatten","config":{"name":"f"}},
        {"class_name":"Dense","config":{"name":"d","units":3,"trainable":false}}]},
        "inbound_nodes":[{"args":[{"config":{"keras_history":["in",0,0]}}],"kwargs":{}},
        {"args":[{"config":{"keras_history":["a",0,0]}}],"kwargs":{}}]})";
    const std::string sum = R"({"class_name":"Add","config":{"name":"s"},"inbound_nodes":[{"args":
        [[{"config":{"keras_history":["tower",0,0]}},{"config":{"keras_history":["tower",1,0]}}]],
        "kwargs":{}}]})";
    const auto model = io::modelFromKerasJson(
        functional(kInput + "," + layer("Activation", "a", "in", R"("activation":"relu")") + "," +
                       tower + "," + sum,
                   "s"));
    QVERIFY2(model.has_value(), model ? "" : model.error().message.c_str());
    const Graph& net = model->graph;
    const Node* call = findNode(net, "tower[1]");
    QVERIFY(call != nullptr && call->model && call->sharedWith == tests::node(net, "tower"));
    QCOMPARE(inputsOf(net, tests::node(net, "s")),
             (std::vector<NodeId>{tests::node(net, "tower"), call->id}));
    const Inference inference = infer(net);
    QVERIFY(inference.isRunnable());
    QCOMPARE(inference.find(tests::node(net, "tower"))->nonTrainableParams, 64 * 3 + 3);
}

void KerasJsonTest::countsCallsOfModelsAsKerasDoes() {
    // Keras 2 counts the making of a model as call 0; Keras 3 only where outputs are named.
    const std::string inside = R"("config":{"name":"m","layers":[)" + kInput +
                               R"(],"input_layers":[["in",0,0]],"output_layers":[["in",0,0]]})";
    const std::string keras2 = R"({"class_name":"Functional","config":{"name":"net","layers":[)" +
                               kInput + R"(,{"class_name":"Functional",)" + inside +
                               R"(,"inbound_nodes":[[["in",0,0,{}]]]},
        {"class_name":"Flatten","config":{"name":"f"},"inbound_nodes":[[["m",1,0,{}]]]}],
        "input_layers":[["in",0,0]],"output_layers":[["f",0,0]]}})";
    const std::string keras3 =
        R"({"class_name":"Functional","config":{"name":"net","layers":[)" + kInput +
        R"(,{"class_name":"Functional",)" + inside +
        R"(,"inbound_nodes":[{"args":[{"config":{"keras_history":["in",0,0]}}],"kwargs":{}}]}],
        "input_layers":[["in",0,0]],"output_layers":[["m",1,0]]}})";
    for (const std::string& text : {keras2, keras3}) {
        const auto model = io::modelFromKerasJson(text);
        QVERIFY2(model.has_value(), model ? "" : model.error().message.c_str());
        QVERIFY(infer(model->graph).isRunnable());
    }
}

void KerasJsonTest::keepsTheOrderOfInputsAndOutputs() {
    std::string second = kInput;
    second.replace(second.find("\"in\""), 4, "\"two\"");
    second.replace(second.find("\"in\""), 4, "\"two\"");
    const std::string layers = kInput + "," + second + "," + layer("Flatten", "a", "in") + "," +
                               layer("Flatten", "b", "two") + "," + layer("Flatten", "c", "a");
    const std::string text = R"({"class_name":"Functional","config":{"name":"net","layers":[)" +
                             layers +
                             R"(],"input_layers":[["two",0,0],["in",0,0]],
        "output_layers":[["c",0,0],["b",0,0],["a",0,0]]}})";
    const auto model = io::modelFromKerasJson(text);
    QVERIFY2(model.has_value(), model ? "" : model.error().message.c_str());
    const Inference inference = infer(model->graph);
    QCOMPARE(inference.inputs, (std::vector<NodeId>{tests::node(model->graph, "two"),
                                                    tests::node(model->graph, "in")}));
    std::vector<std::string> outputs;
    for (const NodeId id : inference.outputs) {
        outputs.push_back(findNode(model->graph, id)->name);
    }
    QCOMPARE(outputs, (std::vector<std::string>{"c", "b", "a"}));
}

void KerasJsonTest::callsWhileTrainingAreRefusedInKeras2() {
    const auto text = [](const char* call) {
        return functional(kInput + R"(,{"class_name":"Dropout","config":{"name":"d","rate":0.5},
            "inbound_nodes":[)" +
                              call + "]}",
                          "d");
    };
    const QString message = refusal(text(R"([["in",0,0,{"training":true}]])"));
    QVERIFY2(message.contains("training=True"), qPrintable(message));
    // Keras 3 only notes what the argument was when the model was made.
    QCOMPARE(refusal(text(R"({"args":[{"config":{"keras_history":["in",0,0]}}],
        "kwargs":{"training":false}})")),
             QString("accepted"));
    QVERIFY(refusal(text(R"({"args":[{"config":{"keras_history":["in",0,0]}}],
        "kwargs":{"mask":{"config":{"keras_history":["in",0,0]}}}})"))
                .contains("'mask'"));
}

void KerasJsonTest::movesChannelsLast() {
    const std::string first = R"("data_format":"channels_first")";
    const auto model = io::modelFromKerasJson(sequential(
        R"({"class_name":"InputLayer","config":{"batch_shape":[null,3,10,12],"name":"in"}},)"
        R"({"class_name":"Conv2D","config":{"name":"c","filters":4,"kernel_size":[3,5],)" +
        first +
        R"(}},{"class_name":"BatchNormalization","config":{"name":"b","axis":1}},)"
        R"({"class_name":"MaxPooling2D","config":{"name":"p","pool_size":2,)" +
        first + R"(}},{"class_name":"Flatten","config":{"name":"f",)" + first +
        R"(}},{"class_name":"Dense","config":{"name":"d","units":2}})"));
    QVERIFY2(model.has_value(), model ? "" : model.error().message.c_str());
    const Graph expected = graph("in: 10x12x3 -> c: Conv2D(4, kernel_size=(3, 5)) -> "
                                 "b: BatchNormalization -> p: MaxPooling2D(2) -> f: Flatten -> "
                                 "d: Dense(2)");
    for (std::size_t i = 0; i < expected.nodes.size(); ++i) {
        QVERIFY2(model->graph.nodes[i] == expected.nodes[i], expected.nodes[i].name.c_str());
    }
}

void KerasJsonTest::refusesChannelsFirstWhereTheOrderMatters_data() {
    QTest::addColumn<QString>("layer");
    QTest::newRow("Dense on an image")
        << R"({"class_name":"Dense","config":{"name":"x","units":2}})";
    QTest::newRow("pooling the other way")
        << R"({"class_name":"MaxPooling2D","config":{"name":"x","data_format":"channels_last"}})";
    QTest::newRow("softmax along the width")
        << R"({"class_name":"Activation","config":{"name":"x","activation":"softmax"}})";
    QTest::newRow("Flatten the other way") << R"({"class_name":"Flatten","config":{"name":"x"}})";
}

void KerasJsonTest::refusesChannelsFirstWhereTheOrderMatters() {
    QFETCH(QString, layer);
    const QString message = refusal(
        sequential(kInput +
                   R"(,{"class_name":"Conv2D","config":{"name":"c","filters":4,"kernel_size":3,)"
                   R"("data_format":"channels_first"}},)" +
                   layer.toStdString()));
    QVERIFY2(message.contains("'x'") && message.contains("channels_last"), qPrintable(message));
}

void KerasJsonTest::refusesModelsTooDeepInside() {
    std::string model = R"({"class_name":"Flatten","config":{"name":"f"}})";
    for (int i = 0; i < 18; ++i) {
        model = R"({"class_name":"Sequential","config":{"name":"m","layers":[)" + model + "]}}";
    }
    QVERIFY(refusal(model).contains("deep"));
}

void KerasJsonTest::unknownKeysAreWarnings() {
    const auto model = io::modelFromKerasJson(
        functional(kInput + "," + layer("Flatten", "a", "in", R"("novelty":7)"), "a"));
    QVERIFY(model.has_value());
    QCOMPARE(model->warnings.size(), std::size_t{1});
    QVERIFY(model->warnings[0].find("novelty") != std::string::npos);
}

void KerasJsonTest::everyChangedByteIsSurvived() {
    const std::string text = functional(
        kInput + "," + layer("Conv2D", "c", "in", R"("filters":4,"kernel_size":[3,3])"), "c");
    int refused = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        for (const char replacement : {'0', '-', '"', ']', '}', 'n'}) {
            std::string broken = text;
            broken[i] = replacement;
            refused += io::modelFromKerasJson(broken) ? 0 : 1;
        }
        refused += io::modelFromKerasJson(text.substr(0, i)) ? 0 : 1;
    }
    QVERIFY(refused > static_cast<int>(text.size()));
}

QTEST_APPLESS_MAIN(KerasJsonTest)
#include "tst_keras_json.moc"
