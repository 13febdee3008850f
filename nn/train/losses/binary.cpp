#include "nn/train/losses/define_loss.h"
#include "nn/train/losses/pointwise_loss.h"

#include <algorithm>
#include <cmath>

namespace nn {
namespace {

double sigmoid(double x) {
    return x >= 0.0 ? 1.0 / (1.0 + std::exp(-x)) : std::exp(x) / (1.0 + std::exp(x));
}

/// y(1 − s) + s/2.
double smoothed(double t, double smoothing) {
    return t * (1.0 - smoothing) + 0.5 * smoothing;
}

/// −t·log p − (1 − t)·log(1 − p) with p kept away from 0 and 1.
double entropy(double p, double t) {
    const double q = std::clamp(p, kLossEpsilon, kLossOne);
    return -t * std::log(q) - (1.0 - t) * std::log1p(-q);
}

double entropySlope(double p, double t) {
    return p >= kLossEpsilon && p <= kLossOne ? (p - t) / (p * (1.0 - p)) : 0.0;
}

struct BinaryOptions : LossOptions {
    bool fromLogits = false;
    double labelSmoothing = 0.0;
};

struct BinaryTerm {
    bool fromLogits = false;
    double smoothing = 0.0;

    [[nodiscard]] double value(double y, double t) const {
        const double target = smoothed(t, smoothing);
        return fromLogits ? std::max(y, 0.0) - y * target + std::log1p(std::exp(-std::abs(y)))
                          : entropy(y, target);
    }
    [[nodiscard]] double slope(double y, double t) const {
        const double target = smoothed(t, smoothing);
        return fromLogits ? sigmoid(y) - target : entropySlope(y, target);
    }
};

struct FocalOptions : LossOptions {
    bool applyClassBalancing = false;
    double alpha = 0.25;
    double gamma = 2.0;
    bool fromLogits = false;
    double labelSmoothing = 0.0;
};

/// Cross-entropy times (1 − p of the truth)^γ, after Lin et al. 2018.
struct FocalTerm {
    FocalOptions options;

    [[nodiscard]] double balance(double t) const {
        return options.applyClassBalancing ? t * options.alpha + (1.0 - t) * (1.0 - options.alpha)
                                           : 1.0;
    }
    static double doubt(double p, double t) { return 1.0 - t * p - (1.0 - t) * (1.0 - p); }

    [[nodiscard]] double value(double y, double t) const {
        const double p = options.fromLogits ? sigmoid(y) : y;
        const double target = smoothed(t, options.labelSmoothing);
        return balance(target) * std::pow(doubt(p, target), options.gamma) * entropy(p, target);
    }
    [[nodiscard]] double slope(double y, double t) const {
        const double p = options.fromLogits ? sigmoid(y) : y;
        const double target = smoothed(t, options.labelSmoothing);
        const double q = doubt(p, target);
        const double factorSlope =
            q > 0.0 && options.gamma != 0.0
                ? options.gamma * std::pow(q, options.gamma - 1.0) * (1.0 - 2.0 * target)
                : 0.0;
        const double inner =
            factorSlope * entropy(p, target) + std::pow(q, options.gamma) * entropySlope(p, target);
        return balance(target) * inner * (options.fromLogits ? p * (1.0 - p) : 1.0);
    }
};

const char* const kSmoothingHelp =
    "Moves the targets this far towards the middle: 0.1 makes them 0.05 and 0.95. Keeps the "
    "network from absolute certainty; 0 turns it off.";

LossDef binaryCrossentropy() {
    return DefineLoss<BinaryOptions>("binary_crossentropy", "BinaryCrossentropy",
                                     "Binary cross-entropy")
        .aliases({"bce", "BCE"})
        .family(LossFamily::Binary)
        .param(&BinaryOptions::fromLogits, "from_logits", {.help = kFromLogitsHelp})
        .param(&BinaryOptions::labelSmoothing, "label_smoothing",
               {.min = 0.0, .max = 1.0, .step = 0.05, .help = kSmoothingHelp})
        .help("For yes or no: one sigmoid output per question. Also for pictures from 0 to 1 that "
              "are to be drawn again (autoencoders) and for several labels at once.")
        .terms([](const BinaryOptions& options) {
            return pointwise(
                BinaryTerm{.fromLogits = options.fromLogits, .smoothing = options.labelSmoothing});
        });
}

LossDef binaryFocalCrossentropy() {
    return DefineLoss<FocalOptions>("binary_focal_crossentropy", "BinaryFocalCrossentropy",
                                    "Binary focal cross-entropy")
        .family(LossFamily::Binary)
        .param(&FocalOptions::applyClassBalancing, "apply_class_balancing",
               {.help = "Weigh yes by alpha and no by 1 − alpha."})
        .param(&FocalOptions::alpha, "alpha",
               {.min = 0.0,
                .max = 1.0,
                .step = 0.05,
                .help = "The weight of yes when classes are balanced.",
                .shownWhenParam = "apply_class_balancing",
                .shownWhenNot = false})
        .param(&FocalOptions::gamma, "gamma",
               {.min = 0.0,
                .step = 0.5,
                .help = "How strongly easy examples are passed over; 0 is plain cross-entropy."})
        .param(&FocalOptions::fromLogits, "from_logits", {.help = kFromLogitsHelp})
        .param(&FocalOptions::labelSmoothing, "label_smoothing",
               {.min = 0.0, .max = 1.0, .step = 0.05, .help = kSmoothingHelp})
        .help("Binary cross-entropy that counts easy examples little, so that the many of them do "
              "not drown the few hard ones. For rare yes among many no.")
        .terms([](const FocalOptions& options) { return pointwise(FocalTerm{options}); });
}

} // namespace

std::vector<LossDef> binaryLosses() {
    return {binaryCrossentropy(), binaryFocalCrossentropy()};
}

} // namespace nn
