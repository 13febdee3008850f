#include "tests/support/source_rules.h"

#include <QRegularExpression>
#include <algorithm>
#include <optional>

#include "tests/support/source_text.h"

namespace tests {

namespace {

struct LayerRule {
    std::string_view layer;
    std::vector<std::string_view> mayInclude;
};

/// The layers of the engine and those each may include besides itself.
const std::vector<LayerRule>& engineLayers() {
    static const std::vector<LayerRule> rules{
        {"base", {}},
        {"tensor", {"base"}},
        {"kernels", {"base", "tensor"}},
        {"model", {"base", "tensor"}},
        {"exec", {"base", "tensor", "kernels", "model"}},
        {"layers", {"base", "tensor", "kernels", "model", "exec"}},
        {"data", {"base", "tensor"}},
        {"train", {"base", "tensor", "kernels", "model", "exec", "data"}},
        {"inspect", {"base", "tensor", "model", "exec"}},
        {"io", {"base", "tensor", "model", "exec", "train", "data"}},
    };
    return rules;
}

/// What a file outside the tests must not say, and where it may nevertheless.
struct ForbiddenText {
    QRegularExpression pattern;
    std::vector<std::string_view> onlyUnder; ///< folders or file stems the rule applies to
    std::vector<std::string_view> except;
    std::string_view rule;
};

const std::vector<ForbiddenText>& forbiddenTexts() {
    static const std::vector<ForbiddenText> texts{
        {QRegularExpression(R"(\bQ_[A-Z]+)"), {"nn/"}, {}, "nn must not use Qt's macros"},
        {QRegularExpression(R"(\b(widgets|app)::)"),
         {"nn/"},
         {},
         "nn must not know the namespaces widgets and app"},
        {QRegularExpression(R"(\bapp::)"),
         {"widgets/"},
         {},
         "widgets must not know the namespace app"},
        {QRegularExpression(R"(\bstd::(jthread|async)\b|\bstd::thread\b(?!::hardware_concurrency)|)"
                            R"(\bQtConcurrent\b|\bpthread_create\b|)"
                            R"(\bQThread\b(?!(Pool)?::(currentThread|idealThreadCount)))"),
         {"nn/", "widgets/", "app/"},
         {"nn/base/parallel", "app/background", "app/training/", "app/inspection/"},
         "only nn/base/parallel, app/background, app/training and app/inspection start threads"},
        {QRegularExpression(R"(\b(sleep_for|sleep_until|usleep|nanosleep|qSleep)\b|)"
                            R"(\bQThread::m?u?sleep\b|(^|[^\w.>:])sleep\s*\()"),
         {"nn/", "widgets/", "app/", "tests/"},
         {},
         "nothing sleeps; wait for the event itself (in tests by QTRY_*)"},
        {QRegularExpression(R"(\bprocessEvents\b)"),
         {"nn/", "widgets/", "app/"},
         {},
         "nothing calls processEvents; return to the event loop instead"},
        {QRegularExpression(R"(\bQEventLoop\b)"),
         {"nn/", "widgets/", "app/"},
         {},
         "no nested event loops; react to the signal instead"},
    };
    return texts;
}

bool startsWithAny(std::string_view path, const std::vector<std::string_view>& prefixes) {
    return std::ranges::any_of(
        prefixes, [path](std::string_view prefix) { return path.starts_with(prefix); });
}

/// The part of a path between its first and second slash: "tensor" of "nn/tensor/shape.h".
std::string_view secondFolder(std::string_view path) {
    const auto first = path.find('/');
    const auto second = path.find('/', first + 1);
    return second == std::string_view::npos ? std::string_view()
                                            : path.substr(first + 1, second - first - 1);
}

bool isQt(const Include& include) {
    const std::string& name = include.target;
    const bool module = name.starts_with("Qt");
    const bool type = name.size() > 1 && name[0] == 'Q' && name[1] >= 'A' && name[1] <= 'Z';
    const bool file = name.size() > 1 && name[0] == 'q' && name.ends_with(".h");
    return module || type || file;
}

bool isPlotLibrary(const Include& include) {
    return include.target == "qcustomplot.h";
}

std::optional<std::string> engineRule(std::string_view path, const Include& include) {
    // Written by the build: the list of all layers, which only the registry reads.
    if (include.target == "nn/layers/registered_layers.inc") {
        return std::nullopt;
    }
    if (isQt(include)) {
        return "nn must not include Qt, but includes " + include.target;
    }
    if (include.target.starts_with("widgets/") || include.target.starts_with("app/")) {
        return "nn must not include widgets or app, but includes " + include.target;
    }
    const std::string_view from = secondFolder(path);
    const std::string_view to = secondFolder(include.target);
    if (!include.target.starts_with("nn/") || from == to) {
        return std::nullopt;
    }
    const auto rule = std::ranges::find(engineLayers(), from, &LayerRule::layer);
    if (rule == engineLayers().end()) {
        return "nn has no layer '" + std::string(from) + "'; add it to source_rules.cpp";
    }
    if (std::ranges::find(rule->mayInclude, to) == rule->mayInclude.end()) {
        return "nn/" + std::string(from) + " must not include nn/" + std::string(to) +
               ", but includes " + include.target;
    }
    return std::nullopt;
}

std::optional<std::string> widgetsRule(const Include& include) {
    const std::string& name = include.target;
    if (name.starts_with("app/")) {
        return "widgets must not include app, but includes " + name;
    }
    const bool allowed = startsWithAny(name, {"nn/base/", "nn/tensor/", "nn/model/"}) ||
                         name == "nn/train/progress.h";
    if (name.starts_with("nn/") && !allowed) {
        return "widgets may include only nn/base, nn/tensor, nn/model and nn/train/progress.h, "
               "but includes " +
               name;
    }
    return std::nullopt;
}

std::optional<std::string> includeRule(std::string_view path, const Include& include) {
    const bool product = startsWithAny(path, {"nn/", "widgets/", "app/"});
    if (product && isPlotLibrary(include) && !path.starts_with("widgets/plots/")) {
        return "only widgets/plots may include QCustomPlot";
    }
    if (product && include.target.starts_with("tests/")) {
        return "the program must not include tests, but includes " + include.target;
    }
    const bool fullPath =
        startsWithAny(include.target, {"nn/", "widgets/", "app/", "tests/", "benchmarks/", "hwy/"});
    if (include.quoted && !fullPath && !include.target.ends_with(".moc")) {
        return "own headers are included by their full path, not as " + include.target;
    }
    if (path.starts_with("nn/")) {
        return engineRule(path, include);
    }
    if (path.starts_with("widgets/")) {
        return widgetsRule(include);
    }
    return std::nullopt;
}

} // namespace

std::vector<Violation> sourceViolations(std::string_view path, std::string_view text) {
    std::vector<Violation> violations;
    const auto report = [&](int line, std::string_view rule) {
        violations.push_back({std::string(path), line, std::string(rule)});
    };
    const SourceText source(text);
    // Highway includes a file *-inl.h once per instruction set.
    if (path.ends_with(".h") && !path.ends_with("-inl.h") && !source.hasPragmaOnce()) {
        report(1, "a header begins with #pragma once");
    }
    for (const Include& include : source.includes()) {
        if (const auto rule = includeRule(path, include)) {
            report(include.line, *rule);
        }
    }
    for (const ForbiddenText& text_ : forbiddenTexts()) {
        if (!startsWithAny(path, text_.onlyUnder) || startsWithAny(path, text_.except)) {
            continue;
        }
        for (int line = 1; const std::string& code : source.codeLines()) {
            if (text_.pattern.match(QString::fromStdString(code)).hasMatch()) {
                report(line, text_.rule);
            }
            ++line;
        }
    }
    return violations;
}

std::string describe(const Violation& violation) {
    return violation.file + ":" + std::to_string(violation.line) + ": " + violation.rule;
}

} // namespace tests
