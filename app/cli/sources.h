#pragma once

#include "nn/base/error.h"
#include "nn/data/sources.h"
#include "nn/io/project.h"

#include <QString>
#include <memory>
#include <optional>

namespace app::cli {

/// MODEL on the command line: `template:NAME`, a `.receptive` project, or Keras' topology JSON.
[[nodiscard]] nn::Expected<nn::Project> openModel(const QString& text);

/// DATA on the command line, fitted to the images the network takes; says so when they differ.
[[nodiscard]] nn::Expected<nn::data::DataSource> openData(const QString& spec,
                                                          const nn::Graph& graph);

/// The weights of a project, complete for its network; fresh ones from the seed where it has none.
/// Refuses networks that cannot run and those that do not fit into memory.
[[nodiscard]] nn::Expected<std::shared_ptr<const nn::Weights>>
completeWeights(const nn::Project& project);

/// The shape (height, width, channels) the only input of a network takes.
[[nodiscard]] nn::Expected<nn::data::ImageShape> inputImageShape(const nn::Graph& graph);

} // namespace app::cli
