#include "tests/support/layer_harness.h"

#include "nn/model/registry.h"
#include "nn/tensor/tensor.h"
#include "tests/support/kernel_cases.h"
#include "tests/support/reference_penalties.h"
#include "tests/support/text_graph.h"

#include <algorithm>
#include <cmath>

namespace tests {
namespace {

using Floats = std::vector<std::vector<float>>;

/// Variances must be positive, factors near 1; everything else is drawn around zero.
std::vector<float> weightValues(const nn::WeightSpec& spec, kernel_cases::Dice& dice) {
    std::vector<float> values = dice.values(spec.shape.count(), 0.5);
    for (float& value : values) {
        if (spec.name.ends_with("variance")) {
            value = 0.5F + std::abs(value);
        } else if (spec.name == "gamma") {
            value += 1.0F;
        }
    }
    return values;
}

LayerCase madeCase(reference::LayerRun run, std::uint64_t seed) {
    LayerCase layer;
    kernel_cases::Dice dice(seed);
    const nn::LayerContext context{run.params, run.inputs};
    run.output = run.def->shape(context).value();
    layer.specs = run.def->weights(context);
    layer.kernel = run.def->kernel(context, run.output);
    for (const nn::Shape& shape : run.inputs) {
        layer.inputs.push_back(dice.values(run.batch * shape.count()));
    }
    for (const nn::WeightSpec& spec : layer.specs) {
        layer.weights.push_back(weightValues(spec, dice));
    }
    layer.outputGradient = dice.values(run.batch * run.output.count());
    run.key = {.seed = 7, .step = 3, .firstSample = 5, .layer = 2};
    layer.run = std::move(run);
    return layer;
}

template <typename Element, typename Container>
std::vector<std::span<Element>> spansOf(Container& containers) {
    return {containers.begin(), containers.end()};
}

/// Memory as the executor gives it: aligned, filled with what must not be read.
nn::Tensor unwrittenTensor(std::int64_t floats) {
    const std::vector<float> values = kernel_cases::unwritten(floats);
    return nn::Tensor(nn::Shape{floats}, values);
}

Floats unwrittenLike(const Floats& values) {
    Floats result;
    for (const std::vector<float>& value : values) {
        result.push_back(kernel_cases::unwritten(static_cast<std::int64_t>(value.size())));
    }
    return result;
}

/// Memory a kernel asked for.
struct KernelBuffers {
    nn::Tensor saved;
    nn::Tensor scratch;
};

void runForward(LayerCase& layer, KernelBuffers& buffers, nn::Parallel& parallel) {
    const reference::LayerRun& run = layer.run;
    layer.output = kernel_cases::unwritten(run.batch * run.output.count());
    layer.updatedWeights = layer.weights;
    const auto inputs = spansOf<const float>(layer.inputs);
    const auto weights = spansOf<const float>(layer.weights);
    const auto updated = spansOf<float>(layer.updatedWeights);
    nn::ForwardArgs args{.batch = run.batch,
                         .phase = run.phase,
                         .frozen = run.frozen,
                         .key = run.key,
                         .inputs = inputs,
                         .weights = weights,
                         .output = layer.output,
                         .saved = std::as_writable_bytes(buffers.saved.values()),
                         .scratch = buffers.scratch.values(),
                         .parallel = &parallel};
    if (run.phase == nn::Phase::Training && !run.frozen) {
        args.updatedWeights = updated;
    }
    layer.kernel->forward(args);
}

/// The kernel finds NaN where it says that it does not read.
void runBackward(LayerCase& layer, KernelBuffers& buffers, nn::Parallel& parallel) {
    const reference::LayerRun& run = layer.run;
    layer.inputGradients = unwrittenLike(layer.inputs);
    layer.weightGradients = unwrittenLike(layer.weights);
    for (std::size_t i = 0; i < layer.specs.size(); ++i) {
        if (!layer.specs[i].trainable || run.frozen) {
            layer.weightGradients[i].clear();
        }
    }
    const Floats unread = unwrittenLike({layer.output});
    const Floats readInputs =
        layer.kernel->backwardReadsInputs() ? layer.inputs : unwrittenLike(layer.inputs);
    std::vector<float> gradient = layer.outputGradient;
    const auto inputs = spansOf<const float>(readInputs);
    const auto weights = spansOf<const float>(layer.weights);
    const auto inputGradients = spansOf<float>(layer.inputGradients);
    const auto weightGradients = spansOf<float>(layer.weightGradients);
    layer.kernel->backward(
        {.batch = run.batch,
         .frozen = run.frozen,
         .key = run.key,
         .inputs = inputs,
         .weights = weights,
         .output = layer.kernel->backwardReadsOutput() ? layer.output : unread[0],
         .outputGradient = gradient,
         .saved = std::as_bytes(buffers.saved.values()),
         .inputGradients = inputGradients,
         .weightGradients = weightGradients,
         .scratch = buffers.scratch.values(),
         .parallel = &parallel});
}

} // namespace

LayerCase layerCase(std::string_view text, std::int64_t batch, std::uint64_t seed) {
    const nn::Graph graph = tests::graph(text);
    const nn::Inference inference = nn::infer(graph);
    const nn::NodeId id = inference.outputs.at(0);
    const nn::NodeInference& known = *inference.find(id);
    return madeCase({.def = known.def,
                     .params = nn::findNode(graph, id)->params,
                     .inputs = known.inputShapes,
                     .batch = batch,
                     .phase = nn::Phase::Training},
                    seed);
}

LayerCase exampleCase(const nn::LayerDef& def, std::int64_t batch, std::uint64_t seed) {
    return madeCase({.def = &def,
                     .params = def.exampleParams,
                     .inputs = def.exampleInputs,
                     .batch = batch,
                     .phase = nn::Phase::Training},
                    seed);
}

void runLayer(LayerCase& layer, nn::Parallel& parallel) {
    const nn::KernelMemory memory = layer.kernel->memory(layer.run.batch, layer.run.phase);
    KernelBuffers buffers{.saved = unwrittenTensor((memory.savedBytes + 3) / 4),
                          .scratch = unwrittenTensor(memory.scratchFloats)};
    runForward(layer, buffers, parallel);
    if (layer.run.phase == nn::Phase::Training) {
        std::ranges::copy(unwrittenTensor(memory.scratchFloats).values(),
                          buffers.scratch.values().begin());
        runBackward(layer, buffers, parallel);
    }
}

std::vector<LayerError> layerErrors(const LayerCase& layer) {
    std::vector<reference::Values> inputs;
    std::vector<reference::Values> weights;
    for (const std::vector<float>& values : layer.inputs) {
        inputs.push_back(kernel_cases::doubles(values));
    }
    for (const std::vector<float>& values : layer.weights) {
        weights.push_back(kernel_cases::doubles(values));
    }
    std::vector<LayerError> errors{
        {"output",
         reference::normError(layer.output, reference::layerForward(layer.run, inputs, weights))}};
    if (layer.run.phase == nn::Phase::Inference) {
        return errors;
    }
    const auto loss = [&] {
        const reference::Values output = reference::layerForward(layer.run, inputs, weights);
        double sum = reference::activityPenalty(layer.run, output);
        for (std::size_t i = 0; i < output.size(); ++i) {
            sum += output[i] * static_cast<double>(layer.outputGradient[i]);
        }
        return sum;
    };
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        errors.push_back({"input " + std::to_string(i),
                          reference::normError(layer.inputGradients[i],
                                               reference::centralDifferences(inputs[i], loss))});
    }
    for (std::size_t i = 0; i < weights.size(); ++i) {
        if (!layer.weightGradients[i].empty()) {
            errors.push_back(
                {layer.specs[i].name,
                 reference::normError(layer.weightGradients[i],
                                      reference::centralDifferences(weights[i], loss))});
        }
    }
    return errors;
}

LayerCase rowOf(const LayerCase& layer, std::int64_t row) {
    LayerCase single = layer;
    single.run.batch = 1;
    single.run.key.firstSample += static_cast<std::uint64_t>(row);
    const auto keepRow = [&](std::vector<float>& values) {
        const auto length = static_cast<std::ptrdiff_t>(values.size()) / layer.run.batch;
        const auto begin = values.begin() + row * length;
        values = std::vector<float>(begin, begin + length);
    };
    std::ranges::for_each(single.inputs, keepRow);
    keepRow(single.outputGradient);
    return single;
}

} // namespace tests
