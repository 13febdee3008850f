#pragma once

#include "nn/io/project.h"

#include <QFlags>

namespace app {

/// A part of the project that can change on its own.
enum class ProjectPart {
    Graph = 1,
    Positions = 2,
    Training = 4,
    Data = 8,
    Weights = 16, ///< Weights or history.
};
Q_DECLARE_FLAGS(ProjectParts, ProjectPart)
Q_DECLARE_OPERATORS_FOR_FLAGS(ProjectParts)

inline constexpr ProjectParts kAllParts = ProjectParts(ProjectPart::Graph) |
                                          ProjectPart::Positions | ProjectPart::Training |
                                          ProjectPart::Data | ProjectPart::Weights;

/// The parts in which two projects differ. Graphs are compared by value, weights by identity.
[[nodiscard]] ProjectParts differences(const nn::Project& a, const nn::Project& b);

} // namespace app
