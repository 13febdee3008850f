#include "nn/kernels/add_relu.h"
#include "nn/kernels/elementwise.h"
#include "nn/kernels/prelu.h"

#include "tests/support/kernel_cases.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <functional>

using namespace kernel_cases;

namespace {

constexpr double kTolerance = 1e-6;

/// Around all widths of vectors; now and then around the length of a task.
std::int64_t randomLength(Dice& dice) {
    return dice.chance(0.01) ? dice.number(16'370, 16'400) : dice.number(1, 70);
}

/// Some spans of equal length and what becomes of them.
struct Case {
    std::vector<std::vector<float>> inputs{};
    std::int64_t choice = 0;
    float factor = 0.0F, offset = 0.0F;
    std::vector<double> expected{};

    [[nodiscard]] std::size_t length() const { return inputs[0].size(); }
    [[nodiscard]] double at(std::size_t input, std::size_t i) const {
        return static_cast<double>(inputs[input][i]);
    }
    [[nodiscard]] std::vector<std::span<const float>> spans() const {
        return {inputs.begin(), inputs.end()};
    }
    [[nodiscard]] std::string verdict(const std::vector<float>& actual) const {
        const double error = relativeError(actual, expected);
        return error < kTolerance ? ""
                                  : std::to_string(length()) + " values, choice " +
                                        std::to_string(choice) + ": " + std::to_string(error);
    }
};

/// `most` choices; coarse values, so that some are equal.
Case drawnCase(Dice& dice, int inputs, std::int64_t most) {
    Case c{.choice = dice.number(0, most - 1)};
    const std::int64_t length = randomLength(dice);
    const bool coarse = dice.chance(0.5);
    for (int i = 0; i < inputs; ++i) {
        c.inputs.push_back(dice.values(length));
        for (float& value : c.inputs.back()) {
            value = coarse ? std::round(2.0F * value) : value;
        }
    }
    c.factor = static_cast<float>(dice.number(-9, 9)) / 4.0F;
    c.offset = static_cast<float>(dice.number(-9, 9)) / 8.0F;
    return c;
}

template <typename Of>
void expect(Case& c, const Of& of) {
    for (std::size_t i = 0; i < c.length(); ++i) {
        c.expected.push_back(of(i));
    }
}

double combined(nn::BinaryOp op, double a, double b) {
    switch (op) {
    case nn::BinaryOp::Add:
        return a + b;
    case nn::BinaryOp::Subtract:
        return a - b;
    case nn::BinaryOp::Multiply:
        return a * b;
    case nn::BinaryOp::Maximum:
        return std::max(a, b);
    case nn::BinaryOp::Minimum:
        return std::min(a, b);
    }
    return 0.0;
}

Case sumOfInputs(Dice& dice, bool relu) {
    Case c = drawnCase(dice, static_cast<int>(dice.number(1, 5)), 1);
    expect(c, [&](std::size_t i) {
        double sum = 0.0;
        for (std::size_t input = 0; input < c.inputs.size(); ++input) {
            sum += c.at(input, i);
        }
        return relu ? std::max(sum, 0.0) : sum;
    });
    return c;
}

/// A batch of samples: `samples` times as many values as the slopes have.
struct PreluCase {
    std::vector<float> x{}, alpha{}, dy{};
    std::vector<double> y{}, dx{}, dalpha{};
};

PreluCase preluCase(Dice& dice) {
    const std::int64_t sample = randomLength(dice);
    const std::int64_t batch = dice.number(1, 4);
    PreluCase c{dice.values(batch * sample), dice.values(sample), dice.values(batch * sample)};
    c.dalpha.assign(c.alpha.size(), 0.0);
    for (std::size_t i = 0; i < c.x.size(); ++i) {
        const double slope = c.x[i] < 0.0F ? static_cast<double>(c.alpha[i % c.alpha.size()]) : 1.0;
        c.y.push_back(slope * static_cast<double>(c.x[i]));
        c.dx.push_back(slope * static_cast<double>(c.dy[i]));
        c.dalpha[i % c.alpha.size()] +=
            c.x[i] < 0.0F ? static_cast<double>(c.x[i]) * static_cast<double>(c.dy[i]) : 0.0;
    }
    return c;
}

/// Pieces that are copied into a larger span.
struct CopyCase {
    nn::CopyGeometry g{};
    std::vector<float> source{};
};

} // namespace

