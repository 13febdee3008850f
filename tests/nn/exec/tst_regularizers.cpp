#include "nn/exec/regularizers.h"

#include "nn/base/random.h"

#include <QTest>
#include <cmath>

using namespace nn;

namespace {

std::vector<float> numbers(std::size_t count) {
    RandomSequence random({.seed = 7});
    std::vector<float> values(count);
    for (float& value : values) {
        value = static_cast<float>(random.normal());
    }
    return values;
}

/// Every class with every argument changed once, and what it is tried on.
struct Trial {
    ParamObject object;
    Shape shape;
};
std::vector<Trial> trials() {
    return {{ParamObject("L1"), {3, 3, 2, 4}},
            {ParamObject("L1", {{"l1", 0.3}}), {5}},
            {ParamObject("L2"), {40'000}},
            {ParamObject("L2", {{"l2", 0.7}}), {3, 4}},
            {ParamObject("L1L2", {{"l1", 0.1}, {"l2", 0.2}}), {2, 3, 4}},
            {ParamObject("OrthogonalRegularizer"), {4, 6}},
            {ParamObject("OrthogonalRegularizer", {{"factor", 2.0}}), {6, 3}},
            {ParamObject("OrthogonalRegularizer", {{"mode", std::string("columns")}}), {6, 3}}};
}

} // namespace

class TestRegularizers : public QObject {
    Q_OBJECT

private slots:
    void valuesAreThoseOfKeras();
    void gradientsAreDifferencesOfTheValue();
    void sameForAnyNumberOfThreads();
    void oneRowHasNothingToBePerpendicularTo();
};

void TestRegularizers::valuesAreThoseOfKeras() {
    Parallel parallel(1);
    const std::vector<float> w{1.0F, -2.0F, 0.0F, 3.0F};
    const auto value = [&](const ParamObject& object, const Shape& shape) {
        return makeRegularizer(object)->value(parallel, shape, w);
    };
    QCOMPARE(value(ParamObject("L1"), {4}), 0.06);
    QCOMPARE(value(ParamObject("L2"), {4}), 0.14);
    QCOMPARE(value(ParamObject("L1L2"), {4}), 0.0);
    QCOMPARE(value(ParamObject("L1L2", {{"l1", 1.0}, {"l2", 0.5}}), {4}), 13.0);
    // Rows (1, -2) and (0, 3): cosine -2 / sqrt(5); one pair, counted from both sides, halved.
    QCOMPARE(value(ParamObject("OrthogonalRegularizer"), {2, 2}), 0.01 * 2.0 / std::sqrt(5.0));
    // Columns (1, 0) and (-2, 3).
    QCOMPARE(
        value(ParamObject("OrthogonalRegularizer", {{"mode", std::string("columns")}}), {2, 2}),
        0.01 * 2.0 / std::sqrt(13.0));
}

void TestRegularizers::gradientsAreDifferencesOfTheValue() {
    Parallel parallel(1);
    for (const Trial& trial : trials()) {
        const auto regularizer = makeRegularizer(trial.object);
        std::vector<float> w = numbers(static_cast<std::size_t>(trial.shape.count()));
        std::vector<float> gradient(w.size(), 0.5F);
        regularizer->addGradient(parallel, trial.shape, w, gradient);
        for (std::size_t i = 0; i < std::min<std::size_t>(w.size(), 24); ++i) {
            const float before = w[i];
            w[i] = before + 0.001F;
            const double above = regularizer->value(parallel, trial.shape, w);
            const float upper = w[i];
            w[i] = before - 0.001F;
            const double below = regularizer->value(parallel, trial.shape, w);
            const double slope = (above - below) / static_cast<double>(upper - w[i]);
            w[i] = before;
            const double found = static_cast<double>(gradient[i]) - 0.5;
            QVERIFY2(std::abs(found - slope) < 1e-4 * std::max(1.0, std::abs(slope)),
                     pythonText(trial.object).c_str());
        }
    }
}

void TestRegularizers::sameForAnyNumberOfThreads() {
    Parallel one(1);
    Parallel four(4);
    for (const Trial& trial : trials()) {
        const auto regularizer = makeRegularizer(trial.object);
        const std::vector<float> w = numbers(static_cast<std::size_t>(trial.shape.count()));
        QCOMPARE(regularizer->value(one, trial.shape, w), regularizer->value(four, trial.shape, w));
        std::vector<float> a(w.size());
        std::vector<float> b(w.size());
        regularizer->addGradient(one, trial.shape, w, a);
        regularizer->addGradient(four, trial.shape, w, b);
        QCOMPARE(a, b);
    }
}

void TestRegularizers::oneRowHasNothingToBePerpendicularTo() {
    Parallel parallel(1);
    const auto regularizer = makeRegularizer(ParamObject("OrthogonalRegularizer"));
    const std::vector<float> w{1.0F, 2.0F};
    std::vector<float> gradient(2, 0.0F);
    regularizer->addGradient(parallel, {1, 2}, w, gradient);
    QCOMPARE(regularizer->value(parallel, {1, 2}, w), 0.0);
    QCOMPARE(gradient, std::vector<float>(2, 0.0F));
}

QTEST_APPLESS_MAIN(TestRegularizers)
#include "tst_regularizers.moc"
