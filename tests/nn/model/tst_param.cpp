#include "nn/model/param.h"

#include "nn/model/object_table.h"

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

const ParamSpec kMeans{.name = "mean",
                       .kind = ParamKind::RealList,
                       .defaultValue = std::vector<double>{0.5, 1.0},
                       .minCount = 1,
                       .maxCount = 3};
const ParamSpec kBorders{
    .name = "padding2d", .kind = ParamKind::Borders, .defaultValue = Borders{1, 1, 1, 1}, .min = 0};

struct Plain {};
struct Scaled {
    double scale = 1.0;
    std::optional<std::int64_t> seed;
    std::optional<ParamObject> inner;
};
struct Decay {
    double rate = 0.1;
    std::int64_t steps = 100;
};

const ObjectTable<std::string>& shapes();
const std::vector<ObjectDef>& shapeDefs() {
    return shapes().defs();
}
constexpr ObjectFamily kShapes{"shape", "a shape", "keras.shapes", &shapeDefs};

const ObjectTable<std::string>& shapes() {
    static const ObjectTable<std::string> table = [] {
        ParamTable<Scaled> scaled;
        scaled.add(&Scaled::scale, "scale", {.min = 0.0});
        scaled.add(&Scaled::seed, "seed", {.min = 0.0});
        scaled.add(&Scaled::inner, "inner", {.family = &kShapes});
        ParamTable<Decay> decay;
        decay.add(&Decay::rate, "rate", {.min = 0.0, .required = true});
        decay.add(&Decay::steps, "steps", {.min = 1.0});
        ObjectTable<std::string> all;
        all.add<Plain>({.type = "Zeros", .aliases = {"zeros", "nil"}}, {},
                       [](const Plain&) { return std::string("nothing"); });
        all.add<Scaled>({.type = "HeNormal", .aliases = {"he_normal"}}, scaled,
                        [](const Scaled& options) { return std::to_string(options.scale); });
        all.add<Decay>({.type = "CosineDecay"}, decay,
                       [](const Decay& options) { return std::to_string(options.steps); });
        return all;
    }();
    return table;
}

const ParamSpec kInitializer{.name = "initializer",
                             .kind = ParamKind::Object,
                             .defaultValue = ParamObject("Zeros"),
                             .family = &kShapes};
const ParamSpec kRegularizer{.name = "regularizer",
                             .kind = ParamKind::Object,
                             .defaultValue = None{},
                             .optional = true,
                             .family = &kShapes};
const ParamSpec kLearningRate{.name = "learning_rate",
                              .kind = ParamKind::Real,
                              .defaultValue = 0.01,
                              .min = 0.0,
                              .family = &kShapes};

const std::vector<ParamSpec> kAll{kFilters,     kRate,        kKernel,      kStrides, kPadding,
                                  kShape,       kBias,        kLabel,       kMeans,   kBorders,
                                  kInitializer, kRegularizer, kLearningRate};

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
    void objectsAreCheckedInside_data();
    void objectsAreCheckedInside();
    void objectsHaveOneForm();
    void tablesMakeWhatObjectsMean();
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
    row("mean", "0.5, 2", "[0.5, 2.0]");
    row("mean", "[1e-3]", "[0.001]");
    row("padding2d", "2", "((2, 2), (2, 2))");
    row("padding2d", "(2, 3)", "((2, 2), (3, 3))");
    row("padding2d", "((1, 2), (3, 4))", "((1, 2), (3, 4))");
    row("initializer", "nil", "'zeros'");
    row("initializer", "Zeros()", "'zeros'");
    row("initializer", "'he_normal'", "'he_normal'");
    row("initializer", "keras.shapes.HeNormal(seed=3)", "HeNormal(seed=3)");
    row("initializer", "HeNormal(2, 7)", "HeNormal(scale=2.0, seed=7)");
    row("initializer", "HeNormal(scale=1.0)", "'he_normal'");
    row("initializer", "HeNormal(inner=HeNormal(seed=1), seed=2)",
        "HeNormal(inner=HeNormal(seed=1), seed=2)");
    row("regularizer", "", "None");
    row("learning_rate", "0.5", "0.5");
    row("learning_rate", "CosineDecay", "CosineDecay(rate=0.1)");
    row("learning_rate", "cosine_decay(steps=5)", "CosineDecay(rate=0.1, steps=5)");
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
    for (const char* text : {"", "1, 2, 3, 4", "1, x", "nan"}) {
        QTest::addRow("mean %s", text) << "mean" << text;
    }
    for (const char* text : {"-1", "(1, 2, 3)", "((1, 2), (3, -4))", "x"}) {
        QTest::addRow("padding2d %s", text) << "padding2d" << text;
    }
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
                          << "None";
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

