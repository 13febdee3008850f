#include "app/changes.h"

namespace app {

ProjectParts differences(const nn::Project& a, const nn::Project& b) {
    ProjectParts parts;
    parts.setFlag(ProjectPart::Graph, a.graph != b.graph && *a.graph != *b.graph);
    parts.setFlag(ProjectPart::Positions, a.positions != b.positions);
    parts.setFlag(ProjectPart::Training, a.training != b.training);
    parts.setFlag(ProjectPart::Data, a.data != b.data);
    parts.setFlag(ProjectPart::Weights, a.weights != b.weights || a.history != b.history);
    return parts;
}

} // namespace app
