#include "nn/base/random.h"

#include <QTest>
#include <cmath>
#include <set>
#include <vector>

using namespace nn;

class RandomTest : public QObject {
    Q_OBJECT

private slots:
    void philoxGivesThePublishedNumbers();
    void equalKeysGiveEqualNumbers();
    void everyPartOfTheKeyCounts();
    void blocksAreTheWordsOfASequence();
    void unitFloatsStayBelowOne();
    void uniformNumbersAreEven();
    void normalNumbersHaveMeanAndVariance();
    void belowIsEvenAndInRange();
};

// Known answers of the authors' Random123, kat_vectors: philox4x32 10.
void RandomTest::philoxGivesThePublishedNumbers() {
    using Words = std::array<std::uint32_t, 4>;
    QCOMPARE(philox({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
    QCOMPARE(philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
             (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
    QCOMPARE(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
             (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

void RandomTest::equalKeysGiveEqualNumbers() {
    RandomSequence a({.seed = 5, .purpose = RandomPurpose::Dropout, .stream = 3}, 9);
    RandomSequence b({.seed = 5, .purpose = RandomPurpose::Dropout, .stream = 3}, 9);
    for (int i = 0; i < 100; ++i) {
        QCOMPARE(a.word(), b.word());
    }
}

void RandomTest::everyPartOfTheKeyCounts() {
    std::set<std::uint32_t> first;
    for (const std::uint64_t seed : {0ULL, 1ULL, 1ULL << 32}) {
        for (const RandomPurpose purpose : {RandomPurpose::Initializer, RandomPurpose::Sample}) {
            for (const std::uint32_t stream : {0U, 1U}) {
                for (const std::uint64_t row : {0ULL, 1ULL, 1ULL << 32}) {
                    first.insert(RandomSequence({seed, purpose, stream}, row).word());
                }
            }
        }
    }
    QCOMPARE(first.size(), std::size_t{3 * 2 * 2 * 3});
}

void RandomTest::blocksAreTheWordsOfASequence() {
    const RandomKey key{.seed = 11, .purpose = RandomPurpose::Augment, .stream = 2};
    RandomSequence sequence(key, 4);
    for (std::uint32_t block = 0; block < 3; ++block) {
        for (const std::uint32_t word : randomBlock(key, 4, block)) {
            QCOMPARE(sequence.word(), word);
        }
    }
}

void RandomTest::unitFloatsStayBelowOne() {
    QCOMPARE(unitFloat(0), 0.0F);
    QVERIFY(unitFloat(0xffffffff) < 1.0F);
    QVERIFY(unitFloat(0xffffffff) > 0.9999999F);
}

void RandomTest::uniformNumbersAreEven() {
    RandomSequence random({.seed = 1});
    std::vector<int> bins(16);
    for (int i = 0; i < 16'000; ++i) {
        const double value = random.uniform();
        QVERIFY(value >= 0.0 && value < 1.0);
        ++bins[static_cast<std::size_t>(value * 16)];
    }
    // Each bin is binomial with mean 1,000 and standard deviation 31.
    for (const int count : bins) {
        QVERIFY2(std::abs(count - 1000) < 150, qPrintable(QString::number(count)));
    }
}

void RandomTest::normalNumbersHaveMeanAndVariance() {
    RandomSequence random({.seed = 2});
    constexpr int count = 40'000;
    double sum = 0.0;
    double squares = 0.0;
    for (int i = 0; i < count; ++i) {
        const double value = random.normal();
        sum += value;
        squares += value * value;
    }
    QVERIFY(std::abs(sum / count) < 0.025);
    QVERIFY(std::abs(squares / count - 1.0) < 0.04);
}

void RandomTest::belowIsEvenAndInRange() {
    RandomSequence random({.seed = 3});
    std::vector<int> bins(7);
    for (int i = 0; i < 7'000; ++i) {
        ++bins.at(random.below(7));
    }
    for (const int count : bins) {
        QVERIFY2(std::abs(count - 1000) < 150, qPrintable(QString::number(count)));
    }
    QCOMPARE(random.below(1), std::uint64_t{0});
    QVERIFY(random.below((1ULL << 63) + 1) <= (1ULL << 63));
}

QTEST_APPLESS_MAIN(RandomTest)
#include "tst_random.moc"
