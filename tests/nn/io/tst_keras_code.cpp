#include "nn/io/json.h"
#include "nn/io/keras_code.h"
#include "nn/model/edit.h"
#include "nn/model/infer.h"
#include "nn/model/registry.h"
#include "nn/model/templates.h"
#include "nn/train/callback.h"
#include "nn/train/loss.h"
#include "nn/train/metric.h"
#include "nn/train/optimizer.h"
#include "tests/support/text_graph.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

namespace {

nn::io::Json namesOf(const nn::Graph& graph, const std::vector<nn::NodeId>& ids) {
    nn::io::Json names = nn::io::Json::array();
    for (const nn::NodeId id : ids) {
        names.push_back(nn::findNode(graph, id)->name);
    }
    return names;
}

/// What the program must build, as tests/support/check_keras_code.py reads it.
nn::io::Json expectedModel(const nn::Graph& graph) {
    using nn::io::Json;
    const nn::Inference inference = nn::infer(graph);
    Json model = {{"name", nn::modelName(graph)},
                  {"inputs", namesOf(graph, inference.inputs)},
                  {"outputs", namesOf(graph, inference.outputs)},
                  {"layers", Json::array()}};
    for (const nn::Node& node : graph.nodes) {
        Json config = nn::io::toJson(node.params, nn::findLayerDef(node.type)->params);
        if (!node.trainable && !inference.find(node.id)->weights.empty()) {
            config["trainable"] = false;
        }
        model["layers"].push_back({{"class_name", node.type},
                                   {"name", node.name},
                                   {"config", config},
                                   {"inputs", namesOf(graph, nn::inputsOf(graph, node.id))}});
    }
    return model;
}

QString python(const QStringList& arguments) {
    QProcess process;
    // Isolated and without site packages it starts sooner.
    process.start(QStringLiteral("python3"),
                  QStringList{QStringLiteral("-I"), QStringLiteral("-S")} + arguments);
    if (!process.waitForFinished() || process.exitCode() != 0) {
        return QStringLiteral("python3 %1: %2%3%4")
            .arg(arguments.join(u' '), process.errorString(),
                 QString::fromUtf8(process.readAllStandardOutput()),
                 QString::fromUtf8(process.readAllStandardError()));
    }
    return {};
}

void write(const QString& path, const std::string& text) {
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(text.data(), static_cast<qint64>(text.size()));
}

/// What Python finds wrong with the program, which must build this graph; empty: nothing.
QString complaint(const nn::Project& project, const nn::Graph& graph) {
    const QTemporaryDir folder;
    const QString program = folder.filePath("program.py");
    const QString expected = folder.filePath("expected.json");
    write(program, nn::io::kerasCode(project));
    write(expected, expectedModel(graph).dump());
    const QDir sources(qEnvironmentVariable("RECEPTIVE_SOURCE_DIR"));
    const QDir data(qEnvironmentVariable("RECEPTIVE_TEST_DATA"));
    return python({sources.filePath("tests/support/check_keras_code.py"), program, expected,
                   data.filePath("keras_api/signatures.txt")});
}

nn::Project projectOf(nn::Graph graph) {
    nn::Project project;
    project.graph = std::make_shared<const nn::Graph>(std::move(graph));
    return project;
}

QString complaint(const nn::Project& project) {
    return complaint(project, *project.graph);
}

bool says(const nn::Project& project, const char* text) {
    return nn::io::kerasCode(project).find(text) != std::string::npos;
}

} // namespace

class KerasCodeTest : public QObject {
    Q_OBJECT

private slots:
    void templatesGiveTheSameModel_data() {
        QTest::addColumn<QString>("name");
        for (const nn::Template& entry : nn::templates()) {
            QTest::newRow(entry.name.c_str()) << QString::fromStdString(entry.name);
        }
    }
    void templatesGiveTheSameModel() {
        QFETCH(const QString, name);
        const nn::Template& entry = *nn::findTemplate(name.toStdString());
        nn::Project project = projectOf(nn::templateGraph(entry));
        project.training.optimizer = entry.optimizer;
        project.training.optimizerParams = entry.optimizerParams;
        project.data.source = entry.data;
        const QString wrong = complaint(project);
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
    }

