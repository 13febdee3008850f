#include "nn/base/text.h"
#include "nn/io/keras_code_parts.h"
#include "nn/train/callback.h"
#include "nn/train/metric.h"
#include "nn/train/optimizer.h"
#include "nn/train/output_plan.h"

#include <algorithm>
#include <cctype>
#include <optional>

namespace nn::io {
namespace {

constexpr std::size_t kImageRank = 3;

/// A data set that a Python program can load by name: lines that give x_… and y_….
struct KnownData {
    std::string_view source = {};
    std::string_view lines = {};
    int height = 0;
    int width = 0;
    int whitest = 255; ///< The value of a white pixel.
};

constexpr std::string_view kFashion =
    "(x_train, y_train), (x_test, y_test) = keras.datasets.fashion_mnist.load_data()\n";
constexpr std::string_view kFashionMini =
    "# Receptive's fashion-mini is a sample of 6,000 and 1,000 of these images.\n"
    "(x_train, y_train), (x_test, y_test) = keras.datasets.fashion_mnist.load_data()\n";
constexpr std::string_view kDigits =
    "# The UCI digits, which scikit-learn brings along. The last fifth is for testing.\n"
    "from sklearn.datasets import load_digits\n\n"
    "digits = load_digits()\n"
    "x_train, x_test = digits.images[:1438], digits.images[1438:]\n"
    "y_train, y_test = digits.target[:1438], digits.target[1438:]\n";
constexpr KnownData kKnown[] = {{"fashion-mnist", kFashion, 28, 28, 255},
                                {"fashion-mini", kFashionMini, 28, 28, 255},
                                {"digits", kDigits, 8, 8, 16}};

/// The shape of the only input, when it is one of images.
std::optional<Shape> imageShape(const Inference& inference) {
    const NodeInference* input =
        inference.inputs.size() == 1 ? inference.find(inference.inputs.front()) : nullptr;
    const bool isImage = input != nullptr && input->output && input->output->isKnown() &&
                         input->output->rank() == kImageRank;
    return isImage ? input->output : std::nullopt;
}

std::string shapeList(const Inference& inference, const std::vector<NodeId>& ids) {
    std::vector<std::string> shapes;
    for (const NodeId id : ids) {
        const NodeInference* known = inference.find(id);
        shapes.push_back(known != nullptr && known->output ? shapeText(*known->output) : "unknown");
    }
    return join(shapes, " and ");
}

std::vector<OutputPlan> plansOf(const Project& project, const Inference& inference) {
    Expected<std::vector<OutputPlan>> plans =
        plannedOutputs(project.training, *project.graph, inference);
    return plans ? *std::move(plans) : std::vector<OutputPlan>{};
}

/// A Python dictionary with one line for each member; `text(member)` is its value.
template <typename Members, typename Text>
std::string dictionary(const Members& members, std::size_t indent, const Text& text) {
    std::string lines = "{\n";
    for (const auto& member : members) {
        lines += std::string(indent + kLineIndent, ' ') + pythonString(kerasName(member.name)) +
                 ": " + text(member) + ",\n";
    }
    return lines + std::string(indent, ' ') + "}";
}

/// Losses that compare whole rows want a 1 at the class.
bool wantsRows(const OutputPlan& plan) {
    return !plan.loss->wantsLabels && plan.width > 1;
}

/// The targets: class numbers, or rows; several outputs take theirs by name.
std::string targetsText(const std::vector<OutputPlan>& plans) {
    const auto rows = [](const OutputPlan& plan, const std::string& y) {
        return wantsRows(plan)
                   ? "keras.utils.to_categorical(" + y + ", " + std::to_string(plan.width) + ")"
                   : y;
    };
    std::string text;
    for (const char* y : {"y_train", "y_test"}) {
        if (plans.size() > 1) {
            text += std::string(y) + " = " +
                    dictionary(plans, 0, [&](const OutputPlan& plan) { return rows(plan, y); }) +
                    "\n";
        } else if (plans.size() == 1 && wantsRows(plans.front())) {
            text += std::string(y) + " = " + rows(plans.front(), y) + "\n";
        }
    }
    return text;
}

std::string preparation(const KnownData& data, const Shape& image) {
    std::string text = "\n\ndef images(pixels):\n"
                       "    \"\"\"Pixels from 0 to 1, in the shape the network takes.\"\"\"\n"
                       "    x = keras.ops.cast(pixels[..., None], 'float32') / " +
                       std::to_string(data.whitest) + "\n";
    if (image[0] != data.height || image[1] != data.width) {
        text += "    x = keras.ops.image.resize(x, (" + std::to_string(image[0]) + ", " +
                std::to_string(image[1]) + "))\n";
    }
    if (image[2] != 1) {
        text += "    x = keras.ops.repeat(x, " + std::to_string(image[2]) + ", axis=-1)\n";
    }
    return text + "    return keras.ops.convert_to_numpy(x)\n\n\n"
                  "x_train, x_test = images(x_train), images(x_test)\n";
}

std::string ownData(const Project& project, const Inference& inference) {
    std::string source = project.data.source;
    std::ranges::replace_if(
        source, [](char c) { return std::iscntrl(static_cast<unsigned char>(c)) != 0; }, ' ');
    return "# Data. In Receptive: " + source + ".\n" +
           "# data.npz must hold x_train and x_test, numbers of shape (N, …) for an input of " +
           shapeList(inference, inference.inputs) +
           ",\n# pixels from 0 to 1, and y_train and y_test, class numbers from 0.\n"
           "with numpy.load('data.npz') as data:\n"
           "    x_train, y_train = data['x_train'], data['y_train']\n"
           "    x_test, y_test = data['x_test'], data['y_test']\n";
}

std::string lossText(const OutputPlan& plan, std::size_t indent) {
    PythonCall call;
    addArguments(call, plan.loss->params, plan.lossParams);
    if (call.arguments.empty()) {
        return pythonString(plan.loss->name);
    }
    call.function = "keras.losses." + plan.loss->className;
    return call.text(indent + std::string_view("optimizer=,").size(), indent);
}

std::string listText(const std::vector<std::string>& items) {
    return "[" + join(items, ", ") + "]";
}

/// An object of a family by its short name, or as a call.
std::string objectText(const ObjectFamily& family, const ParamObject& object) {
    return pythonValue({.name = {}, .kind = ParamKind::Object, .family = &family}, object);
}

/// What is compiled besides the optimizer: a loss and metrics, by name for several outputs.
void addGoals(PythonCall& compile, const TrainSettings& settings,
              const std::vector<OutputPlan>& plans) {
    std::vector<std::string> metrics;
    for (const ParamObject& metric : settings.metrics) {
        metrics.push_back(objectText(metricFamily(), metric));
    }
    if (plans.size() < 2) {
        compile.add("loss", plans.empty() ? pythonString(settings.loss)
                                          : lossText(plans.front(), kLineIndent));
        compile.add("metrics", listText(metrics));
        return;
    }
    compile.add("loss", dictionary(plans, kLineIndent, [](const OutputPlan& plan) {
                    return lossText(plan, 2 * kLineIndent);
                }));
    if (std::ranges::any_of(plans, [](const OutputPlan& plan) { return plan.weight != 1.0; })) {
        compile.add("loss_weights", dictionary(plans, kLineIndent, [](const OutputPlan& plan) {
                        return pythonText(ParamValue(plan.weight));
                    }));
    }
    compile.add("metrics", dictionary(plans, kLineIndent, [&](const OutputPlan& /*plan*/) {
                    return listText(metrics);
                }));
}

/// A callback as Keras takes it: it saves other files, and has other types for two arguments.
std::string callbackText(const ParamObject& callback) {
    const ObjectDef* def = findObjectDef(callbackFamily(), callback.type());
    PythonCall call{.function = "keras.callbacks." + callback.type()};
    for (const ParamSpec& spec : def == nullptr ? std::vector<ParamSpec>{} : def->params) {
        const ParamValue& value = paramValue(callback.params(), spec);
        if (!spec.required && value == spec.defaultValue) {
            continue;
        }
        std::string text = pythonValue(spec, value);
        const auto* given = std::get_if<std::string>(&value);
        if (spec.name == "save_freq" && given != nullptr && parseInteger(*given)) {
            text = *given;
        } else if (spec.name == "filepath" && given != nullptr) {
            const std::size_t ending = given->rfind(".receptive");
            text = pythonString(given->substr(0, ending) + ".keras");
        } else if (callback.type() == "LearningRateScheduler" && spec.name == "schedule") {
            // Keras wants a function of the epoch that gives a number.
            text = "lambda epoch: float(" + text + "(epoch))";
        }
        call.add(spec.name, text);
    }
    return call.text(2 * kLineIndent, 2 * kLineIndent);
}

void addCallbacks(PythonCall& fit, const TrainSettings& settings) {
    if (settings.callbacks.empty()) {
        return;
    }
    std::string lines = "[\n";
    for (const ParamObject& callback : settings.callbacks) {
        lines += std::string(2 * kLineIndent, ' ') + callbackText(callback) + ",\n";
    }
    fit.add("callbacks", lines + std::string(kLineIndent, ' ') + "]");
}

/// Keras wants the weight of every class it is told about; those left out count once.
void addClassWeights(PythonCall& fit, const TrainSettings& settings,
                     const std::vector<OutputPlan>& plans) {
    if (settings.classWeights.empty()) {
        return;
    }
    std::int64_t classes = settings.classWeights.rbegin()->first + 1;
    classes = std::max(classes, plans.empty() ? std::int64_t{0} : plans.front().width);
    std::vector<std::string> items;
    for (std::int64_t label = 0; label < classes; ++label) {
        const auto found = settings.classWeights.find(label);
        const double weight = found == settings.classWeights.end() ? 1.0 : found->second;
        items.push_back(std::to_string(label) + ": " + pythonText(ParamValue(weight)));
    }
    fit.add("class_weight", "{" + join(items, ", ") + "}");
}

// Keras takes it by a call after construction.
constexpr std::string_view kExcluded = "exclude_from_weight_decay";
constexpr std::string_view kExcludedLayers = "exclude_layers";

/// A text of names separated by commas as a list of them; nothing where there is none.
std::optional<std::string> namesText(const ParamMap& params, std::string_view argument) {
    const auto found = params.find(argument);
    const auto* names = found == params.end() ? nullptr : std::get_if<std::string>(&found->second);
    if (names == nullptr) {
        return std::nullopt;
    }
    std::vector<std::string> quoted;
    for (const std::string& name : split(*names, ',')) {
        quoted.push_back(pythonString(std::string(trimmed(name))));
    }
    return listText(quoted);
}

PythonCall optimizerCall(const TrainSettings& settings) {
    const OptimizerDef* def = findOptimizerDef(settings.optimizer);
    PythonCall call{.function = "keras.optimizers." + settings.optimizer};
    if (def != nullptr) {
        ParamMap params = settings.optimizerParams;
        params.erase(std::string(kExcluded));
        // Keras takes a list of names where there is one text of them here.
        const std::optional<std::string> layers = namesText(params, kExcludedLayers);
        params.erase(std::string(kExcludedLayers));
        addArguments(call, def->params, params);
        if (layers) {
            call.add(kExcludedLayers, *layers);
        }
    }
    return call;
}

/// The statements that make an optimizer with weights left out of the decay; empty: no such.
std::string optimizerLines(const TrainSettings& settings) {
    const std::optional<std::string> names = namesText(settings.optimizerParams, kExcluded);
    if (!names) {
        return {};
    }
    constexpr std::string_view start = "optimizer = ";
    return std::string(start) + optimizerCall(settings).text(start.size()) + "\noptimizer." +
           std::string(kExcluded) + "(var_names=" + *names + ")\n";
}

} // namespace

std::string kerasDataCode(const Project& project, const Inference& inference) {
    const auto* known = std::ranges::find(kKnown, project.data.source, &KnownData::source);
    const std::optional<Shape> image = imageShape(inference);
    const std::string targets = targetsText(plansOf(project, inference));
    if (known == std::end(kKnown) || !image) {
        return ownData(project, inference) + targets;
    }
    return "# Data: " + std::string(known->source) + ".\n" + std::string(known->lines) +
           preparation(*known, *image) + targets;
}

std::string kerasTrainingCode(const Project& project, const Inference& inference) {
    const TrainSettings& settings = project.training;
    const std::vector<OutputPlan> plans = plansOf(project, inference);
    PythonCall compile{.function = "model.compile"};
    const std::string lines = optimizerLines(settings);
    const std::size_t column = kLineIndent + std::string_view("optimizer=,").size();
    compile.add("optimizer",
                lines.empty() ? optimizerCall(settings).text(column, kLineIndent) : "optimizer");
    addGoals(compile, settings, plans);
    PythonCall fit{.function = "model.fit", .arguments = {"x_train", "y_train"}};
    fit.add("batch_size", std::to_string(settings.batchSize));
    fit.add("epochs", std::to_string(settings.epochs));
    if (settings.validationSplit > 0.0) {
        fit.add("validation_split", pythonText(settings.validationSplit));
    } else {
        fit.add("validation_data", "(x_test, y_test)");
    }
    if (!settings.shuffle) {
        fit.add("shuffle", "False");
    }
    addClassWeights(fit, settings, plans);
    addCallbacks(fit, settings);
    const std::string note =
        settings.stratified && settings.validationSplit > 0.0
            ? "# Receptive validates on the same part of every class, Keras on the last part.\n"
            : "";
    const std::string start = "history = ";
    return lines + compile.text() + "\n" + note + start + fit.text(start.size()) + "\n";
}

} // namespace nn::io
