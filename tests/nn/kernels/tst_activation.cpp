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
    void agreesWithReferenceOnRandomLengths();
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

void TestActivation::agreesWithReferenceOnRandomLengths() {
    struct Case {
        Named named;
        std::vector<float> x{}, dy{};
        std::vector<double> y{}, dx{};
    };
    Parallel parallel(2);
    const std::vector<Named> all = allActivations();
    const std::string failure = failureOfCases(
        2,
        [&](Dice& dice) {
            Case c{all[static_cast<std::size_t>(dice.number(0, std::ssize(all) - 1))]};
            Activation& f = c.named.activation;
            if (f.kind == ActivationKind::Relu || f.kind == ActivationKind::Elu) {
                f.alpha = static_cast<float>(dice.number(-8, 8)) / 4.0F;
                f.negativeSlope = static_cast<float>(dice.number(-4, 4)) / 4.0F;
            }
            const std::int64_t length = dice.number(1, 70);
            c.x = dice.values(length, 3.0);
            c.dy = dice.values(length);
            for (std::size_t i = 0; i < c.x.size(); ++i) {
                const auto x = static_cast<double>(c.x[i]);
                c.y.push_back(reference::activation(f, x));
                c.dx.push_back(static_cast<double>(c.dy[i]) * reference::activationSlope(f, x));
            }
            return c;
        },
        [&](const Case& c) -> std::string {
            const Activation& f = c.named.activation;
            std::vector<float> y = c.x; // in place
            nn::activationForward(parallel, f, y, y);
            std::vector<float> dx = c.dy;
            nn::activationBackward(parallel, f, {.x = c.x, .y = y, .dy = dx, .dx = dx});
            const double error = std::max(relativeError(y, c.y), relativeError(dx, c.dx));
            return error < 2e-6 ? "" : c.named.name + (": " + std::to_string(error));
        });
    QVERIFY2(failure.empty(), failure.c_str());
}

QTEST_APPLESS_MAIN(TestActivation)
#include "tst_activation.moc"
