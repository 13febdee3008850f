#include "nn/kernels/elementwise.h"
#include "nn/kernels/noise.h"

#include "tests/support/kernel_cases.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <numbers>

using namespace kernel_cases;

namespace {

/// A stream of random numbers anywhere.
nn::DropoutKey randomKey(Dice& dice) {
    const std::int64_t most = std::int64_t{1} << 62;
    return {.key = {.seed = static_cast<std::uint64_t>(dice.number(0, most)),
                    .purpose = nn::RandomPurpose::Dropout,
                    .stream = static_cast<std::uint32_t>(dice.number(0, 1'000'000))},
            .firstRow = static_cast<std::uint64_t>(dice.number(0, dice.chance(0.5) ? 9 : most))};
}

/// Word `at` of a sample's row, from the generator itself.
std::uint32_t wordAt(const nn::DropoutKey& key, std::int64_t sample, std::int64_t at) {
    return nn::randomBlock(key.key, key.firstRow + static_cast<std::uint64_t>(sample),
                           static_cast<std::uint32_t>(at / 4))[static_cast<std::size_t>(at % 4)];
}

struct Case {
    std::int64_t batch = 1, sample = 1, period = 1;
    float rate = 0.0F;
    bool multiplies = false;
    nn::DropoutKey key{};
    std::vector<float> x{};
    std::vector<double> expected{};
    std::vector<std::uint32_t> words{};
};

Case dropoutCase(Dice& dice) {
    Case c{.batch = dice.number(1, 4), .key = randomKey(dice)};
    c.period = dice.chance(0.02) ? dice.number(500, 530) : dice.number(1, 70);
    c.sample = c.period * (dice.chance(0.5) ? 1 : dice.number(1, 5));
    c.rate = static_cast<float>(dice.number(0, 19)) / 20.0F;
    c.x = dice.values(c.batch * c.sample);
    const double keep = 1.0 - static_cast<double>(c.rate);
    for (std::int64_t i = 0; i < std::ssize(c.x); ++i) {
        const auto word = wordAt(c.key, i / c.sample, i % c.sample % c.period);
        const bool kept = c.rate == 0.0F || static_cast<double>(word) < std::floor(keep * 0x1p32);
        c.expected.push_back(kept ? static_cast<double>(c.x[static_cast<std::size_t>(i)]) / keep
                                  : 0.0);
    }
    return c;
}

/// A number of the standard normal distribution, from two words.
double normalAt(const nn::DropoutKey& key, std::int64_t sample, std::int64_t at) {
    const std::int64_t first = at / 32 * 32 + at % 16;
    const double length = static_cast<double>(nn::unitFloat(wordAt(key, sample, first))) + 0x1p-24;
    const double angle = 2.0 * std::numbers::pi *
                         static_cast<double>(nn::unitFloat(wordAt(key, sample, first + 16)));
    const double radius = std::sqrt(-2.0 * std::log(length));
    return radius * (at % 32 < 16 ? std::cos(angle) : std::sin(angle));
}

Case noiseCase(Dice& dice) {
    Case c{.batch = dice.number(1, 4),
           .sample = dice.chance(0.02) ? dice.number(1000, 1100) : dice.number(1, 70),
           .rate = static_cast<float>(dice.number(1, 30)) / 10.0F,
           .multiplies = dice.chance(0.5),
           .key = randomKey(dice)};
    c.x = dice.values(c.batch * c.sample);
    for (std::int64_t i = 0; i < std::ssize(c.x); ++i) {
        const auto x = static_cast<double>(c.x[static_cast<std::size_t>(i)]);
        const double noise =
            static_cast<double>(c.rate) * normalAt(c.key, i / c.sample, i % c.sample);
        c.expected.push_back(c.multiplies ? x * (1.0 + noise) : x + noise);
    }
    return c;
}

Case wordCase(Dice& dice) {
    Case c{.sample = dice.number(1, 150), .period = dice.number(0, 5000), .key = randomKey(dice)};
    for (std::int64_t i = 0; i < c.sample; ++i) {
        c.words.push_back(wordAt(c.key, 0, 4 * c.period + i));
    }
    return c;
}

std::string verdict(const Case& c, const std::vector<float>& actual, double tolerance) {
    const double error = relativeError(actual, c.expected);
    return error < tolerance ? ""
                             : std::to_string(c.batch) + "×" + std::to_string(c.sample) +
                                   " values, period " + std::to_string(c.period) + ", rate " +
                                   std::to_string(c.rate) + ": " + std::to_string(error);
}

} // namespace

/// Kernels that draw random numbers.
class TestRandomKernels : public QObject {
    Q_OBJECT
private slots:
    void drawsTheWordsOfTheGenerator();
    void dropsWhatTheGeneratorSays();
    void addsNormalNoise();
};

void TestRandomKernels::drawsTheWordsOfTheGenerator() {
    const std::string failure = failureOfCases(1, wordCase, [](const Case& c) -> std::string {
        std::vector<std::uint32_t> words(c.words.size());
        nn::randomWords(c.key.key, c.key.firstRow, static_cast<std::uint64_t>(c.period), words);
        return words == c.words ? "" : std::to_string(c.sample) + " words";
    });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestRandomKernels::dropsWhatTheGeneratorSays() {
    nn::Parallel parallel(2);
    const std::string failure = failureOfCases(2, dropoutCase, [&](const Case& c) {
        std::vector<float> y = c.x; // in place
        nn::dropout(parallel, {c.batch, c.sample, c.period},
                    {.rate = c.rate, .key = c.key, .x = y, .y = y});
        return verdict(c, y, 1e-6);
    });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestRandomKernels::addsNormalNoise() {
    nn::Parallel parallel(2);
    const std::string failure = failureOfCases(3, noiseCase, [&](const Case& c) {
        std::vector<float> y = c.x;
        nn::normalNoise(parallel, {c.batch, c.sample},
                        {.use = c.multiplies ? nn::NoiseUse::Multiply : nn::NoiseUse::Add,
                         .deviation = c.rate,
                         .key = c.key,
                         .x = y,
                         .y = y});
        return verdict(c, y, 3e-6);
    });
    QVERIFY2(failure.empty(), failure.c_str());
}

QTEST_APPLESS_MAIN(TestRandomKernels)
#include "tst_random_kernels.moc"
