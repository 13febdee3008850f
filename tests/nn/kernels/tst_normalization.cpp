#include "nn/kernels/normalization.h"

#include "tests/support/kernel_cases.h"
#include "tests/support/reference_kernels.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <sstream>

using namespace kernel_cases;
using nn::BatchNormGeometry;
using nn::Parallel;

namespace {

constexpr float kEpsilon = 1e-3F;

struct Statistics {
    std::vector<float> mean, inverseStd, variance;
};

std::vector<float> training(Parallel& parallel, const BatchNormGeometry& g,
                            const std::vector<float>& x, const std::vector<float>& gamma,
                            const std::vector<float>& beta, Statistics& statistics) {
    std::vector<float> y = unwritten(g.rows * g.channels);
    std::vector<float> scratch = unwritten(nn::batchNormScratchFloats(g));
    statistics = {unwritten(g.channels), unwritten(g.channels), unwritten(g.channels)};
    nn::batchNormTraining(parallel, g,
                          {.epsilon = kEpsilon,
                           .x = x,
                           .gamma = gamma,
                           .beta = beta,
                           .y = y,
                           .mean = statistics.mean,
                           .inverseStd = statistics.inverseStd,
                           .variance = statistics.variance,
                           .scratch = scratch});
    return y;
}

struct Gradients {
    std::vector<float> dx, dgamma, dbeta;
};

Gradients backward(Parallel& parallel, const BatchNormGeometry& g, const std::vector<float>& x,
                   const std::vector<float>& gamma, const Statistics& statistics,
                   const std::vector<float>& dy) {
    Gradients result{unwritten(g.rows * g.channels), unwritten(g.channels), unwritten(g.channels)};
    std::vector<float> scratch = unwritten(nn::batchNormScratchFloats(g));
    nn::batchNormBackward(parallel, g,
                          {.x = x,
                           .gamma = gamma,
                           .mean = statistics.mean,
                           .inverseStd = statistics.inverseStd,
                           .dy = dy,
                           .dx = result.dx,
                           .dgamma = result.dgamma,
                           .dbeta = result.dbeta,
                           .scratch = scratch});
    return result;
}

/// A normalization and what it and its gradients are in double precision.
struct Case {
    BatchNormGeometry g;
    std::vector<float> x, gamma, beta, dy;
    reference::BatchNorm y{};
    reference::BatchNormGradients gradients{};
    reference::Values frozen{}; ///< dx where the statistics are constants.
};

Case drawnCase(Dice& dice, const BatchNormGeometry& g) {
    const std::int64_t values = g.rows * g.channels;
    Case c{g, dice.values(values), dice.values(g.channels), dice.values(g.channels),
           dice.values(values)};
    const auto epsilon = static_cast<double>(kEpsilon);
    c.y = reference::batchNormTraining(g, epsilon, doubles(c.x), doubles(c.gamma), doubles(c.beta));
    c.gradients =
        reference::batchNormBackward(g, epsilon, doubles(c.x), doubles(c.gamma), doubles(c.dy));
    for (std::size_t i = 0; i < c.dy.size(); ++i) {
        const std::size_t channel = i % c.gamma.size();
        c.frozen.push_back(static_cast<double>(c.dy[i]) * static_cast<double>(c.gamma[channel]) /
                           std::sqrt(c.y.variance[channel] + epsilon));
    }
    return c;
}

std::string failureOf(Parallel& parallel, const Case& c) {
    Statistics statistics;
    const auto y = training(parallel, c.g, c.x, c.gamma, c.beta, statistics);
    const Gradients gradients = backward(parallel, c.g, c.x, c.gamma, statistics, c.dy);
    std::vector<float> inferred = c.x; // in place
    nn::batchNormInference(parallel, c.g,
                           {.epsilon = kEpsilon,
                            .x = inferred,
                            .gamma = c.gamma,
                            .beta = c.beta,
                            .mean = statistics.mean,
                            .variance = statistics.variance,
                            .y = inferred});
    Gradients frozen{unwritten(std::ssize(c.x)), unwritten(c.g.channels), unwritten(c.g.channels)};
    std::vector<float> scratch = unwritten(nn::batchNormScratchFloats(c.g));
    nn::batchNormFrozenBackward(parallel, c.g,
                                {.x = c.x,
                                 .gamma = c.gamma,
                                 .mean = statistics.mean,
                                 .inverseStd = statistics.inverseStd,
                                 .dy = c.dy,
                                 .dx = frozen.dx,
                                 .dgamma = frozen.dgamma,
                                 .dbeta = frozen.dbeta,
                                 .scratch = scratch});
    const double errors[] = {relativeError(y, c.y.y),
                             relativeError(inferred, c.y.y),
                             relativeError(statistics.mean, c.y.mean),
                             relativeError(statistics.variance, c.y.variance),
                             relativeError(gradients.dx, c.gradients.dx),
                             relativeError(gradients.dgamma, c.gradients.dgamma),
                             relativeError(gradients.dbeta, c.gradients.dbeta),
                             relativeError(frozen.dx, c.frozen),
                             relativeError(frozen.dgamma, c.gradients.dgamma),
                             relativeError(frozen.dbeta, c.gradients.dbeta)};
    if (*std::max_element(std::begin(errors), std::end(errors)) < 5e-6) {
        return {};
    }
    std::ostringstream text;
    text << c.g.rows << " rows, " << c.g.channels << " channels:";
    for (const double error : errors) {
        text << ' ' << error;
    }
    return text.str();
}

} // namespace

