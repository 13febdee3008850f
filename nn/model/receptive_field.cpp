#include "nn/model/receptive_field.h"

#include "nn/base/saturated.h"

#include <algorithm>

namespace nn {
namespace {

/// How a layer moves along one axis.
struct Step {
    std::int64_t kernel = 1;
    std::int64_t stride = 1;
    std::int64_t dilation = 1;
    std::int64_t padding = 0;
};

// size += (reach - 1) * jump; start -= padding * jump; jump *= stride
// (Araujo, Norris, Sim, "Computing receptive fields of CNNs", Distill 2019).
FieldAxis advanced(FieldAxis axis, const Step& step) {
    const std::int64_t reach = saturatedProduct(step.kernel - 1, step.dilation);
    axis.size = saturatedSum(axis.size, saturatedProduct(reach, axis.jump));
    axis.start = saturatedSum(axis.start, -saturatedProduct(step.padding, axis.jump));
    axis.jump = saturatedProduct(axis.jump, step.stride);
    return axis;
}

FieldAxis united(const FieldAxis& a, const FieldAxis& b) {
    const std::int64_t start = std::min(a.start, b.start);
    const std::int64_t end = std::max(saturatedSum(a.start, a.size), saturatedSum(b.start, b.size));
    return {end - start, std::max(a.jump, b.jump), start};
}

ReceptiveField united(const ReceptiveField& a, const ReceptiveField& b) {
    if (a.global || b.global) {
        return a.global ? a : b;
    }
    return {united(a.vertical, b.vertical), united(a.horizontal, b.horizontal), false};
}

ReceptiveField advanced(const ReceptiveField& field, const Window& window, const Shape& image) {
    if (field.global) {
        return field;
    }
    if (window.global) {
        const std::int64_t height = image.rank() == 3 ? image[0] : 1;
        const std::int64_t width = image.rank() == 3 ? image[1] : 1;
        return {{height, 0, 0}, {width, 0, 0}, true};
    }
    return {advanced(field.vertical, {window.kernel.height, window.strides.height,
                                      window.dilation.height, window.padTop}),
            advanced(field.horizontal, {window.kernel.width, window.strides.width,
                                        window.dilation.width, window.padLeft}),
            false};
}

FieldAxis composed(const FieldAxis& outer, const FieldAxis& inner) {
    return {saturatedSum(outer.size, saturatedProduct(inner.size - 1, outer.jump)),
            saturatedProduct(outer.jump, inner.jump),
            saturatedSum(outer.start, saturatedProduct(inner.start, outer.jump))};
}

/// Through a model inside the model, by way of its first input and output.
ReceptiveField throughModel(const ReceptiveField& field, const InnerInference& inner,
                            const Shape& image) {
    const std::vector<NodeId>& inputs = inner.inference.inputs;
    const std::vector<Source> outputs = outputsOf(inner.graph);
    const auto within = inputs.empty()
                            ? std::unordered_map<NodeId, ReceptiveField>{}
                            : receptiveFields(inner.graph, inner.inference, inputs.front());
    const auto found = outputs.empty() ? within.end() : within.find(outputs.front().node);
    if (field.global || found == within.end() || found->second.global) {
        return advanced(field, Window{.global = true}, image);
    }
    return {composed(field.vertical, found->second.vertical),
            composed(field.horizontal, found->second.horizontal), false};
}

} // namespace

std::string fieldText(const ReceptiveField& field) {
    return field.global
               ? "whole image"
               : std::to_string(field.vertical.size) + "×" + std::to_string(field.horizontal.size);
}

PixelWindow windowOf(const ReceptiveField& field, std::int64_t row, std::int64_t column) {
    const auto first = [](const FieldAxis& axis, std::int64_t index) {
        return saturatedSum(axis.start, saturatedProduct(axis.jump, index));
    };
    return {first(field.vertical, row), first(field.horizontal, column), field.vertical.size,
            field.horizontal.size};
}

std::unordered_map<NodeId, ReceptiveField>
receptiveFields(const Graph& graph, const Inference& inference, NodeId input) {
    std::unordered_map<NodeId, ReceptiveField> fields;
    const NodeInference* source = inference.find(input);
    if (source == nullptr || !source->output) {
        return fields;
    }
    std::unordered_map<NodeId, const Node*> nodes;
    nodes.reserve(graph.nodes.size());
    fields.reserve(graph.nodes.size());
    for (const Node& node : graph.nodes) {
        nodes.emplace(node.id, &node);
    }
    fields.emplace(input, ReceptiveField{});
    for (const NodeId id : inference.order) {
        const NodeInference& facts = *inference.find(id);
        if (id == input || !facts.output || facts.inputs.empty()) {
            continue;
        }
        std::optional<ReceptiveField> seen;
        for (const NodeId from : facts.inputs) {
            if (const auto found = fields.find(from); found != fields.end()) {
                seen = seen ? united(*seen, found->second) : found->second;
            }
        }
        if (seen) {
            const LayerContext context{nodes.at(id)->params, facts.inputShapes};
            fields.emplace(id, facts.inner != nullptr
                                   ? throughModel(*seen, *facts.inner, *source->output)
                                   : advanced(*seen, facts.def->window(context), *source->output));
        }
    }
    return fields;
}

} // namespace nn
