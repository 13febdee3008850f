#include "nn/base/random.h"
#include "nn/train/loss.h"
#include "tests/support/reference_losses.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <numeric>

namespace {

using nn::ParamMap;
using tests::reference::LossInput;
using tests::reference::lossValues;

enum class Give { Probabilities, Units, Signed, Positive };
enum class Want { Labels, OneHot, Binary, Signed, Positive, Distribution };

/// A loss with arguments, and the kind of numbers it is made for.
struct Case {
    std::string loss;
    ParamMap params = {};
    Give give = Give::Units;
    Want want = Want::Binary;
    bool logits = false;
};

constexpr std::int64_t kSamples = 3;
constexpr std::int64_t kRowsPerSample = 2;
constexpr std::int64_t kWidth = 4;
constexpr std::int64_t kRows = kSamples * kRowsPerSample;

const ParamMap kLogits{{"from_logits", true}};
const ParamMap kSmooth{{"label_smoothing", 0.1}};
const ParamMap kPerSample{{"axis", std::vector<std::int64_t>{1, 2}}};

const std::vector<Case>& allCases() {
    static const std::vector<Case> cases{
        {"sparse_categorical_crossentropy", {}, Give::Probabilities, Want::Labels},
        {"sparse_categorical_crossentropy", {}, Give::Signed, Want::Labels, true},
        {"sparse_categorical_crossentropy", kLogits, Give::Signed, Want::Labels},
        {"categorical_crossentropy", {}, Give::Units, Want::OneHot},
        {"categorical_crossentropy", {}, Give::Signed, Want::Distribution, true},
        {"categorical_crossentropy", kLogits, Give::Signed, Want::Distribution},
        {"categorical_crossentropy", kSmooth, Give::Signed, Want::Labels, true},
        {"categorical_crossentropy", kSmooth, Give::Probabilities, Want::OneHot},
        {"categorical_focal_crossentropy", {}, Give::Units, Want::OneHot},
        {"categorical_focal_crossentropy",
         {{"alpha", 0.5}, {"gamma", 1.5}},
         Give::Signed,
         Want::Labels,
         true},
        {"categorical_focal_crossentropy",
         {{"from_logits", true}, {"label_smoothing", 0.2}},
         Give::Signed,
         Want::OneHot},
        {"categorical_focal_crossentropy", {{"gamma", 0.0}}, Give::Probabilities, Want::OneHot},
        {"binary_crossentropy", {}, Give::Units, Want::Binary},
        {"binary_crossentropy", kSmooth, Give::Units, Want::Binary},
        {"binary_crossentropy", kLogits, Give::Signed, Want::Binary},
        {"binary_crossentropy",
         {{"from_logits", true}, {"label_smoothing", 0.3}},
         Give::Signed,
         Want::Labels},
        {"binary_focal_crossentropy", {}, Give::Units, Want::Binary},
        {"binary_focal_crossentropy",
         {{"apply_class_balancing", true}, {"alpha", 0.4}, {"gamma", 3.0}},
         Give::Units,
         Want::Binary},
        {"binary_focal_crossentropy",
         {{"from_logits", true}, {"label_smoothing", 0.1}},
         Give::Signed,
         Want::Binary},
        {"binary_focal_crossentropy", {{"gamma", 0.0}}, Give::Units, Want::Binary},
        {"mean_squared_error", {}, Give::Signed, Want::Signed},
        {"mean_squared_error", {}, Give::Signed, Want::Labels},
        {"mean_absolute_error", {}, Give::Signed, Want::Signed},
        {"mean_absolute_percentage_error", {}, Give::Signed, Want::Positive},
        {"mean_squared_logarithmic_error", {}, Give::Positive, Want::Positive},
        {"huber", {}, Give::Signed, Want::Signed},
        {"huber", {{"delta", 0.3}}, Give::Signed, Want::Signed},
        {"log_cosh", {}, Give::Signed, Want::Signed},
        {"hinge", {}, Give::Signed, Want::Binary},
        {"hinge", {}, Give::Signed, Want::Signed},
        {"squared_hinge", {}, Give::Signed, Want::Binary},
        {"categorical_hinge", {}, Give::Units, Want::OneHot},
        {"categorical_hinge", {}, Give::Signed, Want::Labels},
        {"kl_divergence", {}, Give::Probabilities, Want::Distribution},
        {"poisson", {}, Give::Positive, Want::Positive},
        {"dice", {}, Give::Units, Want::Binary},
        {"dice", kPerSample, Give::Units, Want::Binary},
        {"tversky", {{"alpha", 0.3}, {"beta", 0.8}}, Give::Units, Want::Binary},
        {"tversky", kPerSample, Give::Units, Want::Labels},
        {"cosine_similarity", {}, Give::Signed, Want::Signed},
    };
    return cases;
}

void makeRowsSumToOne(std::vector<float>& values) {
    for (std::size_t r = 0; r < values.size(); r += kWidth) {
        float sum = 0.0F;
        for (std::size_t k = 0; k < kWidth; ++k) {
            sum += values[r + k];
        }
        for (std::size_t k = 0; k < kWidth; ++k) {
            values[r + k] /= sum;
        }
    }
}

std::vector<float> outputsFor(const Case& c, std::uint32_t stream) {
    nn::RandomSequence random({.seed = 7, .stream = stream});
    std::vector<float> values(kRows * kWidth);
    for (float& value : values) {
        const double unit = 0.05 + 0.9 * random.uniform();
        value = static_cast<float>(c.give == Give::Signed     ? 3.0 * (unit - 0.5)
                                   : c.give == Give::Positive ? 3.0 * unit
                                                              : unit);
    }
    if (c.give == Give::Probabilities) {
        makeRowsSumToOne(values);
    }
    return values;
}

/// Targets as the loss is given them, and as rows of numbers.
struct Wanted {
    std::vector<std::int32_t> labels;
    std::vector<float> values;
};

Wanted targetsFor(const Case& c, std::uint32_t stream) {
    nn::RandomSequence random({.seed = 8, .stream = stream});
    Wanted wanted;
    wanted.values.resize(kRows * kWidth);
    for (std::size_t r = 0; r < kRows; ++r) {
        const auto label = static_cast<std::int32_t>(random.uniform() * kWidth);
        wanted.labels.push_back(label);
        for (std::size_t k = 0; k < kWidth; ++k) {
            const double unit = 0.05 + 0.9 * random.uniform();
            const double hot = static_cast<std::int32_t>(k) == label ? 1.0 : 0.0;
            double value = hot;
            switch (c.want) {
            case Want::Labels:
            case Want::OneHot:
                break;
            case Want::Binary:
                value = unit > 0.5 ? 1.0 : 0.0;
                break;
            case Want::Signed:
                value = 3.0 * (unit - 0.5);
                break;
            case Want::Positive:
            case Want::Distribution:
                value = 2.0 * unit;
                break;
            }
            wanted.values[r * kWidth + k] = static_cast<float>(value);
        }
    }
    if (c.want == Want::Distribution) {
        makeRowsSumToOne(wanted.values);
    }
    return wanted;
}

constexpr std::array<std::int64_t, 2> kExtents{kRowsPerSample, kWidth};

nn::Outputs outputs(const std::vector<float>& y, const Case& c) {
    return {.values = y, .width = kWidth, .logits = c.logits, .extents = kExtents};
}

LossInput inputOf(const std::vector<float>& y, const Wanted& wanted, const Case& c) {
    return {.y = {y.begin(), y.end()},
            .t = {wanted.values.begin(), wanted.values.end()},
            .width = kWidth,
            .rowsPerSample = kRowsPerSample,
            .logits = c.logits};
}

/// The mean of the rows' losses, each times the weight of its sample.
double weightedMean(const std::vector<double>& values, const std::vector<float>& weights) {
    double sum = 0.0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double mean = std::accumulate(weights.begin(), weights.end(), 0.0) /
                            static_cast<double>(weights.size());
        sum += values[i] * (values.size() == 1
                                ? mean
                                : static_cast<double>(weights[i * weights.size() / values.size()]));
    }
    return sum / static_cast<double>(values.size());
}

