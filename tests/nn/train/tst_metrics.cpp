#include "nn/train/metric.h"
#include "nn/train/trainer.h"

#include <QTest>
#include <cmath>

namespace {

using nn::ParamObject;

/// Outputs and targets of a batch, written down.
struct Given {
    std::vector<float> outputs;
    std::vector<float> values;
    std::vector<std::int32_t> labels = {};
    std::vector<float> weights = {};
    std::int64_t width = 1;
    bool logits = false;

    [[nodiscard]] nn::Outputs said() const {
        return {.values = outputs, .width = width, .logits = logits};
    }
    [[nodiscard]] nn::Targets wanted() const {
        return {.labels = labels, .values = values, .weights = weights};
    }
};

std::unique_ptr<nn::Metric> metric(const char* text, const Given& given) {
    const nn::Expected<ParamObject> object = nn::parsedMetric(text);
    if (!object) {
        qFatal("%s", object.error().message.c_str());
    }
    return nn::makeMetric(*object, {.width = given.width});
}

double result(const char* text, const Given& given) {
    const auto made = metric(text, given);
    made->add(given.said(), given.wanted());
    return made->result();
}

bool near(double a, double b) {
    return std::abs(a - b) <= 1e-6;
}

const Given kYesNo{.outputs = {1.0F, 0.0F, 1.0F, 1.0F}, .values = {0.0F, 1.0F, 1.0F, 1.0F}};
const Given kMultiLabel{.outputs = {0.2F, 0.6F, 0.7F, 0.2F, 0.6F, 0.6F, 0.6F, 0.8F, 0.0F},
                        .values = {1.0F, 1.0F, 1.0F, 1.0F, 0.0F, 0.0F, 1.0F, 1.0F, 0.0F},
                        .width = 3};
const Given kClasses{
    .outputs = {0.1F, 0.6F, 0.3F, 0.05F, 0.95F, 0.0F}, .values = {}, .labels = {2, 1}, .width = 3};

} // namespace

class TestMetrics : public QObject {
    Q_OBJECT

private slots:
    // The examples of Keras' own documentation.
    void examplesOfKerasGiveItsFigures() {
        QVERIFY(near(result("Precision()", kYesNo), 2.0 / 3.0));
        QVERIFY(near(result("Recall()", kYesNo), 2.0 / 3.0));
        Given weighted = kYesNo;
        weighted.weights = {0.0F, 0.0F, 1.0F, 0.0F};
        QVERIFY(near(result("precision", weighted), 1.0));

        Given curve{.outputs = {0.0F, 0.5F, 0.3F, 0.9F}, .values = {0.0F, 0.0F, 1.0F, 1.0F}};
        QVERIFY(near(result("AUC(num_thresholds=3)", curve), 0.75));
        curve.weights = {1.0F, 0.0F, 0.0F, 1.0F};
        QVERIFY(near(result("AUC(num_thresholds=3)", curve), 1.0));

        QVERIFY(near(result("F1Score(threshold=0.5)", kMultiLabel), (0.5 + 0.8 + 0.6666667) / 3.0));
        QVERIFY(near(result("FBetaScore(beta=2.0, threshold=0.5)", kMultiLabel),
                     (0.3846154 + 0.90909094 + 0.8333334) / 3.0));

        Given areas{.outputs = {0.1F, 0.2F, 0.4F, 0.7F}, .values = {0.0F, 1.0F, 0.0F, 1.0F}};
        QVERIFY(near(result("BinaryIoU(threshold=0.3)", areas), 0.33333334));
        areas.weights = {0.2F, 0.3F, 0.4F, 0.1F};
        QVERIFY(near(result("BinaryIoU(threshold=0.3)", areas), 0.17361112));
        const Given numbers{.outputs = {0.0F, 1.0F, 0.0F, 1.0F},
                            .values = {0.0F, 0.0F, 1.0F, 1.0F}};
        QVERIFY(near(result("MeanIoU(num_classes=2)", numbers), 0.33333334));

        QVERIFY(near(result("SparseCategoricalAccuracy()", kClasses), 0.5));
        Given accuracy = kClasses;
        accuracy.weights = {0.7F, 0.3F};
        QVERIFY(near(result("sparse_categorical_accuracy", accuracy), 0.3));
        QVERIFY(near(result("SparseTopKCategoricalAccuracy(k=2)", kClasses), 1.0));
    }

    void precisionLooksAtOneClassOrTheTop() {
        Given given = kClasses; // truth: class 2, class 1; said: class 1, class 1
        QVERIFY(near(result("Precision(class_id=1)", given), 0.5));
        QVERIFY(near(result("Recall(class_id=2)", given), 0.0));
        QVERIFY(near(result("Precision(top_k=1)", given), 0.5));
        QVERIFY(near(result("Recall(top_k=2)", given), 1.0));
        QVERIFY(near(result("FalsePositives()", given), 1.0));
        QVERIFY(near(result("TrueNegatives()", given), 3.0));
    }

