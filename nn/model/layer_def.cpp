#include "nn/model/define_layer.h"

namespace nn {

LayerDef::LayerDef() = default;
LayerDef::LayerDef(const LayerDef& other) = default;
LayerDef::LayerDef(LayerDef&& other) noexcept = default;
LayerDef& LayerDef::operator=(const LayerDef& other) = default;
LayerDef& LayerDef::operator=(LayerDef&& other) noexcept = default;
LayerDef::~LayerDef() = default;

LayerDef plainLayer(std::string type, Category category, std::string summary) {
    LayerDef def;
    def.type = std::move(type);
    def.category = category;
    def.summary = std::move(summary);
    def.weights = [](const LayerContext&) { return std::vector<WeightSpec>{}; };
    def.cost = [](const LayerContext&, const Shape&) { return LayerCost{}; };
    def.window = [](const LayerContext&) { return Window{}; };
    return def;
}

LayerDef withArguments(LayerDef def, const ParamTableBase& table) {
    def.params = table.specs();
    return def;
}

} // namespace nn
