#include "nn/exec/initializers.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace nn {

namespace {

enum class Distribution { Constant, Uniform, Normal, TruncatedNormal };

/// A distribution with its number: the constant, half the width, or the standard deviation.
struct Draw {
    Distribution distribution = Distribution::Constant;
    double size = 0.0;
};

/// Standard deviation of a standard normal cut off at ±2.
constexpr double kTruncatedDeviation = 0.87962566103423978;
/// Probability below -2 of a standard normal.
constexpr double kBelowMinusTwo = 0.022750131948179209;

enum class FanMode { In, Average };

/// Keras' VarianceScaling.
Draw scaled(const Shape& shape, double scale, FanMode mode, Distribution distribution) {
    const Fans fans = fansOf(shape);
    const double fan = mode == FanMode::In ? fans.in : (fans.in + fans.out) / 2.0;
    const double variance = scale / std::max(1.0, fan);
    if (distribution == Distribution::Uniform) {
        return {distribution, std::sqrt(3.0 * variance)};
    }
    return {distribution, std::sqrt(variance) / kTruncatedDeviation};
}

Draw drawOf(std::string_view initializer, const Shape& shape) {
    using enum Distribution;
    if (initializer == "glorot_uniform") {
        return scaled(shape, 1.0, FanMode::Average, Uniform);
    }
    if (initializer == "glorot_normal") {
        return scaled(shape, 1.0, FanMode::Average, TruncatedNormal);
    }
    if (initializer == "he_uniform") {
        return scaled(shape, 2.0, FanMode::In, Uniform);
    }
    if (initializer == "he_normal") {
        return scaled(shape, 2.0, FanMode::In, TruncatedNormal);
    }
    if (initializer == "lecun_uniform") {
        return scaled(shape, 1.0, FanMode::In, Uniform);
    }
    if (initializer == "lecun_normal") {
        return scaled(shape, 1.0, FanMode::In, TruncatedNormal);
    }
    if (initializer == "random_uniform") {
        return {Uniform, 0.05};
    }
    if (initializer == "random_normal") {
        return {Normal, 0.05};
    }
    if (initializer == "truncated_normal") {
        return {TruncatedNormal, 0.05};
    }
    return {Constant, initializer == "ones" ? 1.0 : 0.0};
}

/// A number in (0, 1) from one word: never 0 or 1, so its quantile is finite.
double openUnit(std::uint32_t word) {
    return (static_cast<double>(word) + 0.5) * 0x1p-32;
}

template <typename Value>
void fillFromWords(const InitializerRange& range, std::span<float> values, Value value) {
    auto block = static_cast<std::uint32_t>(range.first / 4);
    for (std::size_t i = 0; i < values.size(); i += 4, ++block) {
        const std::array<std::uint32_t, 4> words = randomBlock(range.key, 0, block);
        const std::size_t count = std::min<std::size_t>(4, values.size() - i);
        for (std::size_t j = 0; j < count; ++j) {
            values[i + j] = value(words[j]);
        }
    }
}

template <std::size_t N>
double polynomial(const std::array<double, N>& coefficients, double x) {
    double sum = coefficients[N - 1];
    for (std::size_t i = N - 1; i-- > 0;) {
        sum = sum * x + coefficients[i];
    }
    return sum;
}

} // namespace

Fans fansOf(const Shape& shape) {
    if (shape.rank() == 0) {
        return {};
    }
    if (shape.rank() == 1) {
        return {static_cast<double>(shape[0]), static_cast<double>(shape[0])};
    }
    double field = 1.0;
    for (std::size_t i = 0; i + 2 < shape.rank(); ++i) {
        field *= static_cast<double>(shape[i]);
    }
    return {field * static_cast<double>(shape[shape.rank() - 2]),
            field * static_cast<double>(shape.back())};
}

const std::vector<std::string>& initializerNames() {
    static const std::vector<std::string> names{"glorot_uniform", "glorot_normal",   "he_uniform",
                                                "he_normal",      "lecun_uniform",   "lecun_normal",
                                                "random_normal",  "random_uniform",  "zeros",
                                                "ones",           "truncated_normal"};
    return names;
}

void initialize(std::string_view initializer, const InitializerRange& range,
                std::span<float> values) {
    const Draw draw = drawOf(initializer, range.shape);
    const double size = draw.size;
    switch (draw.distribution) {
    case Distribution::Constant:
        std::ranges::fill(values, static_cast<float>(size));
        return;
    case Distribution::Uniform:
        fillFromWords(range, values, [size](std::uint32_t word) {
            return static_cast<float>((2.0 * openUnit(word) - 1.0) * size);
        });
        return;
    case Distribution::Normal:
        fillFromWords(range, values, [size](std::uint32_t word) {
            return static_cast<float>(normalQuantile(openUnit(word)) * size);
        });
        return;
    case Distribution::TruncatedNormal:
        // Re-drawing what lies beyond two deviations gives the quantile of the part between them.
        fillFromWords(range, values, [size](std::uint32_t word) {
            const double p = kBelowMinusTwo + openUnit(word) * (1.0 - 2.0 * kBelowMinusTwo);
            return static_cast<float>(normalQuantile(p) * size);
        });
        return;
    }
}

double normalQuantile(double p) {
    static constexpr std::array<double, 8> a{3.3871328727963666080e0, 1.3314166789178437745e2,
                                             1.9715909503065514427e3, 1.3731693765509461125e4,
                                             4.5921953931549871457e4, 6.7265770927008700853e4,
                                             3.3430575583588128105e4, 2.5090809287301226727e3};
    static constexpr std::array<double, 8> b{1.0,
                                             4.2313330701600911252e1,
                                             6.8718700749205790830e2,
                                             5.3941960214247511077e3,
                                             2.1213794301586595867e4,
                                             3.9307895800092710610e4,
                                             2.8729085735721942674e4,
                                             5.2264952788528545610e3};
    static constexpr std::array<double, 8> c{1.42343711074968357734e0,  4.63033784615654529590e0,
                                             5.76949722146069140550e0,  3.64784832476320460504e0,
                                             1.27045825245236838258e0,  2.41780725177450611770e-1,
                                             2.27238449892691845833e-2, 7.74545014278341407640e-4};
    static constexpr std::array<double, 8> d{1.0,
                                             2.05319162663775882187e0,
                                             1.67638483018380384940e0,
                                             6.89767334985100004550e-1,
                                             1.48103976427480074590e-1,
                                             1.51986665636164571966e-2,
                                             5.47593808499534494600e-4,
                                             1.05075007164441684324e-9};
    const double q = p - 0.5;
    if (std::abs(q) <= 0.425) {
        const double r = 0.180625 - q * q;
        return q * polynomial(a, r) / polynomial(b, r);
    }
    const double r = std::sqrt(-std::log(q < 0.0 ? p : 1.0 - p)) - 1.6;
    const double tail = polynomial(c, r) / polynomial(d, r);
    return q < 0.0 ? -tail : tail;
}

} // namespace nn