    // Both curves of a perfect order are full; halves of it are known.
    void areasKnowPerfectAndReversedOrder() {
        const Given perfect{.outputs = {0.1F, 0.2F, 0.8F, 0.9F},
                            .values = {0.0F, 0.0F, 1.0F, 1.0F}};
        QVERIFY(std::abs(result("auc", perfect) - 1.0) < 1e-6);
        QVERIFY(std::abs(result("AUC(curve='PR')", perfect) - 1.0) < 1e-6);
        const Given reversed{.outputs = {0.9F, 0.8F, 0.2F, 0.1F},
                             .values = {0.0F, 0.0F, 1.0F, 1.0F}};
        QVERIFY(std::abs(result("auc", reversed)) < 1e-6);
        QVERIFY(result("AUC(summation_method='majoring')", reversed) >=
                result("AUC(summation_method='minoring')", reversed));
    }

    void accuracyIsResolvedAsKerasDoes() {
        const Given one{.outputs = {0.4F, 0.6F, 0.7F}, .values = {0.0F, 1.0F, 0.0F}};
        const auto binary =
            nn::makeMetric(ParamObject("accuracy"), {.width = 1, .loss = nn::LossFamily::Binary});
        binary->add(one.said(), one.wanted());
        QVERIFY(near(binary->result(), 2.0 / 3.0));
        QVERIFY(nn::makeMetric(ParamObject("accuracy"),
                               {.width = 1, .loss = nn::LossFamily::Regression}) == nullptr);
        QVERIFY(near(result("acc", kClasses), 0.5));
    }

    void addsUpOverBatchesAndForgets() {
        const auto mean = metric("mae", kYesNo);
        mean->add(kYesNo.said(), kYesNo.wanted()); // 0.5 over four
        const Given second{.outputs = {1.0F}, .values = {3.0F}};
        mean->add(second.said(), second.wanted());
        QVERIFY(near(mean->result(), (2.0 + 2.0) / 5.0));
        mean->reset();
        mean->add(second.said(), second.wanted());
        QVERIFY(near(mean->result(), 2.0));
        QVERIFY(near(result("RootMeanSquaredError()", second), 2.0));
        const Given same{.outputs = {1.0F, 2.0F}, .values = {2.0F, 4.0F}, .width = 2};
        QVERIFY(near(result("CosineSimilarity()", same), 1.0));
    }

    // Keras' `metrics` do not know sample weights.
    void setsCountEverySampleOnce() {
        nn::MetricSet set({ParamObject("accuracy"), ParamObject("accuracy")}, {.width = 3});
        Given given = kClasses;
        given.weights = {0.0F, 1.0F};
        set.add(given.said(), given.wanted());
        const std::vector<nn::NamedValue> results = set.results();
        QCOMPARE(results.size(), std::size_t{2});
        QCOMPARE(results[0].name, std::string("accuracy"));
        QCOMPARE(results[1].name, std::string("accuracy_1"));
        QVERIFY(near(results[0].value, 0.5));
    }

    void setsTurnScoresIntoProbabilities() {
        nn::MetricSet set({*nn::parsedMetric("Precision()")}, {.width = 2});
        const Given scores{.outputs = {3.0F, 2.0F, -5.0F, -1.0F},
                           .values = {},
                           .labels = {0, 1},
                           .width = 2,
                           .logits = true};
        set.add(scores.said(), scores.wanted());
        QVERIFY(
            near(set.results().front().value, 1.0)); // as probabilities one per row is above 0.5
    }

    void namesAreThoseOfKerasHistory() {
        QCOMPARE(nn::metricName(*nn::parsedMetric("mae")), std::string("mae"));
        QCOMPARE(nn::metricName(*nn::parsedMetric("MeanAbsoluteError()")),
                 std::string("mean_absolute_error"));
        QCOMPARE(nn::metricName(*nn::parsedMetric("AUC")), std::string("AUC"));
        QCOMPARE(nn::metricName(*nn::parsedMetric("AUC(name='area')")), std::string("area"));
        QCOMPARE(nn::metricName(*nn::parsedMetric("TopKCategoricalAccuracy(k=3)")),
                 std::string("top_k_categorical_accuracy"));
        QCOMPARE(nn::metricName(ParamObject("accuracy")), std::string("accuracy"));
        QVERIFY(!nn::parsedMetric("no_such_metric"));
        QVERIFY(!nn::parsedMetric("AUC(curve='XY')"));
    }

    void everyMetricExplainsItselfAndRuns() {
        for (const nn::ObjectDef& def : nn::metricFamily().defs()) {
            QVERIFY2(def.help.size() > 30 && !def.title.empty(), def.type.c_str());
            for (const nn::ParamSpec& spec : def.params) {
                QVERIFY2(spec.help.size() > 15, (def.type + spec.name).c_str());
            }
            const auto made = nn::makeMetric(nn::defaultObject(def), {.width = 3});
            QVERIFY2(made != nullptr, def.type.c_str());
            made->add(kClasses.said(), kClasses.wanted());
            QVERIFY2(std::isfinite(made->result()), def.type.c_str());
        }
    }

    void figuresOfClassesComeFromTheConfusion() {
        const nn::Confusion confusion{.classes = 2, .counts = {3, 1, 2, 4}};
        const std::vector<nn::ClassFigures> figures = nn::classFigures(confusion);
        QCOMPARE(figures[0].images, 4);
        QVERIFY(near(figures[0].precision, 0.6));
        QVERIFY(near(figures[0].recall, 0.75));
        QVERIFY(near(figures[0].f1, 6.0 / 9.0));
        QVERIFY(near(figures[1].precision, 0.8));
    }
};

QTEST_APPLESS_MAIN(TestMetrics)
#include "tst_metrics.moc"
