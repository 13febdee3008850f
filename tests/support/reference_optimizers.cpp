#include "tests/support/reference_optimizers.h"

#include <algorithm>
#include <cmath>

namespace reference {
namespace {

using Numbers = OptimizerNumbers;
using State = OptimizerState<double>;

double usedGradient(const Numbers& n, double gradient) {
    return std::clamp(n.common.gradientScale * gradient, -n.common.gradientBound,
                      n.common.gradientBound);
}

/// rule(g, w, a, b, c) changes a weight and its state.
template <typename Rule>
void eachWeight(const Numbers& n, const Values& gradient, State& state, const Rule& rule) {
    double none = 0.0;
    const auto slot = [&](std::size_t index, std::size_t i) -> double& {
        return state.kept[index].empty() ? none : state.kept[index][i];
    };
    for (std::size_t i = 0; i < state.weights.size(); ++i) {
        double& w = state.weights[i];
        w *= 1.0 - n.common.weightDecay * n.common.learningRate;
        rule(usedGradient(n, gradient[i]), w, slot(0, i), slot(1, i), slot(2, i));
    }
}

/// beta^step.
double powerOf(double beta, const Numbers& n) {
    return std::pow(beta, static_cast<double>(n.step));
}

void moments(const Numbers& n, double g, double& m, double& v) {
    m = n.beta1 * m + (1.0 - n.beta1) * g;
    v = n.beta2 * v + (1.0 - n.beta2) * g * g;
}

double rootMeanSquare(const Values& values) {
    double sum = 0.0;
    for (const double value : values) {
        sum += value * value;
    }
    return std::sqrt(sum / static_cast<double>(values.size()));
}

/// A matrix [height][width] in row order.
struct Matrix {
    std::size_t height = 0, width = 0;
    Values values{};

