#include "widgets/plots/curve_data.h"

#include <QTest>
#include <cmath>

using namespace widgets;

namespace {

nn::BatchProgress batch(std::int64_t step, double loss, std::int64_t perEpoch = 100) {
    return {.step = step,
            .epoch = (step - 1) / perEpoch,
            .batch = (step - 1) % perEpoch + 1,
            .batchesPerEpoch = perEpoch,
            .loss = loss,
            .accuracy = 0.5};
}

} // namespace

class TestCurveData : public QObject {
    Q_OBJECT

private slots:
    void batchesLieInsideTheirEpoch() {
        QCOMPARE(batchPoint(batch(50, 1.0)).epoch, 0.5);
        QCOMPARE(batchPoint(batch(100, 1.0)).epoch, 1.0);
        QCOMPARE(batchPoint(batch(101, 1.0)).epoch, 1.01);
    }

    void smoothingIsTheCorrectedMovingAverage() {
        MovingAverage average(0.9);
        QCOMPARE(average.next(2.0), 2.0); // without correction: 0.2
        // (0.9·0.1·2 + 0.1·4) / (1 − 0.81)
        QCOMPARE(average.next(4.0), (0.18 + 0.4) / 0.19);
        QCOMPARE(average.next(nn::kNotMeasured), (0.18 + 0.4) / 0.19);
        MovingAverage none(0.0);
        QCOMPARE(none.next(2.0), 2.0);
        QCOMPARE(none.next(7.0), 7.0);
    }

    void thinningKeepsTheOutline() {
        CurveData data;
        std::vector<nn::BatchProgress> batches;
        for (std::int64_t step = 1; step <= 100'000; ++step) {
            batches.push_back(batch(step, step == 33'333 ? 99.0 : step == 77'777 ? -5.0 : 1.0));
        }
        data.append(batches);
        QVERIFY(data.batches().size() <= CurveData::kMaxBatches);
        QVERIFY(data.batches().size() >= CurveData::kMaxBatches / 2 - 1);
        QVERIFY(data.stride() > 1);
        const auto has = [&](double loss) {
            return std::any_of(data.batches().begin(), data.batches().end(),
                               [loss](const BatchPoint& p) { return p.loss == loss; });
        };
        QVERIFY(has(99.0));
        QVERIFY(has(-5.0));
        QVERIFY(std::is_sorted(
            data.batches().begin(), data.batches().end(),
            [](const BatchPoint& a, const BatchPoint& b) { return a.epoch < b.epoch; }));
        QCOMPARE(data.loss().high, 99.0);
        QCOMPARE(data.lastEpoch(), 1000.0);
    }

    void thinningKeepsWhereTrainingBroke() {
        CurveData data;
        std::vector<nn::BatchProgress> batches;
        for (std::int64_t step = 1; step <= 20'001; ++step) {
            batches.push_back(batch(step, step == 5'000 ? nn::kNotMeasured : 1.0));
        }
        data.append(batches);
        QVERIFY(std::any_of(data.batches().begin(), data.batches().end(),
                            [](const BatchPoint& p) { return std::isnan(p.loss); }));
    }

    void extentsIgnoreWhatIsNotFinite() {
        CurveData data;
        const std::vector<nn::BatchProgress> batches = {
            batch(1, std::numeric_limits<double>::infinity()), batch(2, 0.0), batch(3, 2.0)};
        data.append(batches);
        QCOMPARE(data.loss().low, 0.0);
        QCOMPARE(data.loss().high, 2.0);
        QCOMPARE(data.positiveLoss().low, 2.0);
        QVERIFY(CurveData().loss().isEmpty());
    }

    void csvHoldsEveryPoint() {
        CurveData data;
        const std::vector<nn::BatchProgress> batches = {batch(50, 1.25)};
        data.append(batches);
        data.append(nn::EpochResult{
            .epoch = 1, .loss = 0.5, .accuracy = 0.75, .valLoss = 0.625, .valAccuracy = 0.875});
        data.append(nn::EpochResult{.epoch = 2, .loss = 0.25});
        QCOMPARE(data.csv(), QByteArray("kind,epoch,loss,accuracy,val_loss,val_accuracy\r\n"
                                        "batch,0.5,1.25,0.5,,\r\n"
                                        "epoch,1,0.5,0.75,0.625,0.875\r\n"
                                        "epoch,2,0.25,,,\r\n"));
    }

    void everyFigureHasItsExtentAndItsColumn() {
        CurveData data;
        data.append(
            nn::EpochResult{.epoch = 1,
                            .loss = 0.5,
                            .accuracy = 0.75,
                            .values = {{"auc", 0.5}, {"val_auc", 0.25}, {"learning_rate", 0.125}}});
        data.append(nn::EpochResult{.epoch = 2, .loss = 0.25, .values = {{"auc", 0.875}}});
        QCOMPARE(data.figures(), (std::vector<std::string>{"accuracy", "auc", "learning_rate"}));
        QCOMPARE(data.extentOf("auc").low, 0.25);
        QCOMPARE(data.extentOf("auc").high, 0.875);
        QVERIFY(data.extentOf("recall").isEmpty());
        QCOMPARE(data.csv(), QByteArray("kind,epoch,loss,accuracy,val_loss,val_accuracy,auc,"
                                        "learning_rate,val_auc\r\n"
                                        "epoch,1,0.5,0.75,,,0.5,0.125,0.25\r\n"
                                        "epoch,2,0.25,,,,0.875,,\r\n"));
    }

    void clearForgetsEverything() {
        CurveData data;
        data.append(nn::EpochResult{.epoch = 3, .loss = 0.5});
        data.clear();
        QVERIFY(data.isEmpty());
        QCOMPARE(data.lastEpoch(), 0.0);
        QVERIFY(data.loss().isEmpty());
    }
};

QTEST_APPLESS_MAIN(TestCurveData)
#include "tst_curve_data.moc"
