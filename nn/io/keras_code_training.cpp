#include "nn/base/text.h"
#include "nn/io/keras_code_parts.h"
#include "nn/train/loss.h"
#include "nn/train/optimizer.h"
#include "nn/train/train_step.h"

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

const LossDef* lossOf(const Project& project, const Inference& inference) {
    const Expected<const LossDef*> loss = chosenLoss(project.training, inference);
    return loss ? *loss : nullptr;
}

/// Rows with a 1 at the class for losses that compare whole rows.
std::string targetsText(const Project& project, const Inference& inference) {
    const LossDef* loss = lossOf(project, inference);
    const NodeInference* output =
        inference.outputs.empty() ? nullptr : inference.find(inference.outputs.front());
    const bool isKnown = output != nullptr && output->output && output->output->rank() > 0;
    if (loss == nullptr || loss->wantsLabels || !isKnown || output->output->back() == 1) {
        return {};
    }
    const std::string classes = std::to_string(output->output->back());
    return "y_train = keras.utils.to_categorical(y_train, " + classes + ")\n" +
           "y_test = keras.utils.to_categorical(y_test, " + classes + ")\n";
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

std::string lossText(const LossDef& def, const ParamMap& params) {
    PythonCall call;
    addArguments(call, def.params, params);
    if (call.arguments.empty()) {
        return pythonString(def.name);
    }
    call.function = "keras.losses." + def.className;
    return call.text(kLineIndent + std::string_view("optimizer=,").size(), kLineIndent);
}

// Keras takes it by a call after construction.
constexpr std::string_view kExcluded = "exclude_from_weight_decay";

PythonCall optimizerCall(const TrainSettings& settings) {
    const OptimizerDef* def = findOptimizerDef(settings.optimizer);
    PythonCall call{.function = "keras.optimizers." + settings.optimizer};
    if (def != nullptr) {
        ParamMap params = settings.optimizerParams;
        params.erase(std::string(kExcluded));
        addArguments(call, def->params, params);
    }
    return call;
}

/// The statements that make an optimizer with weights left out of the decay; empty: no such.
std::string optimizerLines(const TrainSettings& settings) {
    const auto found = settings.optimizerParams.find(kExcluded);
    const auto* names = found == settings.optimizerParams.end()
                            ? nullptr
                            : std::get_if<std::string>(&found->second);
    if (names == nullptr) {
        return {};
    }
    std::vector<std::string> quoted;
    for (const std::string& name : split(*names, ',')) {
        quoted.push_back(pythonString(std::string(trimmed(name))));
    }
    constexpr std::string_view start = "optimizer = ";
    return std::string(start) + optimizerCall(settings).text(start.size()) + "\noptimizer." +
           std::string(kExcluded) + "(var_names=[" + join(quoted, ", ") + "])\n";
}

} // namespace

std::string kerasDataCode(const Project& project, const Inference& inference) {
    const auto* known = std::ranges::find(kKnown, project.data.source, &KnownData::source);
    const std::optional<Shape> image = imageShape(inference);
    const std::string targets = targetsText(project, inference);
    if (known == std::end(kKnown) || !image) {
        return ownData(project, inference) + targets;
    }
    return "# Data: " + std::string(known->source) + ".\n" + std::string(known->lines) +
           preparation(*known, *image) + targets;
}

std::string kerasTrainingCode(const Project& project, const Inference& inference) {
    const TrainSettings& settings = project.training;
    const LossDef* loss = lossOf(project, inference);
    PythonCall compile{.function = "model.compile"};
    const std::string lines = optimizerLines(settings);
    const std::size_t column = kLineIndent + std::string_view("optimizer=,").size();
    compile.add("optimizer",
                lines.empty() ? optimizerCall(settings).text(column, kLineIndent) : "optimizer");
    compile.add("loss", loss == nullptr ? pythonString(settings.loss)
                                        : lossText(*loss, settings.lossParams));
    compile.add("metrics", "['accuracy']");
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
    const std::string note =
        settings.stratified && settings.validationSplit > 0.0
            ? "# Receptive validates on the same part of every class, Keras on the last part.\n"
            : "";
    const std::string start = "history = ";
    return lines + compile.text() + "\n" + note + start + fit.text(start.size()) + "\n";
}

} // namespace nn::io
