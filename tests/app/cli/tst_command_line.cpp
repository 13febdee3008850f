#include "nn/io/file.h"
#include "nn/io/json.h"
#include "nn/io/npy.h"
#include "nn/io/project_file.h"
#include "tests/support/app/program.h"
#include "tests/support/text_graph.h"

#include <QDir>
#include <QFile>
#include <QImage>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <csignal>
#include <sys/types.h>

namespace {

using tests::finished;
using tests::program;
using tests::Ran;
using tests::receptive;
using tests::words;

std::vector<nn::io::Json> jsonLines(const QByteArray& text) {
    std::vector<nn::io::Json> lines;
    for (const QByteArray& line : text.trimmed().split('\n')) {
        lines.push_back(*nn::io::parsedJson(line.toStdString()));
    }
    return lines;
}

std::vector<std::string> keys(const nn::io::Json& object) {
    std::vector<std::string> names;
    for (const auto& [name, value] : object.items()) {
        names.push_back(name);
    }
    return names;
}

const std::vector<std::string> kEpochKeys{"epoch",        "loss",    "accuracy",         "val_loss",
                                          "val_accuracy", "seconds", "images_per_second"};

} // namespace

class TestCommandLine : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { QVERIFY2(QFile::exists(program()), qPrintable(program())); }

    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void everyCommandExplainsItself() {
        const Ran general = receptive({QStringLiteral("--help")});
        QCOMPARE(general.code, 0);
        for (const char* name :
             {"templates", "summary", "code", "train", "evaluate", "predict", "inspect", "bench"}) {
            QVERIFY2(general.out.contains(name), name);
            const Ran help = receptive({QString::fromLatin1(name), QStringLiteral("--help")});
            QCOMPARE(help.code, 0);
            QVERIFY2(help.out.startsWith(QByteArray("Usage: receptive ") + name), name);
            QVERIFY(help.error.isEmpty());
        }
        QVERIFY(receptive({QStringLiteral("--version")}).out.startsWith("receptive "));
    }

    void codePrintsOrWritesAProgram() {
        const Ran printed = receptive(words("code template:seed-a"));
        QCOMPARE(printed.code, 0);
        QVERIFY(printed.out.contains("layers.Conv2D(filters=32, kernel_size=(3, 3), "));
        const Ran written =
            receptive(words("code template:seed-a --output net.py"), m_folder->path());
        QCOMPARE(written.code, 0);
        QVERIFY(written.out.isEmpty());
        QFile file(m_folder->filePath("net.py"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll().trimmed(), printed.out.trimmed());
    }

    void wrongUsageIsExplainedWithExitCode1_data() {
        QTest::addColumn<QByteArray>("arguments");
        QTest::addColumn<QByteArray>("expected");
        const auto row = [](const char* arguments, const char* expected) {
            QTest::newRow(arguments) << QByteArray(arguments) << QByteArray(expected);
        };
        row("trian", "Did you mean \"train\"");
        row("summary", "Expected 1 argument");
        row("summary template:sed-a", "Did you mean \"seed-a\"");
        row("summary template:seed-a --style keras9", "keras3, keras2 or json");
        row("summary template:seed-a --width many", "--width");
        row("summary template:seed-a --frobnicate", "frobnicate");
        row("train template:digits-cnn --data digits --epochs 0", "--epochs");
        row("train template:digits-cnn --data digits --optimizer Adamm", "optimizer");
        row("train template:digits-cnn --data digits --learning-rate nan", "learning_rate");
        row("train template:digits-cnn --data digits --learning-rate 0", "learning_rate");
        row("train template:digits-cnn --data digits --batch-size -3", "--batch-size");
        row("train template:digits-cnn --data ./nothere --callback SwapEMAWeights", "use_ema");
        row("bench --net nosuchnet", "nosuchnet");
        row("predict template:digits-cnn", "--input");
        row("inspect template:digits-cnn --layer nosuch --filters --output x", "nosuch");
    }

    void wrongUsageIsExplainedWithExitCode1() {
        QFETCH(QByteArray, arguments);
        QFETCH(QByteArray, expected);
        const Ran ran = receptive(words(arguments.constData()), m_folder->path());
        QVERIFY2(ran.error.contains(expected), ran.error.constData());
        QCOMPARE(ran.code, 1);
        QVERIFY(ran.out.isEmpty());
    }

    void missingFilesAreExitCode2() {
        for (const char* arguments :
             {"summary nothere.receptive", "summary nothere.json",
              "train template:digits-cnn --data ./nothere",
              "train template:digits-cnn --data digits --epochs 1 --output ./none/a.receptive",
              "predict template:digits-cnn --input nothere.npy --output y.npy"}) {
            const Ran ran = receptive(words(arguments), m_folder->path());
            QVERIFY2(ran.code == 2, (QByteArray(arguments) + ": " + ran.error).constData());
            QVERIFY2(ran.error.contains("nothere") || ran.error.contains("none"),
                     ran.error.constData());
        }
    }

    void brokenFilesAreExitCode3() {
        for (const char* name : {"bad.receptive", "bad.json"}) {
            QVERIFY(nn::io::replaceFile(path(name).toStdString(), std::string_view("not this")));
            const Ran ran = receptive({QStringLiteral("summary"), path(name)});
            QVERIFY2(ran.code == 3, ran.error.constData());
            QVERIFY2(ran.error.contains(name), ran.error.constData());
        }
    }

    void listsTemplates() {
        const Ran ran = receptive({QStringLiteral("templates")});
        QCOMPARE(ran.code, 0);
        for (const char* name : {"seed-a", "lenet5", "mnist-cnn", "cifar-vgg", "resnet-mini",
                                 "seed-b", "seed-c-gap", "seed-c", "digits-cnn", "starter"}) {
            QVERIFY2(ran.out.contains(QByteArray("template:") + name + " "), name);
        }
    }

    void summaryKeepsItsJsonContract() {
        const Ran ran = receptive(words("summary template:seed-a --style json"));
        const nn::io::Json json = *nn::io::parsedJson(ran.out.toStdString());
        QVERIFY(
            (keys(json) == std::vector<std::string>{"name", "layers", "total_params",
                                                    "trainable_params", "non_trainable_params"}));
        QCOMPARE(json["total_params"].get<int>(), 54410);
        QVERIFY((keys(json["layers"][0]) ==
                 std::vector<std::string>{"name", "class", "output_shape", "params"}));
        QCOMPARE(json["layers"][0]["output_shape"].dump(), std::string("[null,26,26,32]"));
    }

    void theThirdSeedNetworkIsSummarisedAtOnceAndTrainsOnlyWhereItFits() {
        const Ran ran = receptive(words("summary template:seed-c --style json"));
        QCOMPARE(ran.code, 0);
        QVERIFY(ran.out.contains("975837514"));
    }

    void trainKeepsItsJsonContractAndSavesAProject() {
        const Ran ran = receptive(words("train template:digits-cnn --data digits --epochs 2 "
                                        "--batch-size 64 --seed 1 --json --output net.receptive"),
                                  m_folder->path());
        QVERIFY2(ran.code == 0, ran.error.constData());
        const std::vector<nn::io::Json> lines = jsonLines(ran.out);
        QCOMPARE(lines.size(), std::size_t{2});
        for (const nn::io::Json& line : lines) {
            QVERIFY(keys(line) == kEpochKeys);
        }
        QCOMPARE(lines[1]["epoch"].get<int>(), 2);
        QVERIFY(lines[1]["loss"].get<double>() < lines[0]["loss"].get<double>());

        const auto project = nn::io::loadProject(path("net.receptive").toStdString());
        QVERIFY(project);
        QCOMPARE(project->project.history->epochs.size(), std::size_t{2});

        const Ran evaluated =
            receptive(words("evaluate net.receptive --data digits --json"), m_folder->path());
        const nn::io::Json result = *nn::io::parsedJson(evaluated.out.toStdString());
        QCOMPARE(result["loss"].get<double>(), lines[1]["val_loss"].get<double>());
        QCOMPARE(result["accuracy"].get<double>(), lines[1]["val_accuracy"].get<double>());
    }

    void everyOutputHasItsLossAndWeight() {
        saveTwoOutputs();
        const Ran ran = receptive(words("train two.receptive --data digits --epochs 1 --seed 1 "
                                        "--json --output out.receptive "
                                        "--loss aux:Huber(delta=2) --loss categorical_crossentropy "
                                        "--loss-weights aux:0.25"),
                                  m_folder->path());
        QVERIFY2(ran.code == 0, ran.error.constData());
        const nn::io::Json line = jsonLines(ran.out).front();
        const double sum = line["main_loss"].get<double>() + 0.25 * line["aux_loss"].get<double>();
        QVERIFY(std::abs(line["loss"].get<double>() - sum) < 1e-6);

        const auto project = nn::io::loadProject(path("out.receptive").toStdString());
        QVERIFY(project);
        const nn::TrainSettings& settings = project->project.training;
        QCOMPARE(settings.loss, std::string("categorical_crossentropy"));
        const nn::OutputLoss aux{.loss = "huber", .lossParams = {{"delta", 2.0}}, .weight = 0.25};
        QVERIFY((settings.outputLosses == decltype(settings.outputLosses){{"aux", aux}}));

        const Ran code = receptive(words("code out.receptive"), m_folder->path());
        QVERIFY(code.out.contains("'aux': keras.losses.Huber(delta=2.0)"));
        QVERIFY(code.out.contains("loss_weights={"));
        QVERIFY(code.out.contains("'aux': 0.25"));
    }

    void aLossForAllReplacesThoseOfSingleOutputs() {
        saveTwoOutputs({{"aux", {.loss = "mean_squared_error", .weight = 0.5}}});
        const QStringList train =
            words("train two.receptive --data digits --epochs 1 --output out.receptive");
        QCOMPARE(receptive(train + words("--loss categorical_crossentropy"), m_folder->path()).code,
                 0);
        auto project = nn::io::loadProject(path("out.receptive").toStdString());
        const nn::OutputLoss aux{.loss = "categorical_crossentropy", .weight = 0.5};
        QVERIFY(project->project.training.outputLosses.at("aux") == aux);

        QCOMPARE(
            receptive(train + words("--loss auto --loss-weights main:1"), m_folder->path()).code,
            0);
        project = nn::io::loadProject(path("out.receptive").toStdString());
        QVERIFY(project->project.training.outputLosses.empty());
    }

    void wrongLossesOfOutputsAreExplained() {
        saveTwoOutputs();
        for (const auto& [options, expected] :
             {std::pair{"--loss side:mse", "the outputs are main, aux"},
              std::pair{"--loss-weights side:2", "the outputs are main, aux"},
              std::pair{"--loss aux:nosuch", "nosuch"}, std::pair{"--loss aux:", "--loss"},
              std::pair{"--loss-weights aux", "OUTPUT:WEIGHT"},
              std::pair{"--loss-weights aux:much", "OUTPUT:WEIGHT"}}) {
            // The data are not read: what is wrong is said first.
            const Ran ran = receptive(
                words("train two.receptive --data ./nothere") + words(options), m_folder->path());
            QVERIFY2(ran.error.contains(expected), ran.error.constData());
            QCOMPARE(ran.code, 1);
        }
    }

    void aBackupIsGoneOnWithAndNamed() {
        QStringList arguments = words("train template:digits-cnn --data digits --json --epochs");
        const QStringList callback{
            QStringLiteral("--callback"),
            QStringLiteral("BackupAndRestore('backup', delete_checkpoint=False)")};
        QCOMPARE(receptive(arguments + words("1") + callback, m_folder->path()).code, 0);
        const Ran ran = receptive(arguments + words("2") + callback, m_folder->path());
        QVERIFY2(ran.error.contains("Going on with the run kept in backup/latest.receptive, at the "
                                    "start of epoch 2 of 2."),
                 ran.error.constData());
        QCOMPARE(jsonLines(ran.out).size(), std::size_t{1});
    }

    void lossIsTheSameToTheLastBitForAnyThreads() {
        QByteArray first;
        for (const char* threads : {"1", "2"}) {
            QStringList arguments =
                words("train template:digits-cnn --data digits --epochs 1 --seed 1 --json");
            arguments << QStringLiteral("--threads") << QString::fromLatin1(threads);
            const Ran ran = receptive(arguments);
            const nn::io::Json line = jsonLines(ran.out).front();
            const QByteArray loss = QByteArray::fromStdString(line["loss"].dump());
            QVERIFY(first.isEmpty() || loss == first);
            first = loss;
        }
    }

    void divergenceIsExitCode4AndKeepsFiniteWeights() {
        nn::Project linear;
        linear.graph = std::make_shared<const nn::Graph>(
            tests::graph("8x8x1 -> Flatten -> Dense(32) -> Dense(10)"));
        QVERIFY(nn::io::saveProject(path("linear.receptive").toStdString(), linear));
        const Ran ran = receptive(words("train linear.receptive --data digits --epochs 3 "
                                        "--loss mean_squared_error --optimizer SGD "
                                        "--learning-rate 1000 --output net.receptive"),
                                  m_folder->path());
        QVERIFY2(ran.code == 4, ran.error.constData());
        QVERIFY2(ran.error.contains("batch"), ran.error.constData());
        const auto project = nn::io::loadProject(path("net.receptive").toStdString());
        QVERIFY(project);
        for (const nn::Tensor& tensor : project->project.weights->tensors) {
            QVERIFY(std::ranges::all_of(tensor.values(),
                                        [](float value) { return std::isfinite(value); }));
        }
    }

    void interruptSavesAndExits130() {
        QProcess process;
        process.setWorkingDirectory(m_folder->path());
        process.start(program(), words("train template:digits-cnn --data digits --epochs 1000000 "
                                       "--json --output net.receptive"));
        QTRY_VERIFY_WITH_TIMEOUT(process.canReadLine(), 60'000);
        ::kill(static_cast<pid_t>(process.processId()), SIGINT);
        const Ran ran = finished(process);
        QCOMPARE(ran.code, 130);
        const auto project = nn::io::loadProject(path("net.receptive").toStdString());
        QVERIFY(project);
        QVERIFY(!project->project.history->epochs.empty());
    }

    void predictsFromAndToNpy() {
        nn::Tensor images(nn::Shape{3, 8, 8, 1});
        std::ranges::fill(images.values(), 0.5F);
        QVERIFY(nn::io::replaceFile(path("x.npy").toStdString(),
                                    std::string_view(nn::io::npyText(images))));
        const Ran ran = receptive(words("predict template:digits-cnn --input x.npy --output y.npy"),
                                  m_folder->path());
        QVERIFY2(ran.code == 0, ran.error.constData());
        const auto y = nn::io::tensorFromNpy(*nn::io::fileContent(path("y.npy").toStdString()));
        QVERIFY((y->shape() == nn::Shape{3, 10}));
        float sum = 0.0F;
        for (const float p : y->values().first(10)) {
            sum += p;
        }
        QVERIFY(std::abs(sum - 1.0F) < 1e-5F);

        QVERIFY(nn::io::replaceFile(path("z.npy").toStdString(),
                                    std::string_view(nn::io::npyText(nn::Tensor({3, 9, 9, 1})))));
        const Ran wrong = receptive(
            words("predict template:digits-cnn --input z.npy --output y.npy"), m_folder->path());
        QCOMPARE(wrong.code, 3);
        QVERIFY2(wrong.error.contains("8×8×1"), wrong.error.constData());
    }

    void inspectWritesFiltersAndMaps() {
        const Ran summary = receptive(words("summary template:digits-cnn --style json"));
        const nn::io::Json json = *nn::io::parsedJson(summary.out.toStdString());
        const QString layer = QString::fromStdString(json["layers"][0]["name"].get<std::string>());
        for (const char* what : {"--filters", "--maps 3 --data digits"}) {
            const QString out = path(what[2] == 'f' ? "filters" : "maps");
            const Ran ran = receptive(QStringList{QStringLiteral("inspect"),
                                                  QStringLiteral("template:digits-cnn"),
                                                  QStringLiteral("--layer"), layer} +
                                      words(what) + QStringList{QStringLiteral("--output"), out});
            QVERIFY2(ran.code == 0, ran.error.constData());
            const QStringList files = QDir(out).entryList({QStringLiteral("*.png")});
            QVERIFY(files.size() > 2);
            for (const QString& file : files) {
                QVERIFY(!QImage(QDir(out).filePath(file)).isNull());
            }
        }
    }

    void benchKeepsItsJsonContract() {
        const Ran ran = receptive(words("bench --net seed-a --batch-size 32 --threads 1 --json"));
        QVERIFY2(ran.code == 0, ran.error.constData());
        const nn::io::Json line = jsonLines(ran.out).front();
        QVERIFY((keys(line) ==
                 std::vector<std::string>{"net", "batch_size", "threads", "train_ms_per_step",
                                          "train_images_per_second", "infer_images_per_second",
                                          "gflops", "peak_gflops"}));
        QCOMPARE(line["net"].get<std::string>(), std::string("seed-a"));
        QCOMPARE(line["batch_size"].get<int>(), 32);
        QVERIFY(line["gflops"].get<double>() > 0.0);
    }

private:
    /// two.receptive: a classifier with a second one half way.
    void saveTwoOutputs(decltype(nn::TrainSettings::outputLosses) losses = {}) {
        nn::Project two;
        two.graph = std::make_shared<const nn::Graph>(
            tests::graph("8x8x1 -> f: Flatten -> d: Dense(16, activation=relu) -> "
                         "main: Dense(10, activation=softmax); "
                         "f -> aux: Dense(10, activation=softmax)"));
        two.training.outputLosses = std::move(losses);
        QVERIFY(nn::io::saveProject(path("two.receptive").toStdString(), two));
    }

    [[nodiscard]] QString path(const char* name) const {
        return m_folder->filePath(QString::fromLatin1(name));
    }

    std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_GUILESS_MAIN(TestCommandLine)
#include "tst_command_line.moc"
