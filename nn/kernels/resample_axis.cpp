#include "nn/kernels/resample.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace nn {
namespace {

double lanczos(double x, double radius) {
    if (x <= 1e-3) {
        return 1.0;
    }
    const double angle = std::numbers::pi * x;
    return radius * std::sin(angle) * std::sin(angle / radius) / (angle * angle);
}

/// Keys, "Cubic convolution interpolation for digital image processing", 1981, a = -1/2.
double cubic(double x) {
    if (x >= 1.0) {
        return ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0;
    }
    return (1.5 * x - 2.5) * x * x + 1.0;
}

double radiusOf(Interpolation interpolation) {
    switch (interpolation) {
    case Interpolation::Nearest:
        return 0.5;
    case Interpolation::Bilinear:
        return 1.0;
    case Interpolation::Bicubic:
        return 2.0;
    case Interpolation::Lanczos3:
        return 3.0;
    case Interpolation::Lanczos5:
        return 5.0;
    }
    return 0.5;
}

/// The filter at distance `x` from its middle.
double filter(Interpolation interpolation, double x) {
    const double radius = radiusOf(interpolation);
    if (x >= radius) {
        return 0.0;
    }
    switch (interpolation) {
    case Interpolation::Nearest:
        return 1.0;
    case Interpolation::Bilinear:
        return 1.0 - x;
    case Interpolation::Bicubic:
        return cubic(x);
    case Interpolation::Lanczos3:
    case Interpolation::Lanczos5:
        return lanczos(x, radius);
    }
    return 0.0;
}

/// The weights of one target over the stretched part.
struct Taps {
    std::int64_t first = 0;
    std::vector<double> weights = {};
};

Taps tapsOf(const ResampleSpan& span, std::int64_t target) {
    const double scale = static_cast<double>(span.length) / static_cast<double>(span.targets);
    if (span.interpolation == Interpolation::Nearest) {
        const std::int64_t at = (2 * target + 1) * span.length / (2 * span.targets);
        return {std::min(at, span.length - 1), {1.0}};
    }
    const double width = span.antialias ? std::max(scale, 1.0) : 1.0;
    const double middle = (static_cast<double>(target) + 0.5) * scale;
    const double reach = radiusOf(span.interpolation) * width;
    Taps taps;
    const auto low = static_cast<std::int64_t>(std::ceil(middle - reach - 0.5));
    const auto high = static_cast<std::int64_t>(std::floor(middle + reach - 0.5));
    taps.first = std::max<std::int64_t>(low, 0);
    for (std::int64_t i = taps.first; i <= std::min(high, span.length - 1); ++i) {
        const double distance = std::abs(static_cast<double>(i) + 0.5 - middle) / width;
        taps.weights.push_back(filter(span.interpolation, distance));
    }
    const double sum = std::accumulate(taps.weights.begin(), taps.weights.end(), 0.0);
    for (double& weight : taps.weights) {
        weight /= sum;
    }
    return taps;
}

/// Puts rows of weights of different lengths side by side.
ResampleAxis packed(std::int64_t sources, const std::vector<Taps>& rows) {
    ResampleAxis axis{.sources = sources, .targets = static_cast<std::int64_t>(rows.size())};
    std::size_t most = 1;
    for (const Taps& row : rows) {
        most = std::max(most, row.weights.size());
    }
    axis.taps = static_cast<std::int64_t>(most);
    axis.weights.assign(rows.size() * most, 0.0F);
    for (std::size_t t = 0; t < rows.size(); ++t) {
        double sum = 0.0;
        for (std::size_t i = 0; i < rows[t].weights.size(); ++i) {
            axis.weights[t * most + i] = static_cast<float>(rows[t].weights[i]);
            sum += rows[t].weights[i];
        }
        axis.first.push_back(rows[t].first);
        axis.count.push_back(static_cast<std::int64_t>(rows[t].weights.size()));
        axis.coverage.push_back(static_cast<float>(sum));
    }
    return axis;
}

} // namespace

ResampleAxis resampleAxis(const ResampleSpan& span) {
    std::vector<Taps> rows;
    for (std::int64_t target = 0; target < span.targets; ++target) {
        Taps taps = tapsOf(span, target);
        taps.first += span.begin;
        const auto total = static_cast<std::int64_t>(taps.weights.size());
        const std::int64_t before = std::clamp<std::int64_t>(-taps.first, 0, total);
        const std::int64_t end = std::clamp<std::int64_t>(span.sources - taps.first, before, total);
        Taps inside;
        inside.first = std::clamp<std::int64_t>(taps.first + before, 0, span.sources - 1);
        inside.weights.assign(taps.weights.begin() + before, taps.weights.begin() + end);
        rows.push_back(std::move(inside));
    }
    return packed(span.sources, rows);
}

ResampleAxis transposedAxis(const ResampleAxis& axis) {
    std::vector<Taps> rows(static_cast<std::size_t>(axis.sources));
    for (std::int64_t t = 0; t < axis.targets; ++t) {
        const auto target = static_cast<std::size_t>(t);
        for (std::int64_t i = 0; i < axis.count[target]; ++i) {
            Taps& row = rows[static_cast<std::size_t>(axis.first[target] + i)];
            if (row.weights.empty()) {
                row.first = t;
            }
            // Spans move forwards only, so the targets that read a cell follow each other.
            row.weights.resize(static_cast<std::size_t>(t - row.first), 0.0);
            row.weights.push_back(axis.weights[target * static_cast<std::size_t>(axis.taps) +
                                               static_cast<std::size_t>(i)]);
        }
    }
    return packed(axis.targets, rows);
}

} // namespace nn
