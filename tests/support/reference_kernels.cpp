#include "tests/support/reference_kernels.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace reference {
namespace {

/// Calls visit(xIndex, weightIndex, yIndex) for every product of a convolution that lies inside.
template <typename Visit>
void forEachProduct(const nn::ConvGeometry& g, std::int64_t batch, const Visit& visit) {
    const std::int64_t groupIn = g.inChannels / g.groups;
    const std::int64_t groupOut = g.outChannels / g.groups;
    for (std::int64_t n = 0; n < batch; ++n)
        for (std::int64_t oy = 0; oy < g.outHeight; ++oy)
            for (std::int64_t ox = 0; ox < g.outWidth; ++ox)
                for (std::int64_t ky = 0; ky < g.kernelHeight; ++ky)
                    for (std::int64_t kx = 0; kx < g.kernelWidth; ++kx) {
                        const std::int64_t iy =
                            oy * g.strideHeight - g.padTop + ky * g.dilationHeight;
                        const std::int64_t ix =
                            ox * g.strideWidth - g.padLeft + kx * g.dilationWidth;
                        if (iy < 0 || iy >= g.inHeight || ix < 0 || ix >= g.inWidth)
                            continue;
                        const std::int64_t x =
                            ((n * g.inHeight + iy) * g.inWidth + ix) * g.inChannels;
                        const std::int64_t w = (ky * g.kernelWidth + kx) * groupIn * g.outChannels;
                        const std::int64_t y =
                            ((n * g.outHeight + oy) * g.outWidth + ox) * g.outChannels;
                        for (std::int64_t group = 0; group < g.groups; ++group)
                            for (std::int64_t c = 0; c < groupIn; ++c)
                                for (std::int64_t k = group * groupOut; k < (group + 1) * groupOut;
                                     ++k)
                                    visit(static_cast<std::size_t>(x + group * groupIn + c),
                                          static_cast<std::size_t>(w + c * g.outChannels + k),
                                          static_cast<std::size_t>(y + k));
                    }
}

/// First cell and the one behind the last.
using Cells = std::pair<std::int64_t, std::int64_t>;

Cells cutWindow(std::int64_t first, std::int64_t size, std::int64_t extent) {
    return {std::max<std::int64_t>(first, 0), std::min(first + size, extent)};
}

Cells nearlyEqualPart(std::int64_t part, std::int64_t extent, std::int64_t parts) {
    return {part * extent / parts, ((part + 1) * extent + parts - 1) / parts};
}

/// Calls visit(xIndex, yIndex, cellsInWindow) for every cell of every pooling window, row by row.
template <typename Visit>
void forEachCell(const nn::PoolGeometry& g, std::int64_t batch, const Visit& visit) {
    for (std::int64_t n = 0; n < batch; ++n)
        for (std::int64_t oy = 0; oy < g.outHeight; ++oy)
            for (std::int64_t ox = 0; ox < g.outWidth; ++ox) {
                const auto [y0, y1] = g.adaptive ? nearlyEqualPart(oy, g.inHeight, g.outHeight)
                                                 : cutWindow(oy * g.strideHeight - g.padTop,
                                                             g.poolHeight, g.inHeight);
                const auto [x0, x1] =
                    g.adaptive ? nearlyEqualPart(ox, g.inWidth, g.outWidth)
                               : cutWindow(ox * g.strideWidth - g.padLeft, g.poolWidth, g.inWidth);
                for (std::int64_t iy = y0; iy < y1; ++iy)
                    for (std::int64_t ix = x0; ix < x1; ++ix)
                        for (std::int64_t c = 0; c < g.channels; ++c) {
                            const std::int64_t x =
                                ((n * g.inHeight + iy) * g.inWidth + ix) * g.channels + c;
                            const std::int64_t y =
                                ((n * g.outHeight + oy) * g.outWidth + ox) * g.channels + c;
                            visit(static_cast<std::size_t>(x), static_cast<std::size_t>(y),
                                  static_cast<double>((y1 - y0) * (x1 - x0)));
                        }
            }
}

Values zeros(std::int64_t count) {
    return Values(static_cast<std::size_t>(count), 0.0);
}

/// Calls visit(row, input, unit) with indices into x, weights and y of a dense layer.
template <typename Visit>
void forEachWeight(const nn::DenseGeometry& g, const Visit& visit) {
    for (std::int64_t r = 0; r < g.rows; ++r)
        for (std::int64_t i = 0; i < g.inputs; ++i)
            for (std::int64_t u = 0; u < g.units; ++u)
                visit(static_cast<std::size_t>(r * g.inputs + i),
                      static_cast<std::size_t>(i * g.units + u),
                      static_cast<std::size_t>(r * g.units + u));
}

double normalCdf(double x) {
    return 0.5 * std::erfc(-x / std::numbers::sqrt2);
}

double normalDensity(double x) {
    return std::exp(-0.5 * x * x) / std::sqrt(2.0 * std::numbers::pi);
}

double sigmoid(double x) {
    return 1.0 / (1.0 + std::exp(-x));
}

constexpr double kSeluAlpha = 1.6732632423543772;
constexpr double kSeluScale = 1.0507009873554805;

} // namespace

