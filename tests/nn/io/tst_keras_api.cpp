#include "nn/base/brackets.h"
#include "nn/base/text.h"
#include "nn/exec/constraints.h"
#include "nn/exec/initializers.h"
#include "nn/exec/regularizers.h"
#include "nn/model/registry.h"
#include "nn/train/callback.h"
#include "nn/train/loss.h"
#include "nn/train/metric.h"
#include "nn/train/optimizer.h"
#include "nn/train/schedule.h"

#include <QFile>
#include <QTest>
#include <algorithm>
#include <map>
#include <set>

namespace {

std::vector<std::string> linesOf(const QString& path) {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        qFatal("cannot read %s", qPrintable(path));
    }
    return nn::split(file.readAll().toStdString(), '\n');
}

QString dataFile(const char* name) {
    return qEnvironmentVariable("RECEPTIVE_TEST_DATA") + QStringLiteral("/keras_api/") +
           QLatin1String(name);
}

/// The first columns of the tables in docs/keras.md: `RandomApply`, `Dense.lora_rank`, `*.dtype`.
const std::set<std::string>& leftOut() {
    static const std::set<std::string> names = [] {
        std::set<std::string> all;
        const QString path =
            qEnvironmentVariable("RECEPTIVE_SOURCE_DIR") + QStringLiteral("/docs/keras.md");
        for (const std::string& line : linesOf(path)) {
            if (line.starts_with("| `")) {
                const std::size_t end = line.find('`', 3);
                const std::string reason = line.substr(end + 1);
                if (reason.size() > 20) {
                    all.insert(line.substr(3, end - 3));
                }
            }
        }
        return all;
    }();
    return names;
}

bool isLeftOut(const std::string& type, const std::string& argument) {
    return leftOut().contains(type + "." + argument) || leftOut().contains("*." + argument);
}

const std::vector<nn::ParamSpec>* objectParams(const nn::ObjectFamily& family,
                                               const std::string& type) {
    const nn::ObjectDef* def = nn::findObjectDef(family, type);
    return def == nullptr || def->type != type ? nullptr : &def->params;
}

/// The arguments of a class of Keras; nullptr: there is no such class here.
const std::vector<nn::ParamSpec>* paramsOf(const std::string& kind, const std::string& type) {
    if (kind == "layers") {
        const nn::LayerDef* def = nn::findLayerDef(type);
        return def == nullptr ? nullptr : &def->params;
    }
    if (kind == "optimizers") {
        const nn::OptimizerDef* def = nn::findOptimizerDef(type);
        return def == nullptr ? nullptr : &def->params;
    }
    const std::map<std::string, const nn::ObjectFamily*> families{
        {"schedules", &nn::scheduleFamily()}, {"losses", &nn::lossFamily()},
        {"metrics", &nn::metricFamily()},     {"callbacks", &nn::callbackFamily()},
        {"initializers", &nn::kInitializers}, {"regularizers", &nn::kRegularizers},
        {"constraints", &nn::kConstraints}};
    return objectParams(*families.at(kind), type);
}

/// The kinds in which a class of this name is looked for.
const std::vector<nn::ParamSpec>* anyParamsOf(const std::string& type, std::size_t argument) {
    // Identity is a layer and an initializer; the second one has an argument.
    if (type == "Identity" && argument > 0) {
        return paramsOf("initializers", type);
    }
    for (const char* kind : {"layers", "optimizers", "schedules", "callbacks", "initializers",
                             "regularizers", "constraints"}) {
        if (const auto* params = paramsOf(kind, type)) {
            return params;
        }
    }
    return nullptr;
}

} // namespace

/// Every class of Keras with every argument is here, or docs/keras.md says why not.
class TestKerasApi : public QObject {
    Q_OBJECT

private slots:
    void everyClassAndArgumentIsKnown() {
        std::string kind;
        QStringList missing;
        std::size_t checked = 0;
        for (const std::string& line : linesOf(dataFile("signatures.txt"))) {
            const std::size_t colon = line.find(':');
            if (line.starts_with('[')) {
                kind = line.substr(1, line.size() - 2);
            } else if (colon != std::string::npos && !line.starts_with('#') && kind != "model") {
                ++checked;
                missing += missingOf(kind, line.substr(0, colon), line.substr(colon + 1));
            }
        }
        QVERIFY(checked > 190);
        QVERIFY2(missing.isEmpty(), qPrintable(missing.join(QStringLiteral("\n"))));
    }

