#include "nn/train/schedule.h"

#include "nn/train/optimizer.h"

#include <QTest>
#include <cmath>

namespace {

/// The rates of a schedule, as a person writes it, at some steps.
QList<double> rates(const std::string& text, std::initializer_list<std::int64_t> steps) {
    const auto object = nn::parsedObject(nn::scheduleFamily(), text);
    QList<double> values;
    for (const std::int64_t step : steps) {
        values << (object ? nn::learningRateAt(*object, step) : std::nan(""));
    }
    return values;
}

bool near(const QList<double>& a, const QList<double>& b) {
    return std::ranges::equal(a, b, [](double x, double y) { return std::abs(x - y) < 1e-12; });
}

} // namespace

class TestSchedule : public QObject {
    Q_OBJECT

private slots:
    void exponentialDecayMultiplies() {
        const std::string start = "ExponentialDecay(initial_learning_rate=0.8, decay_steps=2, ";
        QVERIFY(near(rates(start + "decay_rate=0.25)", {0, 1, 2, 4}), {0.8, 0.4, 0.2, 0.05}));
        QVERIFY(near(rates(start + "decay_rate=0.25, staircase=True)", {0, 1, 2, 3, 4}),
                     {0.8, 0.8, 0.2, 0.2, 0.05}));
    }

    void inverseTimeDecayDivides() {
        const std::string start = "InverseTimeDecay(1.0, 2, 1.0";
        QVERIFY(near(rates(start + ")", {0, 1, 2, 6}), {1.0, 1.0 / 1.5, 0.5, 0.25}));
        QVERIFY(near(rates(start + ", True)", {0, 1, 2, 3}), {1.0, 1.0, 0.5, 0.5}));
    }

    void polynomialDecayEndsOrCycles() {
        const std::string start = "PolynomialDecay(1.0, 4, end_learning_rate=0.2";
        QVERIFY(near(rates(start + ")", {0, 1, 4, 9}), {1.0, 0.8, 0.2, 0.2}));
        QVERIFY(near(rates(start + ", power=2)", {0, 2, 4}), {1.0, 0.4, 0.2}));
        QVERIFY(near(rates(start + ", cycle=True)", {0, 4, 5, 8}),
                     {1.0, 0.2, 0.2 + 0.8 * 3.0 / 8.0, 0.2}));
    }

    void piecewiseConstantKeepsAValueUpToItsBoundary() {
        QVERIFY(near(rates("PiecewiseConstantDecay(boundaries=[1, 3], values=[0.2, 0.1, 0.01])",
                           {0, 1, 2, 3, 4, 100}),
                     {0.2, 0.2, 0.1, 0.1, 0.01, 0.01}));
    }

    void cosineDecayWarmsUpAndSinksToAlpha() {
        QVERIFY(near(rates("CosineDecay(0.2, 4, alpha=0.1)", {0, 2, 4, 9}),
                     {0.2, 0.2 * 0.55, 0.02, 0.02}));
        QVERIFY(near(
            rates("CosineDecay(0.0, 4, warmup_target=0.4, warmup_steps=2)", {0, 1, 2, 4, 6, 9}),
            {0.0, 0.2, 0.4, 0.2, 0.0, 0.0}));
    }

    void cosineRestartsOnTheStepItself() {
        // Ways down of 2, 4, 8 … steps: restarts at 2, 6, 14.
        QVERIFY(near(rates("CosineDecayRestarts(1.0, 2, m_mul=0.5)", {0, 1, 2, 4, 6, 10, 14}),
                     {1.0, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125}));
        QVERIFY(near(rates("CosineDecayRestarts(1.0, 2, t_mul=1.0, alpha=0.5)", {0, 1, 2, 3, 4}),
                     {1.0, 0.75, 1.0, 0.75, 1.0}));
        // Thirds: log(243) / log(3) is a little below 5 in floating point.
        QVERIFY(near(rates("CosineDecayRestarts(1.0, 1, t_mul=3.0)", {121}), {1.0}));
    }

