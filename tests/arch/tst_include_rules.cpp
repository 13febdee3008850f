#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QTest>

#include "tests/support/source_rules.h"

using tests::describe;
using tests::sourceViolations;
using tests::Violation;

/// The rules of who may include whom, applied to the sources, and the rules' own tests.
class IncludeRulesTest : public QObject {
    Q_OBJECT

private slots:
    void sourcesKeepTheRules();
    void violationIsReported_data();
    void violationIsReported();
    void allowedTextIsAccepted_data();
    void allowedTextIsAccepted();
    void messageNamesFileLineAndRule();
};

void IncludeRulesTest::sourcesKeepTheRules() {
    const QDir root(qEnvironmentVariable("RECEPTIVE_SOURCE_DIR"));
    QVERIFY2(root.exists("CMakeLists.txt"),
             "RECEPTIVE_SOURCE_DIR must name the repository; run this test by ctest");
    int files = 0;
    QStringList violations;
    for (const char* folder : {"nn", "widgets", "app", "tests", "benchmarks"}) {
        QDirIterator it(root.filePath(folder), {"*.h", "*.cpp"}, QDir::Files,
                        QDirIterator::Subdirectories);
        while (it.hasNext()) {
            QFile file(it.next());
            QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(file.fileName()));
            const std::string path = root.relativeFilePath(file.fileName()).toStdString();
            for (const Violation& found : sourceViolations(path, file.readAll().toStdString())) {
                violations << QString::fromStdString(describe(found));
            }
            ++files;
        }
    }
    QVERIFY2(files > 20, "the sources were not found");
    QVERIFY2(violations.isEmpty(), qPrintable("\n" + violations.join('\n')));
}

void IncludeRulesTest::violationIsReported_data() {
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("line");

    const auto row = [](const char* name, const char* path, const char* text, int line) {
        QTest::newRow(name) << path << text << line;
    };
    row("base includes tensor", "nn/base/a.cpp", "#include \"nn/tensor/shape.h\"\n", 1);
    row("tensor includes model", "nn/tensor/a.cpp", "\n#include \"nn/model/graph.h\"\n", 2);
    row("kernels include exec", "nn/kernels/a.cpp", "#include \"nn/exec/kernel.h\"\n", 1);
    row("model includes exec", "nn/model/a.cpp", "#include \"nn/exec/kernel.h\"\n", 1);
    row("exec includes layers", "nn/exec/a.cpp", "#include \"nn/layers/dense.h\"\n", 1);
    row("layers include train", "nn/layers/a.cpp", "#include \"nn/train/loss.h\"\n", 1);
    row("data includes model", "nn/data/a.cpp", "#include \"nn/model/graph.h\"\n", 1);
    row("train includes inspect", "nn/train/a.cpp", "#include \"nn/inspect/saliency.h\"\n", 1);
    row("inspect includes train", "nn/inspect/a.cpp", "#include \"nn/train/loss.h\"\n", 1);
    row("io includes kernels", "nn/io/a.cpp", "#include \"nn/kernels/gemm.h\"\n", 1);
    row("unknown layer", "nn/misc/a.cpp", "#include \"nn/base/text.h\"\n", 1);
    row("engine includes Qt class", "nn/base/a.cpp", "#include <QString>\n", 1);
    row("engine includes Qt module", "nn/base/a.cpp", "#include <QtCore/qglobal.h>\n", 1);
    row("engine includes Qt header", "nn/base/a.cpp", "#include <qglobal.h>\n", 1);
    row("engine uses Qt macro", "nn/base/a.cpp", "int a;\nQ_UNUSED(a);\n", 2);
    row("engine includes widgets", "nn/io/a.cpp", "#include \"widgets/theme.h\"\n", 1);
    row("engine includes app", "nn/io/a.cpp", "# include \"app/project.h\"\n", 1);
    row("engine names app", "nn/io/a.cpp", "app::Project project;\n", 1);
    row("widgets include exec", "widgets/a.cpp", "#include \"nn/exec/network.h\"\n", 1);
    row("widgets include trainer", "widgets/a.cpp", "#include \"nn/train/trainer.h\"\n", 1);
    row("widgets include app", "widgets/a.cpp", "#include \"app/project.h\"\n", 1);
    row("plots elsewhere", "widgets/images/a.cpp", "#include <qcustomplot.h>\n", 1);
    row("plots in app", "app/panels/a.cpp", "#include <qcustomplot.h>\n", 1);
    row("short include path", "app/a.cpp", "#include \"project.h\"\n", 1);
    row("program includes tests", "app/a.cpp", "#include \"tests/support/a.h\"\n", 1);
    row("no pragma once", "nn/base/a.h", "/* #pragma once */\nint f();\n", 1);
    row("thread in widgets", "widgets/a.cpp", "std::jthread worker;\n", 1);
    row("std::thread in engine", "nn/train/a.cpp", "\n\nstd::thread worker(run);\n", 3);
    row("QThread in dialogs", "app/dialogs/a.cpp", "auto* t = QThread::create(f);\n", 1);
    row("sleep", "nn/base/parallel.cpp", "std::this_thread::sleep_for(1ms);\n", 1);
    row("sleep in a test", "tests/nn/tst_a.cpp", "QTest::qSleep(100);\n", 1);
    row("POSIX sleep", "app/a.cpp", "    sleep(1);\n", 1);
    row("processEvents", "app/a.cpp", "/* a\n b */ qApp->processEvents();\n", 2);
    row("nested event loop", "app/a.cpp", "QEventLoop loop;\n", 1);
}