double crossEntropyOf(const std::vector<float>& y, const nn::Targets& targets,
                      const ParamMap& params = {}) {
    return nn::findLossDef("sparse_categorical_crossentropy")
        ->make(params)
        ->value({.values = y, .width = 2}, targets);
}

} // namespace

class TestLoss : public QObject {
    Q_OBJECT

private slots:
    void gradientsMatchDifferences_data() {
        QTest::addColumn<int>("index");
        for (std::size_t i = 0; i < allCases().size(); ++i) {
            QTest::addRow("%zu %s", i, allCases()[i].loss.c_str()) << static_cast<int>(i);
        }
    }

    // With the sample weights 0.5, 2 and 1: every loss, every argument.
    void gradientsMatchDifferences() {
        QFETCH(int, index);
        const Case& c = allCases()[static_cast<std::size_t>(index)];
        const std::vector<float> weights{0.5F, 2.0F, 1.0F};
        const std::vector<float> y = outputsFor(c, static_cast<std::uint32_t>(index));
        const Wanted wanted = targetsFor(c, static_cast<std::uint32_t>(index));
        const nn::Targets targets = c.want == Want::Labels
                                        ? nn::Targets{.labels = wanted.labels, .weights = weights}
                                        : nn::Targets{.values = wanted.values, .weights = weights};
        const std::unique_ptr<const nn::Loss> loss = nn::findLossDef(c.loss)->make(c.params);
        std::vector<float> gradient(y.size(), std::nanf(""));
        const double value = loss->valueAndGradient(outputs(y, c), targets, gradient);

        LossInput input = inputOf(y, wanted, c);
        const auto reference = [&] {
            return weightedMean(lossValues(c.loss, c.params, input), weights);
        };
        QVERIFY2(std::abs(value - reference()) < 1e-6 * (1.0 + std::abs(value)),
                 qPrintable(QString::number(value) + ' ' + QString::number(reference())));
        QCOMPARE(loss->value(outputs(y, c), targets), value);
        double difference = 0.0;
        double size = 0.0;
        for (std::size_t i = 0; i < input.y.size(); ++i) {
            constexpr double h = 1e-5;
            const double middle = input.y[i];
            input.y[i] = middle + h;
            const double above = reference();
            input.y[i] = middle - h;
            const double slope = (above - reference()) / (2.0 * h);
            input.y[i] = middle;
            difference += std::pow(slope - static_cast<double>(gradient[i]), 2.0);
            size += slope * slope;
        }
        QVERIFY2(std::sqrt(difference) <= 1e-6 * std::sqrt(size),
                 qPrintable(QString::number(std::sqrt(difference / size))));
    }