std::int64_t outputSize(const Window& w) {
    const std::int64_t extent = (w.kernel - 1) * w.dilation + 1;
    return w.same ? (w.in - 1) / w.stride + 1 : (w.in - extent) / w.stride + 1;
}

std::int64_t padBefore(const Window& w) {
    const std::int64_t extent = (w.kernel - 1) * w.dilation + 1;
    const std::int64_t total = (outputSize(w) - 1) * w.stride + extent - w.in;
    return w.same ? std::max<std::int64_t>(total, 0) / 2 : 0;
}

Values convForward(const nn::ConvGeometry& g, std::int64_t batch, const Values& x,
                   const Values& weights, const Values& bias) {
    Values y = zeros(batch * g.outputFloats());
    forEachProduct(g, batch, [&](std::size_t xi, std::size_t wi, std::size_t yi) {
        y[yi] += x[xi] * weights[wi];
    });
    for (std::size_t i = 0; i < y.size() && !bias.empty(); ++i)
        y[i] += bias[i % bias.size()];
    return y;
}

Values convBackwardData(const nn::ConvGeometry& g, std::int64_t batch, const Values& dy,
                        const Values& weights) {
    Values dx = zeros(batch * g.inputFloats());
    forEachProduct(g, batch, [&](std::size_t xi, std::size_t wi, std::size_t yi) {
        dx[xi] += dy[yi] * weights[wi];
    });
    return dx;
}

Values convBackwardWeights(const nn::ConvGeometry& g, std::int64_t batch, const Values& x,
                           const Values& dy) {
    Values dw = zeros(g.weightFloats());
    forEachProduct(g, batch, [&](std::size_t xi, std::size_t wi, std::size_t yi) {
        dw[wi] += dy[yi] * x[xi];
    });
    return dw;
}

Values sumToChannels(const Values& dy, std::int64_t channels) {
    Values db = zeros(channels);
    for (std::size_t i = 0; i < dy.size(); ++i)
        db[i % db.size()] += dy[i];
    return db;
}

Values denseForward(const nn::DenseGeometry& g, const Values& x, const Values& weights,
                    const Values& bias) {
    Values y = zeros(g.rows * g.units);
    forEachWeight(
        g, [&](std::size_t xi, std::size_t wi, std::size_t yi) { y[yi] += x[xi] * weights[wi]; });
    for (std::size_t i = 0; i < y.size() && !bias.empty(); ++i)
        y[i] += bias[i % bias.size()];
    return y;
}

Values denseBackwardData(const nn::DenseGeometry& g, const Values& dy, const Values& weights) {
    Values dx = zeros(g.rows * g.inputs);
    forEachWeight(
        g, [&](std::size_t xi, std::size_t wi, std::size_t yi) { dx[xi] += dy[yi] * weights[wi]; });
    return dx;
}

Values denseBackwardWeights(const nn::DenseGeometry& g, const Values& x, const Values& dy) {
    Values dw = zeros(g.inputs * g.units);
    forEachWeight(
        g, [&](std::size_t xi, std::size_t wi, std::size_t yi) { dw[wi] += dy[yi] * x[xi]; });
    return dw;
}

MaxPool maxPoolForward(const nn::PoolGeometry& g, std::int64_t batch, const Values& x) {
    MaxPool result{
        Values(static_cast<std::size_t>(batch * g.outputFloats()),
               -std::numeric_limits<double>::infinity()),
        std::vector<std::int64_t>(static_cast<std::size_t>(batch * g.outputFloats()), -1)};
    forEachCell(g, batch, [&](std::size_t xi, std::size_t yi, double) {
        if (result.cells[yi] < 0 || x[xi] > result.y[yi]) {
            result.y[yi] = x[xi];
            result.cells[yi] = static_cast<std::int64_t>(xi);
        }
    });
    return result;
}

