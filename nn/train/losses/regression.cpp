#include "nn/train/losses/define_loss.h"
#include "nn/train/losses/pointwise_loss.h"

#include <cmath>
#include <numbers>

namespace nn {
namespace {

double sign(double x) {
    return x > 0.0 ? 1.0 : (x < 0.0 ? -1.0 : 0.0);
}

struct SquaredTerm {
    static double value(double y, double t) { return (y - t) * (y - t); }
    static double slope(double y, double t) { return 2.0 * (y - t); }
};

struct AbsoluteTerm {
    static double value(double y, double t) { return std::abs(y - t); }
    static double slope(double y, double t) { return sign(y - t); }
};

struct PercentageTerm {
    static double size(double t) { return std::max(std::abs(t), kLossEpsilon); }
    static double value(double y, double t) { return 100.0 * std::abs(t - y) / size(t); }
    static double slope(double y, double t) { return 100.0 * sign(y - t) / size(t); }
};

/// (log(y + 1) − log(t + 1))², nothing below epsilon.
struct LogarithmicTerm {
    static double difference(double y, double t) {
        return std::log1p(std::max(y, kLossEpsilon)) - std::log1p(std::max(t, kLossEpsilon));
    }
    static double value(double y, double t) { return difference(y, t) * difference(y, t); }
    static double slope(double y, double t) {
        return y >= kLossEpsilon ? 2.0 * difference(y, t) / (y + 1.0) : 0.0;
    }
};

struct HuberOptions : LossOptions {
    double delta = 1.0;
};

struct HuberTerm {
    double delta = 1.0;
    [[nodiscard]] double value(double y, double t) const {
        const double error = std::abs(y - t);
        return error <= delta ? 0.5 * error * error : delta * error - 0.5 * delta * delta;
    }
    [[nodiscard]] double slope(double y, double t) const {
        return std::abs(y - t) <= delta ? y - t : delta * sign(y - t);
    }
};

/// log(cosh(x)) = x + log(1 + e^(−2x)) − log 2, without overflow for either sign.
struct LogCoshTerm {
    static double value(double y, double t) {
        const double x = std::abs(y - t);
        return x + std::log1p(std::exp(-2.0 * x)) - std::numbers::ln2;
    }
    static double slope(double y, double t) { return std::tanh(y - t); }
};

LossDef meanSquaredError() {
    return DefineLoss<LossOptions>("mean_squared_error", "MeanSquaredError", "Mean squared error")
        .aliases({"mse", "MSE"})
        .help("The mean of the squared differences between outputs and targets. For "
              "regression; with classes the targets are one-hot rows.")
        .terms([](const LossOptions&) { return pointwise(SquaredTerm{}); });
}

LossDef meanAbsoluteError() {
    return DefineLoss<LossOptions>("mean_absolute_error", "MeanAbsoluteError",
                                   "Mean absolute error")
        .aliases({"mae", "MAE"})
        .help("The mean size of the differences between outputs and targets. Less bothered by "
              "single far-off values than the squared error.")
        .terms([](const LossOptions&) { return pointwise(AbsoluteTerm{}); });
}

LossDef meanAbsolutePercentageError() {
    return DefineLoss<LossOptions>("mean_absolute_percentage_error", "MeanAbsolutePercentageError",
                                   "Mean absolute percentage error")
        .aliases({"mape", "MAPE"})
        .help("The mean difference in percent of the target. For targets of very different size; "
              "not for targets near 0.")
        .terms([](const LossOptions&) { return pointwise(PercentageTerm{}); });
}

LossDef meanSquaredLogarithmicError() {
    return DefineLoss<LossOptions>("mean_squared_logarithmic_error", "MeanSquaredLogarithmicError",
                                   "Mean squared logarithmic error")
        .aliases({"msle", "MSLE"})
        .help("The squared difference of the logarithms of output + 1 and target + 1: what counts "
              "is how many times too large or small. For numbers that are not negative.")
        .terms([](const LossOptions&) { return pointwise(LogarithmicTerm{}); });
}

LossDef huber() {
    return DefineLoss<HuberOptions>("huber", "Huber", "Huber")
        .aliases({"huber_loss"})
        .param(&HuberOptions::delta, "delta",
               {.min = 0.0,
                .minExclusive = true,
                .step = 0.1,
                .help = "The difference from which on the loss grows in a straight line instead of "
                        "with the square."})
        .help("The squared error for small differences and the absolute error for large ones: "
              "smooth near the target, calm about outliers.")
        .terms([](const HuberOptions& options) {
            return pointwise(HuberTerm{.delta = options.delta});
        });
}

LossDef logCosh() {
    return DefineLoss<LossOptions>("log_cosh", "LogCosh", "Log-cosh")
        .aliases({"logcosh"})
        .help("The logarithm of the hyperbolic cosine of the difference: like half the squared "
              "error where it is small and like the absolute error where it is large.")
        .terms([](const LossOptions&) { return pointwise(LogCoshTerm{}); });
}

} // namespace

std::vector<LossDef> regressionLosses() {
    return {meanSquaredError(),
            meanAbsoluteError(),
            meanAbsolutePercentageError(),
            meanSquaredLogarithmicError(),
            huber(),
            logCosh()};
}

} // namespace nn
