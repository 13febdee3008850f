#include "nn/model/param.h"

#include <QTest>

using namespace nn;

namespace {

const ParamSpec kFilters{.name = "filters",
                         .kind = ParamKind::Integer,
                         .defaultValue = std::int64_t{32},
                         .min = 1,
                         .max = 65'536};
const ParamSpec kRate{.name = "rate",
                      .kind = ParamKind::Real,
                      .defaultValue = 0.5,
                      .min = 0,
                      .max = 1,
                      .maxExclusive = true};
const ParamSpec kKernel{.name = "kernel_size",
                        .kind = ParamKind::Size,
                        .defaultValue = Size2{3, 3},
                        .min = 1,
                        .max = 1024};
const ParamSpec kStrides{
    .name = "strides", .kind = ParamKind::Size, .defaultValue = None{}, .optional = true, .min = 1};
const ParamSpec kPadding{.name = "padding",
                         .kind = ParamKind::Choice,
                         .defaultValue = std::string("valid"),
                         .choices = {"valid", "same"}};
const ParamSpec kShape{.name = "shape",
                       .kind = ParamKind::IntegerList,
                       .defaultValue = std::vector<std::int64_t>{28, 28, 1},
                       .min = -1};
const ParamSpec kBias{.name = "use_bias", .kind = ParamKind::Bool, .defaultValue = true};
const ParamSpec kLabel{
    .name = "label", .kind = ParamKind::Text, .defaultValue = std::string("none")};

const std::vector<ParamSpec> kAll{kFilters, kRate,  kKernel, kStrides,
                                  kPadding, kShape, kBias,   kLabel};

} // namespace

class ParamTest : public QObject {
    Q_OBJECT

private slots:
    void readsWhatAPersonTypes_data();
    void readsWhatAPersonTypes();
    void refusesWhatDoesNotFit_data();
    void refusesWhatDoesNotFit();
    void writesAsPythonAndPlain_data();
    void writesAsPythonAndPlain();
    void writtenTextsReadBack();
    void saysWhatIsAccepted();
    void normalisesNumbers();
    void mapsHoldOnlyWhatDiffers();
    void unknownArgumentsNameTheNearest();
};

void ParamTest::readsWhatAPersonTypes_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("python");
    const auto row = [](const char* name, const char* text, const char* python) {
        QTest::addRow("%s: %s", name, text) << name << text << python;
    };
    row("filters", "3", "3");
    row("filters", " 65536 ", "65536");
    row("rate", "0.25", "0.25");
    row("rate", "1e-3", "0.001");
    row("rate", "0", "0.0");
    row("kernel_size", "3", "(3, 3)");
    row("kernel_size", "3, 5", "(3, 5)");
    row("kernel_size", "(3,5)", "(3, 5)");
    row("kernel_size", "3x5", "(3, 5)");
    row("kernel_size", "3×5", "(3, 5)");
    row("kernel_size", "3 5", "(3, 5)");
    row("strides", "None", "None");
    row("strides", "", "None");
    row("strides", "2", "(2, 2)");
    row("padding", "same", "'same'");
    row("padding", "'same'", "'same'");
    row("shape", "32x32x3", "(32, 32, 3)");
    row("shape", "(None, None, 3)", "(-1, -1, 3)");
    row("shape", "?x?x3", "(-1, -1, 3)");
    row("shape", "(784,)", "(784,)");
    row("use_bias", "true", "True");
    row("use_bias", "False", "False");
    row("label", "free text", "'free text'");
}

void ParamTest::readsWhatAPersonTypes() {
    QFETCH(QString, name);
    QFETCH(QString, text);
    QFETCH(QString, python);
    const auto value = parsedValue(*findSpec(kAll, name.toStdString()), text.toStdString());
    QVERIFY2(value.has_value(), value ? "" : value.error().message.c_str());
    QCOMPARE(QString::fromStdString(pythonText(*value)), python);
}

void ParamTest::refusesWhatDoesNotFit_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("text");
    for (const char* text : {"0", "-1", "65537", "1000000000000", "99999999999999999999999", "3.5",
                             "x", "", "None", "1,2"}) {
        QTest::addRow("filters %s", text) << "filters" << text;
    }
    for (const char* text : {"1", "-0.1", "nan", "inf", "-inf", "1e400", "0,5", "half"}) {
        QTest::addRow("rate %s", text) << "rate" << text;
    }
    for (const char* text : {"0", "3,0", "1,2,3", "", "3;", "a,b", "None", "2000"}) {
        QTest::addRow("kernel_size %s", text)
            << "kernel_size" << (*text == '3' && text[1] == ';' ? "3;;4" : text);
    }
    QTest::newRow("padding") << "padding"
                             << "smae";
    QTest::newRow("shape") << "shape"
                           << "28, -2, 1";
    QTest::newRow("use_bias") << "use_bias"
                              << "maybe";
}