    void everyLayerGivesTheSameModel_data() {
        QTest::addColumn<QString>("type");
        for (const nn::LayerDef& def : nn::layerDefs()) {
            QTest::newRow(def.type.c_str()) << QString::fromStdString(def.type);
        }
    }
    void everyLayerGivesTheSameModel() {
        QFETCH(const QString, type);
        const nn::LayerDef& def = *nn::findLayerDef(type.toStdString());
        nn::Graph graph;
        graph.kind = nn::GraphKind::Functional;
        for (const nn::Shape& shape : def.exampleInputs) {
            nn::Node input{graph.nextId++, std::string(nn::kInputType)};
            input.name = nn::freeName(graph, input.type);
            input.params["shape"] =
                std::vector<std::int64_t>(shape.extents().begin(), shape.extents().end());
            graph.edges.push_back({input.id, static_cast<nn::NodeId>(def.exampleInputs.size()) + 1,
                                   static_cast<int>(graph.nodes.size())});
            graph.nodes.push_back(input);
        }
        nn::Node node{graph.nextId++, def.type};
        node.name = nn::freeName(graph, def.type);
        node.params = def.exampleParams;
        graph.nodes.push_back(node);
        const QString wrong = complaint(projectOf(std::move(graph)));
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
    }

    void checkNoticesWhatDiffers() {
        const char* const other[] = {
            "8x8x1 -> Conv2D(2, 3) -> Flatten -> Dense(9)",
            "8x8x2 -> Conv2D(2, 3) -> Flatten -> Dense(10)",
            "8x8x1 -> Conv2D(2, 3, padding=same) -> Flatten -> Dense(10)",
            "8x8x1 -> Conv2D(2, 3) -> Flatten -> Dropout(0.5) -> Dense(10)",
        };
        const nn::Project project =
            projectOf(tests::graph("8x8x1 -> Conv2D(2, 3) -> Flatten -> Dense(10)"));
        for (const char* text : other) {
            QVERIFY2(!complaint(project, tests::graph(text)).isEmpty(), text);
        }
    }

    void namesThatPythonCannotHaveAreKeptAsText() {
        nn::Graph graph = tests::graph("8x8x1 -> Conv2D(2, 3) -> Flatten -> Dense(10)");
        graph.kind = nn::GraphKind::Functional;
        graph.nodes[1].name = "it's 1st \\ \"conv\"";
        graph.nodes[2].name = "lambda";
        graph.nodes[3].name = "keras";
        graph.nodes[1].trainable = false;
        const QString wrong = complaint(projectOf(std::move(graph)));
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
    }

    void settingsAreWrittenAsKerasSpellsThem() {
        nn::Project project =
            projectOf(tests::graph("28x28x1 -> Flatten -> Dense(10, activation=softmax)"));
        project.training.optimizer = "SGD";
        project.training.optimizerParams = {{"learning_rate", 1.0}, {"momentum", 0.9}};
        project.training.loss = "categorical_crossentropy";
        project.training.lossParams = {{"label_smoothing", 0.1}};
        project.training.batchSize = 64;
        project.training.epochs = 3;
        project.training.validationSplit = 0.25;
        project.training.shuffle = false;
        QVERIFY(says(project, "keras.optimizers.SGD(learning_rate=1.0, momentum=0.9)"));
        QVERIFY(says(project, "keras.losses.CategoricalCrossentropy(label_smoothing=0.1)"));
        QVERIFY(says(project, "keras.utils.to_categorical(y_train, 10)"));
        QVERIFY(says(project, "batch_size=64"));
        QVERIFY(says(project, "epochs=3"));
        QVERIFY(says(project, "validation_split=0.25"));
        QVERIFY(says(project, "shuffle=False"));
        QCOMPARE(complaint(project), QString());
    }

    void metricsCallbacksAndWeightsAreWritten() {
        nn::Project project =
            projectOf(tests::graph("28x28x1 -> Flatten -> Dense(3, activation=softmax)"));
        const auto callback = [](const char* text) {
            return *nn::parsedObject(nn::callbackFamily(), text);
        };
        project.training.metrics = {*nn::parsedMetric("accuracy"),
                                    *nn::parsedMetric("SparseTopKCategoricalAccuracy(k=2)")};
        project.training.callbacks = {
            callback("EarlyStopping(monitor=val_accuracy, patience=3)"),
            callback("ModelCheckpoint('best/{epoch:02d}.receptive', save_freq=100)"),
            callback("BackupAndRestore('backup', save_freq=50)"),
            callback("LearningRateScheduler(ExponentialDecay(0.1, 2, 0.5))"),
            callback("CSVLogger('log.csv')"),
            callback("TerminateOnNaN()"),
            callback("ReduceLROnPlateau(factor=0.5)"),
            callback("SwapEMAWeights()")};
        project.training.classWeights = {{1, 2.5}};
        QVERIFY(says(project, "metrics=['accuracy', "
                              "keras.metrics.SparseTopKCategoricalAccuracy(k=2)]"));
        QVERIFY(says(project, "keras.callbacks.EarlyStopping(monitor='val_accuracy', patience=3)"));
        QVERIFY(says(project, "filepath='best/{epoch:02d}.keras'"));
        QVERIFY(says(project, "save_freq=100"));
        QVERIFY(says(project, "BackupAndRestore(backup_dir='backup', save_freq=50)"));
        QVERIFY(says(project, "lambda epoch: float("));
        QVERIFY(says(project, "class_weight={0: 1.0, 1: 2.5, 2: 1.0}"));
        QCOMPARE(complaint(project), QString());
    }

