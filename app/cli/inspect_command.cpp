#include "app/cli/command.h"
#include "app/cli/console.h"
#include "app/cli/picture_files.h"
#include "app/cli/sources.h"
#include "app/image_decoder.h"
#include "nn/base/text.h"
#include "nn/data/fit.h"
#include "nn/inspect/activations.h"
#include "nn/inspect/filters.h"

#include <algorithm>

namespace app::cli {
namespace {

nn::Expected<nn::NodeId> layerNamed(const nn::Graph& graph, const std::string& name) {
    if (const nn::Node* node = nn::findNode(graph, std::string_view(name))) {
        return node->id;
    }
    std::vector<std::string> names;
    for (const nn::Node& node : graph.nodes) {
        names.push_back(node.name);
    }
    return nn::failure(nn::ErrorCode::Usage, "There is no layer \"" + name +
                                                 "\". The layers are: " + nn::join(names, ", ") +
                                                 ".");
}

/// A picture file, or the number of a test image of the data.
nn::Expected<nn::data::Image> imageNamed(const QCommandLineParser& parser,
                                         const nn::Project& project) {
    const QString name = parser.value(QStringLiteral("maps"));
    const std::optional<std::int64_t> index = nn::parseInteger(name.toStdString());
    if (!index) {
        return imageDecoder().decode(name.toStdString());
    }
    const QString data = parser.isSet(QStringLiteral("data"))
                             ? parser.value(QStringLiteral("data"))
                             : QString::fromStdString(project.data.source);
    const nn::Expected<nn::data::DataSource> source = openData(data, *project.graph);
    if (!source) {
        return tl::unexpected(source.error());
    }
    const nn::data::Dataset& images = source->test ? *source->test : source->train;
    if (*index < 0 || *index >= images.size()) {
        return nn::failure(nn::ErrorCode::Usage, "--maps: expected an image number from 0 to " +
                                                     nn::withThousands(images.size() - 1) +
                                                     ", but received " + std::to_string(*index) +
                                                     ".");
    }
    return images.image(*index);
}

nn::Tensor inputTensor(const nn::data::Image& image) {
    nn::Tensor tensor(nn::Shape{image.shape.height, image.shape.width, image.shape.channels});
    std::ranges::transform(image.pixels, tensor.values().begin(),
                           [](std::uint8_t pixel) { return static_cast<float>(pixel) / 255.0F; });
    return tensor;
}

nn::Expected<PictureSet> filters(const nn::Project& project, nn::NodeId layer,
                                 const QString& name) {
    const auto weights = completeWeights(project);
    if (!weights) {
        return tl::unexpected(weights.error());
    }
    const nn::Tensor* kernel = nn::filtersOf(**weights, layer);
    if (kernel == nullptr) {
        return nn::failure(nn::ErrorCode::Usage,
                           "\"" + name.toStdString() + "\" has no filters. Name a convolution.");
    }
    return filterPictures(name, *kernel);
}

nn::Expected<PictureSet> maps(const QCommandLineParser& parser, const nn::Project& project,
                              nn::NodeId layer, const QString& name) {
    const nn::Expected<nn::data::ImageShape> shape = inputImageShape(*project.graph);
    if (!shape) {
        return tl::unexpected(shape.error());
    }
    const nn::Expected<nn::data::Image> image = imageNamed(parser, project);
    if (!image) {
        return tl::unexpected(image.error());
    }
    if (const std::string note = nn::data::fitNote(image->shape, *shape); !note.empty()) {
        printError(note);
    }
    const auto network = nn::Network::compile(*project.graph);
    if (!network) {
        return tl::unexpected(network.error());
    }
    const auto weights = completeWeights(project);
    if (!weights) {
        return tl::unexpected(weights.error());
    }
    const nn::Tensor input = inputTensor(nn::data::fitImage(*image, *shape));
    const nn::NodeId layers[] = {layer};
    nn::Expected<std::vector<nn::Tensor>> activation =
        nn::activations(*network, **weights, std::span(&input, 1), layers);
    if (!activation) {
        return tl::unexpected(activation.error());
    }
    const nn::Tensor& batch = activation->front();
    std::vector<std::int64_t> extents = batch.shape().extents();
    extents.erase(extents.begin());
    return mapPictures(name, batch.reshaped(nn::Shape(std::move(extents))));
}

nn::Expected<int> run(const QCommandLineParser& parser) {
    const bool wantsFilters = parser.isSet(QStringLiteral("filters"));
    if (!parser.isSet(QStringLiteral("layer")) || !parser.isSet(QStringLiteral("output")) ||
        wantsFilters == parser.isSet(QStringLiteral("maps"))) {
        return nn::failure(nn::ErrorCode::Usage, "inspect needs --layer NAME, --output DIR, and "
                                                 "either --filters or --maps IMAGE.");
    }
    const nn::Expected<nn::Project> project = openModel(parser.positionalArguments().front());
    if (!project) {
        return tl::unexpected(project.error());
    }
    const QString name = parser.value(QStringLiteral("layer"));
    const nn::Expected<nn::NodeId> layer = layerNamed(*project->graph, name.toStdString());
    if (!layer) {
        return tl::unexpected(layer.error());
    }
    const nn::Expected<PictureSet> set =
        wantsFilters ? filters(*project, *layer, name) : maps(parser, *project, *layer, name);
    if (!set) {
        return tl::unexpected(set.error());
    }
    const nn::Expected<QDir> folder = outputFolder(parser.value(QStringLiteral("output")));
    const nn::Expected<void> saved =
        folder ? savePictures(*set, *folder) : tl::unexpected(folder.error());
    if (!saved) {
        return tl::unexpected(saved.error());
    }
    printLine(QStringLiteral("Wrote %1 pictures to %2 (%3).")
                  .arg(static_cast<qulonglong>(set->pictures.size()))
                  .arg(folder->path(), set->scale)
                  .toStdString());
    return 0;
}

} // namespace

Command inspectCommand() {
    return {
        .name = QStringLiteral("inspect"),
        .synopsis = QStringLiteral("MODEL --layer NAME (--filters | --maps IMAGE) --output DIR"),
        .summary = QStringLiteral("write filters or feature maps as PNG files"),
        .details = QStringLiteral("IMAGE is a picture file, or the number of a test image of "
                                  "the model's data (or of --data)."),
        .arguments = 1,
        .options = {{QStringLiteral("layer"), QStringLiteral("Name of the layer."),
                     QStringLiteral("NAME")},
                    {QStringLiteral("filters"), QStringLiteral("The filters of a convolution.")},
                    {QStringLiteral("maps"),
                     QStringLiteral("The feature maps of the layer for an image."),
                     QStringLiteral("IMAGE")},
                    {QStringLiteral("data"), QStringLiteral("Where an image number is looked up."),
                     QStringLiteral("DATA")},
                    {QStringLiteral("output"),
                     QStringLiteral("Folder for the pictures; made when it is not there."),
                     QStringLiteral("DIR")}},
        .run = run};
}

} // namespace app::cli
