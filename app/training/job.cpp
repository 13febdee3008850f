#include "app/training/job.h"

#include "nn/data/fit.h"
#include "nn/io/model_saver.h"

#include <algorithm>
#include <limits>

namespace app {

std::optional<nn::data::ImageShape> inputImageShape(const nn::Inference& inference) {
    if (inference.inputs.size() != 1) {
        return std::nullopt;
    }
    const nn::NodeInference* input = inference.find(inference.inputs.front());
    if (input == nullptr || !input->output || input->output->rank() != 3 ||
        !input->output->isKnown()) {
        return std::nullopt;
    }
    const nn::Shape& shape = *input->output;
    constexpr std::int64_t kMaxSide = std::numeric_limits<int>::max();
    if (shape[0] > kMaxSide || shape[1] > kMaxSide || (shape[2] != 1 && shape[2] != 3)) {
        return std::nullopt;
    }
    return nn::data::ImageShape{static_cast<int>(shape[0]), static_cast<int>(shape[1]),
                                static_cast<int>(shape[2])};
}

nn::Expected<nn::TrainJob> makeJob(const nn::Project& project, const nn::data::DataSource& source,
                                   int threads) {
    nn::TrainJob job;
    job.graph = *project.graph;
    job.weights = project.weights;
    job.settings = project.training;
    job.saveModel = nn::io::modelSaver(project);
    job.saveRun = nn::io::runSaver(project);
    job.loadRun = nn::io::loadedRun;
    if (job.settings.threads == 0) {
        job.settings.threads = threads;
    }
    job.training = source.train;
    job.validation = source.test;
    if (const auto shape = inputImageShape(nn::infer(job.graph));
        shape && *shape != source.train.shape()) {
        auto fitted = nn::data::fitTo(source, *shape);
        if (!fitted) {
            return tl::unexpected(fitted.error());
        }
        job.training = std::move(fitted->train);
        job.validation = std::move(fitted->test);
    }
    return job;
}

nn::History historyBefore(const nn::Project& project, bool resumed) {
    if (!project.weights || !project.history) {
        return {};
    }
    nn::History earlier = *project.history;
    if (resumed && project.checkpoint) {
        // What the run itself has measured comes from the run.
        const std::size_t own = project.checkpoint->history.epochs.size();
        earlier.epochs.resize(earlier.epochs.size() - std::min(own, earlier.epochs.size()));
        const auto epochs = static_cast<std::int64_t>(earlier.epochs.size());
        std::erase_if(earlier.batches,
                      [epochs](const nn::BatchProgress& batch) { return batch.epoch >= epochs; });
    }
    return earlier;
}

nn::Weights weightsFor(const nn::Project& project, const nn::Inference& inference) {
    nn::Weights fresh =
        nn::initialWeights(nn::variablesOf(*project.graph, inference), project.training.seed);
    return project.weights ? nn::carriedOver(*project.weights, std::move(fresh)) : fresh;
}

WeightsFit weightsFit(const nn::Weights& weights, const nn::Graph& graph,
                      const nn::Inference& inference) {
    const std::vector<nn::Variable> wanted = nn::variablesOf(graph, inference);
    const auto fits = [&](const nn::Variable& variable) {
        const nn::Tensor* tensor = weights.find(variable.node, variable.spec.name);
        return tensor != nullptr && tensor->shape() == variable.spec.shape;
    };
    const auto count = std::ranges::count_if(wanted, fits);
    if (count == static_cast<std::ptrdiff_t>(wanted.size()) &&
        wanted.size() == weights.variables.size()) {
        return WeightsFit::All;
    }
    return count == 0 ? WeightsFit::None : WeightsFit::Some;
}

} // namespace app