    void defaultsAreThoseOfKeras() {
        QStringList wrong;
        std::size_t checked = 0;
        for (const std::string& line : linesOf(dataFile("defaults.txt"))) {
            const std::size_t colon = line.find(": ");
            if (line.starts_with('#') || colon == std::string::npos) {
                continue;
            }
            const std::string type = line.substr(0, colon);
            const std::string arguments = line.substr(colon + 2);
            for (const std::string_view part : nn::outerParts(arguments, ",")) {
                const std::string problem = problemOf(type, nn::trimmed(part), checked);
                if (!problem.empty()) {
                    wrong << QString::fromStdString(problem);
                }
            }
        }
        QVERIFY2(checked > 250, qPrintable(QString::number(checked)));
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join(QStringLiteral("\n"))));
    }

    void whatIsLeftOutIsOfKeras() {
        const std::vector<std::string> lines = linesOf(dataFile("signatures.txt"));
        for (const std::string& name : leftOut()) {
            const std::size_t dot = name.find('.');
            const std::string type = name.substr(0, dot);
            const std::string argument = dot == std::string::npos ? "" : name.substr(dot + 1);
            const bool isKnown = std::ranges::any_of(lines, [&](const std::string& line) {
                return (type == "*" || line.starts_with(type + ":")) &&
                       (argument.empty() || (line + " ").find(" " + argument + " ") != line.npos);
            });
            QVERIFY2(isKnown, name.c_str());
            QVERIFY2(!argument.empty() || anyParamsOf(type, 0) == nullptr,
                     (name + " is not left out").c_str());
        }
    }

private:
    static QStringList missingOf(const std::string& kind, const std::string& type,
                                 const std::string& arguments) {
        if (leftOut().contains(type)) {
            return {};
        }
        const std::vector<nn::ParamSpec>* params = paramsOf(kind, type);
        if (params == nullptr) {
            return {QString::fromStdString(kind + " " + type)};
        }
        QStringList missing;
        for (const std::string& argument : nn::split(arguments, ' ')) {
            if (!argument.empty() && argument != "name" && !isLeftOut(type, argument) &&
                nn::findSpec(*params, argument) == nullptr) {
                missing << QString::fromStdString(kind + " " + type + "." + argument);
            }
        }
        return missing;
    }

    /// What is wrong with an argument as Keras writes it, "strides=(1, 1)"; empty: nothing.
    static std::string problemOf(const std::string& type, std::string_view part,
                                 std::size_t& checked) {
        const std::size_t equal = part.find('=');
        const std::string name(part.substr(0, equal));
        // Keras' shape of an input may be given otherwise; a comma in quotes is no separator.
        const std::string full = type + "." + name;
        if (full == "InputLayer.shape" || full == "CSVLogger.separator" ||
            leftOut().contains(type) || isLeftOut(type, name) || name == "name" ||
            name.starts_with('*') || name.starts_with('<') || name.starts_with('(') ||
            equal == std::string_view::npos) {
            return {};
        }
        const std::vector<nn::ParamSpec>* params = anyParamsOf(type, name == "gain" ? 1 : 0);
        const nn::ParamSpec* spec = params == nullptr ? nullptr : nn::findSpec(*params, name);
        if (spec == nullptr) {
            return type + "." + name + " is not here";
        }
        std::string text(part.substr(equal + 1));
        text = text == "HORIZONTAL_AND_VERTICAL" ? "'horizontal_and_vertical'" : text;
        if (name == "activation" && text == "None") {
            text = "'linear'"; // Keras' other name of no activation
        }
        ++checked;
        const auto value = nn::parsedValue(*spec, text);
        if (!value) {
            return type + "." + name + " = " + text + ": " + value.error().message;
        }
        return *value == spec->defaultValue ? std::string()
                                            : type + "." + name + " = " + text + ", but here " +
                                                  nn::pythonText(spec->defaultValue);
    }
};

QTEST_APPLESS_MAIN(TestKerasApi)
#include "tst_keras_api.moc"
