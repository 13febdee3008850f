#include "app/help/layer_example.h"

#include "nn/exec/executor.h"
#include "nn/model/keras_order.h"

#include "widgets/text.h"

#include <algorithm>

namespace app {

namespace {

constexpr std::int64_t kMostNumbers = 2'000;
constexpr std::uint64_t kSeed = 7;

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
        return {{6}, {6, 6, 1}};
    case nn::Category::Input:
    case nn::Category::Convolution:
    case nn::Category::Pooling:
    case nn::Category::Normalization:
    case nn::Category::Regularization:
    case nn::Category::Augmentation:
        break;
    }
    return {{6, 6, 1}, {6, 6, 2}, {6}};
}

/// Small whole numbers that are easily checked in the head; images have a dark and a bright half.
Numbers sampleNumbers(const nn::Shape& shape, std::size_t input) {
    Numbers numbers;
    const auto count = static_cast<std::size_t>(shape.count());
    const bool isImage = shape.rank() == 3;
    const std::size_t width = isImage ? static_cast<std::size_t>(shape[1]) : 1;
    const std::size_t channels = shape.rank() == 0 ? 1 : static_cast<std::size_t>(shape.back());
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t cell = isImage ? i / channels : i;
        const std::size_t column = cell % width;
        const std::size_t noise = (cell * 7 + i % channels * 5 + input * 4) % 4;
        const bool isBright = isImage ? 2 * column >= width : i % 3 != 1;
        numbers.push_back(static_cast<float>(isBright ? 5 + noise : noise));
    }
    if (!isImage) {
        for (std::size_t i = 1; i < numbers.size(); i += 2) {
            numbers[i] = -numbers[i];
        }
    }
    return numbers;
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
    Numbers output;
    nn::Weights weights;
};

std::optional<RunResult> run(const nn::Graph& graph, const std::vector<Numbers>& inputs,
                             nn::RunMode mode) {
    const auto network = nn::Network::compile(graph);
    if (!network) {
        return std::nullopt;
    }
    nn::Parallel parallel(1);
    RunResult result;
    result.weights = nn::initialWeights((*network)->variables(), kSeed);
    showEdges(result.weights);
    nn::Executor executor(*network, {.batchCapacity = 1, .mode = mode}, parallel);
    const std::vector<std::span<const float>> spans(inputs.begin(), inputs.end());
    if (mode == nn::RunMode::Training) {
        executor.forwardTraining(spans, 1, result.weights, {.seed = kSeed});
    } else {
        executor.forward(spans, 1, result.weights);
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

/// Outputs for numbers from −4 to 4, the first `changed` ones far away; nothing when it cannot be
/// run so.
std::optional<Numbers> rampOutput(const nn::LayerDef& def, const nn::ParamMap& params,
                                  int changed = 0) {
    constexpr float kElsewhere = 50.0F;
    Numbers ramp;
    for (int i = 0; i < kCurvePoints; ++i) {
        ramp.push_back(i < changed ? kElsewhere : static_cast<float>(curveX(i)));
    }
    auto result = run(graphOf(def, {{kCurvePoints}}, params), {ramp}, nn::RunMode::Inference);
    return result && result->output.size() == ramp.size() ? std::optional(result->output)
                                                          : std::nullopt;
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
        constexpr int kHalf = kCurvePoints / 2;
        const auto values = rampOutput(def, params);
        const auto changed = rampOutput(def, params, kHalf);
        const bool isAlone =
            values && changed &&
            std::equal(values->begin() + kHalf, values->end(), changed->begin() + kHalf);
        if (isAlone) {
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

nn::RunMode modeOf(const nn::LayerDef& def) {
    return def.randomWhenTraining || def.mixesBatch ? nn::RunMode::Training
                                                    : nn::RunMode::Inference;
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
    for (const std::vector<nn::Shape>& shapes : candidates) {
        LayerExample example{graphOf(def, shapes, def.exampleParams), {}};
        example.inference = nn::infer(example.graph);
        const std::optional<nn::Shape>& output = example.known().output;
        if (example.inference.isRunnable() && output &&
            output->elements().value_or(kMostNumbers) < kMostNumbers) {
            return example;
        }
    }
    return std::nullopt;
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
    std::vector<Numbers> inputs;
    for (const nn::Shape& shape : example->known().inputShapes) {
        inputs.push_back(sampleNumbers(shape, inputs.size()));
        figure.inputs.push_back({shape, inputs.back()});
    }
    if (inputs.empty()) { // an Input shows what enters through it
        const nn::Shape& shape = *example->known().output;
        figure.output = widgets::FigureTensor{shape, sampleNumbers(shape, 0)};
        return figure;
    }
    if (const auto result = run(example->graph, inputs, modeOf(def))) {
        figure.output = widgets::FigureTensor{*example->known().output, result->output};
        figure.window = def.window({example->layer().params, example->known().inputShapes});
        figure.kernel = firstFilter(result->weights);
    }
    return figure;
}

} // namespace app