Values maxPoolBackward(const nn::PoolGeometry& g, std::int64_t batch, const Values& x,
                       const Values& dy) {
    Values dx = zeros(batch * g.inputFloats());
    const MaxPool forward = maxPoolForward(g, batch, x);
    for (std::size_t i = 0; i < dy.size(); ++i)
        dx[static_cast<std::size_t>(forward.cells[i])] += dy[i];
    return dx;
}

Values averagePoolForward(const nn::PoolGeometry& g, std::int64_t batch, const Values& x) {
    Values y = zeros(batch * g.outputFloats());
    forEachCell(g, batch,
                [&](std::size_t xi, std::size_t yi, double cells) { y[yi] += x[xi] / cells; });
    return y;
}

Values averagePoolBackward(const nn::PoolGeometry& g, std::int64_t batch, const Values& dy) {
    Values dx = zeros(batch * g.inputFloats());
    forEachCell(g, batch,
                [&](std::size_t xi, std::size_t yi, double cells) { dx[xi] += dy[yi] / cells; });
    return dx;
}

BatchNorm batchNormTraining(const nn::BatchNormGeometry& g, double epsilon, const Values& x,
                            const Values& gamma, const Values& beta) {
    BatchNorm result{Values(x.size()), zeros(g.channels), zeros(g.channels)};
    const auto channels = static_cast<std::size_t>(g.channels);
    const auto rows = static_cast<double>(g.rows);
    for (std::size_t i = 0; i < x.size(); ++i)
        result.mean[i % channels] += x[i] / rows;
    for (std::size_t i = 0; i < x.size(); ++i)
        result.variance[i % channels] += std::pow(x[i] - result.mean[i % channels], 2) / rows;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const std::size_t c = i % channels;
        result.y[i] =
            gamma[c] * (x[i] - result.mean[c]) / std::sqrt(result.variance[c] + epsilon) + beta[c];
    }
    return result;
}

BatchNormGradients batchNormBackward(const nn::BatchNormGeometry& g, double epsilon,
                                     const Values& x, const Values& gamma, const Values& dy) {
    const auto channels = static_cast<std::size_t>(g.channels);
    const BatchNorm normal =
        batchNormTraining(g, epsilon, x, Values(channels, 1.0), Values(channels, 0.0));
    BatchNormGradients result{Values(x.size()), zeros(g.channels), zeros(g.channels)};
    for (std::size_t i = 0; i < x.size(); ++i) {
        result.dbeta[i % channels] += dy[i];
        result.dgamma[i % channels] += dy[i] * normal.y[i];
    }
    const auto rows = static_cast<double>(g.rows);
    for (std::size_t i = 0; i < x.size(); ++i) {
        const std::size_t c = i % channels;
        result.dx[i] = gamma[c] / std::sqrt(normal.variance[c] + epsilon) *
                       (dy[i] - result.dbeta[c] / rows - normal.y[i] * result.dgamma[c] / rows);
    }
    return result;
}

namespace {

/// x - tanh x; a series near 0, where the difference would lose its digits.
double tanhShrink(double x) {
    const double square = x * x;
    const double series =
        1.0 / 3 - square * (2.0 / 15 - square * (17.0 / 315 - square * 62.0 / 2835));
    return std::abs(x) < 0.01 ? x * square * series : x - std::tanh(x);
}

} // namespace