    void aNumberIsAConstant() {
        QCOMPARE(nn::learningRateAt(0.25, 0), 0.25);
        QCOMPARE(nn::learningRateAt(0.25, 1'000'000), 0.25);
    }

    /// Settings that no form and no file has put into their normal form.
    void wholeNumbersStandForRealOnes() {
        const nn::ParamObject raw("ExponentialDecay", {{"initial_learning_rate", std::int64_t{1}},
                                                       {"decay_steps", std::int64_t{2}},
                                                       {"decay_rate", 0.25}});
        QCOMPARE(nn::learningRateAt(raw, 2), 0.25);
        QCOMPARE(nn::learningRateAt(nn::ParamValue(std::int64_t{2}), 7), 2.0);
    }

    void everyScheduleIsDescribed() {
        QCOMPARE(nn::scheduleFamily().defs().size(), std::size_t{6});
        for (const nn::ObjectDef& def : nn::scheduleFamily().defs()) {
            QVERIFY2(def.help.size() > 20 && !def.title.empty(), def.type.c_str());
            for (const nn::ParamSpec& spec : def.params) {
                QVERIFY2(spec.help.size() > 15, (def.type + "." + spec.name).c_str());
            }
            for (const std::int64_t step : {0, 1, 999, 1000, 1001, 1'000'000}) {
                const double rate = nn::learningRateAt(nn::defaultObject(def), step);
                QVERIFY2(std::isfinite(rate) && rate >= 0.0, def.type.c_str());
            }
        }
    }

    void refusesAsManyValuesAsBoundaries() {
        const auto parsed = nn::parsedObject(
            nn::scheduleFamily(), "PiecewiseConstantDecay(boundaries=[1, 2], values=[0.1, 0.2])");
        QVERIFY(parsed);
        const auto checked =
            nn::checkOptimizerParams(*nn::findOptimizerDef("SGD"), {{"learning_rate", *parsed}});
        QVERIFY(!checked);
        QVERIFY(checked.error().message.find("one value more") != std::string::npos);
    }

    void optimizersFollowTheirSchedule() {
        const auto rate = nn::parsedObject(
            nn::scheduleFamily(), "PiecewiseConstantDecay(boundaries=[0], values=[0.5, 0.25])");
        QVERIFY(rate);
        const auto optimizer = nn::findOptimizerDef("SGD")->make({{"learning_rate", *rate}});
        nn::Weights weights;
        weights.variables = {
            {.node = 1, .layer = "dense", .spec = {.name = "kernel", .shape = {1}}}};
        weights.tensors = {nn::Tensor(nn::Shape{1})};
        optimizer->build(weights.variables);
        nn::Parallel parallel(1);
        const float one = 1.0F;
        const std::span<const float> gradients[] = {std::span(&one, 1)};
        QVERIFY(optimizer->hasSchedule());
        QCOMPARE(optimizer->learningRate(), 0.5);
        QVERIFY(optimizer->apply(parallel, gradients, weights));
        QCOMPARE(weights.tensors[0].values()[0], -0.5F);
        QVERIFY(optimizer->apply(parallel, gradients, weights));
        QCOMPARE(weights.tensors[0].values()[0], -0.75F);
        optimizer->setLearningRate(9.0);
        QCOMPARE(optimizer->learningRate(), 0.25);
    }

    void aScheduleTakesThePlaceOfTheRateInKerasCount() {
        const std::vector<nn::Variable> none;
        const nn::OptimizerDef& sgd = *nn::findOptimizerDef("SGD");
        QCOMPARE(nn::optimizerVariableNumbers(sgd, {}, none), 2);
        const nn::ParamObject rate = nn::defaultObject(nn::scheduleFamily().defs().front());
        QCOMPARE(nn::optimizerVariableNumbers(sgd, {{"learning_rate", rate}}, none), 1);
    }
};

QTEST_APPLESS_MAIN(TestSchedule)
#include "tst_schedule.moc"
