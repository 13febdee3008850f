#include "benchmarks/app/start.h"

#include "app/application.h"
#include "app/main_window.h"

#include "benchmarks/statistics.h"

#include <QApplication>
#include <QEvent>
#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTimer>
#include <benchmark/benchmark.h>
#include <chrono>
#include <cstdio>
#include <cstring>

namespace benchmarks {

namespace {

constexpr const char* kOption = "--measured-start";
/// Data are read and everything that was begun at the start has ended.
constexpr int kRestMilliseconds = 2000;

double milliseconds() {
    return std::chrono::duration<double, std::milli>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

/// Kilobytes from a line of /proc/self/smaps_rollup.
double kilobytes(const QByteArray& rollup, const char* name) {
    const qsizetype at = rollup.indexOf(QByteArray("\n") + name + ":");
    return at < 0 ? 0.0 : rollup.mid(at, 80).simplified().split(' ').value(1).toDouble();
}

/// Tells when the window has been painted for the first time.
class FirstPaint : public QObject {
public:
    using QObject::QObject;
    bool eventFilter(QObject* watched, QEvent* event) override {
        if (event->type() == QEvent::Paint && !m_seen) {
            m_seen = true;
            QMetaObject::invokeMethod(
                this, [] { std::printf("painted %.3f\n", milliseconds()); }, Qt::QueuedConnection);
        }
        return QObject::eventFilter(watched, event);
    }

private:
    bool m_seen = false;
};

void printMemory() {
    QFile file("/proc/self/smaps_rollup");
    if (file.open(QIODevice::ReadOnly)) {
        const QByteArray rollup = file.readAll();
        std::printf("rss %.0f\npss %.0f\nprivate %.0f\n", kilobytes(rollup, "Rss"),
                    kilobytes(rollup, "Pss"),
                    kilobytes(rollup, "Private_Dirty") + kilobytes(rollup, "Private_Clean"));
    }
}

double figure(const QString& output, const QString& name) {
    return QRegularExpression("^" + name + " (\\S+)", QRegularExpression::MultilineOption)
        .match(output)
        .captured(1)
        .toDouble();
}

/// From before the process is made to the first painted window, and memory when all is loaded.
void start(benchmark::State& state) {
    std::vector<double> rss;
    std::vector<double> pss;
    std::vector<double> own;
    for (auto _ : state) {
        const QTemporaryDir home;
        QProcess program;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert("XDG_CONFIG_HOME", home.path());
        program.setProcessEnvironment(environment);
        const double begin = milliseconds();
        program.start(QCoreApplication::applicationFilePath(), {kOption});
        if (!program.waitForFinished()) {
            state.SkipWithError("the program did not end");
            break;
        }
        const QString output = QString::fromUtf8(program.readAllStandardOutput());
        state.SetIterationTime((figure(output, "painted") - begin) / 1000.0);
        rss.push_back(figure(output, "rss") / 1024.0);
        pss.push_back(figure(output, "pss") / 1024.0);
        own.push_back(figure(output, "private") / 1024.0);
    }
    state.counters["rss_MB"] = median(rss);
    state.counters["pss_MB"] = median(pss);
    state.counters["private_MB"] = median(own);
}
BENCHMARK(start)->Iterations(7)->UseManualTime()->Unit(benchmark::kMillisecond);

} // namespace

bool isMeasuredStart(int argc, char** argv) {
    return argc > 1 && std::strcmp(argv[1], kOption) == 0;
}

int measuredStart(int argc, char** argv) {
    app::setApplicationNames();
    QApplication application(argc, argv);
    app::Application program(application);
    FirstPaint firstPaint;
    program.window().installEventFilter(&firstPaint);
    QTimer::singleShot(kRestMilliseconds, &application, [] {
        printMemory();
        QCoreApplication::quit();
    });
    program.open({});
    return QApplication::exec();
}

} // namespace benchmarks