void ParamTest::objectsAreCheckedInside_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("expected");
    QTest::newRow("class") << "he_norml"
                           << "Did you mean 'he_normal'?";
    QTest::newRow("argument") << "HeNormal(sed=1)"
                              << "HeNormal has no argument for 'sed=1'";
    QTest::newRow("value") << "HeNormal(scale=-1)"
                           << "initializer: HeNormal: scale: expected a number of at least 0";
    QTest::newRow("inside") << "HeNormal(inner=HeNormal(seed=-1))"
                            << "inner: HeNormal: seed: expected a whole number of at least 0";
    QTest::newRow("too many") << "Zeros(1)"
                              << "Zeros has no argument for '1'";
    QTest::newRow("open") << "HeNormal(1"
                          << "expected ')'";
}

void ParamTest::objectsAreCheckedInside() {
    QFETCH(QString, text);
    QFETCH(QString, expected);
    const auto value = parsedValue(kInitializer, text.toStdString());
    QVERIFY2(!value.has_value(), value ? pythonText(*value).c_str() : "");
    const QString message = QString::fromStdString(value.error().message);
    QVERIFY2(message.contains(expected), qPrintable(message));
}

void ParamTest::objectsHaveOneForm() {
    const ParamValue plain = checkedValue(kInitializer, std::string("he_normal")).value();
    QCOMPARE(plain, ParamValue(ParamObject("HeNormal")));
    const ParamObject spelt("he_normal", {{"scale", std::int64_t{1}}});
    QCOMPARE(checkedValue(kInitializer, spelt).value(), plain);
    const ParamObject other("HeNormal", {{"scale", std::int64_t{2}}});
    QCOMPARE(checkedValue(kInitializer, other).value(),
             ParamValue(ParamObject("HeNormal", {{"scale", 2.0}})));
    QVERIFY(!checkedValue(kInitializer, None{}));
    QVERIFY(!checkedValue(kRate, ParamObject("HeNormal")));
    QCOMPARE(defaultObject(*findObjectDef(kShapes, "CosineDecay")),
             ParamObject("CosineDecay", {{"rate", 0.1}}));
}

void ParamTest::tablesMakeWhatObjectsMean() {
    QCOMPARE(shapes().made(ParamObject("Zeros")).value(), std::string("nothing"));
    QCOMPARE(shapes().made(ParamObject("CosineDecay", {{"steps", std::int64_t{7}}})).value(),
             std::string("7"));
    QVERIFY(!shapes().made(ParamObject("Ones")));
}

void ParamTest::unknownArgumentsNameTheNearest() {
    const auto mistyped = withParam({}, kAll, "kernelsize", std::int64_t{3});
    QVERIFY(mistyped.error().message.find("Did you mean 'kernel_size'?") != std::string::npos);
    const auto other = withParam({}, {}, "filters", std::int64_t{3});
    QVERIFY(other.error().message.find("none are accepted") != std::string::npos);
}

QTEST_APPLESS_MAIN(ParamTest)
#include "tst_param.moc"
