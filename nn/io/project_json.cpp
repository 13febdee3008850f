#include "nn/io/project_file.h"

#include "nn/base/text.h"
#include "nn/io/file.h"
#include "nn/io/goals_json.h"
#include "nn/io/settings_json.h"
#include "nn/train/loss.h"
#include "nn/train/optimizer.h"
#include "nn/train/output_plan.h"

#include <cmath>

namespace nn::io {
namespace {

constexpr std::int64_t kVersion = 1;
constexpr const char* kFormat = "receptive-project";

template <typename Def>
Expected<ParamMap> config(const Json& json, const char* member, const Def* def) {
    const auto found = json.find(member);
    if (def == nullptr || found == json.end()) {
        return ParamMap{};
    }
    return paramsFromJson(def->params, *found);
}

Expected<std::map<NodeId, Position>> positionsFromJson(const Json& json, const Graph& graph) {
    std::map<NodeId, Position> positions;
    if (!json.is_object()) {
        return invalidFile("Expected an object as \"positions\".");
    }
    for (const auto& [key, value] : json.items()) {
        const std::optional<std::int64_t> id = parseInteger(key);
        if (!id || !value.is_array() || value.size() != 2 || !value[0].is_number() ||
            !value[1].is_number() || std::abs(value[0].get<double>()) > 1e9 ||
            std::abs(value[1].get<double>()) > 1e9) {
            return invalidFile("Expected \"id\": [x, y] in \"positions\", but received "
                               "\"" +
                               key.substr(0, 40) + "\".");
        }
        if (findNode(graph, *id) != nullptr) {
            positions[*id] = {value[0].get<double>(), value[1].get<double>()};
        }
    }
    return positions;
}

} // namespace

Json settingsJson(const TrainSettings& settings) {
    const OptimizerDef* optimizer = findOptimizerDef(settings.optimizer);
    const LossDef* loss = findLossDef(settings.loss);
    Json json = {{"optimizer", settings.optimizer},
                 {"optimizer_config", optimizer == nullptr
                                          ? Json::object()
                                          : toJson(settings.optimizerParams, optimizer->params)},
                 {"loss", settings.loss},
                 {"loss_config",
                  loss == nullptr ? Json::object() : toJson(settings.lossParams, loss->params)},
                 {"batch_size", settings.batchSize},
                 {"epochs", settings.epochs},
                 {"validation_split", settings.validationSplit},
                 {"seed", settings.seed},
                 {"threads", settings.threads},
                 {"shuffle", settings.shuffle}};
    addGoals(json, settings);
    return json;
}

Expected<TrainSettings> settingsFromJson(const Json& json) {
    TrainSettings settings;
    const Expected<std::string> optimizer = textMember(json, "optimizer");
    const Expected<std::string> loss = textMember(json, "loss");
    const Expected<std::int64_t> batchSize = integerMember(json, "batch_size");
    const Expected<std::int64_t> epochs = integerMember(json, "epochs");
    const Expected<double> split = realMember(json, "validation_split");
    const Expected<std::int64_t> threads = integerMember(json, "threads");
    for (const Error* error :
         {optimizer ? nullptr : &optimizer.error(), loss ? nullptr : &loss.error(),
          batchSize ? nullptr : &batchSize.error(), epochs ? nullptr : &epochs.error(),
          split ? nullptr : &split.error(), threads ? nullptr : &threads.error()}) {
        if (error != nullptr) {
            return tl::unexpected(*error);
        }
    }
    const auto seed = json.find("seed");
    const auto shuffle = json.find("shuffle");
    if (seed == json.end() || !seed->is_number_unsigned() || shuffle == json.end() ||
        !shuffle->is_boolean() || *threads < 0 || *threads > 1024) {
        return invalidFile("Expected a \"seed\" from 0, \"shuffle\" true or false, and "
                           "\"threads\" from 0 to 1,024.");
    }
    const OptimizerDef* optimizerDef = findOptimizerDef(*optimizer);
    const LossDef* lossDef = findLossDef(*loss);
    if (optimizerDef == nullptr || !isLossName(*loss)) {
        return failure(ErrorCode::Unsupported, "This version does not know the optimizer \"" +
                                                   *optimizer + "\" or the loss \"" + *loss +
                                                   "\".");
    }
    Expected<ParamMap> optimizerParams = config(json, "optimizer_config", optimizerDef);
    Expected<ParamMap> lossParams = config(json, "loss_config", lossDef);
    if (!optimizerParams || !lossParams) {
        return tl::unexpected(!optimizerParams ? optimizerParams.error() : lossParams.error());
    }
    settings.optimizer = *optimizer;
    settings.optimizerParams = *std::move(optimizerParams);
    settings.loss = *loss;
    settings.lossParams = *std::move(lossParams);
    settings.batchSize = *batchSize;
    settings.epochs = *epochs;
    settings.validationSplit = *split;
    settings.seed = seed->get<std::uint64_t>();
    settings.threads = static_cast<int>(*threads);
    settings.shuffle = shuffle->get<bool>();
    if (auto read = readGoals(json, settings); !read) {
        return tl::unexpected(read.error());
    }
    return settings;
}

Json projectJson(const Project& project) {
    Json positions = Json::object();
    for (const auto& [id, position] : project.positions) {
        positions[std::to_string(id)] = {position.x, position.y};
    }
    return {{"format", kFormat},
            {"version", kVersion},
            {"graph", graphJson(*project.graph)},
            {"positions", positions},
            {"training", settingsJson(project.training)},
            {"data", {{"source", project.data.source}}}};
}

Expected<Project> projectFromJson(const Json& json) {
    const Expected<std::string> format = textMember(json, "format");
    const Expected<std::int64_t> version = integerMember(json, "version");
    if (!format || !version || *format != kFormat) {
        return invalidFile("Expected a Receptive project, but the members \"format\" "
                           "and \"version\" do not say so.");
    }
    if (*version < 1 || *version > kVersion) {
        return failure(ErrorCode::Unsupported,
                       "Expected a project of version " + std::to_string(kVersion) +
                           ", but received version " + std::to_string(*version) +
                           ", made by a newer Receptive. Update Receptive to open it.");
    }
    for (const char* member : {"graph", "positions", "training", "data"}) {
        if (!json.contains(member)) {
            return invalidFile("The member \"" + std::string(member) + "\" is missing.");
        }
    }
    Expected<Graph> graph = graphFromJson(json["graph"]);
    if (!graph) {
        return tl::unexpected(graph.error().in("graph"));
    }
    Expected<std::map<NodeId, Position>> positions = positionsFromJson(json["positions"], *graph);
    Expected<TrainSettings> training = settingsFromJson(json["training"]);
    const Expected<std::string> source = textMember(json["data"], "source");
    if (!positions) {
        return tl::unexpected(positions.error());
    }
    if (!training) {
        return tl::unexpected(training.error().in("training"));
    }
    if (!source) {
        return tl::unexpected(source.error().in("data"));
    }
    Project project;
    project.graph = std::make_shared<const Graph>(*std::move(graph));
    project.positions = *std::move(positions);
    project.training = *std::move(training);
    project.data.source = *source;
    return project;
}

} // namespace nn::io
