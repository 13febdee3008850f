#include "nn/base/random.h"
#include "nn/train/loss.h"

#include <QTest>
#include <cmath>

namespace {

/// Random probabilities (each row a softmax) or any numbers.
std::vector<float> randomRows(std::int64_t rows, std::int64_t width, std::uint32_t stream,
                              bool probabilities) {
    nn::RandomSequence random({.seed = 7, .stream = stream});
    std::vector<float> values(static_cast<std::size_t>(rows * width));
    for (float& value : values) {
        value = static_cast<float>(random.normal());
    }
    for (std::int64_t r = 0; probabilities && r < rows; ++r) {
        double sum = 0.0;
        for (std::int64_t k = 0; k < width; ++k) {
            sum += std::exp(static_cast<double>(values[static_cast<std::size_t>(r * width + k)]));
        }
        for (std::int64_t k = 0; k < width; ++k) {
            float& value = values[static_cast<std::size_t>(r * width + k)];
            value = static_cast<float>(std::exp(static_cast<double>(value)) / sum);
        }
    }
    return values;
}

struct Case {
    const char* loss;
    nn::ParamMap params;
    bool logits;
    bool labels;
};

/// The losses' own formulas in double, for finite differences without float's rounding.
double reference(const Case& c, const std::vector<double>& y, std::int64_t width,
                 const std::vector<double>& t) {
    const auto rows = static_cast<std::int64_t>(y.size()) / width;
    const bool fromLogits = c.logits || c.params.contains("from_logits");
    double smoothing = 0.0;
    if (const auto found = c.params.find("label_smoothing"); found != c.params.end()) {
        smoothing = std::get<double>(found->second);
    }
    double total = 0.0;
    for (std::int64_t r = 0; r < rows; ++r) {
        double sum = 0.0;
        for (std::int64_t k = 0; k < width; ++k) {
            const double v = y[static_cast<std::size_t>(r * width + k)];
            sum += fromLogits ? std::exp(v) : v;
        }
        for (std::int64_t k = 0; k < width; ++k) {
            const auto i = static_cast<std::size_t>(r * width + k);
            if (std::string_view(c.loss) == "mean_squared_error") {
                total += (y[i] - t[i]) * (y[i] - t[i]) / static_cast<double>(width);
                continue;
            }
            const double target = t[i] * (1.0 - smoothing) + smoothing / static_cast<double>(width);
            const double p = (fromLogits ? std::exp(y[i]) : y[i]) / sum;
            total -= target * std::log(p);
        }
    }
    return total / static_cast<double>(rows);
}

} // namespace

class TestLoss : public QObject {
    Q_OBJECT

private slots:
    void gradientsMatchDifferences_data() {
        QTest::addColumn<int>("index");
        for (int i = 0; i < 9; ++i) {
            QTest::addRow("case %d", i) << i;
        }
    }

    void gradientsMatchDifferences() {
        QFETCH(int, index);
        const nn::ParamMap logits{{"from_logits", true}};
        const nn::ParamMap smooth{{"label_smoothing", 0.1}};
        const Case cases[] = {{"sparse_categorical_crossentropy", {}, false, true},
                              {"sparse_categorical_crossentropy", {}, true, true},
                              {"sparse_categorical_crossentropy", logits, false, true},
                              {"categorical_crossentropy", {}, false, false},
                              {"categorical_crossentropy", {}, true, false},
                              {"categorical_crossentropy", smooth, true, true},
                              {"categorical_crossentropy", smooth, false, false},
                              {"mean_squared_error", {}, false, false},
                              {"mean_squared_error", {}, false, true}};
        const Case& c = cases[index];
        const std::int64_t rows = 5;
        const std::int64_t width = 4;
        const bool scores = c.logits || c.params.contains("from_logits");
        const std::vector<float> y =
            randomRows(rows, width, static_cast<std::uint32_t>(index), !scores);
        const std::vector<std::int32_t> labels{0, 3, 1, 1, 2};
        std::vector<float> oneHot(y.size(), 0.0F);
        for (std::size_t r = 0; r < labels.size(); ++r) {
            oneHot[r * 4 + static_cast<std::size_t>(labels[r])] = 1.0F;
        }
        const nn::Targets targets =
            c.labels ? nn::Targets{.labels = labels} : nn::Targets{.values = oneHot};
        const std::unique_ptr<const nn::Loss> loss = nn::findLossDef(c.loss)->make(c.params);
        std::vector<float> gradient(y.size(), std::nanf(""));
        const double value = loss->valueAndGradient(
            {.values = y, .width = width, .logits = c.logits}, targets, gradient);

        std::vector<double> point(y.begin(), y.end());
        const std::vector<double> wanted(oneHot.begin(), oneHot.end());
        QVERIFY(std::abs(value - reference(c, point, width, wanted)) < 1e-6 * (1.0 + value));
        double difference = 0.0;
        double size = 0.0;
        for (std::size_t i = 0; i < point.size(); ++i) {
            constexpr double h = 1e-5;
            const double middle = point[i];
            point[i] = middle + h;
            const double above = reference(c, point, width, wanted);
            point[i] = middle - h;
            const double below = reference(c, point, width, wanted);
            point[i] = middle;
            const double slope = (above - below) / (2.0 * h);
            difference += std::pow(slope - static_cast<double>(gradient[i]), 2.0);
            size += slope * slope;
        }
        QVERIFY2(std::sqrt(difference) <= 1e-6 * std::sqrt(size),
                 qPrintable(QString::number(std::sqrt(difference / size))));
    }

    void averagesOverAllRows() {
        const std::vector<float> y{0.5F, 0.5F, 0.25F, 0.75F};
        const std::vector<std::int32_t> labels{0, 0};
        const auto loss = nn::findLossDef("sparse_categorical_crossentropy")->make({});
        const double value = loss->value({.values = y, .width = 2}, {.labels = labels});
        QVERIFY(std::abs(value - 0.5 * (std::log(2.0) + std::log(4.0))) < 1e-6);
    }

    void logitsStayExactWhereProbabilitiesRound() {
        const std::vector<float> scores{200.0F, -200.0F};
        const std::vector<std::int32_t> labels{1};
        const auto loss =
            nn::findLossDef("categorical_crossentropy")->make({{"from_logits", true}});
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
        QVERIFY(std::abs(value + std::log(1e-7)) < 1e-9);
        QCOMPARE(gradient[0], 0.0F);
        QCOMPARE(gradient[1], 0.0F);
    }

    void countsRowsWhoseLargestOutputIsRight() {
        const std::vector<float> y{0.1F, 0.9F, 0.8F, 0.2F, 0.3F, 0.7F};
        const std::vector<std::int32_t> labels{1, 1, 1};
        QCOMPARE(nn::correctRows({.values = y, .width = 2}, {.labels = labels}), 2);
    }

    void everyLossExplainsItself() {
        for (const nn::LossDef& def : nn::lossDefs()) {
            QVERIFY(!def.title.empty() && def.help.size() > 40);
            for (const nn::ParamSpec& spec : def.params) {
                QVERIFY2(spec.help.size() > 20, spec.name.c_str());
            }
        }
        QVERIFY(nn::findLossDef("no_such_loss") == nullptr);
    }
};

QTEST_APPLESS_MAIN(TestLoss)
#include "tst_loss.moc"
