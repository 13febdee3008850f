#include "nn/kernels/elementwise.h"

#include "tests/support/kernel_cases.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace kernel_cases;
using nn::Parallel;

namespace {

const nn::RandomKey kKey{
    .seed = 0x123456789ABCDEFULL, .purpose = nn::RandomPurpose::Dropout, .stream = 3};

/// What `dropout` promises, one value at a time.
float dropped(const nn::DropoutGeometry& g, const nn::DropoutArgs& args, std::int64_t at) {
    const auto sample = static_cast<std::uint64_t>(at / g.sampleFloats);
    const auto element = static_cast<std::uint32_t>(at % g.sampleFloats % g.period);
    const std::uint32_t word =
        nn::randomBlock(args.key.key, args.key.firstRow + sample, element / 4)[element % 4];
    const double keep = 1.0 - static_cast<double>(args.rate);
    return static_cast<double>(word) < std::floor(keep * 0x1p32)
               ? args.x[static_cast<std::size_t>(at)] * static_cast<float>(1.0 / keep)
               : 0.0F;
}

} // namespace

class TestElementwise : public QObject {
    Q_OBJECT
private slots:
    void combinesTwoSpans();
    void addsAnyNumberOfInputs();
    void scalesAndFills();
    void copiesPieces();
    void randomWordsAreThoseOfTheGenerator();
    void dropsWhatTheGeneratorSays();
    void dropsTheRightShare();
    void sumsDoNotDependOnThreads();
    void findsValuesThatAreNotFinite();
};

