#pragma once

#include "nn/exec/weights.h"
#include "nn/model/graph.h"
#include "nn/train/checkpoint.h"
#include "nn/train/progress.h"
#include "nn/train/settings.h"

#include <map>
#include <memory>
#include <string>

namespace nn {

/// A place on the canvas, in grid units of one pixel at zoom 1.
struct Position {
    double x = 0.0;
    double y = 0.0;
    bool operator==(const Position&) const = default;
};

/// Which data a project uses: what the user chose, not the images themselves.
struct DataReference {
    std::string source = "fashion-mini"; ///< As `--data` on the command line.
    bool operator==(const DataReference&) const = default;
};

/// Everything the user made. A value; the parts that are large are shared between versions, so
/// keeping every version for undo is cheap.
struct Project {
    std::shared_ptr<const Graph> graph = std::make_shared<const Graph>();
    std::map<NodeId, Position> positions;
    TrainSettings training;
    DataReference data;
    std::shared_ptr<const Weights> weights; ///< nullptr: not trained yet.
    std::shared_ptr<const History> history; ///< nullptr: not trained yet.
    /// Where the last run can be gone on with; its weights are never nullptr.
    std::shared_ptr<const Checkpoint> checkpoint = {};
};

} // namespace nn
