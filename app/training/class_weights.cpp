#include "app/training/class_weights.h"

#include "nn/base/brackets.h"
#include "nn/base/text.h"

#include <cmath>
#include <vector>

namespace app {

nn::Expected<ClassWeights> parsedClassWeights(std::string_view text) {
    ClassWeights weights;
    text = nn::trimmed(text);
    if (text.starts_with('{') && text.ends_with('}')) {
        text = text.substr(1, text.size() - 2);
    }
    for (const std::string_view part : nn::outerParts(text, ",")) {
        if (nn::trimmed(part).empty()) {
            continue;
        }
        const std::size_t colon = part.find(':');
        const auto label = nn::parseInteger(nn::trimmed(part.substr(0, colon)));
        const auto weight = colon == std::string_view::npos
                                ? std::nullopt
                                : nn::parseReal(nn::trimmed(part.substr(colon + 1)));
        if (!label || !weight || *label < 0 || !(*weight >= 0.0) || !std::isfinite(*weight)) {
            return nn::failure(nn::ErrorCode::Usage,
                               "Expected CLASS: WEIGHT, … like 0: 1, 3: 2.5 with weights from 0, "
                               "but received \"" +
                                   std::string(nn::trimmed(part)) + "\".");
        }
        weights[*label] = *weight;
    }
    return weights;
}

std::string classWeightsText(const ClassWeights& weights) {
    std::vector<std::string> parts;
    for (const auto& [label, weight] : weights) {
        parts.push_back(std::to_string(label) + ": " + nn::numberText(weight));
    }
    return nn::join(parts, ", ");
}

ClassWeights balancedWeights(std::span<const std::int32_t> labels) {
    std::map<std::int64_t, std::int64_t> counts;
    for (const std::int32_t label : labels) {
        ++counts[label];
    }
    ClassWeights weights;
    for (const auto& [label, count] : counts) {
        const double even = static_cast<double>(labels.size()) /
                            (static_cast<double>(counts.size()) * static_cast<double>(count));
        // Three digits say all there is to say, and can be read.
        const double rounded = std::round(even * 1000.0) / 1000.0;
        if (rounded != 1.0) {
            weights[label] = rounded;
        }
    }
    return weights;
}

} // namespace app
