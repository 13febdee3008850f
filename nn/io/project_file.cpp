#include "nn/io/project_file.h"

#include "nn/io/checkpoint_file.h"
#include "nn/io/file.h"
#include "nn/io/history_json.h"
#include "nn/io/safetensors.h"
#include "nn/io/zip.h"

#include <algorithm>
#include <unordered_map>

namespace nn::io {
namespace {

constexpr std::string_view kMimeType = "application/x-receptive";
constexpr std::int64_t kMostText = std::int64_t{64} << 20;
constexpr std::int64_t kMostWeights = std::int64_t{64} << 30;

std::span<const std::byte> bytesOf(std::string_view text) {
    return std::as_bytes(std::span(text));
}

/// The names of the layers with variables, as they are now: "conv2d", "tower/conv2d".
using LayerNames = std::unordered_map<NodeId, std::string>;

LayerNames layerNames(const Graph& graph) {
    LayerNames names;
    for (const Variable& variable : variablesOf(graph, infer(graph))) {
        names.emplace(variable.node, variable.layer);
    }
    for (const Node& node : graph.nodes) {
        names.emplace(node.id, node.name);
    }
    return names;
}

/// The name a variable has in the file; empty for layers gone since.
std::string fileName(const LayerNames& names, const Variable& variable) {
    const auto name = names.find(variable.node);
    return name == names.end() ? std::string() : name->second + "/" + variable.spec.name;
}

/// An entry of safetensors: `head` receives its beginning and must live as long.
ZipEntry checkpointEntry(const CheckpointParts& parts, std::string& head) {
    std::vector<std::pair<std::string, Shape>> shapes;
    std::vector<std::span<const std::byte>> pieces{{}};
    for (const CheckpointParts::Piece& piece : parts.tensors) {
        shapes.emplace_back(piece.name, piece.tensor->shape());
        pieces.push_back(std::as_bytes(piece.tensor->values()));
    }
    head = safetensorsHead(shapes);
    pieces.front() = bytesOf(head);
    std::erase_if(pieces, [](const auto& piece) { return piece.empty(); });
    return {.name = "checkpoint.safetensors", .pieces = std::move(pieces)};
}

ZipEntry weightsEntry(const Graph& graph, const Weights& weights, std::string& head) {
    const LayerNames names = layerNames(graph);
    std::vector<std::pair<std::string, Shape>> shapes;
    std::vector<std::span<const std::byte>> pieces{{}};
    for (std::size_t i = 0; i < weights.variables.size(); ++i) {
        const std::string name = fileName(names, weights.variables[i]);
        if (!name.empty()) {
            shapes.emplace_back(name, weights.tensors[i].shape());
            pieces.push_back(std::as_bytes(weights.tensors[i].values()));
        }
    }
    head = safetensorsHead(shapes);
    pieces.front() = bytesOf(head);
    std::erase_if(pieces, [](const auto& piece) { return piece.empty(); });
    return {.name = "weights.safetensors", .pieces = std::move(pieces)};
}

/// Gives every tensor of the file to the variable of the graph it was saved from.
Weights matched(const Graph& graph, std::vector<NamedTensor> tensors,
                std::vector<std::string>& notes) {
    Weights weights;
    for (const Variable& variable : variablesOf(graph, infer(graph))) {
        const std::string name = variable.layer + "/" + variable.spec.name;
        const auto found = std::ranges::find(tensors, name, &NamedTensor::name);
        if (found != tensors.end() && found->tensor.shape() == variable.spec.shape) {
            weights.variables.push_back(variable);
            weights.tensors.push_back(std::move(found->tensor));
            tensors.erase(found);
        }
    }
    if (!tensors.empty()) {
        notes.push_back(std::to_string(tensors.size()) +
                        " saved weights do not fit the network any more and were left out, \"" +
                        tensors.front().name + "\" among them.");
    }
    return weights;
}

Expected<Json> jsonMember(const ZipReader& zip, std::string_view name) {
    const Expected<std::string> text = zip.content(name, kMostText);
    if (!text) {
        return tl::unexpected(text.error());
    }
    Expected<Json> json = parsedJson(*text);
    return json ? json : tl::unexpected(json.error().in(name));
}

Expected<void> loadWeights(const ZipReader& zip, LoadedProject& loaded) {
    const Expected<std::string> content = zip.content("weights.safetensors", kMostWeights);
    if (!content) {
        return tl::unexpected(content.error());
    }
    Expected<std::vector<NamedTensor>> tensors = tensorsFromSafetensors(*content);
    if (!tensors) {
        return tl::unexpected(tensors.error().in("weights.safetensors"));
    }
    loaded.project.weights = std::make_shared<const Weights>(
        matched(*loaded.project.graph, *std::move(tensors), loaded.notes));
    return {};
}

/// A checkpoint that does not fit (any more) is left out with a note: the project is still good.
Expected<void> loadCheckpoint(const ZipReader& zip, LoadedProject& loaded) {
    const Expected<Json> json = jsonMember(zip, "checkpoint.json");
    const Expected<std::string> content = zip.content("checkpoint.safetensors", kMostWeights);
    if (!json || !content) {
        return tl::unexpected(json ? content.error() : json.error());
    }
    Expected<std::vector<NamedTensor>> tensors = tensorsFromSafetensors(*content);
    if (!tensors) {
        return tl::unexpected(tensors.error().in("checkpoint.safetensors"));
    }
    const Graph& graph = *loaded.project.graph;
    Expected<Checkpoint> checkpoint = checkpointFrom(
        *json, *std::move(tensors), variablesOf(graph, infer(graph)), loaded.project.weights);
    if (!checkpoint) {
        loaded.notes.push_back("The last training run cannot be continued. " +
                               checkpoint.error().message);
        return {};
    }
    loaded.project.checkpoint = std::make_shared<const Checkpoint>(*std::move(checkpoint));
    return {};
}

Expected<LoadedProject> read(const ZipReader& zip) {
    const Expected<std::string> type = zip.content("mimetype", 256);
    if (!type || *type != kMimeType) {
        return failure(ErrorCode::InvalidFile,
                       "Expected a Receptive project, but this archive is something else.");
    }
    const Expected<Json> json = jsonMember(zip, "project.json");
    if (!json) {
        return tl::unexpected(json.error());
    }
    Expected<Project> project = projectFromJson(*json);
    if (!project) {
        return tl::unexpected(project.error().in("project.json"));
    }
    LoadedProject loaded{.project = *std::move(project)};
    if (zip.contains("history.json")) {
        const Expected<Json> historyText = jsonMember(zip, "history.json");
        Expected<History> history =
            historyText ? historyFromJson(*historyText) : tl::unexpected(historyText.error());
        if (!history) {
            return tl::unexpected(history.error());
        }
        loaded.project.history = std::make_shared<const History>(*std::move(history));
    }
    if (zip.contains("weights.safetensors")) {
        if (auto done = loadWeights(zip, loaded); !done) {
            return tl::unexpected(done.error());
        }
    }
    if (zip.contains("checkpoint.json")) {
        if (auto done = loadCheckpoint(zip, loaded); !done) {
            return tl::unexpected(done.error());
        }
    }
    return loaded;
}

} // namespace

Expected<LoadedProject> loadProject(const std::filesystem::path& path) {
    const Expected<ZipReader> zip = ZipReader::open(path);
    if (!zip) {
        return tl::unexpected(zip.error());
    }
    Expected<LoadedProject> loaded = read(*zip);
    return loaded ? std::move(loaded) : tl::unexpected(loaded.error().in(path.string()));
}

Expected<void> saveProject(const std::filesystem::path& path, const Project& project) {
    const std::string text = projectJson(project).dump(2) + "\n";
    std::string history;
    std::string head;
    std::vector<ZipEntry> entries{
        {.name = "mimetype", .pieces = {bytesOf(kMimeType)}},
        {.name = "project.json", .pieces = {bytesOf(text)}, .compressed = true}};
    if (project.history != nullptr) {
        history = historyJson(*project.history).dump() + "\n";
        entries.push_back(
            {.name = "history.json", .pieces = {bytesOf(history)}, .compressed = true});
    }
    if (project.weights != nullptr) {
        entries.push_back(weightsEntry(*project.graph, *project.weights, head));
    }
    CheckpointParts parts;
    std::string checkpoint;
    std::string checkpointHead;
    if (project.checkpoint != nullptr) {
        parts = checkpointParts(*project.checkpoint, project.weights);
        checkpoint = parts.json.dump() + "\n";
        entries.push_back(
            {.name = "checkpoint.json", .pieces = {bytesOf(checkpoint)}, .compressed = true});
        entries.push_back(checkpointEntry(parts, checkpointHead));
    }
    return replaceFile(path, [&entries](const std::filesystem::path& temporary) {
        return writeZip(temporary, entries);
    });
}

} // namespace nn::io
