#include "nn/kernels/activation.h"

#include "tests/support/kernel_cases.h"
#include "tests/support/reference_kernels.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

using namespace kernel_cases;
using nn::Activation;
using nn::ActivationKind;
using nn::Parallel;

namespace {

struct Named {
    const char* name;
    Activation activation;
};

/// Every kind, those with numbers with several.
std::vector<Named> allActivations() {
    using enum ActivationKind;
    return {{"linear", {.kind = Linear}},
            {"relu", {.kind = Relu}},
            {"relu6", {.kind = Relu, .maxValue = 6.0F}},
            {"leaky relu", {.kind = Relu, .negativeSlope = 0.3F}},
            {"thresholded relu",
             {.kind = Relu, .negativeSlope = 0.1F, .threshold = 1.0F, .maxValue = 4.0F}},
            {"rising relu", {.kind = Relu, .negativeSlope = -0.5F}},
            {"sigmoid", {.kind = Sigmoid}},
            {"tanh", {.kind = Tanh}},
            {"elu", {.kind = Elu}},
            {"elu 0.3", {.kind = Elu, .alpha = 0.3F}},
            {"elu -0.4", {.kind = Elu, .alpha = -0.4F}},
            {"selu", {.kind = Selu}},
            {"softplus", {.kind = Softplus}},
            {"softsign", {.kind = Softsign}},
            {"silu", {.kind = Silu}},
            {"gelu", {.kind = Gelu}},
            {"exponential", {.kind = Exponential}},
            {"hard sigmoid", {.kind = HardSigmoid}},
            {"relu 2 above 3", {.kind = Relu, .threshold = 3.0F, .maxValue = 2.0F}},
            {"hard silu", {.kind = HardSilu}},
            {"hard tanh", {.kind = HardTanh}},
            {"hard shrink", {.kind = HardShrink}},
            {"soft shrink", {.kind = SoftShrink}},
            {"tanh shrink", {.kind = TanhShrink}},
            {"mish", {.kind = Mish}},
            {"log sigmoid", {.kind = LogSigmoid}},
            {"squareplus", {.kind = SquarePlus}},
            {"sparse plus", {.kind = SparsePlus}},
            {"sparse sigmoid", {.kind = SparseSigmoid}}};
}

/// A sweep from -30 to 30 with fine steps near 0, and no kink of any activation in it.
std::vector<float> sweep() {
    std::vector<float> values;
    for (int i = 0; i < 6001; ++i) {
        values.push_back(-30.0137F + 0.01F * static_cast<float>(i));
        values.push_back((i % 2 == 0 ? 1.0F : -1.0F) * std::exp(-0.003F * static_cast<float>(i)));
    }
    return values;
}

/// The largest error relative to the exact value; near the smallest floats absolute.
std::string worst(std::span<const float> x, std::span<const float> actual,
                  const std::vector<double>& exact, double tolerance) {
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double size = std::abs(exact[i]);
        const double error = std::abs(static_cast<double>(actual[i]) - exact[i]);
        if (!(error <= tolerance * size + 1e-36)) {
            std::ostringstream text;
            text.precision(9);
            text << "at " << x[i] << " gives " << actual[i] << " instead of " << exact[i]
                 << ", relative error " << error / size;
            return text.str();
        }
    }
    return {};
}

std::string forwardFailure(const Named& named, double tolerance) {
    Parallel parallel(2);
    const std::vector<float> x = sweep();
    std::vector<double> exact;
    for (const float value : x) {
        exact.push_back(reference::activation(named.activation, static_cast<double>(value)));
    }
    std::vector<float> y = unwritten(static_cast<std::int64_t>(x.size()));
    nn::activationForward(parallel, named.activation, x, y);
    const std::string failure = worst(x, y, exact, tolerance);
    return failure.empty() ? failure : named.name + (" " + failure);
}

