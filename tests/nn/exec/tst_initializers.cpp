#include "nn/exec/initializers.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <numbers>

using namespace nn;

namespace {

const Shape kConvolution{3, 3, 64, 128};

std::vector<float> drawn(std::string_view name, const Shape& shape = kConvolution,
                         std::uint64_t seed = 1) {
    std::vector<float> values(static_cast<std::size_t>(shape.count()));
    initialize(name, {shape, {seed, RandomPurpose::Initializer, 3}}, values);
    return values;
}

struct Moments {
    double mean = 0.0;
    double deviation = 0.0;
    double largest = 0.0;
};

Moments momentsOf(const std::vector<float>& values) {
    Moments moments;
    const auto count = static_cast<double>(values.size());
    for (const float value : values) {
        moments.mean += static_cast<double>(value) / count;
        moments.largest = std::max(moments.largest, std::abs(static_cast<double>(value)));
    }
    for (const float value : values) {
        moments.deviation += std::pow(static_cast<double>(value) - moments.mean, 2) / count;
    }
    moments.deviation = std::sqrt(moments.deviation);
    return moments;
}

} // namespace

class TestInitializers : public QObject {
    Q_OBJECT

private slots:
    void fansAreThoseOfKeras();
    void haveTheirDistribution_data();
    void haveTheirDistribution();
    void constantsAreConstant();
    void piecesAreTheWhole();
    void dependOnTheKey();
    void quantileInvertsTheNormalDistribution();
};

void TestInitializers::fansAreThoseOfKeras() {
    const auto check = [](const Shape& shape, double in, double out) {
        const Fans fans = fansOf(shape);
        QCOMPARE(fans.in, in);
        QCOMPARE(fans.out, out);
    };
    check({784, 10}, 784.0, 10.0);
    check({3, 3, 16, 32}, 144.0, 288.0);
    check({5, 3, 4, 8}, 60.0, 120.0); // Groups: the stored shape counts.
    check({7}, 7.0, 7.0);
    check({}, 1.0, 1.0);
}

void TestInitializers::haveTheirDistribution_data() {
    QTest::addColumn<double>("deviation");
    QTest::addColumn<double>("limit");
    const double in = 3 * 3 * 64;
    const double average = (in + 3 * 3 * 128) / 2.0;
    const auto uniform = [](double variance) { return std::sqrt(3.0 * variance); };
    const auto truncated = [](double variance) {
        return 2.0 * std::sqrt(variance) / 0.87962566103423978;
    };
    const auto row = [](const char* name, double variance, double limit) {
        QTest::newRow(name) << std::sqrt(variance) << limit;
    };
    row("glorot_uniform", 1.0 / average, uniform(1.0 / average));
    row("glorot_normal", 1.0 / average, truncated(1.0 / average));
    row("he_uniform", 2.0 / in, uniform(2.0 / in));
    row("he_normal", 2.0 / in, truncated(2.0 / in));
    row("lecun_uniform", 1.0 / in, uniform(1.0 / in));
    row("lecun_normal", 1.0 / in, truncated(1.0 / in));
    row("random_uniform", 0.05 * 0.05 / 3.0, 0.05);
    row("random_normal", 0.05 * 0.05, 0.05 * 6.4);
    row("truncated_normal", std::pow(0.05 * 0.87962566103423978, 2), 0.1);
}

void TestInitializers::haveTheirDistribution() {
    QFETCH(double, deviation);
    QFETCH(double, limit);
    const Moments moments = momentsOf(drawn(QTest::currentDataTag()));
    // Five standard errors of 73,728 draws.
    QVERIFY(std::abs(moments.mean) < 5.0 * deviation / std::sqrt(73'728.0));
    QVERIFY(std::abs(moments.deviation / deviation - 1.0) < 0.02);
    QVERIFY(moments.largest <= limit * (1.0 + 1e-6));
    QVERIFY(moments.largest > limit * 0.6);
}

void TestInitializers::constantsAreConstant() {
    QCOMPARE(drawn("zeros"), std::vector<float>(73'728, 0.0F));
    QCOMPARE(drawn("ones"), std::vector<float>(73'728, 1.0F));
    QCOMPARE(initializerNames().size(), std::size_t{11});
}

void TestInitializers::piecesAreTheWhole() {
    const Shape shape{37, 11};
    for (const std::string& name : initializerNames()) {
        const std::vector<float> whole = drawn(name, shape);
        std::vector<float> pieces(whole.size());
        for (const std::size_t first : {std::size_t{0}, std::size_t{100}, std::size_t{304}}) {
            initialize(
                name, {shape, {1, RandomPurpose::Initializer, 3}, static_cast<std::int64_t>(first)},
                std::span(pieces).subspan(first));
        }
        QCOMPARE(pieces, whole);
    }
}

void TestInitializers::dependOnTheKey() {
    QCOMPARE(drawn("he_normal"), drawn("he_normal"));
    QVERIFY(drawn("he_normal") != drawn("he_normal", kConvolution, 2));
}

void TestInitializers::quantileInvertsTheNormalDistribution() {
    for (const double p :
         {0x1p-33, 1e-6, 0.01, 0.0749, 0.0751, 0.3, 0.5, 0.77, 0.999, 1 - 0x1p-33}) {
        const double back = 0.5 * std::erfc(-normalQuantile(p) / std::numbers::sqrt2);
        QVERIFY2(std::abs(back - p) <= 1e-13 * p + 1e-16, qPrintable(QString::number(p)));
    }
}

QTEST_APPLESS_MAIN(TestInitializers)
#include "tst_initializers.moc"
