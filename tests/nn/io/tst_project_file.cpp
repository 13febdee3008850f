#include "nn/io/file.h"
#include "nn/io/project_file.h"
#include "nn/io/zip.h"
#include "nn/train/trainer.h"
#include "tests/support/text_graph.h"

#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <csignal>
#include <fstream>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

namespace fs = std::filesystem;

nn::Project sampleProject() {
    nn::Project project;
    const nn::Graph graph = tests::graph(
        "8x8x1 -> a: Conv2D(4, kernel_size=3, padding=same) -> BatchNormalization -> b: ReLU; "
        "[a, b] -> Add -> Flatten -> Dropout(0.25) -> Dense(10, activation=softmax)");
    nn::Graph functional = *nn::apply(graph, nn::SetTrainable{tests::node(graph, "a"), false});
    functional.kind = nn::GraphKind::Functional;
    project.graph = std::make_shared<const nn::Graph>(std::move(functional));
    project.positions = {{1, {8.0, 16.0}}, {2, {8.0, 96.5}}};
    project.training.optimizer = "SGD";
    project.training.optimizerParams = {{"momentum", 0.9}, {"clipnorm", 1.0}};
    project.training.loss = "categorical_crossentropy";
    project.training.lossParams = {{"label_smoothing", 0.1}};
    project.training.metrics = {
        nn::ParamObject("accuracy"),
        nn::ParamObject("TopKCategoricalAccuracy", {{"k", std::int64_t{3}}})};
    project.training.callbacks = {
        nn::ParamObject("EarlyStopping", {{"patience", std::int64_t{2}}})};
    project.training.classWeights = {{0, 1.5}, {3, 0.25}};
    project.training.stratified = true;
    project.training.outputLosses["b"] = {
        .loss = "huber", .lossParams = {{"delta", 2.0}}, .weight = 0.5};
    project.training.seed = 0xFFFFFFFFFFFFFFFFULL;
    project.training.validationSplit = 0.1;
    project.data.source = "digits";
    project.weights = std::make_shared<const nn::Weights>(
        nn::initialWeights(nn::variablesOf(*project.graph, nn::infer(*project.graph)), 3));
    nn::History history;
    history.batches.push_back({.step = 1, .batch = 1, .batchesPerEpoch = 4, .loss = 2.5});
    history.epochs.push_back(
        {.epoch = 1, .loss = 2.25, .valLoss = 0.1, .seconds = 1.5, .values = {{"mae", 0.5}}});
    project.history = std::make_shared<const nn::History>(history);
    return project;
}

std::string messageOf(const nn::Expected<nn::io::LoadedProject>& loaded) {
    return loaded ? std::string() : loaded.error().message;
}

/// Without the wait for the disk that a careful save takes.
void writePlainly(const fs::path& file, std::string_view content) {
    std::ofstream(file, std::ios::binary) << content;
}

/// A project file whose project.json was changed as text.
void writeWith(const fs::path& file, const std::function<void(nn::io::Json&)>& change) {
    nn::io::Json json = nn::io::projectJson(sampleProject());
    change(json);
    const std::string text = json.dump();
    const std::string type = "application/x-receptive";
    const nn::io::ZipEntry entries[] = {
        {.name = "mimetype", .pieces = {std::as_bytes(std::span(type))}},
        {.name = "project.json", .pieces = {std::as_bytes(std::span(text))}}};
    QVERIFY(nn::io::writeZip(file, entries));
}

} // namespace

