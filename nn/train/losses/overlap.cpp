#include "nn/train/losses/axis_groups.h"
#include "nn/train/losses/define_loss.h"
#include "nn/train/losses/target_values.h"

namespace nn {
namespace {

using Axes = std::optional<std::vector<std::int64_t>>;

/// Σ of one group of outputs.
struct Sums {
    double both = 0.0; ///< Σ t·y
    double targets = 0.0;
    double outputs = 0.0;
};

/// 1 − quotient of one group: the quotient and its slopes by Σty, Σt, Σy follow from `Score`.
template <typename Score>
class OverlapLoss final : public UnreducedLoss {
public:
    OverlapLoss(Axes axes, Score score) : m_axes(std::move(axes)), m_score(score) {}

    [[nodiscard]] std::size_t count(const Outputs& outputs) const override {
        return AxisGroups(outputs, m_axes).count();
    }

    void values(const Outputs& outputs, const Targets& targets,
                std::span<double> values) const override {
        const std::vector<Sums> sums = sumsOf(outputs, targets, AxisGroups(outputs, m_axes));
        for (std::size_t g = 0; g < values.size(); ++g) {
            values[g] = 1.0 - m_score.numerator(sums[g]) / m_score.denominator(sums[g]);
        }
    }

    void gradient(const Outputs& outputs, const Targets& targets, std::span<const double> slopes,
                  std::span<float> gradient) const override {
        const AxisGroups groups(outputs, m_axes);
        const std::vector<Sums> sums = sumsOf(outputs, targets, groups);
        withTargets(outputs, targets, [&](const auto& target) {
            for (std::size_t i = 0; i < gradient.size(); ++i) {
                const std::size_t g = groups(i);
                const double below = m_score.denominator(sums[g]);
                const double above = m_score.numerator(sums[g]);
                const double t = target(i);
                const double slope =
                    (m_score.numeratorSlope(t) - above / below * m_score.denominatorSlope(t)) /
                    below;
                gradient[i] = static_cast<float>(-slopes[g] * slope);
            }
        });
    }

private:
    static std::vector<Sums> sumsOf(const Outputs& outputs, const Targets& targets,
                                    const AxisGroups& groups) {
        std::vector<Sums> sums(groups.count());
        withTargets(outputs, targets, [&](const auto& target) {
            for (std::size_t i = 0; i < outputs.values.size(); ++i) {
                Sums& group = sums[groups(i)];
                const auto y = static_cast<double>(outputs.values[i]);
                group.both += target(i) * y;
                group.targets += target(i);
                group.outputs += y;
            }
        });
        return sums;
    }

    Axes m_axes;
    Score m_score;
};

struct DiceOptions : LossOptions {
    Axes axis;
};

/// 2Σty / (Σt + Σy).
struct DiceScore {
    static double numerator(const Sums& s) { return 2.0 * s.both; }
    static double denominator(const Sums& s) { return s.targets + s.outputs + kLossEpsilon; }
    static double numeratorSlope(double t) { return 2.0 * t; }
    static double denominatorSlope(double /*t*/) { return 1.0; }
};

struct TverskyOptions : LossOptions {
    double alpha = 0.5;
    double beta = 0.5;
    Axes axis;
};

/// Σty / (Σty + α·Σt(1 − y) + β·Σy(1 − t)).
struct TverskyScore {
    double alpha = 0.5;
    double beta = 0.5;
    static double numerator(const Sums& s) { return s.both; }
    [[nodiscard]] double denominator(const Sums& s) const {
        return s.both + alpha * (s.targets - s.both) + beta * (s.outputs - s.both) + kLossEpsilon;
    }
    static double numeratorSlope(double t) { return t; }
    [[nodiscard]] double denominatorSlope(double t) const {
        return t - alpha * t + beta * (1.0 - t);
    }
};

const char* const kAxisHelp =
    "The axes summed over before the quotient, counted from 0 for the batch: (1, 2, 3) gives every "
    "picture its own value. None: one value for the whole batch.";

LossDef dice() {
    return DefineLoss<DiceOptions>("dice", "Dice", "Dice")
        .family(LossFamily::Overlap)
        .param(&DiceOptions::axis, "axis", {.help = kAxisHelp})
        .help("How little the area found and the area wanted cover each other, from 0 (all) to 1 "
              "(nothing). For segmentation with small objects, after a sigmoid or softmax.")
        .terms([](const DiceOptions& options) -> std::unique_ptr<const UnreducedLoss> {
            return std::make_unique<const OverlapLoss<DiceScore>>(options.axis, DiceScore{});
        });
}

LossDef tversky() {
    return DefineLoss<TverskyOptions>("tversky", "Tversky", "Tversky")
        .family(LossFamily::Overlap)
        .param(&TverskyOptions::alpha, "alpha",
               {.min = 0.0, .step = 0.1, .help = "What is missed costs this much."})
        .param(&TverskyOptions::beta, "beta",
               {.min = 0.0, .step = 0.1, .help = "What is found by mistake costs this much."})
        .param(&TverskyOptions::axis, "axis", {.help = kAxisHelp})
        .help("The Dice loss with separate weights for what was missed and for what was found by "
              "mistake; with 0.5 and 0.5 it is Dice.")
        .terms([](const TverskyOptions& options) -> std::unique_ptr<const UnreducedLoss> {
            return std::make_unique<const OverlapLoss<TverskyScore>>(
                options.axis, TverskyScore{.alpha = options.alpha, .beta = options.beta});
        });
}

} // namespace

std::vector<LossDef> overlapLosses() {
    return {dice(), tversky()};
}

} // namespace nn