/// Kernels that work value by value, and sums.
class TestValueKernels : public QObject {
    Q_OBJECT
private slots:
    void combinesTwoInputs();
    void splitsGradientsByWinner();
    void addsInputs();
    void accumulates();
    void scales();
    void fills();
    void copiesPieces();
    void sums();
    void addsWithRelu();
    void splitsGradientsBehindRelu();
    void slopesNegativeValues();
};

void TestValueKernels::combinesTwoInputs() {
    nn::Parallel parallel(2);
    const std::string failure = failureOfCases(
        1,
        [](Dice& dice) {
            Case c = drawnCase(dice, 2, 5);
            expect(c, [&](std::size_t i) {
                return combined(static_cast<nn::BinaryOp>(c.choice), c.at(0, i), c.at(1, i));
            });
            return c;
        },
        [&](const Case& c) {
            std::vector<float> y = c.inputs[1]; // in place
            nn::binary(parallel, static_cast<nn::BinaryOp>(c.choice), c.inputs[0], y, y);
            return c.verdict(y);
        });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestValueKernels::splitsGradientsByWinner() {
    nn::Parallel parallel(2);
    const auto share = [](const Case& c, std::size_t i) {
        if (c.at(0, i) == c.at(1, i)) {
            return 0.5;
        }
        return (c.at(0, i) > c.at(1, i)) == (c.choice == 0) ? 1.0 : 0.0;
    };
    const std::string failure = failureOfCases(
        2,
        [&](Dice& dice) {
            Case c = drawnCase(dice, 3, 2);
            expect(c, [&](std::size_t i) { return share(c, i) * c.at(2, i); });
            for (std::size_t i = 0; i < c.length(); ++i) {
                c.expected.push_back((1.0 - share(c, i)) * c.at(2, i));
            }
            return c;
        },
        [&](const Case& c) {
            std::vector<float> a = c.inputs[2];
            std::vector<float> b = unwritten(std::ssize(a));
            nn::splitByWinner(parallel,
                              c.choice == 0 ? nn::BinaryOp::Maximum : nn::BinaryOp::Minimum,
                              {.a = c.inputs[0], .b = c.inputs[1], .gradientA = a, .gradientB = b});
            a.insert(a.end(), b.begin(), b.end());
            return c.verdict(a);
        });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestValueKernels::addsInputs() {
    nn::Parallel parallel(2);
    const std::string failure = failureOfCases(
        3, [](Dice& dice) { return sumOfInputs(dice, false); },
        [&](const Case& c) {
            std::vector<float> y = unwritten(std::ssize(c.expected));
            nn::addAll(parallel, c.spans(), y);
            return c.verdict(y);
        });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestValueKernels::accumulates() {
    nn::Parallel parallel(2);
    const std::string failure = failureOfCases(
        4,
        [](Dice& dice) {
            Case c = drawnCase(dice, 2, 1);
            expect(c, [&](std::size_t i) { return c.at(0, i) + c.at(1, i); });
            return c;
        },
        [&](const Case& c) {
            std::vector<float> y = c.inputs[1];
            nn::accumulate(parallel, c.inputs[0], y);
            return c.verdict(y);
        });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestValueKernels::scales() {
    nn::Parallel parallel(2);
    const std::string failure = failureOfCases(
        5,
        [](Dice& dice) {
            Case c = drawnCase(dice, 1, 1);
            expect(c, [&](std::size_t i) {
                return c.at(0, i) * static_cast<double>(c.factor) + static_cast<double>(c.offset);
            });
            return c;
        },
        [&](const Case& c) {
            std::vector<float> y = unwritten(std::ssize(c.expected));
            nn::scale(parallel, c.factor, c.offset, c.inputs[0], y);
            return c.verdict(y);
        });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestValueKernels::fills() {
    nn::Parallel parallel(2);
    const std::string failure = failureOfCases(
        6,
        [](Dice& dice) {
            Case c = drawnCase(dice, 1, 1);
            expect(c, [&](std::size_t) { return static_cast<double>(c.factor); });
            return c;
        },
        [&](const Case& c) {
            std::vector<float> y = unwritten(std::ssize(c.expected));
            nn::fill(parallel, c.factor, y);
            return c.verdict(y);
        });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestValueKernels::copiesPieces() {
    nn::Parallel parallel(2);
    const std::string failure = failureOfCases(
        7,
        [](Dice& dice) {
            CopyCase c{{.rows = dice.number(1, 9), .length = dice.number(1, 40)}};
            c.g.sourceStride = c.g.length + dice.number(0, 5);
            c.g.targetStride = c.g.length + dice.number(0, 5);
            c.source = dice.values(c.g.rows * c.g.sourceStride);
            return c;
        },
        [&](const CopyCase& c) -> std::string {
            std::vector<float> target(static_cast<std::size_t>(c.g.rows * c.g.targetStride), 7.0F);
            std::vector<float> expected = target;
            for (std::int64_t row = 0; row < c.g.rows; ++row) {
                std::copy_n(c.source.begin() + row * c.g.sourceStride, c.g.length,
                            expected.begin() + row * c.g.targetStride);
            }
            nn::copyStrided(parallel, c.g, c.source, target);
            return target == expected ? "" : std::to_string(c.g.rows) + " rows";
        });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestValueKernels::sums() {
    nn::Parallel parallel(2);
    const std::string failure = failureOfCases(
        8,
        [](Dice& dice) {
            Case c = drawnCase(dice, 1, 1);
            c.expected.assign(3, 0.0);
            for (std::size_t i = 0; i < c.length(); ++i) {
                c.expected[0] += c.at(0, i);
                c.expected[1] += std::abs(c.at(0, i));
                c.expected[2] += c.at(0, i) * c.at(0, i);
            }
            return c;
        },
        [&](const Case& c) {
            const nn::SquareSum squares = nn::sumOfSquares(parallel, c.inputs[0]);
            const std::vector<float> actual{
                static_cast<float>(nn::sumOf(parallel, c.inputs[0])),
                static_cast<float>(nn::sumOfMagnitudes(parallel, c.inputs[0])),
                static_cast<float>(squares.sum)};
            return squares.finite ? c.verdict(actual) : "not finite";
        });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestValueKernels::addsWithRelu() {
    nn::Parallel parallel(2);
    const std::string failure = failureOfCases(
        9, [](Dice& dice) { return sumOfInputs(dice, true); },
        [&](const Case& c) {
            std::vector<float> y = unwritten(std::ssize(c.expected));
            nn::addRelu(parallel, c.spans(), y);
            return c.verdict(y);
        });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestValueKernels::splitsGradientsBehindRelu() {
    nn::Parallel parallel(2);
    const std::string failure = failureOfCases(
        10,
        [](Dice& dice) {
            // y and dy; up to three gradients, some of them left out.
            Case c = drawnCase(dice, 2, 8);
            expect(c, [&](std::size_t i) { return c.at(0, i) > 0.0 ? c.at(1, i) : 0.0; });
            return c;
        },
        [&](const Case& c) -> std::string {
            std::vector<std::vector<float>> results(3);
            for (std::size_t i = 0; i < 3; ++i) {
                results[i] = (c.choice >> i & 1) != 0 ? unwritten(std::ssize(c.expected))
                                                      : std::vector<float>();
            }
            const std::vector<std::span<float>> gradients(results.begin(), results.end());
            nn::addReluBackward(parallel, c.inputs[0], c.inputs[1], gradients);
            for (const std::vector<float>& result : results) {
                if (!result.empty() && !c.verdict(result).empty()) {
                    return c.verdict(result);
                }
            }
            return {};
        });
    QVERIFY2(failure.empty(), failure.c_str());
}

void TestValueKernels::slopesNegativeValues() {
    nn::Parallel parallel(2);
    const std::string failure = failureOfCases(11, preluCase, [&](const PreluCase& c) {
        std::vector<float> y = unwritten(std::ssize(c.y));
        std::vector<float> dx = unwritten(std::ssize(c.dx));
        std::vector<float> dalpha = unwritten(std::ssize(c.dalpha));
        nn::preluForward(parallel, c.x, c.alpha, y);
        nn::preluBackward(parallel, {.x = c.x, .alpha = c.alpha, .dy = c.dy, .dx = dx});
        nn::preluSlopeGradient(parallel, c.x, c.dy, dalpha);
        const double error = std::max(
            {relativeError(y, c.y), relativeError(dx, c.dx), relativeError(dalpha, c.dalpha)});
        return error < kTolerance
                   ? std::string()
                   : std::to_string(c.alpha.size()) + " slopes: " + std::to_string(error);
    });
    QVERIFY2(failure.empty(), failure.c_str());
}

QTEST_APPLESS_MAIN(TestValueKernels)
#include "tst_value_kernels.moc"
