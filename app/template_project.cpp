#include "app/template_project.h"

namespace app {

nn::Project templateProject(const nn::Template& entry) {
    nn::Project project;
    project.graph = std::make_shared<const nn::Graph>(nn::templateGraph(entry));
    project.training.optimizer = entry.optimizer;
    project.training.optimizerParams = entry.optimizerParams;
    project.training.batchSize = entry.batchSize;
    project.training.epochs = entry.epochs;
    project.data.source = entry.data;
    return project;
}

} // namespace app
