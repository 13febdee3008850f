#include "app/cli/command_line.h"

#include "app/cli/command.h"
#include "app/cli/console.h"
#include "app/cli/picture_files.h"
#include "app/cli/signals.h"
#include "app/cli/sources.h"
#include "app/cli/train_report.h"
#include "nn/inspect/activations.h"
#include "nn/inspect/filters.h"
#include "nn/io/project_file.h"
#include "widgets/plots/training_plot.h"
#include "widgets/theme.h"

#include <QApplication>
#include <algorithm>

namespace app {
namespace cli {
namespace {

nn::Expected<void> writeCurve(const nn::History& history, const QDir& folder) {
    widgets::TrainingPlot plot;
    plot.setTheme(widgets::Theme::light());
    plot.resize(900, 640);
    plot.setHistory(history);
    plot.refresh();
    if (!plot.picture().save(folder.filePath(QStringLiteral("training.png")))) {
        return nn::failure(nn::ErrorCode::Io,
                           folder.path().toStdString() + ": training.png could not be written.");
    }
    return {};
}

/// Filters and feature maps of every convolution, for the first image of the data.
nn::Expected<void> writeInside(const nn::Project& project, const nn::data::Dataset& images,
                               const QDir& folder) {
    const auto network = nn::Network::compile(*project.graph);
    if (!network) {
        return tl::unexpected(network.error());
    }
    const nn::data::ImageShape shape = images.shape();
    nn::Tensor input(nn::Shape{shape.height, shape.width, shape.channels});
    const std::int64_t first[] = {0};
    images.gather(first, input.values());
    const std::vector<nn::NodeId> layers = nn::layersWithFilters(*project.weights);
    const auto maps = nn::activations(*network, *project.weights, std::span(&input, 1), layers);
    if (!maps) {
        return tl::unexpected(maps.error());
    }
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const QString name = QString::fromStdString(nn::findNode(*project.graph, layers[i])->name);
        std::vector<std::int64_t> extents = (*maps)[i].shape().extents();
        extents.erase(extents.begin());
        for (const PictureSet& set :
             {filterPictures(name, *nn::filtersOf(*project.weights, layers[i])),
              mapPictures(name, (*maps)[i].reshaped(nn::Shape(std::move(extents))))}) {
            if (auto saved = savePictures(set, folder); !saved) {
                return saved;
            }
        }
    }
    return {};
}

nn::Expected<int> runStarter() {
    nn::Expected<nn::Project> project = openModel(QStringLiteral("template:starter"));
    const nn::Expected<nn::data::DataSource> source =
        openData(QString::fromStdString(project->data.source), *project->graph);
    if (!source) {
        return tl::unexpected(source.error());
    }
    printLine("Training \"" + project->graph->name + "\" on " + project->data.source + " (" +
              std::to_string(source->train.size()) + " images).");
    const SignalGuard guard;
    nn::Expected<nn::TrainResult> result = TrainReport(ReportStyle::Text)
                                               .train({.graph = *project->graph,
                                                       .weights = nullptr,
                                                       .training = source->train,
                                                       .validation = source->test,
                                                       .settings = project->training});
    if (!result) {
        return tl::unexpected(result.error());
    }
    const nn::Expected<QDir> folder = outputFolder(QStringLiteral("receptive-out"));
    if (!folder) {
        return tl::unexpected(folder.error());
    }
    project->weights = std::make_shared<const nn::Weights>(std::move(result->weights));
    project->history = std::make_shared<const nn::History>(std::move(result->history));
    for (const nn::Expected<void>& written :
         {writeCurve(*project->history, *folder),
          writeInside(*project, source->test ? *source->test : source->train, *folder),
          nn::io::saveProject(folder->filePath(QStringLiteral("starter.receptive")).toStdString(),
                              *project)}) {
        if (!written) {
            return tl::unexpected(written.error());
        }
    }
    printLine("Loss curve, filters, feature maps and the project are in " +
              folder->absolutePath().toStdString());
    return SignalGuard::received() != 0 ? SignalGuard::exitCode() : 0;
}

} // namespace
} // namespace cli

int runHeadlessStarter(int argc, char** argv) {
    if (argc > 1 && argv[1][0] != '-') {
        cli::printError("There is no display to show " + std::string(argv[1]) +
                        " on. \"receptive --help\" lists what works without a window.");
        return 1;
    }
    cli::printLine("There is no display, so there is no window: doing the same job as text and "
                   "pictures.\n\"receptive --help\" lists what works without a window.");
    qputenv("QT_QPA_PLATFORM", "offscreen");
    const QApplication application(argc, argv);
    const nn::Expected<int> code = cli::runStarter();
    if (!code) {
        cli::printError(code.error().message);
        return cli::exitCode(code.error());
    }
    return *code;
}

} // namespace app
