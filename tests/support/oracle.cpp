#include "tests/support/oracle.h"

#include "nn/base/text.h"

#include <QFile>
#include <algorithm>
#include <cstdio>
#include <exception>

namespace tests {
namespace {

std::filesystem::path oracleRoot() {
    const QString other = qEnvironmentVariable("RECEPTIVE_ORACLE");
    if (!other.isEmpty()) {
        return other.toStdString();
    }
    return qEnvironmentVariable("RECEPTIVE_TEST_DATA").toStdString() + "/keras";
}

std::vector<std::filesystem::path> descriptions(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
        if (entry.path().extension() == ".json" && entry.path().stem() != "index") {
            files.push_back(entry.path());
        }
    }
    std::ranges::sort(files);
    return files;
}

/// Keras 2's form: one call, a list of [layer, call, tensor, {}].
nn::io::Json inboundNodes(const nn::io::Json& calls) {
    nn::io::Json nodes = nn::io::Json::array();
    for (const nn::io::Json& call : calls) {
        nn::io::Json tensors = nn::io::Json::array();
        for (const nn::io::Json& source : call) {
            tensors.push_back(
                {source["layer"], source["node"], source["tensor"], nn::io::Json::object()});
        }
        nodes.push_back(std::move(tensors));
    }
    return nodes;
}

Outcome outcomeOf(const OracleCase& each, const std::function<Outcome(const OracleCase&)>& check) {
    OracleCase filled = each;
    const auto text = fileText(each.folder / (each.name + ".json"));
    if (!text) {
        return failed("its description cannot be read");
    }
    nn::Expected<nn::io::Json> json = nn::io::parsedJson(*text);
    if (!json) {
        return failed(json.error().message);
    }
    filled.description = std::move(*json);
    // A case that lacks a member or an array is a failed case, and the others are checked all the
    // same.
    try {
        return check(filled);
    } catch (const std::exception& problem) {
        return failed(std::string("it cannot be used: ") + problem.what());
    }
}

/// On one line, so that a case is a line.
std::string oneLine(const std::string& text) {
    std::string line;
    for (const std::string& part : nn::split(text, '\n')) {
        line += (line.empty() ? "" : " | ") + std::string(nn::trimmed(part));
    }
    return line;
}

} // namespace

nn::io::Json OracleCase::modelJson() const {
    using nn::io::Json;
    if (description.contains("model_json")) {
        return description["model_json"];
    }
    const bool isSequential = description["kind"] == "sequential";
    Json layers = Json::array();
    for (const Json& input : isSequential ? description["inputs"] : Json::array()) {
        layers.push_back({{"class_name", "InputLayer"},
                          {"config", {{"name", input["layer"]}, {"batch_shape", input["shape"]}}},
                          {"inbound_nodes", Json::array()}});
    }
    for (const Json& layer : description["layers"]) {
        layers.push_back({{"class_name", layer["class"]},
                          {"config", layer.value("config", Json::object())},
                          {"inbound_nodes", inboundNodes(layer["inbound"])}});
    }
    Json outputs = Json::array();
    for (const Json& output : description["outputs"]) {
        outputs.push_back({output["layer"], 0, 0});
    }
    return {
        {"class_name", isSequential ? "Sequential" : "Functional"},
        {"config",
         {{"name", description["model_name"]}, {"layers", layers}, {"output_layers", outputs}}}};
}

nn::Expected<Npz> OracleCase::arrays() const {
    return readNpz(folder / (name + ".npz"));
}

Outcome passed() {
    return {};
}
Outcome failed(std::string reason) {
    return {Outcome::Kind::Failed, std::move(reason)};
}
Outcome skipped(std::string reason) {
    return {Outcome::Kind::Skipped, std::move(reason)};
}
Outcome refusal(const nn::Error& error) {
    return error.code == nn::ErrorCode::Unsupported ? skipped(error.message)
                                                    : failed(error.message);
}

OracleCounts runOracle(const std::string& folder,
                       const std::function<Outcome(const OracleCase&)>& check) {
    const std::filesystem::path root = oracleRoot();
    OracleCounts counts;
    for (const std::filesystem::path& file : descriptions(root / folder)) {
        const OracleCase each{file.stem().string(), root, root / folder, {}};
        const Outcome outcome = outcomeOf(each, check);
        switch (outcome.kind) {
        case Outcome::Kind::Passed:
            ++counts.passed;
            break;
        case Outcome::Kind::Failed:
            ++counts.failed;
            std::printf("FAILED  %s/%s: %s\n", folder.c_str(), each.name.c_str(),
                        oneLine(outcome.reason).c_str());
            break;
        case Outcome::Kind::Skipped:
            ++counts.skipped;
            std::printf("skipped %s/%s: %s\n", folder.c_str(), each.name.c_str(),
                        oneLine(outcome.reason).c_str());
            break;
        }
        std::fflush(stdout);
    }
    std::printf("%s: %d passed, %d failed, %d skipped\n", folder.c_str(), counts.passed,
                counts.failed, counts.skipped);
    std::fflush(stdout);
    return counts;
}

std::optional<std::string> fileText(const std::filesystem::path& path) {
    QFile file(QString::fromStdString(path.string()));
    if (!file.open(QIODevice::ReadOnly)) {
        return std::nullopt;
    }
    return file.readAll().toStdString();
}

} // namespace tests
