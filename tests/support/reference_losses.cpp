#include "tests/support/reference_losses.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace tests::reference {
namespace {

constexpr double kEpsilon = static_cast<double>(1e-7F);
constexpr double kOne = static_cast<double>(1.0F - 1e-7F);

double real(const nn::ParamMap& params, const char* name, double otherwise) {
    const auto found = params.find(name);
    return found == params.end() ? otherwise : std::get<double>(found->second);
}

bool flag(const nn::ParamMap& params, const char* name) {
    const auto found = params.find(name);
    return found != params.end() && std::get<bool>(found->second);
}

double bounded(double p) {
    return std::min(std::max(p, kEpsilon), kOne);
}

std::vector<double> softmax(const std::vector<double>& x) {
    std::vector<double> p(x.size());
    const double top = *std::max_element(x.begin(), x.end());
    std::transform(x.begin(), x.end(), p.begin(), [top](double v) { return std::exp(v - top); });
    const double sum = std::accumulate(p.begin(), p.end(), 0.0);
    for (double& v : p) {
        v /= sum;
    }
    return p;
}

std::vector<double> shares(std::vector<double> x) {
    const double sum = std::accumulate(x.begin(), x.end(), 0.0);
    for (double& v : x) {
        v /= sum;
    }
    return x;
}

using Row = std::vector<double>;

double categorical(const std::string& name, const nn::ParamMap& params, bool logits, const Row& y,
                   const Row& t) {
    const bool fromLogits = flag(params, "from_logits");
    const bool focal = name == "categorical_focal_crossentropy";
    const Row p = fromLogits || logits ? softmax(y) : shares(y);
    const double s = real(params, "label_smoothing", 0.0);
    double sum = 0.0;
    for (std::size_t k = 0; k < y.size(); ++k) {
        const double target = t[k] * (1.0 - s) + s / static_cast<double>(y.size());
        const double q = fromLogits && !focal ? p[k] : bounded(p[k]);
        const double factor =
            focal ? real(params, "alpha", 0.25) * std::pow(1.0 - q, real(params, "gamma", 2.0))
                  : 1.0;
        sum -= factor * target * std::log(q);
    }
    return sum;
}

double binary(const std::string& name, const nn::ParamMap& params, double y, double t) {
    const double s = real(params, "label_smoothing", 0.0);
    const double target = t * (1.0 - s) + 0.5 * s;
    const double p = flag(params, "from_logits") ? 1.0 / (1.0 + std::exp(-y)) : y;
    const double q = bounded(p);
    const double entropy = -(target * std::log(q) + (1.0 - target) * std::log(1.0 - q));
    if (name == "binary_crossentropy") {
        return entropy;
    }
    const double alpha = real(params, "alpha", 0.25);
    const double truth = target * p + (1.0 - target) * (1.0 - p);
    const double weight = flag(params, "apply_class_balancing")
                              ? target * alpha + (1.0 - target) * (1.0 - alpha)
                              : 1.0;
    return weight * std::pow(1.0 - truth, real(params, "gamma", 2.0)) * entropy;
}

double pointwise(const std::string& name, const nn::ParamMap& params, double y, double t) {
    const double d = y - t;
    if (name == "mean_squared_error") {
        return d * d;
    }
    if (name == "mean_absolute_error") {
        return std::abs(d);
    }
    if (name == "mean_absolute_percentage_error") {
        return 100.0 * std::abs(d / std::max(std::abs(t), kEpsilon));
    }
    if (name == "mean_squared_logarithmic_error") {
        return std::pow(
            std::log(std::max(y, kEpsilon) + 1.0) - std::log(std::max(t, kEpsilon) + 1.0), 2.0);
    }
    if (name == "huber") {
        const double delta = real(params, "delta", 1.0);
        return std::abs(d) <= delta ? 0.5 * d * d : delta * std::abs(d) - 0.5 * delta * delta;
    }
    if (name == "log_cosh") {
        return std::log(std::cosh(d));
    }
    if (name == "poisson") {
        return y - t * std::log(y + kEpsilon);
    }
    return binary(name, params, y, t);
}

/// Losses with one value over all rows that share a group.
double overlap(const std::string& name, const nn::ParamMap& params, const Row& y, const Row& t) {
    double both = 0.0;
    double missed = 0.0;
    double wrong = 0.0;
    for (std::size_t i = 0; i < y.size(); ++i) {
        both += y[i] * t[i];
        missed += t[i] * (1.0 - y[i]);
        wrong += y[i] * (1.0 - t[i]);
    }
    if (name == "dice") {
        return 1.0 - 2.0 * both / (2.0 * both + missed + wrong + kEpsilon);
    }
    return 1.0 - both / (both + real(params, "alpha", 0.5) * missed +
                         real(params, "beta", 0.5) * wrong + kEpsilon);
}

double rowLoss(const std::string& name, const nn::ParamMap& params, const LossInput& input,
               const Row& y, const Row& t) {
    const double width = static_cast<double>(y.size());
    if (name.find("categorical") != std::string::npos && name != "categorical_hinge") {
        return categorical(name, params, input.logits, y, t);
    }
    double sum = 0.0;
    if (name == "cosine_similarity") {
        const double product = std::inner_product(y.begin(), y.end(), t.begin(), 0.0);
        return -product / std::sqrt(std::inner_product(y.begin(), y.end(), y.begin(), 0.0) *
                                    std::inner_product(t.begin(), t.end(), t.begin(), 0.0));
    }
    if (name == "categorical_hinge") {
        double largest = -1e300;
        for (std::size_t k = 0; k < y.size(); ++k) {
            sum += y[k] * t[k];
            largest = std::max(largest, (1.0 - t[k]) * y[k]);
        }
        return std::max(largest - sum + 1.0, 0.0);
    }
    for (std::size_t k = 0; k < y.size(); ++k) {
        if (name == "kl_divergence") {
            const double a = std::clamp(t[k], kEpsilon, 1.0);
            sum += a * std::log(a / std::clamp(y[k], kEpsilon, 1.0));
        } else if (name == "hinge" || name == "squared_hinge") {
            const bool zeroOne = std::ranges::all_of(
                input.t, [](double each) { return each == 0.0 || each == 1.0; });
            const double margin = std::max(1.0 - (zeroOne ? 2.0 * t[k] - 1.0 : t[k]) * y[k], 0.0);
            sum += (name == "hinge" ? margin : margin * margin) / width;
        } else {
            sum += pointwise(name, params, y[k], t[k]) / width;
        }
    }
    return sum;
}

Row part(const Row& all, std::size_t first, std::size_t count) {
    return {all.begin() + static_cast<std::ptrdiff_t>(first),
            all.begin() + static_cast<std::ptrdiff_t>(first + count)};
}

} // namespace

std::vector<double> lossValues(const std::string& name, const nn::ParamMap& params,
                               const LossInput& input) {
    std::vector<double> values;
    const bool areas = name == "dice" || name == "tversky";
    const std::size_t length = !areas ? input.width
                               : params.contains("axis")
                                   ? input.width * input.rowsPerSample // of every sample
                                   : input.y.size();
    for (std::size_t first = 0; first < input.y.size(); first += length) {
        const Row y = part(input.y, first, length);
        const Row t = part(input.t, first, length);
        values.push_back(areas ? overlap(name, params, y, t) : rowLoss(name, params, input, y, t));
    }
    return values;
}

} // namespace tests::reference
