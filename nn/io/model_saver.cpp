#include "nn/io/model_saver.h"

#include "nn/io/project_file.h"

#include <filesystem>

namespace nn::io {

std::function<Expected<void>(const std::string&, const Weights&, const History&)>
modelSaver(Project project) {
    return [project = std::move(project)](const std::string& path, const Weights& weights,
                                          const History& history) -> Expected<void> {
        const std::filesystem::path file(path);
        std::error_code error;
        if (file.has_parent_path()) {
            std::filesystem::create_directories(file.parent_path(), error);
        }
        if (error) {
            return failure(ErrorCode::Io,
                           "The folder of " + path + " cannot be made: " + error.message() + ".");
        }
        Project saved = project;
        saved.weights = std::make_shared<const Weights>(weights);
        saved.history = std::make_shared<const History>(history);
        return saveProject(file, saved);
    };
}

std::function<Expected<void>(const std::string&, const Checkpoint&)> runSaver(Project project) {
    return [project = std::move(project)](const std::string& path,
                                          const Checkpoint& run) -> Expected<void> {
        Project saved = project;
        saved.weights = run.weights;
        saved.history = std::make_shared<const History>(run.history);
        // Not owned: a copy would cost as much as all of the optimizer's state.
        saved.checkpoint = std::shared_ptr<const Checkpoint>(std::shared_ptr<const void>(), &run);
        return saveProject(path, saved);
    };
}

Expected<std::shared_ptr<const Checkpoint>> loadedRun(const std::string& path) {
    const auto loaded = loadProject(path);
    if (!loaded) {
        return tl::unexpected(loaded.error());
    }
    if (loaded->project.checkpoint == nullptr) {
        return failure(ErrorCode::InvalidFile,
                       path + " is a project, but holds no run to go on with.");
    }
    return loaded->project.checkpoint;
}

} // namespace nn::io