/// The gradient may lose digits of a slope near 0 that is read from an output near its limit.
std::string backwardFailure(const Named& named) {
    Parallel parallel(2);
    const std::vector<float> x = sweep();
    const auto count = static_cast<std::int64_t>(x.size());
    const std::vector<float> dy(x.size(), 2.0F);
    std::vector<float> y = unwritten(count);
    std::vector<float> dx = unwritten(count);
    nn::activationForward(parallel, named.activation, x, y);
    const bool fromOutput =
        nn::activationBackwardReads(named.activation) == nn::BackwardReads::Output;
    const std::span<const float> none;
    nn::activationBackward(parallel, named.activation,
                           {.x = fromOutput ? none : std::span<const float>(x),
                            .y = fromOutput ? std::span<const float>(y) : none,
                            .dy = dy,
                            .dx = dx});
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double exact =
            2.0 * reference::activationSlope(named.activation, static_cast<double>(x[i]));
        const double error = std::abs(static_cast<double>(dx[i]) - exact);
        if (!(error <= 1e-6 * std::max(1.0, std::abs(exact)))) {
            std::ostringstream text;
            text << named.name << " gradient at " << x[i] << " is " << dx[i] << " instead of "
                 << exact;
            return text.str();
        }
    }
    return {};
}

} // namespace

class TestActivation : public QObject {
    Q_OBJECT
private slots:
    void isAccurateToAFewLastDigits();
    void gradientIsTheSlope();
    void survivesExtremeValues();
    void keepsNotANumber();
    void worksInPlaceOnAnyLength();
    void softmaxAgreesWithReference();
    void softmaxSurvivesLargeLogits();
    void crossEntropyAgreesWithReference();
};

