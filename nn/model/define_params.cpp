#include "nn/model/define_params.h"

namespace nn {

double detail::realOf(const ParamValue& value) {
    const auto* whole = std::get_if<std::int64_t>(&value);
    return whole != nullptr ? static_cast<double>(*whole) : std::get<double>(value);
}

ParamTableBase::ParamTableBase() = default;
ParamTableBase::ParamTableBase(const ParamTableBase& other) = default;
ParamTableBase::ParamTableBase(ParamTableBase&& other) noexcept = default;
ParamTableBase& ParamTableBase::operator=(const ParamTableBase& other) = default;
ParamTableBase& ParamTableBase::operator=(ParamTableBase&& other) noexcept = default;
ParamTableBase::~ParamTableBase() = default;

void ParamTableBase::add(std::string name, const MemberType& type, ParamValue defaultValue,
                         ParamDetail&& detail, Assign assign) {
    ParamSpec spec;
    spec.name = std::move(name);
    spec.kind = type.kind;
    spec.defaultValue = std::move(defaultValue);
    spec.optional = type.optional;
    spec.min = detail.min;
    spec.max = detail.max;
    spec.minExclusive = detail.minExclusive;
    spec.maxExclusive = detail.maxExclusive;
    spec.step = detail.step;
    spec.choices = std::move(detail.choices);
    // Choices given are those of the names that are allowed here.
    if (spec.choices.empty()) {
        spec.choices.assign(type.choices.begin(), type.choices.end());
    }
    spec.family = detail.family;
    spec.minCount = detail.minCount;
    spec.maxCount = detail.maxCount;
    spec.unit = std::move(detail.unit);
    spec.help = std::move(detail.help);
    spec.shownWhenParam = std::move(detail.shownWhenParam);
    spec.shownWhenNot = std::move(detail.shownWhenNot);
    spec.required = detail.required;
    m_specs.push_back(std::move(spec));
    m_assign.push_back(std::move(assign));
}

void ParamTableBase::assignGiven(void* options, const ParamMap& params) const {
    for (const auto& [name, value] : params) {
        if (const ParamSpec* spec = findSpec(m_specs, name)) {
            m_assign[static_cast<std::size_t>(spec - m_specs.data())](options, value);
        }
    }
}

} // namespace nn
