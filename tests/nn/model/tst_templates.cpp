#include "nn/model/templates.h"

#include "nn/model/infer.h"
#include "nn/model/summary.h"
#include "nn/train/schedule.h"
#include "tests/support/oracle.h"

#include <QTest>
#include <set>

using namespace nn;

class TemplatesTest : public QObject {
    Q_OBJECT

private slots:
    void everyTemplateIsRunnable_data();
    void everyTemplateIsRunnable();
    void schedulesAreInNormalForm_data() { everyTemplateIsRunnable_data(); }
    void schedulesAreInNormalForm();
    void namesAreUnique();
    void countsAreThoseOfTheNetworksKnown_data();
    void countsAreThoseOfTheNetworksKnown();
    void seedNetworksPrintKerasTables_data();
    void seedNetworksPrintKerasTables();
    void residualNetworkHasSixAdditions();
};

void TemplatesTest::everyTemplateIsRunnable_data() {
    QTest::addColumn<QString>("name");
    for (const Template& entry : templates()) {
        QTest::newRow(entry.name.c_str()) << QString::fromStdString(entry.name);
    }
}

void TemplatesTest::everyTemplateIsRunnable() {
    QFETCH(QString, name);
    const Template* entry = findTemplate(name.toStdString());
    QVERIFY(entry != nullptr);
    QVERIFY(!entry->title.empty());
    QVERIFY(!entry->summary.empty());
    const Graph graph = templateGraph(*entry);
    const Inference inference = infer(graph);
    QVERIFY(inference.isRunnable());
    for (const Diagnostic& diagnostic : inference.diagnostics) {
        QVERIFY2(false, diagnostic.message.c_str());
    }
    QCOMPARE(inference.inputs.size(), std::size_t{1});
    QCOMPARE(inference.outputs.size(), std::size_t{1});
}

/// Training takes them as they are: a whole number where a real one belongs ended the window.
void TemplatesTest::schedulesAreInNormalForm() {
    QFETCH(QString, name);
    for (const auto& [param, value] : findTemplate(name.toStdString())->optimizerParams) {
        if (const auto* schedule = std::get_if<ParamObject>(&value)) {
            const auto normal = checkedObject(scheduleFamily(), *schedule);
            QVERIFY2(normal.has_value(), param.c_str());
            QVERIFY2(*normal == *schedule, param.c_str());
        }
    }
}

void TemplatesTest::namesAreUnique() {
    std::set<std::string> names;
    for (const Template& entry : templates()) {
        QVERIFY2(names.insert(entry.name).second, entry.name.c_str());
    }
    QVERIFY(findTemplate("no-such-template") == nullptr);
}

void TemplatesTest::countsAreThoseOfTheNetworksKnown_data() {
    QTest::addColumn<qint64>("params");
    // Counted by hand: kernel height × width × channels × filters + filters, layer by layer.
    QTest::newRow("seed-a") << qint64{320 + 54'090};
    QTest::newRow("lenet5") << qint64{156 + 2'416 + 48'120 + 10'164 + 850};
    QTest::newRow("mnist-cnn") << qint64{320 + 18'496 + 16'010};
    QTest::newRow("cifar-vgg") << qint64{896 + 9'248 + 18'496 + 36'928 + 1'180'160 + 5'130};
    QTest::newRow("seed-b") << qint64{4'864 + 73'856 + 115'201'000};
    QTest::newRow("seed-c") << qint64{896 + 18'496 + 73'856 + 295'168 + 975'438'848 + 10'250};
    QTest::newRow("seed-c-gap") << qint64{896 + 18'496 + 73'856 + 295'168 + 2'570};
}

void TemplatesTest::countsAreThoseOfTheNetworksKnown() {
    QFETCH(qint64, params);
    const Graph graph = templateGraph(*findTemplate(QTest::currentDataTag()));
    QCOMPARE(summaryOf(graph, infer(graph)).totalParams, params);
}

void TemplatesTest::seedNetworksPrintKerasTables_data() {
    QTest::addColumn<QString>("file");
    QTest::newRow("seed-a") << "seed_a";
    QTest::newRow("seed-b") << "seed_b";
    QTest::newRow("seed-c") << "seed_c";
}

void TemplatesTest::seedNetworksPrintKerasTables() {
    QFETCH(QString, file);
    const Graph graph = templateGraph(*findTemplate(QTest::currentDataTag()));
    const QString path = qEnvironmentVariable("RECEPTIVE_TEST_DATA") + "/keras/summary/" + file;
    const auto keras = tests::fileText(path.toStdString() + ".txt");
    QVERIFY(keras.has_value());
    const std::string text = summaryText(summaryOf(graph, infer(graph)), {.lineLength = 80});
    QCOMPARE(QString::fromStdString(text), QString::fromStdString(*keras));
}

void TemplatesTest::residualNetworkHasSixAdditions() {
    const Graph graph = templateGraph(*findTemplate("resnet-mini"));
    QCOMPARE(std::ranges::count(graph.nodes, "Add", &Node::type), 6);
    const Inference inference = infer(graph);
    const Node* last = findNode(graph, "stage3_block2_out");
    QVERIFY(last != nullptr);
    QCOMPARE(*inference.find(last->id)->output, (Shape{8, 8, 64}));
}

QTEST_APPLESS_MAIN(TemplatesTest)
#include "tst_templates.moc"
