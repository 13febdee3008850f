#include "nn/exec/constraints.h"

#include <QTest>
#include <cmath>

using namespace nn;

namespace {

std::vector<float> constrained(const ParamObject& object, const Shape& shape,
                               std::vector<float> values) {
    makeConstraint(object)->apply(shape, values);
    return values;
}

void compare(const std::vector<float>& found, const std::vector<double>& expected) {
    QCOMPARE(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        QVERIFY2(std::abs(static_cast<double>(found[i]) - expected[i]) < 1e-6,
                 qPrintable(QString("%1: %2").arg(i).arg(static_cast<double>(found[i]))));
    }
}

const std::vector<std::int64_t> kLast{-1};
const std::vector<std::int64_t> kFirstTwo{0, 1};

} // namespace

class TestConstraints : public QObject {
    Q_OBJECT

private slots:
    void maxNormShortensColumns();
    void unitNormAlongTheLastAxis();
    void normsOverSeveralAxes();
    void minMaxNormGoesPartOfTheWay();
    void nonNegCutsNegativeNumbers();
    void zerosStayZeros();
};

void TestConstraints::maxNormShortensColumns() {
    // Columns (3, 4) and (1, 0): norms 5 and 1, Keras' default bound is 2.
    compare(constrained(ParamObject("MaxNorm"), {2, 2}, {3.0F, 1.0F, 4.0F, 0.0F}),
            {1.2, 1.0, 1.6, 0.0});
    compare(constrained(ParamObject("MaxNorm", {{"max_value", 10.0}}), {2, 2},
                        {3.0F, 1.0F, 4.0F, 0.0F}),
            {3.0, 1.0, 4.0, 0.0});
}

void TestConstraints::unitNormAlongTheLastAxis() {
    compare(
        constrained(ParamObject("UnitNorm", {{"axis", kLast}}), {2, 2}, {3.0F, 4.0F, 0.5F, 0.0F}),
        {0.6, 0.8, 1.0, 0.0});
    compare(constrained(ParamObject("UnitNorm"), {3}, {2.0F, -2.0F, 1.0F}),
            {2.0 / 3.0, -2.0 / 3.0, 1.0 / 3.0});
}

void TestConstraints::normsOverSeveralAxes() {
    // Shape (2, 1, 3): one norm for each position of the last axis.
    compare(constrained(ParamObject("UnitNorm", {{"axis", kFirstTwo}}), {2, 1, 3},
                        {3.0F, 1.0F, 0.0F, 4.0F, 0.0F, 2.0F}),
            {0.6, 1.0, 0.0, 0.8, 0.0, 1.0});
}

void TestConstraints::minMaxNormGoesPartOfTheWay() {
    const ParamMap bounds{{"min_value", 1.0}, {"max_value", 2.0}, {"rate", 0.5}};
    // Norms 4, 0.5 and 1.5 go half of the way to 2, 1 and 1.5.
    compare(constrained(ParamObject("MinMaxNorm", bounds), {1, 3}, {4.0F, -0.5F, 1.5F}),
            {3.0, -0.75, 1.5});
}

void TestConstraints::nonNegCutsNegativeNumbers() {
    compare(constrained(ParamObject("NonNeg"), {4}, {-1.0F, 0.0F, 2.0F, -0.001F}),
            {0.0, 0.0, 2.0, 0.0});
}

void TestConstraints::zerosStayZeros() {
    for (const ObjectDef& def : constraintDefs()) {
        compare(constrained(defaultObject(def), {2, 2}, {0.0F, 0.0F, 0.0F, 0.0F}),
                {0.0, 0.0, 0.0, 0.0});
    }
}

QTEST_APPLESS_MAIN(TestConstraints)
#include "tst_constraints.moc"