void ParamTest::refusesWhatDoesNotFit() {
    QFETCH(QString, name);
    QFETCH(QString, text);
    const ParamSpec& spec = *findSpec(kAll, name.toStdString());
    const auto value = parsedValue(spec, text.toStdString());
    QVERIFY2(!value.has_value(), value ? pythonText(*value).c_str() : "");
    const QString message = QString::fromStdString(value.error().message);
    QVERIFY2(message.contains(name), qPrintable(message));
    QVERIFY2(message.contains(QString::fromStdString(acceptedText(spec))), qPrintable(message));
    QVERIFY2(text.isEmpty() || message.contains("received"), qPrintable(message));
}

void ParamTest::writesAsPythonAndPlain_data() {
    QTest::addColumn<int>("index");
    QTest::addColumn<QString>("python");
    QTest::addColumn<QString>("plain");
    QTest::newRow("None") << 0 << "None"
                          << "none";
    QTest::newRow("bool") << 1 << "True"
                          << "true";
    QTest::newRow("integer") << 2 << "7"
                             << "7";
    QTest::newRow("real") << 3 << "0.001"
                          << "0.001";
    QTest::newRow("whole real") << 4 << "1.0"
                                << "1";
    QTest::newRow("text") << 5 << "'same'"
                          << "same";
    QTest::newRow("size") << 6 << "(3, 5)"
                          << "3×5";
    QTest::newRow("list") << 7 << "(28, 28, 1)"
                          << "28, 28, 1";
    QTest::newRow("list of one") << 8 << "(4,)"
                                 << "4";
}

void ParamTest::writesAsPythonAndPlain() {
    QFETCH(int, index);
    QFETCH(QString, python);
    QFETCH(QString, plain);
    const std::vector<ParamValue> values{None{},
                                         true,
                                         std::int64_t{7},
                                         0.001,
                                         1.0,
                                         std::string("same"),
                                         Size2{3, 5},
                                         std::vector<std::int64_t>{28, 28, 1},
                                         std::vector<std::int64_t>{4}};
    const ParamValue& value = values[static_cast<std::size_t>(index)];
    QCOMPARE(QString::fromStdString(pythonText(value)), python);
    QCOMPARE(QString::fromStdString(plainText(value)), plain);
}

void ParamTest::writtenTextsReadBack() {
    for (const ParamSpec& spec : kAll) {
        QCOMPARE(parsedValue(spec, pythonText(spec.defaultValue)).value(), spec.defaultValue);
        QCOMPARE(parsedValue(spec, plainText(spec.defaultValue)).value(), spec.defaultValue);
    }
}

void ParamTest::saysWhatIsAccepted() {
    const auto text = [](const ParamSpec& spec) {
        return QString::fromStdString(acceptedText(spec));
    };
    QCOMPARE(text(kFilters), QString("a whole number from 1 to 65,536"));
    QCOMPARE(text(kRate), QString("a number of at least 0 and below 1"));
    QCOMPARE(text(kPadding), QString("one of 'valid', 'same'"));
    QCOMPARE(text(kStrides),
             QString("a whole number or a pair (height, width), each of at least 1, or None"));
    QCOMPARE(text(kBias), QString("True or False"));
}

void ParamTest::normalisesNumbers() {
    QCOMPARE(checkedValue(kRate, std::int64_t{0}).value(), ParamValue(0.0));
    QCOMPARE(checkedValue(kKernel, std::int64_t{5}).value(), ParamValue(Size2{5, 5}));
    QCOMPARE(checkedValue(kKernel, std::vector<std::int64_t>{5, 7}).value(),
             ParamValue(Size2{5, 7}));
    QCOMPARE(checkedValue(kShape, std::int64_t{5}).value(),
             ParamValue(std::vector<std::int64_t>{5}));
    QVERIFY(!checkedValue(kFilters, 3.0));
    QVERIFY(!checkedValue(kFilters, true));
    QVERIFY(!checkedValue(kBias, std::int64_t{1}));
    QVERIFY(!checkedValue(kKernel, std::vector<std::int64_t>{5, 7, 9}));
}

void ParamTest::mapsHoldOnlyWhatDiffers() {
    ParamMap params = withParam({}, kAll, "filters", std::int64_t{8}).value();
    QCOMPARE(params.size(), std::size_t{1});
    QCOMPARE(paramValue(params, kFilters), ParamValue(std::int64_t{8}));
    QCOMPARE(paramValue(params, kRate), ParamValue(0.5));
    params = withParam(params, kAll, "filters", std::int64_t{32}).value();
    QVERIFY(params.empty());
}

void ParamTest::unknownArgumentsNameTheNearest() {
    const auto mistyped = withParam({}, kAll, "kernelsize", std::int64_t{3});
    QVERIFY(mistyped.error().message.find("Did you mean 'kernel_size'?") != std::string::npos);
    const auto other = withParam({}, {}, "filters", std::int64_t{3});
    QVERIFY(other.error().message.find("none are accepted") != std::string::npos);
}

QTEST_APPLESS_MAIN(ParamTest)
#include "tst_param.moc"
