#include "app/help/layer_example.h"

#include "nn/exec/executor.h"
#include "nn/model/keras_order.h"
#include "nn/train/adapt.h"

#include "widgets/text.h"

#include <algorithm>

namespace app {

namespace {

constexpr std::int64_t kMostNumbers = 2'000;
constexpr std::uint64_t kSeed = 7;
/// No number of `sampleNumbers` is larger, and none as large: AutoContrast has something to do.
constexpr double kLargest = 10.0;

using Numbers = std::vector<float>;

nn::Graph graphOf(const nn::LayerDef& def, const std::vector<nn::Shape>& inputs,
                  const nn::ParamMap& params) {
    nn::Graph graph;
    graph.kind = nn::GraphKind::Functional;
    const auto layer = static_cast<nn::NodeId>(inputs.size()) + 1;
    for (const nn::Shape& shape : inputs) {
        nn::Node input{.id = graph.nextId++, .type = std::string(nn::kInputType)};
        input.name = nn::freeName(graph, input.type);
        input.params["shape"] = shape.extents();
        graph.edges.push_back({input.id, layer, static_cast<int>(graph.nodes.size())});
        graph.nodes.push_back(std::move(input));
    }
    nn::Node node{.id = graph.nextId++, .type = def.type};
    node.name = nn::freeName(graph, def.type);
    node.params = params;
    graph.nodes.push_back(std::move(node));
    return graph;
}

/// Inputs to try, the ones that explain best first.
std::vector<nn::Shape> smallInputs(nn::Category category) {
    switch (category) {
    case nn::Category::Core:
        return {{6}, {3, 4, 1}};
    case nn::Category::Reshaping:
    case nn::Category::Merging:
        return {{3, 4, 1}, {3, 4, 2}, {6}};
    case nn::Category::Activation:
    case nn::Category::Normalization:
        return {{6}, {6, 6, 1}};
    case nn::Category::Input:
    case nn::Category::Convolution:
    case nn::Category::Pooling:
    case nn::Category::Regularization:
    case nn::Category::Augmentation:
        break;
    }
    return {{6, 6, 1}, {6, 6, 2}, {6}};
}

/// Small whole numbers that are easily checked in the head; images have a dark and a bright half,
/// every other one the other way round.
Numbers sampleNumbers(const nn::Shape& shape, std::size_t input) {
    Numbers numbers;
    const auto count = static_cast<std::size_t>(shape.count());
    const bool isImage = shape.rank() == 3;
    const std::size_t channels = shape.rank() == 0 ? 1 : static_cast<std::size_t>(shape.back());
    const std::size_t width = isImage ? static_cast<std::size_t>(shape[1]) : channels;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t cell = isImage ? i / channels : i;
        const std::size_t channel = isImage ? i % channels : 0;
        const std::size_t column = cell % width;
        const std::size_t noise = (cell / width * 3 + column * 7 + channel * 2 + input * 2) % 5;
        const bool isBright = isImage ? (2 * column >= width) != (input % 2 == 1) : i % 3 != 1;
        numbers.push_back(static_cast<float>(isBright ? 5 + noise : noise));
    }
    if (!isImage) {
        for (std::size_t i = 1; i < numbers.size(); i += 2) {
            numbers[i] = -numbers[i];
        }
    }
    return numbers;
}

/// What goes into the layer of an example. Activations need negative numbers, too; a layer that
/// mixes the images of a batch needs another one.
std::vector<Numbers> exampleNumbers(const nn::LayerDef& def, const std::vector<nn::Shape>& shapes) {
    std::vector<Numbers> inputs;
    for (const nn::Shape& shape : shapes) {
        inputs.push_back(sampleNumbers(shape, inputs.size()));
        if (def.category == nn::Category::Activation && shape.rank() == 3) {
            std::ranges::for_each(inputs.back(), [](float& number) { number -= 4.0F; });
        }
    }
    return inputs;
}

bool isKernelOfAWindow(const nn::Variable& variable) {
    return variable.spec.shape.rank() == 4 &&
           variable.spec.name.find("kernel") != std::string::npos && variable.spec.shape[0] > 1 &&
           variable.spec.shape[1] > 1;
}

/// Every filter looks for an edge from dark on the left to bright on the right.
void showEdges(nn::Weights& weights) {
    for (std::size_t i = 0; i < weights.variables.size(); ++i) {
        if (!isKernelOfAWindow(weights.variables[i])) {
            continue;
        }
        const nn::Shape& shape = weights.variables[i].spec.shape;
        const auto width = static_cast<std::size_t>(shape[1]);
        const auto below = static_cast<std::size_t>(shape[2] * shape[3]);
        const std::span<float> values = weights.tensors[i].values();
        for (std::size_t k = 0; k < values.size(); ++k) {
            const std::size_t column = k / below % width;
            values[k] = column == 0 ? -1.0F : column + 1 == width ? 1.0F : 0.0F;
        }
    }
}

struct RunResult {
    Numbers output; ///< [batch][…]
    nn::Weights weights;
};

/// How a layer is run to be shown.
struct RunOptions {
    nn::RunMode mode = nn::RunMode::Inference;
    std::int64_t batch = 1;
    std::uint64_t seed = kSeed;
};

std::optional<RunResult> run(const nn::Graph& graph, const std::vector<Numbers>& inputs,
                             const RunOptions& options) {
    const auto network = nn::Network::compile(graph);
    if (!network) {
        return std::nullopt;
    }
    nn::Parallel parallel(1);
    RunResult result;
    result.weights = nn::initialWeights((*network)->variables(), kSeed);
    showEdges(result.weights);
    const std::vector<std::span<const float>> spans(inputs.begin(), inputs.end());
    nn::adaptNormalizations(
        {.graph = graph, .network = *network, .batchSize = options.batch},
        [&](const nn::BatchVisitor& visit) { visit(spans, options.batch); }, result.weights,
        parallel);
    nn::Executor executor(*network, {.batchCapacity = options.batch, .mode = options.mode},
                          parallel);
    if (options.mode == nn::RunMode::Training) {
        executor.forwardTraining(spans, options.batch, result.weights, {.seed = options.seed});
    } else {
        executor.forward(spans, options.batch, result.weights);
    }
    const std::span<const float> output = executor.output();
    result.output.assign(output.begin(), output.end());
    return result;
}

constexpr int kCurvePoints = 161;
constexpr double kCurveEnd = 4.0;

double curveX(int index) {
    return kCurveEnd * (2.0 * index / (kCurvePoints - 1) - 1.0);
}

/// Outputs for numbers from −4 to 4; nothing unless each number goes its own way.
std::optional<Numbers> rampOutput(const nn::LayerDef& def, const nn::ParamMap& params) {
    constexpr float kElsewhere = 50.0F;
    constexpr int kHalf = kCurvePoints / 2;
    Numbers ramps;
    for (int i = 0; i < kCurvePoints; ++i) {
        ramps.push_back(static_cast<float>(curveX(i)));
    }
    // The same again, but for the first half.
    for (int i = 0; i < kCurvePoints; ++i) {
        ramps.push_back(i < kHalf ? kElsewhere : static_cast<float>(curveX(i)));
    }
    auto result = run(graphOf(def, {{kCurvePoints}}, params), {ramps}, {.batch = 2});
    if (!result || result->output.size() != ramps.size()) {
        return std::nullopt;
    }
    Numbers& values = result->output;
    const auto middle = values.begin() + kCurvePoints;
    if (!std::equal(values.begin() + kHalf, middle, middle + kHalf)) {
        return std::nullopt;
    }
    values.resize(kCurvePoints);
    return std::move(values);
}

widgets::FigureCurve curveOf(const std::string& name, const Numbers& values) {
    widgets::FigureCurve curve{.name = widgets::fromUtf8(name)};
    for (int i = 0; i < kCurvePoints; ++i) {
        curve.points << QPointF(curveX(i),
                                static_cast<double>(values[static_cast<std::size_t>(i)]));
    }
    return curve;
}

/// A curve for a layer in which every number goes its own way; one for each choice of
/// `activation`.
std::vector<widgets::FigureCurve> curvesOf(const nn::LayerDef& def) {
    std::vector<widgets::FigureCurve> curves;
    const auto add = [&](const std::string& name, const nn::ParamMap& params) {
        if (const auto values = rampOutput(def, params)) {
            curves.push_back(curveOf(name, *values));
        }
    };
    const nn::ParamSpec* choice = nn::findSpec(def.params, "activation");
    if (choice == nullptr) {
        add(def.type, def.exampleParams);
    } else {
        for (const std::string& name : choice->choices) {
            add(name, {{"activation", name}});
        }
    }
    return curves;
}

/// Whether a run shows what the layer does: the first channel is another one (at random, not only
/// larger, as what a Dropout leaves), and not all of the output is one number.
bool isTelling(const Numbers& input, const Numbers& output, const nn::LayerDef& def,
               const nn::Shape& shape) {
    if (output.size() < 2 || input.size() != output.size()) {
        return !output.empty();
    }
    constexpr float kVisible = 0.05F;
    const auto channels =
        static_cast<std::size_t>(shape.rank() == 3 ? shape.back() : std::int64_t{1});
    float inputSum = 0.0F;
    float outputSum = 0.0F;
    for (std::size_t i = 0; i < output.size(); i += channels) {
        inputSum += input[i];
        outputSum += output[i];
    }
    const float scale = def.randomWhenTraining && outputSum > 0.0F ? outputSum / inputSum : 1.0F;
    bool isChanged = false;
    for (std::size_t i = 0; i < output.size(); i += channels) {
        isChanged = isChanged || std::abs(output[i] - scale * input[i]) > kVisible;
    }
    const auto [least, most] = std::ranges::minmax(output);
    return isChanged && least < most;
}

struct ShownRun {
    std::vector<Numbers> inputs; ///< For a layer that mixes images, those of the batch.
    RunResult result;
    bool isTelling = false;
};

/// Runs an example. A layer that acts at random is tried until it acts visibly.
std::optional<ShownRun> shownRun(const nn::LayerDef& def, const LayerExample& example) {
    constexpr std::uint64_t kMostTries = 24;
    const std::vector<nn::Shape>& shapes = example.known().inputShapes;
    const bool mixesImages = def.mixesBatch && def.category == nn::Category::Augmentation;
    ShownRun shown{.inputs = exampleNumbers(def, shapes), .result = {}};
    std::vector<Numbers> fed = shown.inputs;
    if (mixesImages) {
        shown.inputs.push_back(sampleNumbers(shapes.front(), 1));
        fed.front().insert(fed.front().end(), shown.inputs.back().begin(),
                           shown.inputs.back().end());
    }
    RunOptions options{.mode = def.randomWhenTraining || def.mixesBatch ? nn::RunMode::Training
                                                                        : nn::RunMode::Inference,
                       .batch = mixesImages ? 2 : 1};
    for (; options.seed < kSeed + kMostTries && !shown.isTelling; ++options.seed) {
        auto result = run(example.graph, fed, options);
        if (!result) {
            return std::nullopt;
        }
        result->output.resize(result->output.size() / static_cast<std::size_t>(options.batch));
        shown.isTelling =
            isTelling(shown.inputs.front(), result->output, def, *example.known().output);
        shown.result = *std::move(result);
        if (!def.randomWhenTraining) {
            break;
        }
    }
    return shown;
}

/// The arguments of an example whose numbers lie between 0 and `kLargest`.
nn::ParamMap shownParams(const nn::LayerDef& def) {
    nn::ParamMap params = def.exampleParams;
    if (nn::findSpec(def.params, "value_range") != nullptr) {
        params["value_range"] = std::vector<double>{0.0, kLargest};
    }
    return params;
}

Numbers firstFilter(const nn::Weights& weights) {
    for (std::size_t i = 0; i < weights.variables.size(); ++i) {
        const nn::Shape& shape = weights.variables[i].spec.shape;
        if (isKernelOfAWindow(weights.variables[i])) {
            Numbers filter;
            const auto stride = static_cast<std::size_t>(shape[2] * shape[3]);
            const auto cells = static_cast<std::size_t>(shape[0] * shape[1]);
            for (std::size_t k = 0; k < cells; ++k) {
                filter.push_back(weights.tensors[i].values()[k * stride]);
            }
            return filter;
        }
    }
    return {};
}

} // namespace

