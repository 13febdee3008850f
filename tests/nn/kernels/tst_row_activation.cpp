#include "nn/kernels/row_activation.h"

#include "tests/support/kernel_cases.h"
#include "tests/support/reference_kernels.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace kernel_cases;
using nn::SoftmaxGeometry;
using reference::Values;

namespace {

/// A function of each row, its gradient, and both in double precision.
struct Case {
    SoftmaxGeometry g;
    std::vector<float> x{}, dy{};
    Values y{}, dx{};
};

SoftmaxGeometry randomRows(Dice& dice) {
    return {dice.number(1, 9), dice.number(1, dice.chance(0.03) ? 1100 : 40)};
}

/// Calls visit(row of x, row of dy) → (row of y, row of dx).
template <typename Visit>
Case drawnCase(Dice& dice, std::int64_t inputsPerClass, double scale, const Visit& visit) {
    Case c{.g = randomRows(dice)};
    const std::int64_t width = inputsPerClass * c.g.classes;
    c.x = dice.values(c.g.rows * width, scale);
    c.dy = dice.values(c.g.rows * c.g.classes);
    for (std::int64_t row = 0; row < c.g.rows; ++row) {
        const auto x = doubles(std::span(c.x).subspan(static_cast<std::size_t>(row * width),
                                                      static_cast<std::size_t>(width)));
        const auto dy = doubles(std::span(c.dy).subspan(static_cast<std::size_t>(row * c.g.classes),
                                                        static_cast<std::size_t>(c.g.classes)));
        const auto [y, dx] = visit(x, dy);
        c.y.insert(c.y.end(), y.begin(), y.end());
        c.dx.insert(c.dx.end(), dx.begin(), dx.end());
    }
    return c;
}

using Both = std::pair<Values, Values>;

Both softmax(const Values& x, const Values& dy) {
    const SoftmaxGeometry g{1, std::ssize(x)};
    const Values y = reference::softmaxForward(g, x);
    return {y, reference::softmaxBackward(g, y, dy)};
}

Both logSoftmax(const Values& x, const Values& dy) {
    const Values share = reference::softmaxForward({1, std::ssize(x)}, x);
    Both result;
    double sum = 0.0;
    for (const double value : dy) {
        sum += value;
    }
    const double largest = std::ranges::max(x);
    double exponentials = 0.0;
    for (const double value : x) {
        exponentials += std::exp(value - largest);
    }
    for (std::size_t i = 0; i < x.size(); ++i) {
        result.first.push_back(x[i] - largest - std::log(exponentials));
        result.second.push_back(dy[i] - share[i] * sum);
    }
    return result;
}

/// By bisection: Σ max(x - τ, 0) falls from at least 1 to 0 as τ rises.
Both sparsemax(const Values& x, const Values& dy) {
    double high = std::ranges::max(x);
    double low = high - 1.0;
    for (int i = 0; i < 60; ++i) {
        const double middle = 0.5 * (low + high);
        double sum = 0.0;
        for (const double value : x) {
            sum += std::max(value - middle, 0.0);
        }
        (sum > 1.0 ? low : high) = middle;
    }
    Both result;
    double sum = 0.0;
    double count = 0.0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        result.first.push_back(std::max(x[i] - high, 0.0));
        sum += result.first[i] > 0.0 ? dy[i] : 0.0;
        count += result.first[i] > 0.0 ? 1.0 : 0.0;
    }
    for (std::size_t i = 0; i < x.size(); ++i) {
        result.second.push_back(result.first[i] > 0.0 ? dy[i] - sum / count : 0.0);
    }
    return result;
}

Both gatedUnit(const Values& x, const Values& dy) {
    const std::size_t n = dy.size();
    Both result{Values(n), Values(2 * n)};
    for (std::size_t i = 0; i < n; ++i) {
        const double gate = 1.0 / (1.0 + std::exp(-x[n + i]));
        result.first[i] = x[i] * gate;
        result.second[i] = dy[i] * gate;
        result.second[n + i] = dy[i] * x[i] * gate * (1.0 - gate);
    }
    return result;
}

using Forward = void (*)(nn::Parallel&, const SoftmaxGeometry&, std::span<const float>,
                         std::span<float>);
using Backward = void (*)(nn::Parallel&, const SoftmaxGeometry&, std::span<const float>,
                          std::span<const float>, std::span<float>);

/// A function of rows; its gradient reads its output, or else its input.
struct Function {
    const char* name;
    Both (*exact)(const Values&, const Values&);
    Forward forward;
    Backward backward;
    bool readsOutput = true;
    std::int64_t inputsPerClass = 1;
    double scale = 1.0;
};

const Function kFunctions[] = {
    {"softmax", softmax, nn::softmaxForward, nn::softmaxBackward, true, 1, 5.0},
    {"log softmax", logSoftmax, nn::logSoftmaxForward, nn::logSoftmaxBackward, true, 1, 3.0},
    {"sparsemax", sparsemax, nn::sparsemaxForward, nn::sparsemaxBackward, true, 1, 0.7},
    {"gated linear unit", gatedUnit, nn::gluForward, nn::gluBackward, false, 2, 3.0},
};

