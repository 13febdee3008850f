#include "nn/data/split.h"

#include <QTest>
#include <algorithm>
#include <map>
#include <set>

using namespace nn;
using namespace nn::data;

namespace {

/// `counts[c]` labels of class c, interleaved.
std::vector<std::int32_t> labelsOf(std::vector<int> counts) {
    std::vector<std::int32_t> labels;
    while (std::ranges::any_of(counts, [](int count) { return count > 0; })) {
        for (std::size_t c = 0; c < counts.size(); ++c) {
            if (counts[c]-- > 0) {
                labels.push_back(static_cast<std::int32_t>(c));
            }
        }
    }
    return labels;
}

std::map<std::int32_t, int> countsAt(const std::vector<std::int32_t>& labels,
                                     const std::vector<std::int64_t>& indices) {
    std::map<std::int32_t, int> counts;
    for (const std::int64_t index : indices) {
        ++counts[labels[static_cast<std::size_t>(index)]];
    }
    return counts;
}

} // namespace

class TestSplit : public QObject {
    Q_OBJECT

private slots:
    void keepsTheSamePartOfEveryClass();
    void usesEveryIndexOnceInOrder();
    void sameSeedSameSplit();
    void otherSeedOtherSplit();
    void isKnownForEver();
    void leavesEachClassSomethingToLearnFrom();
    void movesFewWhenImagesAreAdded();
    void lastFractionIsKeras();
    void rejectsImpossibleFractions();
    void rejectsEmptySides();
};

void TestSplit::keepsTheSamePartOfEveryClass() {
    const auto labels = labelsOf({100, 50, 11});
    const Split split = stratifiedSplit(labels, 0.2, 1).value();
    QVERIFY(countsAt(labels, split.validation) ==
            (std::map<std::int32_t, int>{{0, 20}, {1, 10}, {2, 2}}));
}

void TestSplit::usesEveryIndexOnceInOrder() {
    const Split split = stratifiedSplit(labelsOf({30, 30}), 0.3, 5).value();
    QVERIFY(std::ranges::is_sorted(split.train) && std::ranges::is_sorted(split.validation));
    std::set<std::int64_t> all(split.train.begin(), split.train.end());
    all.insert(split.validation.begin(), split.validation.end());
    QCOMPARE(all.size(), std::size_t{60});
    QCOMPARE(split.train.size() + split.validation.size(), std::size_t{60});
}

void TestSplit::sameSeedSameSplit() {
    const auto labels = labelsOf({40, 40, 40});
    QVERIFY(stratifiedSplit(labels, 0.25, 9).value() == stratifiedSplit(labels, 0.25, 9).value());
}

void TestSplit::otherSeedOtherSplit() {
    const auto labels = labelsOf({40, 40, 40});
    QVERIFY(stratifiedSplit(labels, 0.25, 9).value() != stratifiedSplit(labels, 0.25, 10).value());
}

void TestSplit::isKnownForEver() {
    // A project names its held-out images by the seed alone: these numbers must never change.
    const Split split = stratifiedSplit(labelsOf({10, 10}), 0.2, 42).value();
    QCOMPARE(split.validation, (std::vector<std::int64_t>{0, 5, 9, 18}));
}

void TestSplit::leavesEachClassSomethingToLearnFrom() {
    const auto labels = labelsOf({1, 2, 10});
    const Split split = stratifiedSplit(labels, 0.99, 3).value();
    QVERIFY(countsAt(labels, split.train) == (std::map<std::int32_t, int>{{0, 1}, {1, 1}, {2, 1}}));
}

void TestSplit::movesFewWhenImagesAreAdded() {
    const std::vector<std::int32_t> before(1000, 0);
    const std::vector<std::int32_t> after(1010, 0);
    const Split first = stratifiedSplit(before, 0.2, 1).value();
    const Split second = stratifiedSplit(after, 0.2, 1).value();
    std::vector<std::int64_t> moved;
    std::ranges::set_difference(first.validation, second.validation, std::back_inserter(moved));
    QVERIFY(moved.size() <= 10);
}

void TestSplit::lastFractionIsKeras() {
    const Split split = lastFraction(10, 0.25).value();
    // floor(10 · 0.75) = 7
    QCOMPARE(split.train, (std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6}));
    QCOMPARE(split.validation, (std::vector<std::int64_t>{7, 8, 9}));
    QCOMPARE(lastFraction(60'000, 0.2)->train.size(), std::size_t{48'000});
}

void TestSplit::rejectsImpossibleFractions() {
    for (const double fraction : {0.0, 1.0, -0.1, 2.0, std::nan("")}) {
        QVERIFY(!lastFraction(10, fraction).has_value());
        QVERIFY(!stratifiedSplit(labelsOf({10}), fraction, 0).has_value());
    }
}

void TestSplit::rejectsEmptySides() {
    QVERIFY(!lastFraction(1, 0.5).has_value());
    QVERIFY(!lastFraction(0, 0.5).has_value());
    const auto none = lastFraction(3, 0.9);
    QVERIFY(!none.has_value());
    QVERIFY(none.error().message.find("none to learn from") != std::string::npos);
}

QTEST_APPLESS_MAIN(TestSplit)
#include "tst_split.moc"
