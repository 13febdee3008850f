#include "nn/kernels/optimizer.h"

#include "tests/support/kernel_cases.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <functional>

using namespace kernel_cases;
using nn::Parallel;

namespace {

// Longer than a vector of any instruction set, with a tail.
constexpr std::size_t kWeights = 37;

/// One step on equal weights with equal gradients; `step` counts from 1.
using Step = std::function<void(std::int64_t step, std::span<const float> gradient,
                                std::span<float> weights)>;

/// Weights 1 take the gradients 0.1, -0.2, 0.3 of keras-contract's golden values; whether all of
/// them go through `expected`.
bool follows(const std::vector<double>& expected, const Step& step) {
    std::vector<float> weights(kWeights, 1.0F);
    const float gradients[] = {0.1F, -0.2F, 0.3F};
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const std::vector<float> gradient(kWeights, gradients[i]);
        step(static_cast<std::int64_t>(i) + 1, gradient, weights);
        for (const float weight : weights) {
            if (std::abs(static_cast<double>(weight) - expected[i]) > 3e-7) {
                return false;
            }
        }
    }
    return true;
}

} // namespace

class TestOptimizerSteps : public QObject {
    Q_OBJECT
private slots:
    void sgdFollowsKeras();
    void adamFollowsKeras();
    void rmspropFollowsKeras();
    void amsgradRemembersTheLargestSquare();
    void scalesGradients();
    void givesSameBitsForAllThreads();
};

void TestOptimizerSteps::sgdFollowsKeras() {
    Parallel parallel(2);
    const std::string failure = onEveryInstructionSet([&](const std::string&) -> std::string {
        std::vector<float> velocity(kWeights, 0.0F);
        const auto with = [&](const nn::SgdStep& s) {
            velocity.assign(kWeights, 0.0F);
            return [&parallel, &velocity, s](std::int64_t, std::span<const float> g,
                                             std::span<float> w) {
                nn::sgdStep(parallel, s, g, w, velocity);
            };
        };
        const bool right =
            follows({.999, 1.001, .998}, with({})) &&
            follows({.999, 1.0001, .99809}, with({.momentum = 0.9})) &&
            follows({.9981, 1.00109, .996281}, with({.momentum = 0.9, .nesterov = true})) &&
            follows({.998, .999002}, with({.common = {.learningRate = 0.01, .weightDecay = 0.1}}));
        return right ? "" : "SGD";
    });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestOptimizerSteps::adamFollowsKeras() {
    Parallel parallel(2);
    const std::string failure = onEveryInstructionSet([&](const std::string&) -> std::string {
        for (const double decay : {0.0, 0.004}) {
            std::vector<float> m(kWeights, 0.0F);
            std::vector<float> v(kWeights, 0.0F);
            const bool right =
                follows(decay == 0.0 ? std::vector<double>{.9990000316, .9993661300, .9990228918}
                                     : std::vector<double>{.9989960316, .9993581340, .9990108984},
                        [&](std::int64_t step, std::span<const float> g, std::span<float> w) {
                            nn::adamStep(parallel, {.common = {.weightDecay = decay}, .step = step},
                                         g, w, {.m = m, .v = v, .maximumV = {}});
                        });
            if (!right) {
                return decay == 0.0 ? "Adam" : "AdamW";
            }
        }
        return "";
    });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestOptimizerSteps::rmspropFollowsKeras() {
    Parallel parallel(2);
    const std::string failure = onEveryInstructionSet([&](const std::string&) -> std::string {
        const auto right = [&](const std::vector<double>& expected, double momentum,
                               bool centered) {
            std::vector<float> v(kWeights, 0.0F);
            std::vector<float> average(centered ? kWeights : 0, 0.0F);
            std::vector<float> velocity(kWeights, 0.0F);
            return follows(expected,
                           [&](std::int64_t, std::span<const float> g, std::span<float> w) {
                               nn::rmspropStep(parallel, {.momentum = momentum}, g, w,
                                               {.v = v, .average = average, .velocity = velocity});
                           });
        };
        return right({.9968378804, .9996949941, .9971043650}, 0.0, false) &&
                       right({.9968378804, .9968490865, .9942685429}, 0.9, false) &&
                       right({.9966668518, .9995599085, .9969293505}, 0.0, true)
                   ? ""
                   : "RMSprop";
    });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestOptimizerSteps::amsgradRemembersTheLargestSquare() {
    Parallel parallel(1);
    std::vector<float> weights(1, 0.0F), m(1, 0.0F), v(1, 0.0F), largest(1, 0.0F);
    const nn::AdamState state{.m = m, .v = v, .maximumV = largest};
    nn::adamStep(parallel, {.beta2 = 0.5, .step = 1}, std::vector<float>{4.0F}, weights, state);
    nn::adamStep(parallel, {.beta2 = 0.5, .step = 2}, std::vector<float>{0.0F}, weights, state);
    QCOMPARE(v[0], 4.0F);
    QCOMPARE(largest[0], 8.0F);
}

void TestOptimizerSteps::scalesGradients() {
    Parallel parallel(1);
    Dice dice(1);
    const auto gradient = dice.values(100);
    std::vector<float> quarter(gradient);
    for (float& value : quarter) {
        value *= 0.25F;
    }
    std::vector<float> a(100, 1.0F), b(100, 1.0F), none;
    nn::sgdStep(parallel, {.common = {.learningRate = 0.01, .gradientScale = 0.25}}, gradient, a,
                none);
    nn::sgdStep(parallel, {}, quarter, b, none);
    for (std::size_t i = 0; i < 100; ++i) {
        QVERIFY(std::abs(a[i] - b[i]) < 1e-7F);
    }
}

void TestOptimizerSteps::givesSameBitsForAllThreads() {
    Dice dice(2);
    const auto gradient = dice.values(100'003);
    const auto start = dice.values(100'003);
    QVERIFY(sameForAllThreads([&](Parallel& parallel) {
        std::vector<float> weights(start), m(start.size(), 0.0F), v(start.size(), 0.0F);
        nn::adamStep(parallel, {}, gradient, weights, {.m = m, .v = v, .maximumV = {}});
        return weights;
    }));
}

QTEST_APPLESS_MAIN(TestOptimizerSteps)
#include "tst_optimizer_steps.moc"
