#include "app/cli/train_report.h"

#include "app/cli/command.h"
#include "app/cli/console.h"
#include "app/cli/goal_options.h"
#include "app/cli/optimizer_options.h"
#include "app/cli/signals.h"
#include "app/cli/sources.h"
#include "app/training/job.h"
#include "app/training/planned_run.h"
#include "nn/base/text.h"
#include "nn/io/file.h"
#include "nn/io/model_saver.h"
#include "nn/io/project_file.h"
#include "nn/kernels/winograd.h"
#include "nn/train/forecast.h"
#include "nn/train/history_recorder.h"
#include "nn/train/run_checks.h"

#include <algorithm>
#include <filesystem>
#include <unistd.h>

namespace app::cli {
namespace {

namespace fs = std::filesystem;

/// Options that replace what the model's own training settings say.
nn::Expected<nn::TrainSettings> settingsFrom(const QCommandLineParser& parser,
                                             nn::TrainSettings settings) {
    const auto integer = [&parser](const char* name, qint64 min, qint64 max,
                                   auto& target) -> nn::Expected<void> {
        const QString option = QString::fromLatin1(name);
        if (parser.isSet(option)) {
            const nn::Expected<qint64> value = integerOption(parser, option, min, max);
            if (!value) {
                return tl::unexpected(value.error());
            }
            target = static_cast<std::remove_reference_t<decltype(target)>>(*value);
        }
        return {};
    };
    for (const nn::Expected<void>& read :
         {integer("epochs", 1, 1'000'000, settings.epochs),
          integer("batch-size", 1, 1'000'000, settings.batchSize),
          integer("seed", 0, std::numeric_limits<qint64>::max(), settings.seed),
          integer("threads", 0, nn::Parallel::maxThreads, settings.threads)}) {
        if (!read) {
            return tl::unexpected(read.error());
        }
    }
    if (const auto read = readGoalOptions(parser, settings); !read) {
        return tl::unexpected(read.error());
    }
    if (parser.isSet(QStringLiteral("validation-split"))) {
        const nn::Expected<double> part = realOption(parser, QStringLiteral("validation-split"));
        if (!part) {
            return tl::unexpected(part.error());
        }
        settings.validationSplit = *part;
    }
    settings.stratified = settings.stratified || parser.isSet(QStringLiteral("stratified"));
    return withOptimizer(std::move(settings), parser);
}

/// Finds out before hours of training whether the result can be written.
nn::Expected<void> checkWritable(const fs::path& output) {
    const fs::path folder = output.has_parent_path() ? output.parent_path() : fs::path(".");
    std::error_code error;
    if (!fs::is_directory(folder, error)) {
        return nn::failure(nn::ErrorCode::Io, "--output: the folder " + folder.string() +
                                                  " does not exist. Make it first.");
    }
    if (::access(folder.c_str(), W_OK) != 0) {
        return nn::failure(nn::ErrorCode::Io, "--output: nothing can be written into " +
                                                  folder.string() + ". Choose another folder.");
    }
    return {};
}

/// What is refused before the images are read: reading them may take minutes.
nn::Expected<void> checkPlan(const nn::Project& project) {
    if (auto checked = nn::checkSettings(project.training); !checked) {
        return checked;
    }
    const nn::Inference inference = nn::infer(*project.graph);
    const nn::Expected<nn::MemoryForecast> forecast =
        nn::forecastTraining(*project.graph, inference, project.training);
    if (!forecast) {
        return tl::unexpected(forecast.error());
    }
    if (const auto outputs = nn::plannedOutputs(project.training, *project.graph, inference);
        !outputs) {
        return tl::unexpected(outputs.error());
    }
    // Whether there are images to validate on is not known yet.
    for (const std::string& problem :
         callbackProblems(project.training, *project.graph, inference, true)) {
        if (!problem.empty()) {
            return nn::failure(nn::ErrorCode::Usage, problem);
        }
    }
    return nn::checkMemory(*forecast, nn::machineMemory());
}

/// Where an interrupted run without --output is kept: a name that is free.
fs::path freeName(const std::string& model) {
    for (int number = 0;; ++number) {
        const fs::path name =
            model + (number == 0 ? "" : "-" + std::to_string(number)) + ".receptive";
        std::error_code error;
        if (!fs::exists(name, error)) {
            return name;
        }
    }
}

/// The history that this training goes on with; empty for one that begins anew.
nn::History earlierHistory(const QCommandLineParser& parser, const nn::Project& project) {
    return parser.isSet(QStringLiteral("fresh"))
               ? nn::History{}
               : historyBefore(project, parser.isSet(QStringLiteral("resume")));
}

nn::Expected<void> save(const fs::path& output, nn::Project project, nn::History before,
                        nn::TrainResult result) {
    project.weights = std::make_shared<const nn::Weights>(std::move(result.weights));
    project.history = std::make_shared<const nn::History>(
        nn::continuedHistory(std::move(before), std::move(result.history)));
    project.checkpoint = nullptr;
    // A run that diverged would do so again.
    if (result.checkpoint && result.outcome != nn::TrainOutcome::Diverged) {
        if (result.checkpoint->weights == nullptr) {
            result.checkpoint->weights = project.weights;
        }
        project.checkpoint = std::make_shared<const nn::Checkpoint>(*std::move(result.checkpoint));
    }
    const nn::Expected<void> saved = nn::io::saveProject(output, project);
    if (saved) {
        printError("Saved " + output.string());
    }
    return saved;
}

/// Where the trained model is to be kept; empty: nowhere. A run that is gone on with stays where
/// it is.
fs::path outputOf(const QCommandLineParser& parser) {
    if (parser.isSet(QStringLiteral("output"))) {
        return parser.value(QStringLiteral("output")).toStdString();
    }
    return parser.isSet(QStringLiteral("resume"))
               ? fs::path(parser.positionalArguments().front().toStdString())
               : fs::path();
}

/// Writes what a run has so far, so that little is lost when the machine fails.
void keepCheckpoint(const fs::path& output, nn::Project project, const nn::History& before,
                    const nn::Checkpoint& checkpoint) {
    project.weights = checkpoint.weights;
    project.history =
        std::make_shared<const nn::History>(nn::continuedHistory(before, checkpoint.history));
    // Not owned: it outlives this project, and a copy would cost as much as the state itself.
    project.checkpoint =
        std::shared_ptr<const nn::Checkpoint>(std::shared_ptr<const void>(), &checkpoint);
    if (const auto saved = nn::io::saveProject(output, project); !saved) {
        printError("The run so far could not be kept: " + saved.error().message);
    }
}

/// The run to go on with, or why there is none.
nn::Expected<std::shared_ptr<const nn::Checkpoint>> lastRun(const QCommandLineParser& parser,
                                                            const nn::Project& project) {
    if (!parser.isSet(QStringLiteral("resume"))) {
        return nullptr;
    }
    if (parser.isSet(QStringLiteral("fresh"))) {
        return nn::failure(nn::ErrorCode::Usage,
                           "--resume goes on with the last run and --fresh begins anew. Give one "
                           "of them.");
    }
    const std::string model = parser.positionalArguments().front().toStdString();
    if (project.checkpoint == nullptr) {
        return nn::failure(nn::ErrorCode::Usage,
                           "--resume: " + model +
                               " holds no run to go on with. Leave out --resume to begin one; "
                               "--output FILE keeps it.");
    }
    return project.checkpoint;
}

/// Refuses to go on with a run that has done all its epochs.
nn::Expected<void> checkUnfinished(const nn::Checkpoint* run, const nn::TrainSettings& settings) {
    if (run == nullptr || run->epoch < settings.epochs) {
        return {};
    }
    return nn::failure(nn::ErrorCode::Usage,
                       "--resume: the last run has done its " + std::to_string(run->epoch) +
                           " epochs. --epochs N with a larger N goes on with it.");
}

nn::Expected<int> finish(const QCommandLineParser& parser, nn::Project project,
                         nn::TrainResult result) {
    const bool wanted = !outputOf(parser).empty();
    const bool interrupted = SignalGuard::received() != 0;
    const nn::TrainOutcome outcome = result.outcome;
    const std::string message = result.message;
    nn::History before = earlierHistory(parser, project);
    if (wanted || interrupted) {
        const fs::path output =
            wanted ? outputOf(parser) : freeName(project.graph->name + "-interrupted");
        if (const auto saved =
                save(output, std::move(project), std::move(before), std::move(result));
            !saved) {
            return tl::unexpected(saved.error());
        }
        if (interrupted) {
            printError("receptive train " + output.string() + " --resume goes on with this run.");
        }
    } else if (!parser.isSet(QStringLiteral("json"))) {
        printError("The weights were not kept: --output FILE saves them.");
    }
    if (outcome == nn::TrainOutcome::Diverged) {
        return nn::failure(nn::ErrorCode::Diverged, message);
    }
    if (outcome == nn::TrainOutcome::Stopped && !message.empty()) {
        return nn::failure(nn::ErrorCode::Io, message);
    }
    if (!message.empty()) {
        printError(message);
    }
    return interrupted ? SignalGuard::exitCode() : 0;
}

void sayWhereItBegins(const nn::TrainJob& job, bool hasRun) {
    if (job.resume != nullptr) {
        printError("Going on with the last run " + job.resume->placeText(job.settings.epochs) +
                   ".");
    } else if (job.weights != nullptr) {
        printError(std::string("Training goes on from the saved weights; ") +
                   (hasRun ? "--resume goes on with the last run exactly, " : "") +
                   "--fresh begins anew.");
    }
}

nn::Expected<int> run(const QCommandLineParser& parser) {
    nn::Expected<nn::Project> project = openModel(parser.positionalArguments().front());
    if (!project) {
        return tl::unexpected(project.error());
    }
    const auto resume = lastRun(parser, *project);
    if (!resume) {
        return tl::unexpected(resume.error());
    }
    const nn::Expected<nn::TrainSettings> settings =
        settingsFrom(parser, *resume == nullptr ? project->training : (*resume)->settings);
    if (!settings) {
        return tl::unexpected(settings.error());
    }
    if (const auto unfinished = checkUnfinished(resume->get(), *settings); !unfinished) {
        return tl::unexpected(unfinished.error());
    }
    project->training = *settings;
    if (parser.isSet(QStringLiteral("no-winograd"))) {
        nn::allowWinograd(false);
    }
    if (parser.isSet(QStringLiteral("data"))) {
        project->data.source = parser.value(QStringLiteral("data")).toStdString();
    }
    const fs::path output = outputOf(parser);
    if (!output.empty()) {
        const auto writable = checkWritable(output);
        if (!writable) {
            return tl::unexpected(writable.error());
        }
    }
    if (const auto planned = checkPlan(*project); !planned) {
        return tl::unexpected(planned.error());
    }
    const nn::Expected<nn::data::DataSource> source =
        openData(QString::fromStdString(project->data.source), *project->graph);
    if (!source) {
        return tl::unexpected(source.error());
    }
    const nn::TrainJob job{.graph = *project->graph,
                           .weights =
                               parser.isSet(QStringLiteral("fresh")) ? nullptr : project->weights,
                           .training = source->train,
                           .validation = source->test,
                           .settings = project->training,
                           .saveModel = nn::io::modelSaver(*project),
                           .saveRun = nn::io::runSaver(*project),
                           .loadRun = nn::io::loadedRun,
                           .resume = *resume,
                           .keepsCheckpoint = true};
    sayWhereItBegins(job, project->checkpoint != nullptr);
    const SignalGuard guard;
    const auto firstEpoch =
        static_cast<std::int64_t>(earlierHistory(parser, *project).epochs.size());
    const TrainReport report(
        parser.isSet(QStringLiteral("json")) ? ReportStyle::Json : ReportStyle::Text, firstEpoch);
    std::function<void(const nn::Checkpoint&)> keep;
    if (!output.empty()) {
        keep = [&, before = earlierHistory(parser, *project)](const nn::Checkpoint& run) {
            keepCheckpoint(output, *project, before, run);
        };
    }
    nn::Expected<nn::TrainResult> result = report.train(job, keep);
    if (!result) {
        return tl::unexpected(result.error());
    }
    return finish(parser, *std::move(project), *std::move(result));
}

QCommandLineOption option(const char* name, const char* help, const char* value) {
    return {QString::fromLatin1(name), QString::fromUtf8(help), QString::fromLatin1(value)};
}

std::vector<QCommandLineOption> trainOptions() {
    std::vector<QCommandLineOption> options = goalOptions();
    for (const QCommandLineOption& each : std::vector<QCommandLineOption>{
             option("data", "Images to train on; without it the project's own.", "DATA"),
             option("epochs", "Passes over the images.", "N"),
             option("batch-size", "Images per step.", "N"),
             option("validation-split",
                    "Validate on the last part (0 to 1) of the training images instead.", "X"),
             {QStringLiteral("stratified"),
              QStringLiteral("Validate on that part of every class, not on the last images.")},
             option("seed", "Start of all random numbers; equal seeds give equal results.", "N"),
             option("threads", "Threads to use, 0 for all cores; the result does not depend on it.",
                    "N"),
             option("output", "Project file (.receptive) for the trained model.", "FILE"),
             {QStringLiteral("resume"),
              QStringLiteral("Go on with the model's last run where it ended, to the same result "
                             "as without a break.")},
             {QStringLiteral("fresh"),
              QStringLiteral("Begin with new weights where the model has trained ones.")},
             {QStringLiteral("no-winograd"),
              QStringLiteral("Multiply 3×3 filters directly, without Winograd's method.")},
             {QStringLiteral("json"), QStringLiteral("One line of JSON per epoch.")}}) {
        options.push_back(each);
    }
    return options;
}

} // namespace

Command trainCommand() {
    Command command{
        .name = QStringLiteral("train"),
        .synopsis = QStringLiteral("MODEL --data DATA [--epochs N] [--batch-size N] "
                                   "[--optimizer NAME]\n           [--learning-rate X] "
                                   "[--schedule SCHEDULE] [--seed N] [--threads N]\n           "
                                   "[--output FILE] [--resume] [--no-winograd] [--json]"),
        .summary = QStringLiteral("train a model on images"),
        .details = QStringLiteral(
            "Prints one line per epoch. Validation uses the data's own test set where it has one, "
            "the part\nheld out otherwise. Ctrl+C stops after the batch under way and saves, "
            "to --output or to a new\nfile, from which --resume goes on. With --output the run is "
            "also kept after every epoch.\nWhat is not given is taken from the model's own "
            "settings."),
        .arguments = 1,
        .options = trainOptions(),
        .run = run};
    for (const QCommandLineOption& each : optimizerOptions()) {
        command.options.push_back(each);
    }
    return command;
}

} // namespace app::cli
