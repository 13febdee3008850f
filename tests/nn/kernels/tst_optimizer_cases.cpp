#include "nn/kernels/optimizer.h"

#include "tests/support/kernel_cases.h"
#include "tests/support/reference_optimizers.h"

#include <QTest>

#include <algorithm>
#include <cmath>

using namespace kernel_cases;
using nn::Parallel;
using reference::OptimizerNumbers;

namespace {

using State = reference::OptimizerState<float>;
using Gradient = std::span<const float>;

void sgd(Parallel& parallel, const OptimizerNumbers& n, Gradient gradient, State& s) {
    nn::sgdStep(parallel, {.common = n.common, .momentum = n.momentum, .nesterov = n.variant},
                gradient, s.weights, s.kept[0]);
}

void adam(Parallel& parallel, const OptimizerNumbers& n, Gradient gradient, State& s) {
    nn::adamStep(parallel,
                 {.common = n.common,
                  .beta1 = n.beta1,
                  .beta2 = n.beta2,
                  .epsilon = n.epsilon,
                  .step = n.step},
                 gradient, s.weights,
                 {.m = s.kept[0],
                  .v = s.kept[1],
                  .maximumV = n.variant ? std::span<float>(s.kept[2]) : std::span<float>()});
}

void rmsprop(Parallel& parallel, const OptimizerNumbers& n, Gradient gradient, State& s) {
    nn::rmspropStep(
        parallel,
        {.common = n.common, .rho = n.beta1, .momentum = n.momentum, .epsilon = n.epsilon},
        gradient, s.weights,
        {.v = s.kept[0],
         .average = n.variant ? std::span<float>(s.kept[1]) : std::span<float>(),
         .velocity = s.kept[2]});
}

void lion(Parallel& parallel, const OptimizerNumbers& n, Gradient gradient, State& s) {
    nn::lionStep(parallel, {.common = n.common, .beta1 = n.beta1, .beta2 = n.beta2}, gradient,
                 s.weights, s.kept[0]);
}

void adagrad(Parallel& parallel, const OptimizerNumbers& n, Gradient gradient, State& s) {
    nn::adagradStep(parallel, {.common = n.common, .epsilon = n.epsilon}, gradient, s.weights,
                    s.kept[0]);
}

void adadelta(Parallel& parallel, const OptimizerNumbers& n, Gradient gradient, State& s) {
    nn::adadeltaStep(parallel, {.common = n.common, .rho = n.beta1, .epsilon = n.epsilon}, gradient,
                     s.weights, {.gradients = s.kept[0], .changes = s.kept[1]});
}

void adamax(Parallel& parallel, const OptimizerNumbers& n, Gradient gradient, State& s) {
    nn::adamaxStep(parallel,
                   {.common = n.common,
                    .beta1 = n.beta1,
                    .beta2 = n.beta2,
                    .epsilon = n.epsilon,
                    .step = n.step},
                   gradient, s.weights, {.m = s.kept[0], .norm = s.kept[1]});
}

void nadam(Parallel& parallel, const OptimizerNumbers& n, Gradient gradient, State& s) {
    nn::nadamStep(parallel,
                  {.common = n.common,
                   .beta1 = n.beta1,
                   .beta2 = n.beta2,
                   .epsilon = n.epsilon,
                   .step = n.step,
                   .momentum = n.momentum,
                   .nextMomentum = n.nextMomentum,
                   .product = n.product},
                  gradient, s.weights, {.m = s.kept[0], .v = s.kept[1], .maximumV = {}});
}

void ftrl(Parallel& parallel, const OptimizerNumbers& n, Gradient gradient, State& s) {
    nn::ftrlStep(parallel,
                 {.common = n.common,
                  .power = n.power,
                  .l1 = n.l1,
                  .l2 = n.l2,
                  .l2Shrinkage = n.shrinkage,
                  .beta = n.beta1},
                 gradient, s.weights, {.accumulator = s.kept[0], .linear = s.kept[1]});
}

void scheduleFree(Parallel& parallel, const OptimizerNumbers& n, Gradient gradient, State& s) {
    nn::scheduleFreeStep(parallel,
                         {.common = n.common,
                          .beta1 = n.beta1,
                          .beta2 = n.beta2,
                          .epsilon = n.epsilon,
                          .step = n.step,
                          .warmUp = n.warmUp},
                         gradient, s.weights, {.m = s.kept[0], .v = s.kept[1], .maximumV = {}});
}

void lamb(Parallel& parallel, const OptimizerNumbers& n, Gradient gradient, State& s) {
    nn::lambStep(parallel,
                 {.common = n.common,
                  .beta1 = n.beta1,
                  .beta2 = n.beta2,
                  .epsilon = n.epsilon,
                  .step = n.step},
                 gradient, s.weights, {.m = s.kept[0], .v = s.kept[1], .maximumV = {}});
}

void adafactor(Parallel& parallel, const OptimizerNumbers& n, Gradient gradient, State& s) {
    nn::adafactorStep(parallel,
                      {.common = n.common, .clipThreshold = n.clipThreshold, .step = n.step},
                      gradient, s.weights,
                      {.rows = s.kept[0],
                       .columns = s.kept[1],
                       .velocity = s.kept[2],
                       .height = n.height,
                       .width = n.width});
}

void muon(Parallel& parallel, const OptimizerNumbers& n, Gradient gradient, State& s) {
    nn::muonStep(parallel,
                 {.common = n.common,
                  .momentum = n.momentum,
                  .nesterov = n.variant,
                  .iterations = n.iterations,
                  .scale = n.warmUp},
                 gradient, s.weights, s.kept[0], n.height);
}

/// What a rule makes of a variable.
enum class Kind { Values, Matrices, Matrix };

struct Rule {
    const char* name;
    void (*step)(Parallel&, const OptimizerNumbers&, Gradient, State&);
    reference::OptimizerStep exact;
    int signedSlot = 0; ///< The others hold squares and magnitudes.
    Kind kind = Kind::Values;
    double tolerance = 3e-6;
};

constexpr int kNone = -1;
const Rule kRules[] = {
    {"SGD", sgd, reference::sgd},
    {"Adam", adam, reference::adam},
    {"RMSprop", rmsprop, reference::rmsprop, 1},
    {"Lion", lion, reference::lion},
    {"Adagrad", adagrad, reference::adagrad, kNone},
    {"Adadelta", adadelta, reference::adadelta, kNone},
    {"Adamax", adamax, reference::adamax},
    {"Nadam", nadam, reference::nadam},
    {"Ftrl", ftrl, reference::ftrl, 1, Kind::Values, 1e-5},
    {"schedule-free AdamW", scheduleFree, reference::scheduleFree},
    {"Lamb", lamb, reference::lamb},
    {"Adafactor", adafactor, reference::adafactor, kNone, Kind::Matrices},
    {"Muon", muon, reference::muon, 0, Kind::Matrix, 1e-4},
};

struct Case {
    OptimizerNumbers n{};
    std::vector<float> gradient{};
    State before{};
    reference::OptimizerState<double> after{};
};

double share(Dice& dice, double least, double most) {
    return least + (most - least) * static_cast<double>(dice.number(0, 1000)) / 1000.0;
}

OptimizerNumbers randomNumbers(Dice& dice) {
    OptimizerNumbers n;
    n.common = {.learningRate = share(dice, 0.01, 0.3),
                .weightDecay = dice.chance(0.5) ? 0.0 : share(dice, 0.0, 0.5),
                .gradientScale = dice.chance(0.5) ? 1.0 : share(dice, 0.1, 2.0)};
    if (dice.chance(0.5)) {
        n.common.gradientBound = share(dice, 0.1, 2.0);
    }
    n.step = dice.chance(0.3) ? 1 : dice.number(1, 1000);
    n.beta1 = share(dice, 0.5, 0.99);
    n.beta2 = share(dice, 0.5, 0.999);
    n.epsilon = dice.chance(0.5) ? 1e-7 : 1e-3;
    n.momentum = dice.chance(0.4) ? 0.0 : share(dice, 0.1, 0.99);
    n.nextMomentum = share(dice, 0.5, 0.9);
    n.product = share(dice, 0.1, 0.9);
    n.variant = dice.chance(0.5);
    n.power = dice.chance(0.6) ? -0.5 : -share(dice, 0.0, 1.0);
    n.l1 = dice.chance(0.5) ? 0.0 : share(dice, 0.0, 1.0);
    n.l2 = dice.chance(0.5) ? 0.0 : share(dice, 0.0, 1.0);
    n.shrinkage = dice.chance(0.5) ? 0.0 : share(dice, 0.0, 0.5);
    n.warmUp = share(dice, 0.1, 1.0);
    n.clipThreshold = share(dice, 0.3, 2.0);
    n.iterations = dice.number(1, 5);
    return n;
}

/// State as it may be after some steps: squares are larger than those of a mean.
std::vector<float> randomState(Dice& dice, bool isSigned, std::int64_t count) {
    std::vector<float> values = dice.values(count, 0.1);
    for (float& value : values) {
        value = isSigned ? value : 0.3F + std::abs(value);
    }
    return values;
}

Case drawnCase(Dice& dice, const Rule& rule) {
    Case c{.n = randomNumbers(dice)};
    std::int64_t count = dice.chance(0.005) ? 16'390 : dice.number(1, 70);
    std::array<std::int64_t, 3> sizes{count, count, count};
    if (rule.kind != Kind::Values && (rule.kind == Kind::Matrix || dice.chance(0.7))) {
        c.n.height = dice.number(1, 12);
        c.n.width = dice.number(1, 12);
        const std::int64_t matrices = rule.kind == Kind::Matrix ? 1 : dice.number(1, 3);
        count = matrices * c.n.height * c.n.width;
        sizes = {matrices * c.n.height, matrices * c.n.width, count};
        if (rule.kind == Kind::Matrix) {
            sizes[0] = count;
        }
    }
    c.gradient = dice.values(count);
    c.before.weights = dice.values(count);
    for (std::size_t slot = 0; slot < 3; ++slot) {
        c.before.kept[slot] =
            randomState(dice, static_cast<int>(slot) == rule.signedSlot, sizes[slot]);
    }
    c.after.weights = doubles(c.before.weights);
    for (std::size_t slot = 0; slot < 3; ++slot) {
        c.after.kept[slot] = doubles(c.before.kept[slot]);
    }
    rule.exact(c.n, doubles(c.gradient), c.after);
    return c;
}

std::string failureOf(Parallel& parallel, const Rule& rule, const Case& c) {
    State state = c.before;
    rule.step(parallel, c.n, c.gradient, state);
    double error = relativeError(state.weights, c.after.weights);
    for (std::size_t slot = 0; slot < 3; ++slot) {
        error = std::max(error, relativeError(state.kept[slot], c.after.kept[slot]));
    }
    return error < rule.tolerance ? ""
                                  : std::to_string(c.gradient.size()) + " weights, step " +
                                        std::to_string(c.n.step) + ": " + std::to_string(error);
}

} // namespace