void TestActivation::isAccurateToAFewLastDigits() {
    const std::string failure = onEveryInstructionSet([&](const std::string&) {
        std::string first;
        for (const Named& named : allActivations()) {
            // Subtracting the threshold costs digits near the zero of the function, not more.
            first = first.empty() ? forwardFailure(named, 6e-7) : first;
        }
        return first;
    });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestActivation::gradientIsTheSlope() {
    const std::string failure = onEveryInstructionSet([&](const std::string&) {
        std::string first;
        for (const Named& named : allActivations()) {
            first = first.empty() ? backwardFailure(named) : first;
        }
        return first;
    });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestActivation::survivesExtremeValues() {
    Parallel parallel(1);
    const float infinity = std::numeric_limits<float>::infinity();
    const std::vector<float> x{-infinity, -1e30F, -200.0F, 200.0F, 1e30F, infinity};
    const auto y = [&](ActivationKind kind) {
        std::vector<float> result(x.size());
        nn::activationForward(parallel, {.kind = kind}, x, result);
        return result;
    };
    const std::string failure = onEveryInstructionSet([&](const std::string&) -> std::string {
        using enum ActivationKind;
        const bool right =
            y(Sigmoid) == std::vector<float>{0, 0, 0, 1, 1, 1} &&
            y(Tanh) == std::vector<float>{-1, -1, -1, 1, 1, 1} &&
            y(Exponential) == std::vector<float>{0, 0, 0, infinity, infinity, infinity} &&
            y(Softplus) == std::vector<float>{0, 0, 0, 200.0F, 1e30F, infinity} &&
            y(Elu) == std::vector<float>{-1, -1, -1, 200.0F, 1e30F, infinity} &&
            y(Relu) == std::vector<float>{0, 0, 0, 200.0F, 1e30F, infinity};
        return right ? "" : "wrong limit";
    });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestActivation::keepsNotANumber() {
    Parallel parallel(1);
    const std::string failure = onEveryInstructionSet([&](const std::string&) -> std::string {
        for (const Named& named : allActivations()) {
            std::vector<float> y(21);
            nn::activationForward(parallel, named.activation, unwritten(21), y);
            if (!std::all_of(y.begin(), y.end(), [](float v) { return std::isnan(v); })) {
                return named.name + std::string(" hides NaN");
            }
        }
        return "";
    });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestActivation::worksInPlaceOnAnyLength() {
    Parallel parallel(3);
    Dice dice(1);
    for (const std::int64_t length : {1, 7, 16, 33, 70'001}) {
        auto values = dice.values(length);
        std::vector<float> expected(values.size());
        nn::activationForward(parallel, {.kind = ActivationKind::Tanh}, values, expected);
        nn::activationForward(parallel, {.kind = ActivationKind::Tanh}, values, values);
        QCOMPARE(values, expected);
    }
}

void TestActivation::softmaxAgreesWithReference() {
    Parallel parallel(2);
    const std::string failure = onEveryInstructionSet([&](const std::string&) -> std::string {
        Dice dice(2);
        for (int i = 0; i < caseCount(300); ++i) {
            const nn::SoftmaxGeometry g{dice.number(1, 9),
                                        dice.number(1, dice.chance(0.2) ? 1100 : 40)};
            const auto x = dice.values(g.rows * g.classes, 5.0);
            const auto dy = dice.values(g.rows * g.classes);
            std::vector<float> y = unwritten(g.rows * g.classes);
            std::vector<float> dx = unwritten(g.rows * g.classes);
            nn::softmaxForward(parallel, g, x, y);
            nn::softmaxBackward(parallel, g, y, dy, dx);
            const auto exact = reference::softmaxForward(g, doubles(x));
            const auto gradient = reference::softmaxBackward(g, exact, doubles(dy));
            if (relativeError(y, exact) > 1e-6 || relativeError(dx, gradient) > 1e-6) {
                return std::to_string(g.rows) + " rows of " + std::to_string(g.classes);
            }
        }
        return "";
    });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestActivation::softmaxSurvivesLargeLogits() {
    Parallel parallel(1);
    std::vector<float> y(3);
    nn::softmaxForward(parallel, {1, 3}, std::vector<float>{1e30F, 1e30F, -1e30F}, y);
    QCOMPARE(y, (std::vector<float>{0.5F, 0.5F, 0.0F}));
    nn::softmaxForward(parallel, {1, 3}, std::vector<float>{1.0F, unwritten(1)[0], 0.0F}, y);
    QVERIFY(std::isnan(y[0]) && std::isnan(y[1]) && std::isnan(y[2]));
}

void TestActivation::crossEntropyAgreesWithReference() {
    Parallel parallel(2);
    const std::string failure = onEveryInstructionSet([&](const std::string&) -> std::string {
        Dice dice(3);
        for (int i = 0; i < caseCount(100); ++i) {
            const nn::SoftmaxGeometry g{dice.number(1, 9), dice.number(2, 40)};
            const auto logits = dice.values(g.rows * g.classes, 3.0);
            std::vector<std::int32_t> labels;
            std::vector<float> targets(logits.size(), 0.0F);
            for (std::int64_t row = 0; row < g.rows; ++row) {
                labels.push_back(static_cast<std::int32_t>(dice.number(0, g.classes - 1)));
                targets[static_cast<std::size_t>(row * g.classes + labels.back())] = 1.0F;
            }
            auto exact = reference::softmaxForward(g, doubles(logits));
            std::vector<double> losses;
            for (std::size_t row = 0; row < labels.size(); ++row) {
                const auto at = row * static_cast<std::size_t>(g.classes) +
                                static_cast<std::size_t>(labels[row]);
                losses.push_back(-std::log(exact[at]));
                exact[at] -= 1.0;
            }
            for (double& value : exact) {
                value *= 0.25;
            }
            for (const bool byLabel : {true, false}) {
                std::vector<float> actual = unwritten(g.rows);
                std::vector<float> gradient = unwritten(g.rows * g.classes);
                nn::softmaxCrossEntropy(parallel, g,
                                        {.logits = logits,
                                         .labels = byLabel ? std::span<const std::int32_t>(labels)
                                                           : std::span<const std::int32_t>(),
                                         .targets = targets,
                                         .losses = actual,
                                         .dLogits = gradient,
                                         .gradientScale = 0.25F});
                if (relativeError(actual, losses) > 2e-6 || relativeError(gradient, exact) > 2e-6) {
                    return byLabel ? "by label" : "by distribution";
                }
            }
        }
        return "";
    });
    QVERIFY2(failure.empty(), failure.c_str());
}

QTEST_APPLESS_MAIN(TestActivation)
#include "tst_activation.moc"
