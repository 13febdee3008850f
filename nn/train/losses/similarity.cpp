#include "nn/train/losses/axis_groups.h"
#include "nn/train/losses/define_loss.h"
#include "nn/train/losses/target_values.h"

#include <algorithm>
#include <cmath>

namespace nn {
namespace {

struct SimilarityOptions : LossOptions {
    std::int64_t axis = -1;
};

/// −Σ y·t / (|y|·|t|) along an axis; vectors shorter than epsilon are divided by epsilon.
class CosineSimilarity final : public UnreducedLoss {
public:
    explicit CosineSimilarity(std::int64_t axis) : m_axes(std::vector{axis}) {}

    [[nodiscard]] std::size_t count(const Outputs& outputs) const override {
        return AxisGroups(outputs, m_axes).count();
    }

    void values(const Outputs& outputs, const Targets& targets,
                std::span<double> values) const override {
        const std::vector<Sums> sums = sumsOf(outputs, targets, AxisGroups(outputs, m_axes));
        std::ranges::transform(sums, values.begin(), [](const Sums& group) {
            return -group.both * group.outputScale() * group.targetScale();
        });
    }

    void gradient(const Outputs& outputs, const Targets& targets, std::span<const double> slopes,
                  std::span<float> gradient) const override {
        const AxisGroups groups(outputs, m_axes);
        const std::vector<Sums> sums = sumsOf(outputs, targets, groups);
        withTargets(outputs, targets, [&](const auto& target) {
            for (std::size_t i = 0; i < gradient.size(); ++i) {
                const Sums& group = sums[groups(i)];
                const double scale = group.outputScale();
                const auto y = static_cast<double>(outputs.values[i]);
                const double along =
                    std::sqrt(group.outputs) > kLossEpsilon ? y * group.both * scale * scale : 0.0;
                gradient[i] = static_cast<float>(-slopes[groups(i)] * group.targetScale() * scale *
                                                 (target(i) - along));
            }
        });
    }

private:
    struct Sums {
        double both = 0.0;
        double outputs = 0.0; ///< Of squares.
        double targets = 0.0; ///< Of squares.
        [[nodiscard]] double outputScale() const {
            return 1.0 / std::max(std::sqrt(outputs), kLossEpsilon);
        }
        [[nodiscard]] double targetScale() const {
            return 1.0 / std::max(std::sqrt(targets), kLossEpsilon);
        }
    };

    static std::vector<Sums> sumsOf(const Outputs& outputs, const Targets& targets,
                                    const AxisGroups& groups) {
        std::vector<Sums> sums(groups.count());
        withTargets(outputs, targets, [&](const auto& target) {
            for (std::size_t i = 0; i < outputs.values.size(); ++i) {
                Sums& group = sums[groups(i)];
                const auto y = static_cast<double>(outputs.values[i]);
                group.both += target(i) * y;
                group.outputs += y * y;
                group.targets += target(i) * target(i);
            }
        });
        return sums;
    }

    std::optional<std::vector<std::int64_t>> m_axes;
};

} // namespace

std::vector<LossDef> similarityLosses() {
    return {
        DefineLoss<SimilarityOptions>("cosine_similarity", "CosineSimilarity", "Cosine similarity")
            .param(&SimilarityOptions::axis, "axis",
                   {.min = -8,
                    .max = 8,
                    .help = "The axis along which the numbers are one vector; −1 is the last, "
                            "0 the batch."})
            .help("The negative cosine of the angle between output and target: −1 when they "
                  "point the same way, 1 when opposite. Their lengths do not matter.")
            .terms([](const SimilarityOptions& options) -> std::unique_ptr<const UnreducedLoss> {
                return std::make_unique<const CosineSimilarity>(options.axis);
            })};
}

} // namespace nn
