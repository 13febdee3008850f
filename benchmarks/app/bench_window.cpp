// The window's responsiveness while it trains, while a large network is edited, and at its start.
// Needs no display; QT_QPA_PLATFORM chooses another platform than "offscreen".
#include "benchmarks/app/start.h"

#include <QApplication>
#include <benchmark/benchmark.h>

int main(int argc, char** argv) {
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM")) {
        qputenv("QT_QPA_PLATFORM", "offscreen");
    }
    if (benchmarks::isMeasuredStart(argc, argv)) {
        return benchmarks::measuredStart(argc, argv);
    }
    QApplication application(argc, argv);
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
