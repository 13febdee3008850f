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

} // namespace nn::io