    void everyLossIsAmongTheCases() {
        for (const nn::LossDef& def : nn::lossDefs()) {
            for (const nn::ParamSpec& spec : def.params) {
                QVERIFY2(spec.help.size() > 20, (def.name + " " + spec.name).c_str());
            }
            QVERIFY2(
                std::ranges::any_of(allCases(), [&](const Case& c) { return c.loss == def.name; }),
                def.name.c_str());
            QVERIFY(!def.title.empty() && def.help.size() > 40);
        }
        QVERIFY(nn::findLossDef("no_such_loss") == nullptr);
    }

    void namesAndShortFormsAreKeras() {
        const std::pair<const char*, const char*> names[] = {
            {"mse", "MeanSquaredError"},
            {"MAE", "MeanAbsoluteError"},
            {"mape", "MeanAbsolutePercentageError"},
            {"MSLE", "MeanSquaredLogarithmicError"},
            {"bce", "BinaryCrossentropy"},
            {"kld", "KLDivergence"},
            {"huber", "Huber"},
            {"log_cosh", "LogCosh"},
            {"kl_divergence", "KLDivergence"},
            {"categorical_focal_crossentropy", "CategoricalFocalCrossentropy"},
            {"sparse_categorical_crossentropy", "SparseCategoricalCrossentropy"},
            {"cosine_similarity", "CosineSimilarity"}};
        for (const auto& [name, className] : names) {
            const nn::LossDef* def = nn::findLossDef(name);
            QVERIFY2(def != nullptr && def->className == className, name);
            QVERIFY(nn::findLossDef(className) == def);
        }
    }