    void everyCallbackMetricLossAndOptimizerIsOfKeras() {
        nn::Project project =
            projectOf(tests::graph("28x28x1 -> Flatten -> Dense(3, activation=softmax)"));
        project.training.metrics.clear();
        for (const nn::ObjectDef& def : nn::metricFamily().defs()) {
            project.training.metrics.push_back(nn::defaultObject(def));
        }
        for (const nn::ObjectDef& def : nn::callbackFamily().defs()) {
            project.training.callbacks.push_back(nn::defaultObject(def));
        }
        // One program for an optimizer, a schedule and a loss at a time: starting Python is slow.
        const auto& optimizers = nn::optimizerDefs();
        const auto& schedules = nn::scheduleFamily().defs();
        const auto& losses = nn::lossDefs();
        for (std::size_t i = 0; i < std::max({optimizers.size(), schedules.size(), losses.size()});
             ++i) {
            project.training.optimizer = optimizers[i % optimizers.size()].name;
            project.training.optimizerParams = {
                {"learning_rate", nn::defaultObject(schedules[i % schedules.size()])},
                {"clipnorm", 1.0}};
            project.training.loss = losses[i % losses.size()].name;
            QCOMPARE(complaint(project), QString());
        }
    }

    void excludedLayersBecomeAList() {
        nn::Project project = projectOf(tests::graph("12 -> Dense(10, activation=softmax)"));
        project.training.optimizer = "Muon";
        project.training.optimizerParams = {{"exclude_layers", std::string("dense, head")},
                                            {"exclude_from_weight_decay", std::string("bias")}};
        QVERIFY(says(project, "exclude_layers=['dense', 'head']"));
        QVERIFY(says(project, "exclude_from_weight_decay(var_names=['bias'])"));
        QCOMPARE(complaint(project), QString());
    }

    void severalOutputsHaveLossesMetricsAndTargetsByName() {
        nn::Project project = projectOf(
            tests::graph("28x28x1 -> trunk: Flatten; trunk -> one: Dense(10, activation=softmax); "
                         "trunk -> two: Dense(10, activation=softmax)"));
        project.training.outputLosses = {
            {"two", {.loss = "categorical_crossentropy", .lossParams = {}, .weight = 0.5}}};
        QVERIFY(says(project, "'one': 'sparse_categorical_crossentropy'"));
        QVERIFY(says(project, "'two': 'categorical_crossentropy'"));
        QVERIFY(says(project, "'two': 0.5"));
        QVERIFY(says(project, "'two': ['accuracy']"));
        QVERIFY(says(project, "'two': keras.utils.to_categorical(y_train, 10)"));
        QCOMPARE(complaint(project), QString());
    }

    void oneFactorIsANumber() {
        const nn::Project project = projectOf(tests::graph(
            "28x28x1 -> RandomRotation(0.25) -> RandomZoom((0.1, 0.2)) -> Flatten -> Dense(10)"));
        QVERIFY(says(project, "layers.RandomRotation(factor=0.25,"));
        QVERIFY(says(project, "height_factor=[0.1, 0.2]"));
        QCOMPARE(complaint(project), QString());
    }

    void imagesAreBroughtIntoTheInputsShape() {
        nn::Project project = projectOf(tests::graph("32x24x3 -> Flatten -> Dense(10)"));
        project.data.source = "digits";
        QVERIFY(says(project, "keras.ops.image.resize(x, (32, 24))"));
        QVERIFY(says(project, "keras.ops.repeat(x, 3, axis=-1)"));
        QVERIFY(says(project, "/ 16\n"));
        QCOMPARE(complaint(project), QString());
    }

    void otherDataAreNamedWithoutBreakingTheProgram() {
        nn::Project project = projectOf(tests::graph("12 -> Dense(10)"));
        project.data.source = "/data/a\nimport os";
        QVERIFY(says(project, "# Data. In Receptive: /data/a import os."));
        QCOMPARE(complaint(project), QString());
    }

    void brokenNetworkSaysWhy() {
        const nn::Project project = projectOf(tests::graph("8x8x1 -> Conv2D(4, 9) -> Dense(10)"));
        QVERIFY(says(project, "# This network cannot be built yet:\n#   "));
    }
};

QTEST_APPLESS_MAIN(KerasCodeTest)
#include "tst_keras_code.moc"
