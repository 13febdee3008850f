#include "nn/train/forecast.h"
#include "nn/train/history_recorder.h"
#include "nn/train/sample_order.h"
#include "tests/support/text_graph.h"

#include <QTemporaryDir>
#include <QTest>
#include <filesystem>
#include <fstream>
#include <set>

namespace {

void write(const std::filesystem::path& file, const char* text) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
}

constexpr const char* kMemInfo = "MemTotal: 8000000 kB\nMemAvailable:    4194304 kB\n";

} // namespace

class TestForecast : public QObject {
    Q_OBJECT

private slots:
    void countsWeightsGradientsAndState() {
        const nn::Graph graph = tests::graph("28x28x1 -> Flatten -> Dense(10)");
        const auto forecast = nn::forecastTraining(graph, nn::infer(graph), {.optimizer = "Adam"});
        const std::int64_t floats = 784 * 10 + 10;
        QCOMPARE(forecast->needs[0].bytes, floats * 4);
        QCOMPARE(forecast->needs[1].bytes, floats * 4);
        QCOMPARE(forecast->needs[2].bytes, floats * 8);
        std::int64_t sum = 0;
        for (const nn::MemoryNeed& need : forecast->needs) {
            sum += need.bytes;
        }
        QCOMPARE(forecast->totalBytes, sum);
    }

    void refusesWhatIsTooLargeWithTableAndRemedies() {
        const nn::Graph graph = tests::graph("256x256x16 -> Flatten -> Dense(1024) -> Dense(10)");
        const auto forecast = nn::forecastTraining(graph, nn::infer(graph), {});
        const nn::MachineMemory machine{.availableBytes = std::int64_t{4} << 30,
                                        .limit = "free memory"};
        QCOMPARE(nn::memoryVerdict(*forecast, machine), nn::MemoryVerdict::TooLarge);
        const auto checked = nn::checkMemory(*forecast, machine);
        QVERIFY(!checked);
        QCOMPARE(checked.error().code, nn::ErrorCode::TooLarge);
        for (const char* part : {"weights", "gradients", "state of Adam", "4.00 GB", "What helps",
                                 "GlobalAveragePooling2D", "\"dense\""}) {
            QVERIFY2(checked.error().message.find(part) != std::string::npos, part);
        }
    }

    void advisesASmallerBatchOnlyAboveOneImage() {
        const nn::Graph graph = tests::graph("28x28x1 -> Flatten -> Dense(10)");
        for (const std::int64_t batch : {1, 2}) {
            const auto forecast =
                nn::forecastTraining(graph, nn::infer(graph), {.batchSize = batch});
            const auto checked = nn::checkMemory(*forecast, {.availableBytes = 1000});
            QVERIFY(!checked);
            QCOMPARE(checked.error().message.find("smaller batch") != std::string::npos, batch > 1);
        }
    }

    void tellsFitsFromTight() {
        nn::MemoryForecast forecast;
        forecast.totalBytes = 70;
        QCOMPARE(nn::memoryVerdict(forecast, {.availableBytes = 100}), nn::MemoryVerdict::Tight);
        QCOMPARE(nn::memoryVerdict(forecast, {.availableBytes = 1000}), nn::MemoryVerdict::Fits);
        QCOMPARE(nn::memoryVerdict(forecast, {.availableBytes = 80}), nn::MemoryVerdict::TooLarge);
    }

    void survivesSizesBeyondAnyMachine() {
        const nn::Graph graph =
            tests::graph("4096x4096x512 -> Flatten -> Dense(1000000) -> Dense(10)");
        const auto forecast =
            nn::forecastTraining(graph, nn::infer(graph), {.batchSize = 1'000'000});
        if (forecast) {
            QVERIFY(forecast->totalBytes > (std::int64_t{1} << 50));
            QVERIFY(!nn::checkMemory(*forecast, nn::machineMemory()));
        } else {
            QVERIFY(!forecast.error().message.empty());
        }
    }

    void readsFreeMemory() {
        const QTemporaryDir folder;
        const std::filesystem::path root = folder.path().toStdString();
        write(root / "proc/meminfo", kMemInfo);
        const nn::MachineMemory memory = nn::machineMemory(root);
        QCOMPARE(memory.availableBytes, std::int64_t{4} << 30);
        QCOMPARE(memory.limit, std::string("free memory"));
    }

    void heedsControlGroupsOfBothKinds() {
        const QTemporaryDir folder;
        const std::filesystem::path root = folder.path().toStdString();
        write(root / "proc/meminfo", kMemInfo);
        write(root / "proc/self/cgroup", "0::/a/b\n");
        write(root / "sys/fs/cgroup/a/memory.max", "1073741824\n");
        write(root / "sys/fs/cgroup/a/memory.current", "268435456\n");
        write(root / "sys/fs/cgroup/a/memory.stat", "anon 1\ninactive_file 1024\n");
        write(root / "sys/fs/cgroup/a/b/memory.max", "max\n");
        QCOMPARE(nn::machineMemory(root).availableBytes, 1073741824 - 268435456 + 1024);

        write(root / "proc/self/cgroup", "4:memory:/job\n");
        write(root / "sys/fs/cgroup/memory/job/memory.limit_in_bytes", "536870912\n");
        write(root / "sys/fs/cgroup/memory/job/memory.usage_in_bytes", "36870912\n");
        QCOMPARE(nn::machineMemory(root).availableBytes, 500000000);
    }

    void ordersArePermutationsOfSeedAndEpoch() {
        const std::vector<std::int64_t> order = nn::sampleOrder(1000, 1, 0);
        const std::set<std::int64_t> members(order.begin(), order.end());
        QCOMPARE(members.size(), std::size_t{1000});
        QVERIFY(order != nn::orderAsGiven(1000));
        QCOMPARE(nn::sampleOrder(1000, 1, 0), order);
        QVERIFY(nn::sampleOrder(1000, 1, 1) != order);
        QVERIFY(nn::sampleOrder(1000, 2, 0) != order);
    }

    void longHistoriesAreThinnedEvenly() {
        nn::HistoryRecorder recorder(100);
        for (std::int64_t step = 1; step <= 10'000; ++step) {
            recorder.add(nn::BatchProgress{.step = step});
        }
        const std::vector<nn::BatchProgress>& kept = recorder.history().batches;
        QVERIFY(kept.size() >= 50 && kept.size() <= 100);
        for (std::size_t i = 1; i < kept.size(); ++i) {
            QCOMPARE(kept[i].step - kept[i - 1].step, kept[1].step - kept[0].step);
        }
        QVERIFY(kept.back().step > 9'700);
    }
};

QTEST_APPLESS_MAIN(TestForecast)
#include "tst_forecast.moc"