double activation(const nn::Activation& f, double x) {
    using enum nn::ActivationKind;
    switch (f.kind) {
    case Linear:
        return x;
    case Relu:
        return x > f.threshold ? std::min<double>(x, f.maxValue)
                               : f.negativeSlope * (x - f.threshold);
    case Sigmoid:
        return sigmoid(x);
    case Tanh:
        return std::tanh(x);
    case Elu:
        return x > 0.0 ? x : f.alpha * std::expm1(x);
    case Selu:
        return kSeluScale * (x > 0.0 ? x : kSeluAlpha * std::expm1(x));
    case Softplus:
        return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
    case Softsign:
        return x / (1.0 + std::abs(x));
    case Silu:
        return x * sigmoid(x);
    case Gelu:
        return x * normalCdf(x);
    case Exponential:
        return std::exp(x);
    case HardSigmoid:
        return std::clamp(x + 3.0, 0.0, 6.0) / 6.0;
    case HardSilu:
        return x * std::clamp(x + 3.0, 0.0, 6.0) / 6.0;
    case HardTanh:
        return std::clamp(x, -1.0, 1.0);
    case HardShrink:
        return std::abs(x) > 0.5 ? x : 0.0;
    case SoftShrink:
        return std::abs(x) > 0.5 ? x - std::copysign(0.5, x) : 0.0;
    case TanhShrink:
        return tanhShrink(x);
    case Mish:
        return x * std::tanh(std::log1p(std::exp(x)));
    case LogSigmoid:
        return std::min(x, 0.0) - std::log1p(std::exp(-std::abs(x)));
    case SquarePlus:
        return x < 0.0 ? 2.0 / (std::hypot(x, 2.0) - x) : 0.5 * (x + std::hypot(x, 2.0));
    case SparsePlus:
        return x >= 1.0 ? x : std::pow(0.5 * std::max(x + 1.0, 0.0), 2);
    case SparseSigmoid:
        return std::clamp(0.5 * (x + 1.0), 0.0, 1.0);
    }
    return 0.0;
}

double activationSlope(const nn::Activation& f, double x) {
    using enum nn::ActivationKind;
    switch (f.kind) {
    case Linear:
        return 1.0;
    case Relu:
        return x <= f.threshold ? f.negativeSlope : x >= f.maxValue ? 0.0 : 1.0;
    case Sigmoid:
        return sigmoid(x) * sigmoid(-x);
    case Tanh:
        return 1.0 - std::pow(std::tanh(x), 2);
    case Elu:
        return x > 0.0 ? 1.0 : f.alpha * std::exp(x);
    case Selu:
        return kSeluScale * (x > 0.0 ? 1.0 : kSeluAlpha * std::exp(x));
    case Softplus:
        return sigmoid(x);
    case Softsign:
        return 1.0 / std::pow(1.0 + std::abs(x), 2);
    case Silu:
        return sigmoid(x) * (1.0 + x * sigmoid(-x));
    case Gelu:
        return normalCdf(x) + x * normalDensity(x);
    case Exponential:
        return std::exp(x);
    case HardSigmoid:
        return x > -3.0 && x < 3.0 ? 1.0 / 6.0 : 0.0;
    case HardSilu:
        return x <= -3.0 ? 0.0 : x >= 3.0 ? 1.0 : (2.0 * x + 3.0) / 6.0;
    case HardTanh:
        return std::abs(x) < 1.0 ? 1.0 : 0.0;
    case HardShrink:
    case SoftShrink:
        return std::abs(x) > 0.5 ? 1.0 : 0.0;
    case TanhShrink:
        return std::pow(std::tanh(x), 2);
    case Mish: {
        const double y = std::tanh(std::log1p(std::exp(x)));
        return y + x * (1.0 - y * y) * sigmoid(x);
    }
    case LogSigmoid:
        return sigmoid(-x);
    case SquarePlus:
        return 0.5 * (1.0 + x / std::hypot(x, 2.0));
    case SparsePlus:
        return std::clamp(0.5 * (x + 1.0), 0.0, 1.0);
    case SparseSigmoid:
        return std::abs(x) < 1.0 ? 0.5 : 0.0;
    }
    return 0.0;
}

Values softmaxForward(const nn::SoftmaxGeometry& g, const Values& x) {
    Values y(x.size());
    const auto classes = static_cast<std::size_t>(g.classes);
    for (std::size_t row = 0; row < x.size(); row += classes) {
        const auto begin = x.begin() + static_cast<std::ptrdiff_t>(row);
        const double largest = *std::max_element(begin, begin + g.classes);
        double sum = 0.0;
        for (std::size_t i = row; i < row + classes; ++i)
            sum += y[i] = std::exp(x[i] - largest);
        for (std::size_t i = row; i < row + classes; ++i)
            y[i] /= sum;
    }
    return y;
}

Values softmaxBackward(const nn::SoftmaxGeometry& g, const Values& y, const Values& dy) {
    Values dx(y.size());
    const auto classes = static_cast<std::size_t>(g.classes);
    for (std::size_t row = 0; row < y.size(); row += classes) {
        double sum = 0.0;
        for (std::size_t i = row; i < row + classes; ++i)
            sum += y[i] * dy[i];
        for (std::size_t i = row; i < row + classes; ++i)
            dx[i] = y[i] * (dy[i] - sum);
    }
    return dx;
}

} // namespace reference
