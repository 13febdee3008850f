#pragma once

#include "nn/io/json.h"
#include "nn/io/project.h"

#include <filesystem>

namespace nn::io {

/// A project and what the reader wants the user to know about it.
struct LoadedProject {
    Project project = {};
    std::vector<std::string> notes = {};
};

/// Reads a `.receptive` file. A damaged or hostile file, or one of a newer version, is refused
/// with the member and the place; nothing of it is taken.
[[nodiscard]] Expected<LoadedProject> loadProject(const std::filesystem::path& path);

/// Writes a `.receptive` file as a whole or not at all: a zip of `mimetype`, `project.json`,
/// `history.json`, `weights.safetensors`, and for a run that can be continued `checkpoint.json` and
/// `checkpoint.safetensors`. Equal projects give equal bytes.
[[nodiscard]] Expected<void> saveProject(const std::filesystem::path& path, const Project& project);

/// The part of a project that is text: graph, positions, training settings, data.
[[nodiscard]] Json projectJson(const Project& project);
[[nodiscard]] Expected<Project> projectFromJson(const Json& json);

/// A graph alone, as the clipboard carries it, and back with all checks.
[[nodiscard]] Json graphJson(const Graph& graph);
[[nodiscard]] Expected<Graph> graphFromJson(const Json& json);

} // namespace nn::io
