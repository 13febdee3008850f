#include "nn/exec/initializers.h"

#include <Eigen/Core>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <numbers>

using namespace nn;

namespace {

const Shape kConvolution{3, 3, 64, 128};

std::vector<float> drawn(std::string_view text, const Shape& shape = kConvolution,
                         const RandomKey& key = {1, RandomPurpose::Initializer, 3},
                         int threads = 1) {
    Parallel parallel(threads);
    std::vector<float> values(static_cast<std::size_t>(shape.count()));
    initialize(parallel, parsedObject(kInitializers, text).value(), {shape, key}, values);
    return values;
}

/// Rows and columns of a variable seen as a matrix.
Eigen::MatrixXd matrixOf(const std::vector<float>& values, std::int64_t columns) {
    using RowMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    const auto rows = static_cast<std::int64_t>(values.size()) / columns;
    return Eigen::Map<const RowMatrix>(values.data(), rows, columns).cast<double>();
}

bool isIdentity(const Eigen::MatrixXd& matrix) {
    return (matrix - Eigen::MatrixXd::Identity(matrix.rows(), matrix.cols()))
               .cwiseAbs()
               .maxCoeff() < 1e-5;
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
    void meansMoveTheNumbers();
    void orthogonalMatricesKeepLengths();
    void identityHasItsGainOnTheDiagonal();
    void sameForAnyNumberOfThreads();
    void ownSeedTakesThePlaceOfTheKey();
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
    const double out = 3 * 3 * 128;
    row("VarianceScaling", 1.0 / in, truncated(1.0 / in));
    row("VarianceScaling(scale=3, mode=fan_out, distribution=uniform)", 3.0 / out,
        uniform(3.0 / out));
    row("VarianceScaling(mode=fan_avg, distribution=untruncated_normal)", 1.0 / average,
        6.4 / std::sqrt(average));
    row("HeUniform(input_axes=(3,), output_axes=(2,))", 2.0 / out, uniform(2.0 / out));
    row("RandomUniform(minval=-1, maxval=1)", 1.0 / 3.0, 1.0);
    row("RandomNormal(stddev=2)", 4.0, 12.8);
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
    QCOMPARE(drawn("Constant(0.25)"), std::vector<float>(73'728, 0.25F));
}

void TestInitializers::meansMoveTheNumbers() {
    QVERIFY(std::abs(momentsOf(drawn("RandomNormal(mean=3)")).mean - 3.0) < 0.002);
    QVERIFY(std::abs(momentsOf(drawn("TruncatedNormal(mean=-1)")).mean + 1.0) < 0.002);
    QVERIFY(std::abs(momentsOf(drawn("RandomUniform(1, 2)")).mean - 1.5) < 0.01);
}

void TestInitializers::orthogonalMatricesKeepLengths() {
    const Eigen::MatrixXd tall = matrixOf(drawn("orthogonal", {3, 3, 4, 8}), 8);
    QVERIFY(isIdentity(tall.transpose() * tall));
    const Eigen::MatrixXd wide = matrixOf(drawn("Orthogonal(gain=2)", {5, 11}), 11) / 2.0;
    QVERIFY(isIdentity(wide * wide.transpose()));
}

void TestInitializers::identityHasItsGainOnTheDiagonal() {
    QVERIFY(isIdentity(matrixOf(drawn("Identity(3)", {4, 6}), 6) / 3.0));
}

void TestInitializers::sameForAnyNumberOfThreads() {
    for (const ObjectDef& def : initializerDefs()) {
        const Shape shape = def.maxRank == 2 ? Shape{37, 11} : Shape{70, 70, 17};
        const RandomKey key{1, RandomPurpose::Initializer, 3};
        QCOMPARE(drawn(def.type, shape, key, 1), drawn(def.type, shape, key, 4));
    }
}

void TestInitializers::ownSeedTakesThePlaceOfTheKey() {
    const RandomKey other{2, RandomPurpose::Initializer, 9};
    for (const ObjectDef& def : initializerDefs()) {
        if (findSpec(def.params, "seed") == nullptr) {
            continue;
        }
        const std::string seven = def.type + "(seed=7)";
        const Shape shape{9, 8};
        QCOMPARE(drawn(seven, shape), drawn(seven, shape, other));
        QVERIFY(drawn(seven, shape) != drawn(def.type + "(seed=8)", shape));
        QVERIFY(drawn(def.type, shape) != drawn(def.type, shape, other));
    }
}

void TestInitializers::dependOnTheKey() {
    QCOMPARE(drawn("he_normal"), drawn("he_normal"));
    QVERIFY(drawn("he_normal") !=
            drawn("he_normal", kConvolution, {2, RandomPurpose::Initializer, 3}));
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
