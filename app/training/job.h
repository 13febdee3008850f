#pragma once

#include "nn/data/dataset.h"
#include "nn/io/project.h"
#include "nn/model/infer.h"
#include "nn/train/trainer.h"

namespace app {

/// The image shape the network takes; nothing when it has not one input layer for images.
[[nodiscard]] std::optional<nn::data::ImageShape> inputImageShape(const nn::Inference& inference);

/// The job a project stands for: its own copy of the graph, the images fitted to the input.
/// `threads` is used where the project does not say. Takes long when images must be resized.
[[nodiscard]] nn::Expected<nn::TrainJob> makeJob(const nn::Project& project,
                                                 const nn::data::DataSource& source, int threads);

/// What was measured before a run that goes on with a project: by earlier runs, without the last
/// one when that itself is `resumed`. Empty for a project that was not trained.
[[nodiscard]] nn::History historyBefore(const nn::Project& project, bool resumed);

/// The weights of a project for its present graph: those it has where they still fit, fresh ones
/// elsewhere. Allocates all of them.
[[nodiscard]] nn::Weights weightsFor(const nn::Project& project, const nn::Inference& inference);

/// How much of some weights a graph can use.
enum class WeightsFit { All, Some, None };
[[nodiscard]] WeightsFit weightsFit(const nn::Weights& weights, const nn::Graph& graph,
                                    const nn::Inference& inference);

} // namespace app
