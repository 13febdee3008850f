#include "app/cli/sources.h"

#include "app/cli/console.h"
#include "app/image_decoder.h"
#include "app/template_project.h"
#include "nn/base/text.h"
#include "nn/data/fit.h"
#include "nn/exec/network.h"
#include "nn/io/file.h"
#include "nn/io/keras_json.h"
#include "nn/io/project_file.h"
#include "nn/model/templates.h"
#include "nn/train/machine_memory.h"

#include <algorithm>

namespace app::cli {
namespace {

constexpr std::string_view kTemplatePrefix = "template:";

nn::Expected<nn::Project> openTemplate(std::string_view name) {
    const nn::Template* found = nn::findTemplate(name);
    if (found == nullptr) {
        std::vector<std::string> names;
        for (const nn::Template& each : nn::templates()) {
            names.push_back(each.name);
        }
        const std::optional<std::string> near = nn::nearest(name, names);
        return nn::failure(nn::ErrorCode::Usage,
                           "There is no template \"" + std::string(name) + "\"." +
                               (near ? " Did you mean \"" + *near + "\"?" : std::string()) +
                               " Known ones: " + nn::join(names, ", ") + ".");
    }
    return templateProject(*found);
}

/// "2 inputs: left (28, 28, 1) and right (12)"
std::string inputsText(const nn::Graph& graph, const nn::Inference& inference) {
    std::vector<std::string> inputs;
    for (const nn::NodeId id : inference.inputs) {
        const nn::NodeInference* known = inference.find(id);
        inputs.push_back(nn::findNode(graph, id)->name + (known != nullptr && known->output
                                                              ? " " + nn::shapeText(*known->output)
                                                              : std::string()));
    }
    return std::to_string(inputs.size()) + (inputs.size() == 1 ? " input: " : " inputs: ") +
           nn::join(inputs, " and ");
}

} // namespace

nn::Expected<nn::Project> openModel(const QString& text) {
    const std::string name = text.toStdString();
    if (name.starts_with(kTemplatePrefix)) {
        return openTemplate(std::string_view(name).substr(kTemplatePrefix.size()));
    }
    if (nn::lowerCase(name).ends_with(".json")) {
        const nn::Expected<std::string> content = nn::io::fileContent(name);
        if (!content) {
            return tl::unexpected(content.error());
        }
        nn::Expected<nn::io::KerasModel> model = nn::io::modelFromKerasJson(*content);
        if (!model) {
            return tl::unexpected(model.error().in(name));
        }
        for (const std::string& warning : model->warnings) {
            printError(warning);
        }
        nn::Project project;
        project.graph = std::make_shared<const nn::Graph>(std::move(model->graph));
        return project;
    }
    nn::Expected<nn::io::LoadedProject> loaded = nn::io::loadProject(name);
    if (!loaded) {
        return tl::unexpected(loaded.error());
    }
    for (const std::string& note : loaded->notes) {
        printError(note);
    }
    return std::move(loaded->project);
}

nn::Expected<nn::data::ImageShape> inputImageShape(const nn::Graph& graph) {
    const nn::Inference inference = nn::infer(graph);
    for (const nn::Diagnostic& diagnostic : inference.diagnostics) {
        if (diagnostic.severity == nn::Severity::Error) {
            return nn::failure(nn::ErrorCode::Usage, diagnostic.message);
        }
    }
    const nn::NodeInference* input =
        inference.inputs.size() == 1 ? inference.find(inference.inputs.front()) : nullptr;
    if (input == nullptr || !input->output || input->output->rank() != 3 ||
        !input->output->isKnown()) {
        return nn::failure(nn::ErrorCode::Unsupported,
                           "Images feed one input layer of a known height, width and number of "
                           "channels, but this network has " +
                               inputsText(graph, inference) +
                               ". Keep one input layer, with a shape like 28, 28, 1.");
    }
    const nn::Shape& shape = *input->output;
    return nn::data::ImageShape{static_cast<int>(shape[0]), static_cast<int>(shape[1]),
                                static_cast<int>(shape[2])};
}

nn::Expected<nn::data::DataSource> openData(const QString& spec, const nn::Graph& graph) {
    const nn::Expected<nn::data::ImageShape> shape = inputImageShape(graph);
    if (!shape) {
        return tl::unexpected(shape.error());
    }
    nn::data::DataOptions options;
    options.decoder = imageDecoder();
    options.imageShape = *shape;
    nn::Expected<nn::data::DataSource> source = nn::data::openDataset(spec.toStdString(), options);
    if (!source) {
        return source;
    }
    nn::Expected<nn::data::DataSource> fitted = nn::data::fitTo(*source, *shape);
    if (fitted) {
        for (const std::string& note : fitted->notes) {
            printError(note);
        }
    }
    return fitted;
}

nn::Expected<std::shared_ptr<const nn::Weights>> completeWeights(const nn::Project& project) {
    const nn::Inference inference = nn::infer(*project.graph);
    for (const nn::Diagnostic& diagnostic : inference.diagnostics) {
        if (diagnostic.severity == nn::Severity::Error) {
            return nn::failure(nn::ErrorCode::Usage, diagnostic.message);
        }
    }
    const std::vector<nn::Variable> variables = nn::variablesOf(*project.graph, inference);
    std::int64_t bytes = 0;
    for (const nn::Variable& variable : variables) {
        bytes += variable.spec.shape.count() * static_cast<std::int64_t>(sizeof(float));
    }
    const nn::MachineMemory machine = nn::machineMemory();
    if (static_cast<double>(bytes) > 0.8 * static_cast<double>(machine.availableBytes)) {
        return nn::failure(nn::ErrorCode::TooLarge, "The weights take " + nn::byteText(bytes) +
                                                        ", but " + machine.limit + " leaves " +
                                                        nn::byteText(machine.availableBytes) + ".");
    }
    nn::Weights fresh = nn::initialWeights(variables, project.training.seed);
    if (project.weights == nullptr) {
        printError("This model has no trained weights; fresh ones from the seed are used.");
        return std::make_shared<const nn::Weights>(std::move(fresh));
    }
    return std::make_shared<const nn::Weights>(nn::carriedOver(*project.weights, std::move(fresh)));
}

} // namespace app::cli