class TestNormalization : public QObject {
    Q_OBJECT
private slots:
    void agreesWithReferenceOnRandomShapes();
    void agreesWithReferenceOnManyRows();
    void survivesLargeMeans();
    void givesSameBitsForAllThreads();
    void takesOnesAndZerosForMissingParameters();
    void appliesReluAsALayerBehindIt();
    void frozenGradientIgnoresStatistics();
    void movesStatistics();
};

void TestNormalization::agreesWithReferenceOnRandomShapes() {
    Parallel parallel(2);
    const std::string failure = failureOfCases(
        1,
        [](Dice& dice) {
            return drawnCase(dice, {dice.number(6, 60), dice.number(1, 50)});
        },
        [&](const Case& c) { return failureOf(parallel, c); });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestNormalization::agreesWithReferenceOnManyRows() {
    Parallel parallel(2);
    Dice dice(2);
    for (const BatchNormGeometry& g :
         {BatchNormGeometry{20'000, 16}, BatchNormGeometry{600, 700}}) {
        const std::string failure = failureOf(parallel, drawnCase(dice, g));
        QVERIFY2(failure.empty(), failure.c_str());
    }
}

void TestNormalization::survivesLargeMeans() {
    const BatchNormGeometry g{10'000, 3};
    Dice dice(3);
    Parallel parallel(2);
    auto x = dice.values(g.rows * g.channels);
    for (float& value : x) {
        value += 10'000.0F;
    }
    const auto expected = reference::batchNormTraining(g, static_cast<double>(kEpsilon), doubles(x),
                                                       {1.0, 1.0, 1.0}, {0.0, 0.0, 0.0});
    Statistics statistics;
    training(parallel, g, x, {}, {}, statistics);
    for (std::size_t c = 0; c < 3; ++c) {
        QVERIFY(std::abs(static_cast<double>(statistics.variance[c]) - expected.variance[c]) <
                1e-4);
    }
}

void TestNormalization::givesSameBitsForAllThreads() {
    const BatchNormGeometry g{30'011, 21};
    Dice dice(4);
    const auto x = dice.values(g.rows * g.channels);
    const auto dy = dice.values(g.rows * g.channels);
    QVERIFY(sameForAllThreads([&](Parallel& parallel) {
        Statistics statistics;
        return training(parallel, g, x, {}, {}, statistics);
    }));
    QVERIFY(sameForAllThreads([&](Parallel& parallel) {
        Statistics statistics;
        training(parallel, g, x, {}, {}, statistics);
        Gradients gradients = backward(parallel, g, x, {}, statistics, dy);
        gradients.dx.insert(gradients.dx.end(), gradients.dgamma.begin(), gradients.dgamma.end());
        gradients.dx.insert(gradients.dx.end(), gradients.dbeta.begin(), gradients.dbeta.end());
        return gradients.dx;
    }));
}

void TestNormalization::takesOnesAndZerosForMissingParameters() {
    const BatchNormGeometry g{50, 7};
    Dice dice(5);
    Parallel parallel(1);
    const auto x = dice.values(g.rows * g.channels);
    const std::vector<float> ones(7, 1.0F);
    const std::vector<float> zeros(7, 0.0F);
    Statistics statistics;
    QCOMPARE(training(parallel, g, x, {}, {}, statistics),
             training(parallel, g, x, ones, zeros, statistics));
}

void TestNormalization::appliesReluAsALayerBehindIt() {
    Parallel parallel(2);
    const std::string failure = onEveryInstructionSet([&](const std::string&) -> std::string {
        Dice dice(8);
        for (int i = 0; i < caseCount(); ++i) {
            const BatchNormGeometry g{dice.number(6, 40), dice.number(1, 50)};
            const auto x = dice.values(g.rows * g.channels);
            const auto gamma = dice.values(g.channels);
            const auto beta = dice.values(g.channels);
            auto dy = dice.values(g.rows * g.channels);
            Statistics statistics;
            auto expected = training(parallel, g, x, gamma, beta, statistics);
            std::vector<float> y = unwritten(g.rows * g.channels);
            std::vector<float> factor = unwritten(g.channels);
            std::vector<float> scratch = unwritten(nn::batchNormScratchFloats(g));
            nn::batchNormTraining(parallel, g,
                                  {.epsilon = kEpsilon,
                                   .x = x,
                                   .gamma = gamma,
                                   .beta = beta,
                                   .y = y,
                                   .mean = statistics.mean,
                                   .inverseStd = statistics.inverseStd,
                                   .variance = {},
                                   .scratch = scratch,
                                   .relu = true,
                                   .factor = factor});
            std::vector<float> dx = unwritten(g.rows * g.channels);
            nn::batchNormBackward(parallel, g,
                                  {.x = x,
                                   .gamma = gamma,
                                   .mean = statistics.mean,
                                   .inverseStd = statistics.inverseStd,
                                   .dy = dy,
                                   .dx = dx,
                                   .dgamma = {},
                                   .dbeta = {},
                                   .scratch = scratch,
                                   .reluFactor = factor,
                                   .beta = beta});
            for (std::size_t k = 0; k < expected.size(); ++k) {
                dy[k] = expected[k] > 0.0F ? dy[k] : 0.0F;
                expected[k] = std::max(expected[k], 0.0F);
            }
            const Gradients gradients = backward(parallel, g, x, gamma, statistics, dy);
            if (y != expected || dx != gradients.dx) {
                return std::to_string(g.rows) + " rows, " + std::to_string(g.channels) +
                       " channels: not what a ReLU behind the normalization gives";
            }
        }
        return {};
    });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestNormalization::frozenGradientIgnoresStatistics() {
    const BatchNormGeometry g{40, 5};
    Dice dice(6);
    Parallel parallel(1);
    const auto x = dice.values(g.rows * g.channels);
    const auto gamma = dice.values(g.channels);
    const auto dy = dice.values(g.rows * g.channels);
    const std::vector<float> mean(5, 0.5F);
    const std::vector<float> inverseStd(5, 2.0F);
    std::vector<float> dx = unwritten(g.rows * g.channels);
    std::vector<float> scratch = unwritten(nn::batchNormScratchFloats(g));
    nn::batchNormFrozenBackward(parallel, g,
                                {.x = x,
                                 .gamma = gamma,
                                 .mean = mean,
                                 .inverseStd = inverseStd,
                                 .dy = dy,
                                 .dx = dx,
                                 .dgamma = {},
                                 .dbeta = {},
                                 .scratch = scratch});
    for (std::size_t i = 0; i < dx.size(); ++i) {
        QVERIFY(std::abs(dx[i] - dy[i] * gamma[i % 5] * 2.0F) < 1e-5F);
    }
}

void TestNormalization::movesStatistics() {
    std::vector<float> moving{1.0F, -2.0F};
    nn::updateMovingStatistics(0.75F, std::vector<float>{5.0F, 2.0F}, moving);
    QCOMPARE(moving, (std::vector<float>{2.0F, -1.0F}));
    struct Moves {
        float momentum;
        std::vector<float> batch, moving;
    };
    const std::string failure = failureOfCases(
        9,
        [](Dice& dice) {
            const std::int64_t channels = dice.number(1, 50);
            return Moves{static_cast<float>(dice.number(0, 100)) / 100.0F, dice.values(channels),
                         dice.values(channels)};
        },
        [](const Moves& c) -> std::string {
            std::vector<double> expected;
            const auto momentum = static_cast<double>(c.momentum);
            for (std::size_t i = 0; i < c.batch.size(); ++i) {
                expected.push_back(static_cast<double>(c.moving[i]) * momentum +
                                   static_cast<double>(c.batch[i]) * (1.0 - momentum));
            }
            std::vector<float> moved = c.moving;
            nn::updateMovingStatistics(c.momentum, c.batch, moved);
            return relativeError(moved, expected) < 1e-6 ? "" : std::to_string(c.momentum);
        });
    QVERIFY2(failure.empty(), failure.c_str());
}

QTEST_APPLESS_MAIN(TestNormalization)
#include "tst_normalization.moc"
