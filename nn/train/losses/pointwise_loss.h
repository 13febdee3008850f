#pragma once

#include "nn/train/losses/target_values.h"

namespace nn {

enum class RowReduction { Mean, Sum };

/// A loss that is the mean (or sum) over each row of a function of one output and its target. The
/// `Term` has `value(y, t)` and `slope(y, t)` = ∂value/∂y; `prepared(target, count)`, where it
/// exists, gives the term for all targets of this batch.
template <typename Term, RowReduction reduction = RowReduction::Mean>
class PointwiseLoss final : public UnreducedLoss {
public:
    explicit PointwiseLoss(Term term) : m_term(term) {}

    void values(const Outputs& outputs, const Targets& targets,
                std::span<double> values) const override {
        const auto width = static_cast<std::size_t>(outputs.width);
        withTargets(outputs, targets, [&](const auto& target) {
            const Term term = termFor(target, outputs.values.size());
            for (std::size_t r = 0; r < values.size(); ++r) {
                double sum = 0.0;
                for (std::size_t i = r * width; i < (r + 1) * width; ++i) {
                    sum += term.value(static_cast<double>(outputs.values[i]), target(i));
                }
                values[r] = sum * share(outputs.width);
            }
        });
    }

    void gradient(const Outputs& outputs, const Targets& targets, std::span<const double> slopes,
                  std::span<float> gradient) const override {
        const auto width = static_cast<std::size_t>(outputs.width);
        withTargets(outputs, targets, [&](const auto& target) {
            const Term term = termFor(target, outputs.values.size());
            for (std::size_t r = 0; r < slopes.size(); ++r) {
                const double scale = slopes[r] * share(outputs.width);
                for (std::size_t i = r * width; i < (r + 1) * width; ++i) {
                    gradient[i] = static_cast<float>(
                        scale * term.slope(static_cast<double>(outputs.values[i]), target(i)));
                }
            }
        });
    }

private:
    static double share(std::int64_t width) {
        return reduction == RowReduction::Mean ? 1.0 / static_cast<double>(width) : 1.0;
    }
    template <typename Target>
    Term termFor(const Target& target, std::size_t count) const {
        if constexpr (requires { m_term.prepared(target, count); }) {
            return m_term.prepared(target, count);
        } else {
            return m_term;
        }
    }

    Term m_term;
};

template <RowReduction reduction = RowReduction::Mean, typename Term>
std::unique_ptr<const UnreducedLoss> pointwise(Term term) {
    return std::make_unique<const PointwiseLoss<Term, reduction>>(term);
}

} // namespace nn
