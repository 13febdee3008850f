#include "nn/train/losses/define_loss.h"
#include "nn/train/losses/pointwise_loss.h"

#include <algorithm>

namespace nn {
namespace {

/// Keras' targets are −1 and 1; those of a batch that are all 0 and 1 are turned into them.
template <int power>
struct HingeTerm {
    bool binary = false;

    template <typename Target>
    [[nodiscard]] HingeTerm prepared(const Target& target, std::size_t count) const {
        for (std::size_t i = 0; i < count; ++i) {
            if (target(i) != 0.0 && target(i) != 1.0) {
                return {.binary = false};
            }
        }
        return {.binary = true};
    }
    [[nodiscard]] double signedTarget(double t) const { return binary ? 2.0 * t - 1.0 : t; }
    [[nodiscard]] double value(double y, double t) const {
        const double margin = std::max(1.0 - signedTarget(t) * y, 0.0);
        return power == 1 ? margin : margin * margin;
    }
    [[nodiscard]] double slope(double y, double t) const {
        const double margin = std::max(1.0 - signedTarget(t) * y, 0.0);
        if (margin == 0.0) {
            return 0.0;
        }
        return power == 1 ? -signedTarget(t) : -2.0 * margin * signedTarget(t);
    }
};

/// max(largest wrong score − right score + 1, 0) of a row.
class CategoricalHinge final : public UnreducedLoss {
public:
    void values(const Outputs& outputs, const Targets& targets,
                std::span<double> values) const override {
        withTargets(outputs, targets, [&](const auto& target) {
            for (std::size_t r = 0; r < values.size(); ++r) {
                values[r] = std::max(marginOf(outputs, target, r).value, 0.0);
            }
        });
    }

    void gradient(const Outputs& outputs, const Targets& targets, std::span<const double> slopes,
                  std::span<float> gradient) const override {
        const auto width = static_cast<std::size_t>(outputs.width);
        withTargets(outputs, targets, [&](const auto& target) {
            for (std::size_t r = 0; r < slopes.size(); ++r) {
                const Margin margin = marginOf(outputs, target, r);
                const double scale = margin.value > 0.0 ? slopes[r] : 0.0;
                for (std::size_t i = r * width; i < (r + 1) * width; ++i) {
                    const double wrong = i == margin.wrong ? 1.0 - target(i) : 0.0;
                    gradient[i] = static_cast<float>(scale * (wrong - target(i)));
                }
            }
        });
    }

private:
    struct Margin {
        double value = 0.0;
        std::size_t wrong = 0; ///< Index of the output that counts as the largest wrong one.
    };

    template <typename Target>
    static Margin marginOf(const Outputs& outputs, const Target& target, std::size_t row) {
        const auto width = static_cast<std::size_t>(outputs.width);
        double right = 0.0;
        double largest = 0.0;
        Margin margin{.value = 0.0, .wrong = row * width};
        for (std::size_t i = row * width; i < (row + 1) * width; ++i) {
            const auto y = static_cast<double>(outputs.values[i]);
            right += target(i) * y;
            const double wrong = (1.0 - target(i)) * y;
            if (i == row * width || wrong > largest) {
                largest = wrong;
                margin.wrong = i;
            }
        }
        margin.value = largest - right + 1.0;
        return margin;
    }
};

} // namespace

std::vector<LossDef> hingeLosses() {
    return {DefineLoss<LossOptions>("hinge", "Hinge", "Hinge")
                .family(LossFamily::Binary)
                .help("For yes or no with outputs from −1 to 1 (tanh or no activation): asks for a "
                      "margin of 1 on the right side, and no more. Targets 0 and 1 become −1 and "
                      "1.")
                .terms([](const LossOptions&) { return pointwise(HingeTerm<1>{}); }),
            DefineLoss<LossOptions>("squared_hinge", "SquaredHinge", "Squared hinge")
                .family(LossFamily::Binary)
                .help("The hinge loss squared: gentle just inside the margin, strict far on the "
                      "wrong side.")
                .terms([](const LossOptions&) { return pointwise(HingeTerm<2>{}); }),
            DefineLoss<LossOptions>("categorical_hinge", "CategoricalHinge", "Categorical hinge")
                .family(LossFamily::Classes)
                .help("For choosing one class out of several by scores: the right class is to lead "
                      "the best wrong one by 1.")
                .terms([](const LossOptions&) -> std::unique_ptr<const UnreducedLoss> {
                    return std::make_unique<const CategoricalHinge>();
                })};
}

} // namespace nn
