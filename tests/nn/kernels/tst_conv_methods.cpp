#include "nn/kernels/convolution.h"

#include "nn/kernels/simd.h"
#include "tests/support/conv_cases.h"

#include <QTest>

#include <map>

using namespace kernel_cases;
using nn::ConvGeometry;

namespace {

/// For which instruction sets a method pays: for all; for those with vectors; for AVX-512 with its
/// 32 registers of 16 floats.
enum class Pays { Always, Vectors, Wide };

/// A way in which a part of a convolution is done, and shapes that are often done so.
struct Method {
    const char* name;
    ConvPart part;
    ConvGeometry (*shape)(Dice&);
    Pays pays = Pays::Always;
};

const Method kMethods[] = {
    {"product", ConvPart::Forward, anyConvolution},
    {"product", ConvPart::BackwardData, anyConvolution},
    {"product", ConvPart::BackwardWeights, anyConvolution},
    {"product", ConvPart::BackwardData, anyTransposed},
    {"strips", ConvPart::Forward, longRows, Pays::Wide},
    {"strips", ConvPart::BackwardData, longRows, Pays::Wide},
    {"strips", ConvPart::BackwardWeights, longRows, Pays::Wide},
    {"patches", ConvPart::BackwardWeights, firstLayer, Pays::Wide},
    {"patches", ConvPart::BackwardWeights, longFilterRows, Pays::Wide},
    {"bundle", ConvPart::Forward, fewFilters, Pays::Wide},
    {"bundle", ConvPart::BackwardWeights, fewFilters, Pays::Wide},
    {"spread", ConvPart::BackwardData, fewChannels, Pays::Vectors},
    {"channels", ConvPart::Forward, filterPerChannel},
    {"channels", ConvPart::BackwardData, filterPerChannel},
    {"channels", ConvPart::BackwardWeights, filterPerChannel},
    {"channel strips", ConvPart::Forward, filterPerChannel},
    {"channel strips", ConvPart::BackwardData, filterPerChannel},
};

/// A shape that the best instruction set does by the method, unless it never does.
ConvGeometry suitedShape(Dice& dice, const Method& method) {
    ConvGeometry g = method.shape(dice);
    for (int i = 0; i < 200 && !methodsOf(g, method.part).contains(method.name); ++i) {
        g = method.shape(dice);
    }
    return g;
}

/// A number of cases by instruction set.
using Counts = std::map<std::string, int>;

bool pays(const Method& method, const std::string& set) {
    switch (method.pays) {
    case Pays::Always:
        return true;
    case Pays::Vectors:
        return set != "scalar";
    case Pays::Wide:
        return set == "avx3";
    }
    return false;
}

/// Which instruction set for which the method pays has not done its share: the best one all cases,
/// the others, which prefer other methods for some shapes, a quarter of them.
std::string missing(const Method& method, Counts& done) {
    const std::string best = nn::simdName();
    for (const std::string& set : nn::simdNames()) {
        const int wanted = set == best ? caseCount() : caseCount() / 4;
        if (pays(method, set) && done[set] < wanted) {
            return set + " did " + std::to_string(done[set]) + " cases so";
        }
    }
    return {};
}

} // namespace

/// A convolution is done in one of several ways, by its shape and the instruction set. Each of them
/// is compared with double precision on shapes that are done so.
class TestConvMethods : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void agreesWithReference_data();
    void agreesWithReference();
};

void TestConvMethods::initTestCase() {
    nn::limitSimd(""); // shapes are suited to the best instruction set
}

void TestConvMethods::agreesWithReference_data() {
    QTest::addColumn<int>("index");
    int index = 0;
    for (const Method& method : kMethods) {
        const char* const parts[] = {"forward", "backward data", "backward weights"};
        QTest::addRow("%s by %s%s", parts[static_cast<int>(method.part)], method.name,
                      method.shape == anyTransposed    ? ", transposed"
                      : method.shape == longFilterRows ? ", row by row"
                                                       : "")
            << index++;
    }
}

void TestConvMethods::agreesWithReference() {
    QFETCH(int, index);
    const Method& method = kMethods[index];
    ConvBench bench;
    Counts done;
    const std::string failure = failureOfCases(
        static_cast<std::uint64_t>(index) + 1,
        [&](Dice& dice) { return convCase(dice, suitedShape(dice, method), method.part); },
        [&](const ConvCase& each) {
            done[nn::simdName()] += methodsOf(each.g, each.part).contains(method.name) ? 1 : 0;
            return bench.failureOf(each);
        });
    QVERIFY2(failure.empty(), failure.c_str());
    const std::string lacking = missing(method, done);
    QVERIFY2(lacking.empty(), lacking.c_str());
}

QTEST_APPLESS_MAIN(TestConvMethods)
#include "tst_conv_methods.moc"
