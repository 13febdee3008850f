#pragma once

#include "nn/io/project.h"

#include <functional>

namespace nn::io {

/// Saves copies of a project with other weights and history; folders on the way are made. For
/// `TrainJob::saveModel`.
[[nodiscard]] std::function<Expected<void>(const std::string& path, const Weights&, const History&)>
modelSaver(Project project);

} // namespace nn::io