    void reductionsAreKeras() {
        const std::vector<float> y{0.5F, 0.5F, 0.25F, 0.75F};
        const std::vector<std::int32_t> labels{0, 0};
        const std::vector<float> weights{3.0F, 1.0F};
        const double first = 3.0 * std::log(2.0);
        const double second = std::log(4.0);
        const nn::Targets targets{.labels = labels, .weights = weights};
        const auto reduced = [&](const char* reduction) {
            return crossEntropyOf(y, targets, {{"reduction", std::string(reduction)}});
        };
        QVERIFY(std::abs(reduced("sum_over_batch_size") - (first + second) / 2.0) < 1e-6);
        QVERIFY(std::abs(reduced("mean") - (first + second) / 2.0) < 1e-6);
        QVERIFY(std::abs(reduced("sum") - (first + second)) < 1e-6);
        QVERIFY(std::abs(reduced("mean_with_sample_weight") - (first + second) / 4.0) < 1e-6);
    }

    // Keras divides by the number of rows that count.
    void ignoredClassDoesNotCount() {
        const std::vector<float> y{0.5F, 0.5F, 0.25F, 0.75F};
        const std::vector<std::int32_t> labels{0, 255};
        const auto loss = nn::findLossDef("sparse_categorical_crossentropy")
                              ->make({{"ignore_class", std::int64_t{255}}});
        std::vector<float> gradient(4, std::nanf(""));
        const double value =
            loss->valueAndGradient({.values = y, .width = 2}, {.labels = labels}, gradient);
        QVERIFY(std::abs(value - std::log(2.0)) < 1e-6);
        QCOMPARE(gradient[2], 0.0F);
        QCOMPARE(gradient[3], 0.0F);
        QVERIFY(gradient[0] < 0.0F);
    }

    void classesMayBeGivenAsNumbers() {
        const std::vector<float> y{0.5F, 0.5F, 0.25F, 0.75F};
        const std::vector<float> asNumbers{0.0F, 1.0F};
        const std::vector<std::int32_t> labels{0, 1};
        QCOMPARE(crossEntropyOf(y, {.values = asNumbers}), crossEntropyOf(y, {.labels = labels}));
    }

    void logitsStayExactWhereProbabilitiesRound() {
        const std::vector<float> scores{200.0F, -200.0F};
        const std::vector<std::int32_t> labels{1};
        const auto loss = nn::findLossDef("categorical_crossentropy")->make(kLogits);
        std::vector<float> gradient(2);
        const double value =
            loss->valueAndGradient({.values = scores, .width = 2}, {.labels = labels}, gradient);
        QCOMPARE(value, 400.0);
        QCOMPARE(gradient[0], 1.0F);
        QCOMPARE(gradient[1], -1.0F);
    }

    // Keras clips probabilities to [1e-7, 1 - 1e-7], also behind a softmax.
    void probabilitiesAreClippedAsKerasDoes() {
        const std::vector<float> scores{200.0F, -200.0F};
        const std::vector<std::int32_t> labels{1};
        const auto loss = nn::findLossDef("sparse_categorical_crossentropy")->make({});
        std::vector<float> gradient(2);
        const double value = loss->valueAndGradient({.values = scores, .width = 2, .logits = true},
                                                    {.labels = labels}, gradient);
        QVERIFY(std::abs(value + std::log(1e-7)) < 1e-6);
        QCOMPARE(gradient[0], 0.0F);
        QCOMPARE(gradient[1], 0.0F);
    }

    void scaleMultipliesTheGradientOnly() {
        const std::vector<float> y{0.5F, 0.5F, 0.25F, 0.75F};
        const std::vector<std::int32_t> labels{0, 1};
        const auto loss = nn::findLossDef("mse")->make({});
        std::vector<float> once(4);
        std::vector<float> thrice(4);
        const nn::Outputs said{.values = y, .width = 2};
        const double value = loss->valueAndGradient(said, {.labels = labels}, once);
        QCOMPARE(loss->valueAndGradient(said, {.labels = labels}, thrice, 3.0), value);
        for (std::size_t i = 0; i < 4; ++i) {
            QVERIFY(std::abs(thrice[i] - 3.0F * once[i]) < 1e-6F);
        }
    }

    void countsRowsWhoseLargestOutputIsRight() {
        const std::vector<float> y{0.1F, 0.9F, 0.8F, 0.2F, 0.3F, 0.7F};
        const std::vector<std::int32_t> labels{1, 1, 1};
        QCOMPARE(nn::correctRows({.values = y, .width = 2}, {.labels = labels}), 2);
    }
};

QTEST_APPLESS_MAIN(TestLoss)
#include "tst_loss.moc"
