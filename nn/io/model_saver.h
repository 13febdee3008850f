#pragma once

#include "nn/io/project.h"

#include <functional>

namespace nn::io {

/// Saves copies of a project with other weights and history; folders on the way are made. For
/// `TrainJob::saveModel`.
[[nodiscard]] std::function<Expected<void>(const std::string& path, const Weights&, const History&)>
modelSaver(Project project);

/// Writes runs to project files, with their weights and history. For `TrainJob::saveRun`.
[[nodiscard]] std::function<Expected<void>(const std::string& path, const Checkpoint&)>
runSaver(Project project);
/// The run of a project file; refuses one without.
[[nodiscard]] Expected<std::shared_ptr<const Checkpoint>> loadedRun(const std::string& path);

} // namespace nn::io