    [[nodiscard]] double at(std::size_t row, std::size_t column) const {
        return values[row * width + column];
    }
    [[nodiscard]] Matrix transposed() const {
        Matrix result{width, height, {}};
        for (std::size_t i = 0; i < width; ++i)
            for (std::size_t j = 0; j < height; ++j)
                result.values.push_back(at(j, i));
        return result;
    }
};

Matrix times(const Matrix& a, const Matrix& b) {
    Matrix result{a.height, b.width, Values(a.height * b.width, 0.0)};
    for (std::size_t i = 0; i < a.height; ++i)
        for (std::size_t j = 0; j < b.width; ++j)
            for (std::size_t k = 0; k < a.width; ++k)
                result.values[i * b.width + j] += a.at(i, k) * b.at(k, j);
    return result;
}

/// x ← 3.4445 x + (b x xᵀ + c (x xᵀ)²) x, from x of norm 1 on.
Matrix orthogonalized(Matrix x, std::int64_t iterations) {
    const bool isTall = x.height > x.width;
    x = isTall ? x.transposed() : x;
    const double norm =
        rootMeanSquare(x.values) * std::sqrt(static_cast<double>(x.values.size())) + 1e-7;
    for (double& value : x.values) {
        value /= norm;
    }
    const nn::MuonStep numbers;
    for (std::int64_t i = 0; i < iterations; ++i) {
        const Matrix square = times(x, x.transposed());
        Matrix polynomial = times(square, square);
        for (std::size_t k = 0; k < square.values.size(); ++k) {
            polynomial.values[k] = numbers.b * square.values[k] + numbers.c * polynomial.values[k];
        }
        const Matrix change = times(polynomial, x);
        for (std::size_t k = 0; k < x.values.size(); ++k) {
            x.values[k] = numbers.a * x.values[k] + change.values[k];
        }
    }
    return isTall ? x.transposed() : x;
}

} // namespace

void sgd(const Numbers& n, const Values& gradient, State& state) {
    eachWeight(n, gradient, state, [&](double g, double& w, double& velocity, double&, double&) {
        const double step = -n.common.learningRate * g;
        if (n.momentum == 0.0) {
            w += step;
            return;
        }
        velocity = n.momentum * velocity + step;
        w += n.variant ? n.momentum * velocity + step : velocity;
    });
}

void adam(const Numbers& n, const Values& gradient, State& state) {
    const double alpha =
        n.common.learningRate * std::sqrt(1.0 - powerOf(n.beta2, n)) / (1.0 - powerOf(n.beta1, n));
    eachWeight(n, gradient, state, [&](double g, double& w, double& m, double& v, double& most) {
        moments(n, g, m, v);
        most = n.variant ? std::max(most, v) : most;
        w -= alpha * m / (std::sqrt(n.variant ? most : v) + n.epsilon);
    });
}

void rmsprop(const Numbers& n, const Values& gradient, State& state) {
    const double rho = n.beta1;
    eachWeight(n, gradient, state,
               [&](double g, double& w, double& v, double& mean, double& speed) {
                   v = rho * v + (1.0 - rho) * g * g;
                   mean = n.variant ? rho * mean + (1.0 - rho) * g : mean;
                   const double square = n.variant ? v - mean * mean : v;
                   const double change = n.common.learningRate * g / std::sqrt(square + n.epsilon);
                   speed = n.momentum == 0.0 ? speed : n.momentum * speed + change;
                   w -= n.momentum == 0.0 ? change : speed;
               });
}

void lion(const Numbers& n, const Values& gradient, State& state) {
    eachWeight(n, gradient, state, [&](double g, double& w, double& m, double&, double&) {
        const double direction = n.beta1 * m + (1.0 - n.beta1) * g;
        w -= direction > 0.0   ? n.common.learningRate
             : direction < 0.0 ? -n.common.learningRate
                               : 0.0;
        m = n.beta2 * m + (1.0 - n.beta2) * g;
    });
}

void adagrad(const Numbers& n, const Values& gradient, State& state) {
    eachWeight(n, gradient, state, [&](double g, double& w, double& sum, double&, double&) {
        sum += g * g;
        w -= n.common.learningRate * g / std::sqrt(sum + n.epsilon);
    });
}

void adadelta(const Numbers& n, const Values& gradient, State& state) {
    const double rho = n.beta1;
    eachWeight(n, gradient, state, [&](double g, double& w, double& mean, double& moved, double&) {
        mean = rho * mean + (1.0 - rho) * g * g;
        const double change = g * std::sqrt((moved + n.epsilon) / (mean + n.epsilon));
        moved = rho * moved + (1.0 - rho) * change * change;
        w -= n.common.learningRate * change;
    });
}

void adamax(const Numbers& n, const Values& gradient, State& state) {
    eachWeight(n, gradient, state, [&](double g, double& w, double& m, double& norm, double&) {
        m = n.beta1 * m + (1.0 - n.beta1) * g;
        norm = std::max(n.beta2 * norm, std::abs(g));
        w -= n.common.learningRate / (1.0 - powerOf(n.beta1, n)) * m / (norm + n.epsilon);
    });
}

void nadam(const Numbers& n, const Values& gradient, State& state) {
    eachWeight(n, gradient, state, [&](double g, double& w, double& m, double& v, double&) {
        moments(n, g, m, v);
        const double ahead = n.nextMomentum * m / (1.0 - n.product * n.nextMomentum) +
                             (1.0 - n.momentum) * g / (1.0 - n.product);
        w -= n.common.learningRate * ahead /
             (std::sqrt(v / (1.0 - powerOf(n.beta2, n))) + n.epsilon);
    });
}

void ftrl(const Numbers& n, const Values& gradient, State& state) {
    const double rate = n.common.learningRate;
    const double l2 = n.l2 + n.beta1 / (2.0 * rate);
    eachWeight(n, gradient, state, [&](double g, double& w, double& sum, double& linear, double&) {
        const double fresh = sum + g * g;
        const double sigma = (std::pow(fresh, -n.power) - std::pow(sum, -n.power)) / rate;
        linear += g + 2.0 * n.shrinkage * w - sigma * w;
        sum = fresh;
        w = (std::clamp(linear, -n.l1, n.l1) - linear) /
            (std::pow(sum, -n.power) / rate + 2.0 * l2);
    });
}

void scheduleFree(const Numbers& n, const Values& gradient, State& state) {
    if (n.step == 1) {
        state.kept[0] = state.weights;
    }
    eachWeight(n, gradient, state, [&](double g, double& w, double& z, double& v, double&) {
        const double average = (w - (1.0 - n.beta1) * z) / n.beta1;
        v = n.beta2 * v + (1.0 - n.beta2) * g * g;
        z -= n.common.learningRate * n.warmUp * g /
             (std::sqrt(v / (1.0 - powerOf(n.beta2, n))) + n.epsilon);
        const double t = 1.0 / static_cast<double>(n.step);
        w = n.beta1 * ((1.0 - t) * average + t * z) + (1.0 - n.beta1) * z;
    });
}

void lamb(const Numbers& n, const Values& gradient, State& state) {
    Values direction;
    eachWeight(n, gradient, state, [&](double g, double&, double& m, double& v, double&) {
        moments(n, g, m, v);
        direction.push_back(m / (1.0 - powerOf(n.beta1, n)) /
                            (std::sqrt(v / (1.0 - powerOf(n.beta2, n))) + n.epsilon));
    });
    const double weights = rootMeanSquare(state.weights);
    const double directions = rootMeanSquare(direction);
    const double ratio = weights > 0.0 && directions > 0.0 ? weights / directions : 1.0;
    for (std::size_t i = 0; i < direction.size(); ++i) {
        state.weights[i] -= ratio * n.common.learningRate * direction[i];
    }
}

void adafactor(const Numbers& n, const Values& gradient, State& state) {
    const auto t = static_cast<double>(n.step);
    const double fresh = std::pow(t, nn::AdafactorStep{}.beta2Decay);
    const double epsilon1 = nn::AdafactorStep{}.epsilon1;
    auto& [rows, columns, velocity] = state.kept;
    const auto move = [&](double& mean, double value) { mean += fresh * (value - mean); };
    const auto square = [&](std::size_t i) {
        return std::pow(usedGradient(n, gradient[i]), 2) + epsilon1;
    };
    if (n.height == 0) {
        for (std::size_t i = 0; i < velocity.size(); ++i) {
            move(velocity[i], square(i));
        }
    } else {
        const auto height = static_cast<std::size_t>(n.height);
        const auto width = static_cast<std::size_t>(n.width);
        for (std::size_t first = 0; first < gradient.size(); first += height * width) {
            double* const rowMeans = rows.data() + first / width;
            double* const columnMeans = columns.data() + first / height;
            Values ofRows(height, 0.0);
            Values ofColumns(width, 0.0);
            for (std::size_t i = 0; i < height * width; ++i) {
                ofRows[i / width] += square(first + i) / static_cast<double>(width);
                ofColumns[i % width] += square(first + i) / static_cast<double>(height);
            }
            double mean = 0.0;
            for (std::size_t i = 0; i < height; ++i) {
                move(rowMeans[i], ofRows[i]);
                mean += rowMeans[i] / static_cast<double>(height);
            }
            for (std::size_t i = 0; i < width; ++i) {
                move(columnMeans[i], ofColumns[i]);
            }
            for (std::size_t i = 0; i < height * width; ++i) {
                velocity[first + i] = rowMeans[i / width] / mean * columnMeans[i % width];
            }
        }
    }
    Values direction;
    for (std::size_t i = 0; i < velocity.size(); ++i) {
        state.weights[i] *= 1.0 - n.common.weightDecay * n.common.learningRate;
        direction.push_back(usedGradient(n, gradient[i]) / std::sqrt(velocity[i]));
    }
    const double length = std::max(nn::AdafactorStep{}.epsilon2, rootMeanSquare(state.weights)) *
                          std::min(n.common.learningRate, 1.0 / std::sqrt(t)) /
                          std::max(1.0, rootMeanSquare(direction) / n.clipThreshold);
    for (std::size_t i = 0; i < direction.size(); ++i) {
        state.weights[i] -= length * direction[i];
    }
}

void muon(const Numbers& n, const Values& gradient, State& state) {
    Matrix direction{static_cast<std::size_t>(n.height), static_cast<std::size_t>(n.width), {}};
    eachWeight(n, gradient, state, [&](double g, double&, double& m, double&, double&) {
        m = g + n.momentum * m;
        direction.values.push_back(n.variant ? g + n.momentum * m : m);
    });
    const Matrix update = orthogonalized(std::move(direction), n.iterations);
    for (std::size_t i = 0; i < update.values.size(); ++i) {
        state.weights[i] -= n.common.learningRate * n.warmUp * update.values[i];
    }
}

} // namespace reference
