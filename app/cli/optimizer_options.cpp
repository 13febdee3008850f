#include "app/cli/optimizer_options.h"

#include "nn/base/text.h"
#include "nn/model/object_def.h"
#include "nn/train/optimizer.h"
#include "nn/train/schedule.h"

namespace app::cli {
namespace {

constexpr QLatin1String kOptimizer("optimizer");
constexpr QLatin1String kLearningRate("learning-rate");
constexpr QLatin1String kSchedule("schedule");
constexpr QLatin1String kArgument("optimizer-arg");

QString optimizerNames() {
    std::vector<std::string> names;
    for (const nn::OptimizerDef& def : nn::optimizerDefs()) {
        names.push_back(def.name);
    }
    return QString::fromStdString(nn::join(names, ", "));
}

/// Sets one argument from text as a person or Python writes it.
nn::Expected<void> setArgument(nn::TrainSettings& settings, const nn::OptimizerDef& def,
                               const std::string& name, const std::string& text) {
    const nn::ParamSpec* spec = nn::findSpec(def.params, name);
    const nn::Expected<nn::ParamValue> value =
        spec == nullptr ? nn::Expected<nn::ParamValue>(nn::None{}) : nn::parsedValue(*spec, text);
    if (!value) {
        return nn::failure(value.error(), def.name);
    }
    nn::Expected<nn::ParamMap> params =
        nn::withParam(settings.optimizerParams, def.params, name, *value);
    if (!params) {
        return nn::failure(params.error(), def.name);
    }
    settings.optimizerParams = *std::move(params);
    return {};
}

nn::Expected<void> setSchedule(nn::TrainSettings& settings, const nn::OptimizerDef& def,
                               const std::string& text) {
    const nn::Expected<nn::ParamObject> schedule =
        nn::parsedObject(nn::scheduleFamily(), nn::trimmed(text));
    return schedule ? setArgument(settings, def, "learning_rate", text)
                    : nn::failure(schedule.error(), "--schedule");
}

} // namespace

QList<QCommandLineOption> optimizerOptions() {
    return {{kOptimizer, optimizerNames() + QStringLiteral("."), QStringLiteral("NAME")},
            {kLearningRate, QStringLiteral("The optimizer's learning rate."), QStringLiteral("X")},
            {kSchedule,
             QStringLiteral("A learning rate that changes, as in Python: "
                            "'CosineDecay(0.01, decay_steps=1000)'."),
             QStringLiteral("SCHEDULE")},
            {kArgument,
             QStringLiteral("An argument of the optimizer, as momentum=0.9; may be given "
                            "several times."),
             QStringLiteral("NAME=VALUE")}};
}

nn::Expected<nn::TrainSettings> withOptimizer(nn::TrainSettings settings,
                                              const QCommandLineParser& parser) {
    if (parser.isSet(kOptimizer)) {
        const std::string name = parser.value(kOptimizer).toStdString();
        const nn::OptimizerDef* chosen = nn::findOptimizerDef(name);
        if (chosen == nullptr || chosen->name != settings.optimizer) {
            settings.optimizerParams.clear();
        }
        settings.optimizer = chosen == nullptr ? name : chosen->name;
    }
    const nn::OptimizerDef* def = nn::findOptimizerDef(settings.optimizer);
    if (def == nullptr) {
        return settings; // refused with all names when the settings are checked
    }
    nn::Expected<void> done;
    if (parser.isSet(kLearningRate)) {
        done =
            setArgument(settings, *def, "learning_rate", parser.value(kLearningRate).toStdString());
    }
    if (done && parser.isSet(kSchedule)) {
        done = setSchedule(settings, *def, parser.value(kSchedule).toStdString());
    }
    for (const QString& argument : parser.values(kArgument)) {
        const qsizetype equals = argument.indexOf(QLatin1Char('='));
        if (done && equals < 1) {
            done = nn::failure(nn::ErrorCode::Usage,
                               "--optimizer-arg: expected NAME=VALUE, as momentum=0.9, but "
                               "received \"" +
                                   argument.toStdString() + "\".");
        } else if (done) {
            done = setArgument(settings, *def, argument.left(equals).trimmed().toStdString(),
                               argument.mid(equals + 1).toStdString());
        }
    }
    return done ? nn::Expected<nn::TrainSettings>(std::move(settings))
                : tl::unexpected(done.error());
}

} // namespace app::cli