class TestProjectFile : public QObject {
    Q_OBJECT

private slots:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        m_file = fs::path(m_folder->path().toStdString()) / "net.receptive";
    }

    void everythingComesBack() {
        const nn::Project project = sampleProject();
        QVERIFY(nn::io::saveProject(m_file, project));
        const nn::Expected<nn::io::LoadedProject> loaded = nn::io::loadProject(m_file);
        QVERIFY2(loaded, messageOf(loaded).c_str());
        QVERIFY(*loaded->project.graph == *project.graph);
        QVERIFY(loaded->project.positions == project.positions);
        QVERIFY(loaded->project.training == project.training);
        QVERIFY(loaded->project.data == project.data);
        QVERIFY(*loaded->project.weights == *project.weights);
        QVERIFY(loaded->notes.empty());
        const nn::History& history = *loaded->project.history;
        QCOMPARE(history.batches.size(), std::size_t{1});
        QCOMPARE(history.batches[0].loss, 2.5);
        QVERIFY(std::isnan(history.batches[0].accuracy));
        QCOMPARE(history.epochs[0].valLoss, 0.1);
    }

    void equalProjectsAreEqualBytes() {
        QVERIFY(nn::io::saveProject(m_file, sampleProject()));
        const std::string first = *nn::io::fileContent(m_file);
        QVERIFY(nn::io::saveProject(m_file, sampleProject()));
        QVERIFY(*nn::io::fileContent(m_file) == first);
    }

    void weightsOfChangedLayersAreLeftOutWithANote() {
        nn::Project project = sampleProject();
        const nn::NodeId dense = tests::node(*project.graph, "dense");
        project.graph = std::make_shared<const nn::Graph>(
            *nn::apply(*project.graph, nn::SetParam{dense, "units", std::int64_t{5}}));
        QVERIFY(nn::io::saveProject(m_file, project));
        const auto loaded = nn::io::loadProject(m_file);
        QVERIFY(loaded);
        QCOMPARE(loaded->notes.size(), std::size_t{1});
        QVERIFY(loaded->project.weights->find(dense, "kernel") == nullptr);
        QVERIFY(loaded->project.weights->find(tests::node(*project.graph, "a"), "kernel"));
    }

    void refusesNewerVersions() {
        writeWith(m_file, [](nn::io::Json& json) { json["version"] = 2; });
        QVERIFY(messageOf(nn::io::loadProject(m_file)).find("newer") != std::string::npos);
    }

    void refusesCycles() {
        writeWith(m_file, [](nn::io::Json& json) {
            json["graph"]["edges"] = {{1, 2, 0}, {2, 3, 0}, {3, 4, 0}, {4, 5, 0}, {5, 5, 1}};
        });
        QVERIFY2(messageOf(nn::io::loadProject(m_file)).find("circle") != std::string::npos,
                 messageOf(nn::io::loadProject(m_file)).c_str());
    }

    void refusesWhatIsNotAProject_data() {
        QTest::addColumn<QString>("pointer");
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<QByteArray>("expected");
        const auto row = [](const char* name, const char* pointer, const char* value,
                            const char* expected) {
            QTest::newRow(name) << QString::fromLatin1(pointer) << QByteArray(value)
                                << QByteArray(expected);
        };
        row("format", "/format", "\"other\"", "format");
        row("no nodes", "/graph/nodes", "7", "nodes");
        row("unknown layer", "/graph/nodes/1/class_name", "\"Conv9D\"", "Conv9D");
        row("twice", "/graph/nodes/1/id", "1", "two layers");
        row("negative id", "/graph/nodes/1/id", "-3", "id");
        row("huge id", "/graph/nodes/1/id", "9223372036854775807", "id");
        row("huge number", "/graph/nodes/1/config", R"({"filters":1000000000000})", "filters");
        row("bad argument", "/graph/nodes/1/config", R"({"filtres":3})", "filtres");
        row("wire to nowhere", "/graph/edges/0", "[1,99,0]", "not there");
        row("wire to no port", "/graph/edges/0", "[1,2,5]", "input 5");
        row("bad wire", "/graph/edges/0", "[1,2]", "[from, to, port]");
        row("position", "/positions/1", "[1e300,0]", "positions");
        row("optimizer", "/training/optimizer", "\"Nope\"", "Nope");
        row("seed", "/training/seed", "-1", "seed");
        row("batch", "/training/batch_size", "\"many\"", "batch_size");
    }

    void refusesWhatIsNotAProject() {
        QFETCH(QString, pointer);
        QFETCH(QByteArray, value);
        QFETCH(QByteArray, expected);
        writeWith(m_file, [&](nn::io::Json& json) {
            json[nn::io::Json::json_pointer(pointer.toStdString())] =
                nn::io::Json::parse(value.toStdString());
        });
        const std::string message = messageOf(nn::io::loadProject(m_file));
        QVERIFY2(message.find(expected.toStdString()) != std::string::npos, message.c_str());
        QVERIFY2(message.find("net.receptive") != std::string::npos, message.c_str());
    }

    void everyTruncationIsRefused() {
        QVERIFY(nn::io::saveProject(m_file, sampleProject()));
        const std::string whole = *nn::io::fileContent(m_file);
        for (std::size_t size = 0; size < whole.size(); size += 7) {
            writePlainly(m_file, std::string_view(whole).substr(0, size));
            QVERIFY(!nn::io::loadProject(m_file));
        }
    }

    void changedBytesNeverCrash() {
        QVERIFY(nn::io::saveProject(m_file, sampleProject()));
        const std::string whole = *nn::io::fileContent(m_file);
        int refused = 0;
        for (std::size_t at = 0; at < whole.size(); at += 11) {
            std::string changed = whole;
            changed[at] = static_cast<char>(changed[at] ^ 0x55);
            writePlainly(m_file, changed);
            refused += nn::io::loadProject(m_file) ? 0 : 1;
        }
        QVERIFY(refused > 0);
    }

    void aFailedSaveKeepsTheOldFile() {
        QVERIFY(nn::io::saveProject(m_file, sampleProject()));
        const std::string before = *nn::io::fileContent(m_file);
        const auto failed = nn::io::replaceFile(m_file, [](const fs::path& temporary) {
            std::ofstream(temporary) << "half";
            return nn::Expected<void>(nn::failure(nn::ErrorCode::Io, "the disk is full"));
        });
        QVERIFY(!failed);
        QVERIFY(*nn::io::fileContent(m_file) == before);
        QCOMPARE(std::distance(fs::directory_iterator(m_file.parent_path()), {}), 1);
    }

    // A limit on file size stands in for a full disk: writing fails in the middle.
    void aFullDiskKeepsTheOldFile() {
        QVERIFY(nn::io::saveProject(m_file, sampleProject()));
        const std::string before = *nn::io::fileContent(m_file);
        rlimit old{};
        QCOMPARE(::getrlimit(RLIMIT_FSIZE, &old), 0);
        const rlimit small{.rlim_cur = 1024, .rlim_max = old.rlim_max};
        ::signal(SIGXFSZ, SIG_IGN);
        QCOMPARE(::setrlimit(RLIMIT_FSIZE, &small), 0);
        const auto saved = nn::io::saveProject(m_file, sampleProject());
        QCOMPARE(::setrlimit(RLIMIT_FSIZE, &old), 0);
        QVERIFY(!saved);
        QCOMPARE(saved.error().code, nn::ErrorCode::Io);
        QVERIFY(*nn::io::fileContent(m_file) == before);
        QCOMPARE(std::distance(fs::directory_iterator(m_file.parent_path()), {}), 1);
    }

    void missingFolderIsNamed() {
        const auto saved =
            nn::io::saveProject(m_file.parent_path() / "none" / "a.receptive", sampleProject());
        QVERIFY(!saved);
        QCOMPARE(saved.error().code, nn::ErrorCode::Io);
        QVERIFY(saved.error().message.find("none/a.receptive") != std::string::npos);
    }

    void missingFileIsAnIoError() {
        const auto loaded = nn::io::loadProject(m_file);
        QVERIFY(!loaded);
        QCOMPARE(loaded.error().code, nn::ErrorCode::Io);
    }

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    fs::path m_file;
};

QTEST_APPLESS_MAIN(TestProjectFile)
#include "tst_project_file.moc"