void IncludeRulesTest::violationIsReported() {
    QFETCH(QString, path);
    QFETCH(QString, text);
    QFETCH(int, line);
    const auto found = sourceViolations(path.toStdString(), text.toStdString());
    QCOMPARE(found.size(), std::size_t{1});
    QCOMPARE(found.front().file, path.toStdString());
    QCOMPARE(found.front().line, line);
}

void IncludeRulesTest::allowedTextIsAccepted_data() {
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("text");

    const auto row = [](const char* name, const char* path, const char* text) {
        QTest::newRow(name) << path << text;
    };
    row("own layer", "nn/base/a.cpp", "#include \"nn/base/text.h\"\n#include <vector>\n");
    row("lower layers", "nn/layers/a.cpp",
        "#include \"nn/exec/kernel.h\"\n#include \"nn/kernels/gemm.h\"\n");
    row("registry reads the layer list", "nn/model/registry.cpp",
        "#include \"nn/layers/registered_layers.inc\"\n");
    row("progress in widgets", "widgets/a.cpp", "#include \"nn/train/progress.h\"\n");
    row("plots in plots", "widgets/plots/a.cpp", "#include <qcustomplot.h>\n#include <QWidget>\n");
    row("app includes all", "app/a.cpp",
        "#include \"nn/train/trainer.h\"\n#include \"widgets/theme.h\"\n");
    row("moc file", "tests/widgets/tst_a.cpp", "#include \"tst_a.moc\"\n");
    row("thread pool", "nn/base/parallel.cpp", "std::jthread worker;\n");
    row("training thread", "app/training/a.cpp", "std::jthread worker;\n");
    row("core count", "nn/train/a.cpp", "auto n = std::thread::hardware_concurrency();\n");
    row("comment", "nn/base/a.cpp", "// like QThread, std::jthread: processEvents()\n");
    row("string", "nn/base/a.cpp", "auto a = \"Q_OBJECT \\\" app::\"; char c = '\"';\n");
    row("raw string", "nn/base/a.cpp", "auto a = R\"(std::jthread \" sleep_for)\";\n");
    row("digit separator", "nn/base/a.cpp", "int a = 1'000; // it's\nint b = 2'000;\n");
    row("pragma after comment", "nn/base/a.h", "// Why.\n#pragma once\n");
    row("once per instruction set", "nn/kernels/tile-inl.h", "#include <hwy/highway.h>\n");
    row("asleep", "app/a.cpp", "auto a = isAsleep(1); m_cat.sleep();\n");
}

void IncludeRulesTest::allowedTextIsAccepted() {
    QFETCH(QString, path);
    QFETCH(QString, text);
    const auto found = sourceViolations(path.toStdString(), text.toStdString());
    QVERIFY2(found.empty(), found.empty() ? "" : describe(found.front()).c_str());
}

void IncludeRulesTest::messageNamesFileLineAndRule() {
    QCOMPARE(describe({"nn/base/a.h", 3, "nn must not include Qt"}),
             std::string("nn/base/a.h:3: nn must not include Qt"));
}

QTEST_APPLESS_MAIN(IncludeRulesTest)
#include "tst_include_rules.moc"
