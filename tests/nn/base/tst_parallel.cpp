#include "nn/base/parallel.h"

#include <QTest>

#include <atomic>
#include <cmath>
#include <limits>
#include <thread>
#include <vector>

#if defined(__linux__)
#include <sys/resource.h>
#endif

using nn::Parallel;

class TestParallel : public QObject {
    Q_OBJECT
private slots:
    void runsEveryTaskOnce_data();
    void runsEveryTaskOnce();
    void givesWorkersDistinctNumbers();
    void survivesManyShortRuns();
    void startsAndStopsWithoutWork();
    void flushesDenormalsInTasksOnly();
    void readsWhatTheCallerWrote();
    void neverUsesMoreThreadsThanItsLimit();
#if defined(__linux__)
    void lowersThePriorityOfOneThreadOnly();
#endif
};

void TestParallel::runsEveryTaskOnce_data() {
    QTest::addColumn<int>("threads");
    QTest::addColumn<int>("tasks");
    for (const int threads : {1, 2, 3, 4}) {
        for (const int tasks : {0, 1, 2, 7, 1000, 65'535, 70'001}) {
            QTest::addRow("%d threads, %d tasks", threads, tasks) << threads << tasks;
        }
    }
}

void TestParallel::runsEveryTaskOnce() {
    QFETCH(int, threads);
    QFETCH(int, tasks);
    Parallel parallel(threads);
    QCOMPARE(parallel.threads(), threads);
    std::vector<std::atomic<int>> runs(static_cast<std::size_t>(tasks));
    parallel.run(tasks, [&](std::int64_t task, int) { ++runs[static_cast<std::size_t>(task)]; });
    for (const auto& count : runs) {
        QCOMPARE(count.load(), 1);
    }
}

void TestParallel::givesWorkersDistinctNumbers() {
    Parallel parallel(4);
    std::vector<std::atomic<int>> inside(4);
    std::atomic<bool> shared{false};
    parallel.run(2000, [&](std::int64_t, int worker) {
        if (worker < 0 || worker >= 4 || inside[static_cast<std::size_t>(worker)]++ != 0) {
            shared = true;
        }
        --inside[static_cast<std::size_t>(worker)];
    });
    QVERIFY(!shared);
}

void TestParallel::survivesManyShortRuns() {
    Parallel parallel(4);
    std::atomic<std::int64_t> sum{0};
    std::int64_t expected = 0;
    for (int run = 0; run < 3000; ++run) {
        const std::int64_t tasks = run % 5 + 2;
        parallel.run(tasks, [&](std::int64_t task, int) { sum += task + run; });
        expected += tasks * (tasks - 1) / 2 + tasks * run;
        // Each run must be complete before it returns.
        QCOMPARE(sum.load(), expected);
    }
}

void TestParallel::startsAndStopsWithoutWork() {
    for (int i = 0; i < 50; ++i) {
        const Parallel parallel(3);
        QCOMPARE(parallel.threads(), 3);
    }
}

void TestParallel::flushesDenormalsInTasksOnly() {
    volatile float tiny = std::numeric_limits<float>::min();
    Parallel parallel(3);
    std::atomic<int> notFlushed{0};
    parallel.run(64, [&](std::int64_t, int) {
        volatile float half = tiny * 0.5F;
        notFlushed += half != 0.0F ? 1 : 0;
    });
    QCOMPARE(notFlushed.load(), 0);
    volatile float half = tiny * 0.5F;
    QVERIFY(half != 0.0F);
}

void TestParallel::readsWhatTheCallerWrote() {
    Parallel parallel(4);
    std::vector<int> values(256);
    for (int run = 1; run < 500; ++run) {
        for (int& value : values) {
            value = run;
        }
        parallel.run(256,
                     [&](std::int64_t task, int) { values[static_cast<std::size_t>(task)]++; });
        for (const int value : values) {
            QCOMPARE(value, run + 1);
        }
    }
}

void TestParallel::neverUsesMoreThreadsThanItsLimit() {
    const Parallel parallel(1000);
    QCOMPARE(parallel.threads(), Parallel::maxThreads);
    QVERIFY(Parallel(0).threads() >= 1);
}

#if defined(__linux__)
void TestParallel::lowersThePriorityOfOneThreadOnly() {
    const int before = getpriority(PRIO_PROCESS, 0);
    int lowered = before;
    std::thread([&lowered] {
        nn::lowerThreadPriority();
        lowered = getpriority(PRIO_PROCESS, 0);
    }).join();
    QVERIFY(lowered >= 5);
    QCOMPARE(getpriority(PRIO_PROCESS, 0), before);
}
#endif

QTEST_APPLESS_MAIN(TestParallel)
#include "tst_parallel.moc"