class TestOptimizerCases : public QObject {
    Q_OBJECT
private slots:
    void followsItsFormula_data();
    void followsItsFormula();
    void averagesWeights();
};

void TestOptimizerCases::followsItsFormula_data() {
    QTest::addColumn<int>("index");
    int index = 0;
    for (const Rule& rule : kRules) {
        QTest::newRow(rule.name) << index++;
    }
}

void TestOptimizerCases::followsItsFormula() {
    QFETCH(int, index);
    const Rule& rule = kRules[index];
    Parallel parallel(2);
    const std::string failure = failureOfCases(
        static_cast<std::uint64_t>(index), [&](Dice& dice) { return drawnCase(dice, rule); },
        [&](const Case& c) { return failureOf(parallel, rule, c); });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestOptimizerCases::averagesWeights() {
    struct Averages {
        double momentum = 0.0;
        std::vector<float> a, b;
        std::vector<double> moving{}, scheduleFree{};
    };
    Parallel parallel(2);
    const std::string failure = failureOfCases(
        99,
        [](Dice& dice) {
            const std::int64_t count = dice.chance(0.005) ? 16'390 : dice.number(1, 70);
            Averages c{share(dice, 0.3, 0.999), dice.values(count), dice.values(count)};
            for (std::size_t i = 0; i < c.a.size(); ++i) {
                const auto a = static_cast<double>(c.a[i]);
                const auto b = static_cast<double>(c.b[i]);
                c.moving.push_back(c.momentum * b + (1.0 - c.momentum) * a);
                c.scheduleFree.push_back((b - (1.0 - c.momentum) * a) / c.momentum);
            }
            return c;
        },
        [&](const Averages& c) -> std::string {
            std::vector<float> moving = c.b;
            std::vector<float> scheduleFree = c.b;
            nn::movingAverageStep(parallel, c.momentum, c.a, moving);
            nn::scheduleFreeAverage(parallel, c.momentum, c.a, scheduleFree);
            const double error = std::max(relativeError(moving, c.moving),
                                          relativeError(scheduleFree, c.scheduleFree));
            return error < 2e-6 ? "" : std::to_string(error);
        });
    QVERIFY2(failure.empty(), failure.c_str());
}

QTEST_APPLESS_MAIN(TestOptimizerCases)
#include "tst_optimizer_cases.moc"
