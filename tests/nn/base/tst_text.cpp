#include "nn/base/text.h"

#include <QTest>
#include <clocale>
#include <limits>

using namespace nn;

namespace {

QString text(const std::string& value) {
    return QString::fromStdString(value);
}

} // namespace

class TextTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void groupsThousands();
    void writesBytesAsKerasDoes();
    void writesCountsWithPrefixes();
    void writesTheShortestNumber();
    void readsWholeTextsOnly();
    void splitsAndJoins();
    void snakeCaseIsThatOfKeras_data();
    void snakeCaseIsThatOfKeras();
    void findsTheNearestWord();
};

/// Numbers in files and messages must not follow the user's language.
void TextTest::initTestCase() {
    std::setlocale(LC_ALL, "de_DE.UTF-8");
}

void TextTest::groupsThousands() {
    QCOMPARE(text(withThousands(0)), QString("0"));
    QCOMPARE(text(withThousands(999)), QString("999"));
    QCOMPARE(text(withThousands(1000)), QString("1,000"));
    QCOMPARE(text(withThousands(975'837'514)), QString("975,837,514"));
    QCOMPARE(text(withThousands(-123'456)), QString("-123,456"));
    QCOMPARE(text(withThousands(std::numeric_limits<std::int64_t>::min())),
             QString("-9,223,372,036,854,775,808"));
}

void TextTest::writesBytesAsKerasDoes() {
    QCOMPARE(text(byteText(0)), QString("0.00 B"));
    QCOMPARE(text(byteText(1023)), QString("1023.00 B"));
    QCOMPARE(text(byteText(34'826 * 4)), QString("136.04 KB"));
    QCOMPARE(text(byteText(975'837'514LL * 4)), QString("3.64 GB"));
    QCOMPARE(text(byteText(std::numeric_limits<std::int64_t>::max())), QString("8192.00 PB"));
}

void TextTest::writesCountsWithPrefixes() {
    QCOMPARE(text(countText(0)), QString("0"));
    QCOMPARE(text(countText(999)), QString("999"));
    QCOMPARE(text(countText(34'826)), QString("34.8 k"));
    QCOMPARE(text(countText(999'600)), QString("1.00 M"));
    QCOMPARE(text(countText(1.5e9)), QString("1.50 G"));
    QCOMPARE(text(countText(0.25)), QString("0.25"));
}

void TextTest::writesTheShortestNumber() {
    QCOMPARE(text(numberText(0.1)), QString("0.1"));
    QCOMPARE(text(numberText(0.001)), QString("0.001"));
    QCOMPARE(text(numberText(1e-7)), QString("1e-07"));
    QCOMPARE(text(numberText(3.0)), QString("3"));
    for (const double value : {0.1, 1.0 / 3.0, 1e300, 5e-324, -2.5}) {
        QCOMPARE(*parseReal(numberText(value)), value);
    }
}

void TextTest::readsWholeTextsOnly() {
    QCOMPARE(*parseReal("0.5"), 0.5);
    QCOMPARE(*parseReal("+1e-3"), 1e-3);
    QCOMPARE(*parseInteger("-12"), -12);
    for (const char* bad : {"", " ", "0,5", "1.5x", "x", "--1", "1 2"}) {
        QVERIFY2(!parseReal(bad), bad);
        QVERIFY2(!parseInteger(bad), bad);
    }
    QVERIFY(!parseInteger("9223372036854775808"));
    QVERIFY(!parseInteger("1.0"));
    QVERIFY(!parseReal("1e999"));
}

void TextTest::splitsAndJoins() {
    QCOMPARE(split("a,,b", ','), (std::vector<std::string>{"a", "", "b"}));
    QCOMPARE(split("", ','), (std::vector<std::string>{""}));
    QCOMPARE(text(join({"a", "b", "c"}, ", ")), QString("a, b, c"));
    QCOMPARE(text(join({}, ", ")), QString());
    QCOMPARE(text(std::string(trimmed(" \t x y\r\n"))), QString("x y"));
    QVERIFY(trimmed("  \n").empty());
    QCOMPARE(text(lowerCase("ABC Äé")), QString("abc Äé"));
}

void TextTest::snakeCaseIsThatOfKeras_data() {
    QTest::addColumn<QString>("snake");
    const auto row = [](const char* type, const char* snake) { QTest::newRow(type) << snake; };
    row("Conv2D", "conv2d");
    row("Conv2DTranspose", "conv2d_transpose");
    row("DepthwiseConv2D", "depthwise_conv2d");
    row("SeparableConv2D", "separable_conv2d");
    row("MaxPooling2D", "max_pooling2d");
    row("GlobalAveragePooling2D", "global_average_pooling2d");
    row("BatchNormalization", "batch_normalization");
    row("SpatialDropout2D", "spatial_dropout2d");
    row("GaussianNoise", "gaussian_noise");
    row("ReLU", "re_lu");
    row("LeakyReLU", "leaky_re_lu");
    row("PReLU", "p_re_lu");
    row("ELU", "elu");
    row("Softmax", "softmax");
    row("ZeroPadding2D", "zero_padding2d");
    row("UpSampling2D", "up_sampling2d");
    row("InputLayer", "input_layer");
    row("Dense", "dense");
}

void TextTest::snakeCaseIsThatOfKeras() {
    QFETCH(QString, snake);
    QCOMPARE(text(snakeCase(QTest::currentDataTag())), snake);
}

void TextTest::findsTheNearestWord() {
    const std::vector<std::string> words{"Conv2D", "Dense", "Dropout"};
    QCOMPARE(text(*nearest("conv2", words)), QString("Conv2D"));
    QCOMPARE(text(*nearest("Dropuot", words)), QString("Dropout"));
    QVERIFY(!nearest("LSTM", words));
    QVERIFY(!nearest("x", {}));
}

QTEST_APPLESS_MAIN(TextTest)
#include "tst_text.moc"