void TestElementwise::combinesTwoSpans() {
    using enum nn::BinaryOp;
    Parallel parallel(2);
    Dice dice(1);
    const auto a = dice.values(50'003);
    const auto b = dice.values(50'003);
    const std::string failure = onEveryInstructionSet([&](const std::string&) -> std::string {
        for (const nn::BinaryOp op : {Add, Subtract, Multiply, Maximum, Minimum}) {
            std::vector<float> y = unwritten(50'003);
            nn::binary(parallel, op, a, b, y);
            for (std::size_t i = 0; i < y.size(); ++i) {
                const float expected = op == Add        ? a[i] + b[i]
                                       : op == Subtract ? a[i] - b[i]
                                       : op == Multiply ? a[i] * b[i]
                                       : op == Maximum  ? std::max(a[i], b[i])
                                                        : std::min(a[i], b[i]);
                if (y[i] != expected) {
                    return "operation " + std::to_string(static_cast<int>(op));
                }
            }
        }
        std::vector<float> y(1, 0.0F);
        const std::vector<float> one(1, 1.0F);
        nn::binary(parallel, Maximum, unwritten(1), one, y);
        const bool kept = std::isnan(y[0]);
        nn::binary(parallel, Minimum, one, unwritten(1), y);
        return kept && std::isnan(y[0]) ? "" : "NaN lost";
    });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestElementwise::addsAnyNumberOfInputs() {
    Parallel parallel(2);
    Dice dice(2);
    const auto a = dice.values(20'001);
    const auto b = dice.values(20'001);
    const auto c = dice.values(20'001);
    std::vector<float> y = unwritten(20'001);
    const std::vector<std::span<const float>> one{a};
    nn::addAll(parallel, one, y);
    QCOMPARE(y, a);
    const std::vector<std::span<const float>> three{a, b, c};
    nn::addAll(parallel, three, y);
    nn::accumulate(parallel, a, y);
    for (std::size_t i = 0; i < y.size(); ++i) {
        QCOMPARE(y[i], a[i] + b[i] + c[i] + a[i]);
    }
}

void TestElementwise::scalesAndFills() {
    Parallel parallel(2);
    std::vector<float> values = unwritten(40'000);
    nn::fill(parallel, 3.0F, values);
    nn::scale(parallel, 2.0F, 0.5F, values, values);
    QVERIFY(std::all_of(values.begin(), values.end(), [](float v) { return v == 6.5F; }));
}

void TestElementwise::copiesPieces() {
    Parallel parallel(2);
    // Concatenates 2×3 and 2×1 along the second axis.
    const std::vector<float> left{1, 2, 3, 4, 5, 6};
    const std::vector<float> right{7, 8};
    std::vector<float> both = unwritten(8);
    const std::span<float> target(both);
    nn::copyStrided(parallel, {.rows = 2, .length = 3, .sourceStride = 3, .targetStride = 4}, left,
                    target);
    nn::copyStrided(parallel, {.rows = 2, .length = 1, .sourceStride = 1, .targetStride = 4}, right,
                    target.subspan(3));
    QCOMPARE(both, (std::vector<float>{1, 2, 3, 7, 4, 5, 6, 8}));
}

void TestElementwise::randomWordsAreThoseOfTheGenerator() {
    const std::string failure = onEveryInstructionSet([&](const std::string&) -> std::string {
        for (const std::uint64_t row :
             {std::uint64_t{0}, std::uint64_t{77}, std::uint64_t{0xFFFFFFFF12ULL}}) {
            std::vector<std::uint32_t> words(203);
            nn::randomWords(kKey, row, 5, words);
            for (std::size_t i = 0; i < words.size(); ++i) {
                const auto block = static_cast<std::uint32_t>(5 + i / 4);
                if (words[i] != nn::randomBlock(kKey, row, block)[i % 4]) {
                    return "word " + std::to_string(i) + " of row " + std::to_string(row);
                }
            }
        }
        return "";
    });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestElementwise::dropsWhatTheGeneratorSays() {
    Dice dice(3);
    const nn::DropoutGeometry shapes[] = {
        {3, 1001, 1001}, {2, 17'003, 17'003}, {4, 21 * 30, 21}, {2, 600 * 3, 600}};
    const std::string failure = onEveryInstructionSet([&](const std::string&) -> std::string {
        for (const nn::DropoutGeometry& g : shapes) {
            const auto x = dice.values(g.batch * g.sampleFloats);
            for (const float rate : {0.0F, 0.25F, 0.5F, 0.9F}) {
                std::vector<float> y = unwritten(g.batch * g.sampleFloats);
                Parallel parallel(2);
                const nn::DropoutArgs args{
                    .rate = rate, .key = {.key = kKey, .firstRow = 1000}, .x = x, .y = y};
                nn::dropout(parallel, g, args);
                for (std::size_t i = 0; i < y.size(); ++i) {
                    if (y[i] !=
                        (rate == 0.0F ? x[i] : dropped(g, args, static_cast<std::int64_t>(i)))) {
                        return "value " + std::to_string(i) + " of rate " + std::to_string(rate);
                    }
                }
            }
        }
        return "";
    });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestElementwise::dropsTheRightShare() {
    Parallel parallel(2);
    const std::vector<float> x(100'000, 1.0F);
    std::vector<float> y(x.size());
    nn::dropout(parallel, {10, 10'000, 10'000},
                {.rate = 0.3F, .key = {.key = kKey}, .x = x, .y = y});
    const auto zeros = std::count(y.begin(), y.end(), 0.0F);
    QVERIFY(std::abs(static_cast<double>(zeros) / 100'000.0 - 0.3) < 0.01);
    nn::dropout(parallel, {10, 10'000, 10'000},
                {.rate = 1.0F, .key = {.key = kKey}, .x = x, .y = y});
    QVERIFY(std::all_of(y.begin(), y.end(), [](float v) { return v == 0.0F; }));
}

void TestElementwise::sumsDoNotDependOnThreads() {
    Dice dice(4);
    const auto x = dice.values(300'007);
    double sum = 0.0;
    double squares = 0.0;
    double magnitudes = 0.0;
    for (const float value : x) {
        const auto v = static_cast<double>(value);
        sum += v;
        squares += v * v;
        magnitudes += std::abs(v);
    }
    const std::string failure = onEveryInstructionSet([&](const std::string&) -> std::string {
        Parallel one(1);
        const double expected = nn::sumOf(one, x);
        for (const int threads : {1, 2, 3, 4}) {
            Parallel parallel(threads);
            if (nn::sumOf(parallel, x) != expected ||
                std::abs(nn::sumOf(parallel, x) - sum) > 1e-2 ||
                std::abs(nn::sumOfSquares(parallel, x).sum / squares - 1.0) > 1e-6 ||
                std::abs(nn::sumOfMagnitudes(parallel, x) / magnitudes - 1.0) > 1e-6) {
                return std::to_string(threads) + " threads";
            }
        }
        return "";
    });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestElementwise::findsValuesThatAreNotFinite() {
    const float infinity = std::numeric_limits<float>::infinity();
    const std::string failure = onEveryInstructionSet([&](const std::string&) -> std::string {
        Parallel parallel(2);
        for (const float odd : {infinity, -infinity, unwritten(1)[0], 1e30F}) {
            for (const std::size_t at : {std::size_t{0}, std::size_t{7777}, std::size_t{20'000}}) {
                std::vector<float> x(20'001, 1.0F);
                x[at] = odd;
                if (nn::sumOfSquares(parallel, x).finite != std::isfinite(odd)) {
                    return std::to_string(odd) + " at " + std::to_string(at);
                }
            }
        }
        return "";
    });
    QVERIFY2(failure.empty(), failure.c_str());
}

QTEST_APPLESS_MAIN(TestElementwise)
#include "tst_elementwise.moc"
