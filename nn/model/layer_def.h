#pragma once

#include "nn/model/param.h"
#include "nn/tensor/shape.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace nn {

class Kernel; // nn/exec/kernel.h

/// The class whose nodes are where data enters.
inline constexpr std::string_view kInputType = "InputLayer";

/// Groups of the palette, in its order.
enum class Category {
    Input,
    Convolution,
    Pooling,
    Core,
    Activation,
    Normalization,
    Regularization,
    Reshaping,
    Merging,
    Augmentation,
};
inline constexpr int kCategoryCount = 10;
[[nodiscard]] std::string_view categoryName(Category category);

/// One variable of a layer. Shapes as Keras has them: kernel (kh, kw, cin/groups, cout).
struct WeightSpec {
    std::string name = {}; ///< "kernel", "bias", "gamma", "moving_mean"
    Shape shape = {};
    ParamObject initializer{"Zeros"};
    bool trainable = true;
    std::optional<ParamObject> regularizer = {}; ///< Added to the loss while it is trained.
    std::optional<ParamObject> constraint = {};  ///< Applied after each update.
    bool operator==(const WeightSpec&) const = default;
};

/// Why a layer cannot be built here. `param` names the argument to blame, or is empty when the
/// input is to blame.
struct LayerProblem {
    std::string message = {};
    std::string param = {};
};

/// What a layer costs for one sample.
struct LayerCost {
    std::int64_t macs = 0;            ///< Multiply–accumulates of the forward pass.
    std::int64_t otherOperations = 0; ///< Compares, adds, exponentials of layers without MACs.
    /// Numbers kept from forward for backward besides the output (argmax, masks), in bytes.
    std::int64_t savedBytes = 0;
    bool operator==(const LayerCost&) const = default;
};

/// How a layer moves over its image; identity for layers without a window.
struct Window {
    Size2 kernel{1, 1};
    Size2 strides{1, 1};
    Size2 dilation{1, 1};
    std::int64_t padTop = 0;
    std::int64_t padLeft = 0;
    bool global = false; ///< Every output sees the whole input (Flatten + Dense, global pooling).
    bool operator==(const Window&) const = default;
};

/// What the functions of a definition are told. Shapes are without batch and known to the layer;
/// single extents may be `kUnknown`.
struct LayerContext {
    const ParamMap& params;
    std::span<const Shape> inputs = {};
};

/// How many wires a layer takes.
struct Arity {
    int min = 1;
    int max = 1;
    bool operator==(const Arity&) const = default;
};
inline constexpr int kManyInputs = 64;

/// What a kind of layer is. Palette, form, checks, summary, cost, files and tests come from it.
struct LayerDef {
    // In one source rather than in that of every layer.
    LayerDef();
    LayerDef(const LayerDef& other);
    LayerDef(LayerDef&& other) noexcept;
    LayerDef& operator=(const LayerDef& other);
    LayerDef& operator=(LayerDef&& other) noexcept;
    ~LayerDef();

    std::string type = {}; ///< Keras' class name: "Conv2D".
    Category category = Category::Core;
    std::string summary = {}; ///< One sentence for the palette's tool tip.
    std::string help = {};    ///< A paragraph: what it does, when to use it, what it costs.
    /// For the help page: "height = ⌈input height ÷ strides⌉", and how many weights it has (empty:
    /// none). Arguments are named as Keras names them; one line for each part.
    std::string shapeFormula = {};
    std::string paramsFormula = {};
    std::vector<ParamSpec> params = {};
    Arity arity;
    /// Inputs a test or a preview can build it with, without batch.
    std::vector<Shape> exampleInputs = {};
    ParamMap exampleParams = {};
    /// Behaves differently while training (Dropout, BatchNormalization).
    bool randomWhenTraining = false;
    bool mixesBatch = false; ///< Rows of a batch influence each other while training.

    std::function<tl::expected<Shape, LayerProblem>(const LayerContext&)> shape = {};
    std::function<std::vector<WeightSpec>(const LayerContext&)> weights = {};
    std::function<LayerCost(const LayerContext&, const Shape& output)> cost = {};
    std::function<Window(const LayerContext&)> window = {};
    /// The code that runs it. Shapes are fully known.
    std::function<std::shared_ptr<const Kernel>(const LayerContext&, const Shape& output)> kernel =
        {};
};

} // namespace nn
