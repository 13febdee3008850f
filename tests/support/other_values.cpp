#include "tests/support/other_values.h"

#include "nn/model/object_def.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tests {

using namespace nn;

namespace {

/// An object that is not the default: another class, or the same with another argument.
ParamValue otherObject(const ParamSpec& spec) {
    for (const ObjectDef& def : spec.family->defs()) {
        const ParamObject plain = defaultObject(def);
        if (!def.params.empty()) {
            const ParamSpec& first = def.params.front();
            const ParamObject other(def.type, {{first.name, otherValue(first)}});
            if (const auto checked = checkedObject(*spec.family, other)) {
                return *checked;
            }
        }
        if (ParamValue(plain) != spec.defaultValue) {
            return plain;
        }
    }
    return None{};
}

} // namespace

ParamValue otherValue(const ParamSpec& spec) {
    const double low = std::isfinite(spec.min) ? spec.min : 0.0;
    switch (spec.kind) {
    case ParamKind::Bool:
        return !std::get<bool>(spec.defaultValue);
    case ParamKind::Integer: {
        const auto value = static_cast<std::int64_t>(low) + 1;
        const auto* given = std::get_if<std::int64_t>(&spec.defaultValue);
        return given != nullptr && *given == value ? value + 1 : value;
    }
    case ParamKind::Real:
        return low + 0.125;
    case ParamKind::Choice:
        return ParamValue(spec.choices.back()) == spec.defaultValue ? spec.choices.front()
                                                                    : spec.choices.back();
    case ParamKind::Size:
        return Size2{5, 4};
    case ParamKind::IntegerList: {
        std::vector<std::int64_t> list{3, 2, 1};
        list.resize(std::clamp(list.size(), spec.minCount, spec.maxCount), 1);
        return list;
    }
    case ParamKind::RealList:
        return std::vector<double>(std::max<std::size_t>(spec.minCount, 1), low + 0.375);
    case ParamKind::Borders:
        return Borders{1, 2, 3, 4};
    case ParamKind::Object:
        return otherObject(spec);
    case ParamKind::Text:
        return std::string("text");
    }
    return None{};
}

std::vector<ParamValue> wrongValues(const ParamSpec& spec) {
    std::vector<ParamValue> wrong;
    if (!spec.optional) {
        wrong.emplace_back(None{});
    }
    switch (spec.kind) {
    case ParamKind::Bool:
        wrong.emplace_back(std::string("maybe"));
        break;
    case ParamKind::Integer:
        wrong.emplace_back(static_cast<std::int64_t>(spec.min) - 1);
        wrong.emplace_back(static_cast<std::int64_t>(spec.max) + 1);
        wrong.emplace_back(std::int64_t{1'000'000'000'000});
        wrong.emplace_back(1.5);
        break;
    case ParamKind::Real:
        wrong.emplace_back(spec.min - 1.0 - std::abs(spec.min));
        wrong.emplace_back(spec.max * 2.0 + 1.0);
        wrong.emplace_back(std::numeric_limits<double>::quiet_NaN());
        wrong.emplace_back(std::numeric_limits<double>::infinity());
        break;
    case ParamKind::Choice:
        wrong.emplace_back(std::string("nonsense"));
        break;
    case ParamKind::Size:
        wrong.emplace_back(Size2{static_cast<std::int64_t>(spec.min) - 1, 1});
        wrong.emplace_back(Size2{1, -3});
        wrong.emplace_back(Size2{1'000'000'000'000, 1});
        break;
    case ParamKind::IntegerList:
        if (spec.min > -5.0) {
            wrong.emplace_back(std::vector<std::int64_t>{28, -5});
        }
        if (spec.max < 1e12) {
            wrong.emplace_back(std::vector<std::int64_t>{1'000'000'000'000});
        }
        break;
    case ParamKind::RealList:
        wrong.emplace_back(std::vector<double>{std::numeric_limits<double>::infinity(), 1.0});
        wrong.emplace_back(std::vector<double>{0.5, std::numeric_limits<double>::quiet_NaN()});
        break;
    case ParamKind::Borders:
        wrong.emplace_back(Borders{0, 0, -1, 0});
        wrong.emplace_back(std::vector<std::int64_t>{1, 2, 3});
        break;
    case ParamKind::Object:
        wrong.emplace_back(std::string("nonsense"));
        wrong.emplace_back(
            ParamObject(spec.family->defs().front().type, {{"no_such_argument", std::int64_t{1}}}));
        break;
    case ParamKind::Text:
        break;
    }
    return wrong;
}

} // namespace tests