/// Softmax and cross-entropy in one, by class or by distribution.
struct EntropyCase {
    SoftmaxGeometry g;
    float scale = 1.0F;
    bool byLabel = false;
    std::vector<float> logits{}, targets{};
    std::vector<std::int32_t> labels{};
    Values losses{}, gradient{};
};

EntropyCase entropyCase(Dice& dice) {
    EntropyCase c{.g = {dice.number(1, 9), dice.number(2, 60)}};
    c.scale = 1.0F / static_cast<float>(dice.number(1, 64));
    c.byLabel = dice.chance(0.5);
    c.logits = dice.values(c.g.rows * c.g.classes, 3.0);
    c.targets.assign(c.logits.size(), 0.0F);
    const Values share = reference::softmaxForward(c.g, doubles(c.logits));
    const auto classes = static_cast<std::size_t>(c.g.classes);
    for (std::size_t row = 0; row < static_cast<std::size_t>(c.g.rows); ++row) {
        c.labels.push_back(static_cast<std::int32_t>(dice.number(0, c.g.classes - 1)));
        c.targets[row * classes + static_cast<std::size_t>(c.labels.back())] =
            c.byLabel ? 1.0F : 0.75F;
        c.targets[row * classes] += c.byLabel ? 0.0F : 0.25F;
        double loss = 0.0;
        for (std::size_t i = row * classes; i < (row + 1) * classes; ++i) {
            loss -= static_cast<double>(c.targets[i]) * std::log(share[i]);
            c.gradient.push_back((share[i] - static_cast<double>(c.targets[i])) *
                                 static_cast<double>(c.scale));
        }
        c.losses.push_back(loss);
    }
    return c;
}

} // namespace

class TestRowActivation : public QObject {
    Q_OBJECT
private slots:
    void agreesWithReferenceOnRandomShapes_data();
    void agreesWithReferenceOnRandomShapes();
    void crossEntropyAgreesWithReference();
    void softmaxSurvivesLargeLogits();
};

void TestRowActivation::agreesWithReferenceOnRandomShapes_data() {
    QTest::addColumn<int>("index");
    int index = 0;
    for (const Function& function : kFunctions) {
        QTest::newRow(function.name) << index++;
    }
}

void TestRowActivation::agreesWithReferenceOnRandomShapes() {
    QFETCH(int, index);
    const Function& f = kFunctions[index];
    nn::Parallel parallel(2);
    const std::string failure = failureOfCases(
        static_cast<std::uint64_t>(index),
        [&](Dice& dice) { return drawnCase(dice, f.inputsPerClass, f.scale, f.exact); },
        [&](const Case& c) -> std::string {
            std::vector<float> y = unwritten(std::ssize(c.y));
            std::vector<float> dx = unwritten(std::ssize(c.dx));
            f.forward(parallel, c.g, c.x, y);
            f.backward(parallel, c.g, f.readsOutput ? y : c.x, c.dy, dx);
            const double error = std::max(relativeError(y, c.y), relativeError(dx, c.dx));
            return error < 2e-6 ? ""
                                : std::to_string(c.g.rows) + " rows of " +
                                      std::to_string(c.g.classes) + ": " + std::to_string(error);
        });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestRowActivation::crossEntropyAgreesWithReference() {
    nn::Parallel parallel(2);
    const std::string failure =
        failureOfCases(9, entropyCase, [&](const EntropyCase& c) -> std::string {
            std::vector<float> losses = unwritten(c.g.rows);
            std::vector<float> gradient = unwritten(std::ssize(c.gradient));
            nn::softmaxCrossEntropy(parallel, c.g,
                                    {.logits = c.logits,
                                     .labels = c.byLabel ? std::span<const std::int32_t>(c.labels)
                                                         : std::span<const std::int32_t>(),
                                     .targets = c.targets,
                                     .losses = losses,
                                     .dLogits = gradient,
                                     .gradientScale = c.scale});
            const double error =
                std::max(relativeError(losses, c.losses), relativeError(gradient, c.gradient));
            return error < 2e-6
                       ? ""
                       : std::to_string(c.g.classes) + " classes: " + std::to_string(error);
        });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestRowActivation::softmaxSurvivesLargeLogits() {
    nn::Parallel parallel(1);
    std::vector<float> y(3);
    nn::softmaxForward(parallel, {1, 3}, std::vector<float>{1e30F, 1e30F, -1e30F}, y);
    QCOMPARE(y, (std::vector<float>{0.5F, 0.5F, 0.0F}));
    nn::softmaxForward(parallel, {1, 3}, std::vector<float>{1.0F, unwritten(1)[0], 0.0F}, y);
    QVERIFY(std::isnan(y[0]) && std::isnan(y[1]) && std::isnan(y[2]));
}

QTEST_APPLESS_MAIN(TestRowActivation)
#include "tst_row_activation.moc"