std::optional<LayerExample> layerExample(const nn::LayerDef& def) {
    std::vector<std::vector<nn::Shape>> candidates;
    const auto inputs =
        static_cast<std::size_t>(std::max(def.arity.min, def.arity.max > 1 ? 2 : 0));
    if (def.arity.max > 0) {
        for (const nn::Shape& shape : smallInputs(def.category)) {
            candidates.emplace_back(std::max<std::size_t>(inputs, 1), shape);
        }
    }
    candidates.push_back(def.exampleInputs);
    std::optional<LayerExample> first;
    for (const std::vector<nn::Shape>& shapes : candidates) {
        LayerExample example{graphOf(def, shapes, shownParams(def)), {}};
        example.inference = nn::infer(example.graph);
        const std::optional<nn::Shape>& output = example.known().output;
        if (!example.inference.isRunnable() || !output ||
            output->elements().value_or(kMostNumbers) >= kMostNumbers) {
            continue;
        }
        if (def.arity.max == 0) {
            return example;
        }
        if (const auto shown = shownRun(def, example); shown && shown->isTelling) {
            return example;
        }
        if (!first) {
            first = std::move(example);
        }
    }
    return first;
}

widgets::LayerFigure layerFigure(const nn::LayerDef& def) {
    widgets::LayerFigure figure{.title = widgets::fromUtf8(def.type)};
    if (def.category == nn::Category::Activation) {
        figure.curves = curvesOf(def);
        if (!figure.curves.empty()) {
            return figure;
        }
    }
    const std::optional<LayerExample> example = layerExample(def);
    if (!example) {
        return figure;
    }
    const nn::Shape& output = *example->known().output;
    if (def.arity.max == 0) { // an Input shows what enters through it
        figure.output = widgets::FigureTensor{output, sampleNumbers(output, 0)};
        return figure;
    }
    if (const auto shown = shownRun(def, *example)) {
        const std::vector<nn::Shape>& shapes = example->known().inputShapes;
        for (const Numbers& numbers : shown->inputs) {
            figure.inputs.push_back(
                {shapes[std::min(figure.inputs.size(), shapes.size() - 1)], numbers});
        }
        figure.output = widgets::FigureTensor{output, shown->result.output};
        figure.window = def.window({example->layer().params, shapes});
        figure.kernel = firstFilter(shown->result.weights);
    }
    return figure;
}

} // namespace app
