#include "nn/exec/constraints.h"

#include "nn/model/object_table.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace nn {
namespace {

using Axes = std::vector<std::int64_t>;
using Made = std::shared_ptr<const Constraint>;

struct Free {};
struct MaxNorm {
    double maxValue = 2.0;
    Axes axis{0};
};
struct UnitNorm {
    Axes axis{0};
};
struct MinMaxNorm {
    double minValue = 0.0;
    double maxValue = 1.0;
    double rate = 1.0;
    Axes axis{0};
};

/// Keras' epsilon, against division by zero.
constexpr double kEpsilon = 1e-7;

class NonNeg final : public Constraint {
public:
    void apply(const Shape& /*shape*/, std::span<float> values) const override {
        std::ranges::transform(values, values.begin(),
                               [](float value) { return std::max(value, 0.0F); });
    }
};

/// Which norm each value of a tensor belongs to. Rows are runs along the last axis.
struct NormLayout {
    std::vector<std::size_t> rowNorms = {}; ///< The norm of the first value of each row.
    std::size_t rowLength = 1;
    std::size_t lastStep = 0; ///< 1: each value of a row has its own norm.
    std::size_t norms = 1;
};

NormLayout normLayout(const Shape& shape, const Axes& axes) {
    const auto rank = static_cast<std::int64_t>(shape.rank());
    const auto isSummed = [&](std::size_t axis) {
        return std::ranges::any_of(axes, [&](std::int64_t named) {
            return (named < 0 ? named + rank : named) == static_cast<std::int64_t>(axis);
        });
    };
    // How far the norm's index moves per step along each axis.
    std::vector<std::size_t> steps(shape.rank(), 0);
    NormLayout layout;
    for (std::size_t axis = shape.rank(); axis-- > 0;) {
        if (!isSummed(axis)) {
            steps[axis] = layout.norms;
            layout.norms *= static_cast<std::size_t>(shape[axis]);
        }
    }
    layout.rowNorms = {0};
    for (std::size_t axis = 0; axis + 1 < shape.rank(); ++axis) {
        std::vector<std::size_t> longer;
        for (const std::size_t start : layout.rowNorms) {
            for (std::int64_t i = 0; i < shape[axis]; ++i) {
                longer.push_back(start + static_cast<std::size_t>(i) * steps[axis]);
            }
        }
        layout.rowNorms = std::move(longer);
    }
    layout.rowLength = shape.rank() == 0 ? 1 : static_cast<std::size_t>(shape.back());
    layout.lastStep = shape.rank() == 0 ? 0 : steps.back();
    return layout;
}

/// Multiplies all values that share a norm with a function of it.
class NormConstraint final : public Constraint {
public:
    NormConstraint(Axes axes, std::function<double(double)> desired)
        : m_axes(std::move(axes)), m_desired(std::move(desired)) {}

    void apply(const Shape& shape, std::span<float> values) const override {
        const NormLayout layout = normLayout(shape, m_axes);
        std::vector<double> factors(layout.norms, 0.0);
        eachRow(layout, values, [&](std::span<float> row, std::size_t norm) {
            for (std::size_t i = 0; i < row.size(); ++i) {
                const auto value = static_cast<double>(row[i]);
                factors[norm + i * layout.lastStep] += value * value;
            }
        });
        for (double& factor : factors) {
            const double norm = std::sqrt(factor);
            factor = m_desired(norm) / (kEpsilon + norm);
        }
        eachRow(layout, values, [&](std::span<float> row, std::size_t norm) {
            for (std::size_t i = 0; i < row.size(); ++i) {
                row[i] = static_cast<float>(static_cast<double>(row[i]) *
                                            factors[norm + i * layout.lastStep]);
            }
        });
    }

private:
    template <typename Body>
    static void eachRow(const NormLayout& layout, std::span<float> values, Body body) {
        for (std::size_t row = 0; row < layout.rowNorms.size(); ++row) {
            body(values.subspan(row * layout.rowLength, layout.rowLength), layout.rowNorms[row]);
        }
    }

    Axes m_axes;
    std::function<double(double)> m_desired;
};

ParamDetail axisDetail() {
    return {.min = -16,
            .max = 16,
            .minCount = 1,
            .help = "The axes over which a norm is taken: 0 for Dense (the weights into one unit), "
                    "0, 1, 2 for Conv2D (one filter)."};
}

ParamDetail boundDetail(std::string help) {
    return {.min = 0.0, .max = 1e30, .help = std::move(help)};
}

void addMinMaxNorm(ObjectTable<Made>& all) {
    ParamTable<MinMaxNorm> params;
    params.add(&MinMaxNorm::minValue, "min_value", boundDetail("The smallest norm."));
    params.add(&MinMaxNorm::maxValue, "max_value", boundDetail("The largest norm."));
    params.add(&MinMaxNorm::rate, "rate",
               {.min = 0.0,
                .max = 1.0,
                .help = "How much of the way to the bound each step goes; 1 is all of it."});
    params.add(&MinMaxNorm::axis, "axis", axisDetail());
    all.add<MinMaxNorm>(
        {.type = "MinMaxNorm",
         .aliases = {"min_max_norm"},
         .title = "Norms between bounds",
         .help = "Scales the weights of each unit so that their norm lies between "
                 "two bounds."},
        params, [](const MinMaxNorm& options) -> Made {
            return std::make_shared<NormConstraint>(options.axis, [options](double norm) {
                // max before min, so that crossed bounds are no fault
                const double kept = std::min(std::max(norm, options.minValue), options.maxValue);
                return options.rate * kept + (1.0 - options.rate) * norm;
            });
        });
}

const ObjectTable<Made>& constraintTable() {
    static const ObjectTable<Made> table = [] {
        ObjectTable<Made> all;
        ParamTable<MaxNorm> maxNorm;
        maxNorm.add(&MaxNorm::maxValue, "max_value", boundDetail("The largest norm."));
        maxNorm.add(&MaxNorm::axis, "axis", axisDetail());
        all.add<MaxNorm>({.type = "MaxNorm",
                          .aliases = {"max_norm"},
                          .title = "Norms not too large",
                          .help = "Scales the weights of each unit down when their norm exceeds a "
                                  "bound (Srivastava et al. 2014)."},
                         maxNorm, [](const MaxNorm& options) -> Made {
                             return std::make_shared<NormConstraint>(
                                 options.axis, [largest = options.maxValue](double norm) {
                                     return std::min(norm, largest);
                                 });
                         });
        all.add<Free>({.type = "NonNeg",
                       .aliases = {"non_neg"},
                       .title = "No negative weights",
                       .help = "Sets negative weights to 0."},
                      {}, [](const Free&) -> Made { return std::make_shared<NonNeg>(); });
        ParamTable<UnitNorm> unitNorm;
        unitNorm.add(&UnitNorm::axis, "axis", axisDetail());
        all.add<UnitNorm>({.type = "UnitNorm",
                           .aliases = {"unit_norm"},
                           .title = "Norms of 1",
                           .help = "Scales the weights of each unit to the norm 1."},
                          unitNorm, [](const UnitNorm& options) -> Made {
                              return std::make_shared<NormConstraint>(options.axis,
                                                                      [](double) { return 1.0; });
                          });
        addMinMaxNorm(all);
        return all;
    }();
    return table;
}

} // namespace

const std::vector<ObjectDef>& constraintDefs() {
    return constraintTable().defs();
}

std::shared_ptr<const Constraint> makeConstraint(const ParamObject& object) {
    return constraintTable().made(object).value_or(nullptr);
}

} // namespace nn
