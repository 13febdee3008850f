#pragma once

#include "nn/model/define_params.h"

#include <functional>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace nn {

/// What the outputs of a batch should have been. Exactly one of the two is filled.
struct Targets {
    std::span<const std::int32_t> labels = {}; ///< [rows] class indices.
    std::span<const float> values = {};        ///< [rows][width] one-hot or regression.
};

/// What the network said: [rows][width]; rows = batch × positions for an image-shaped output.
struct Outputs {
    std::span<const float> values = {};
    std::int64_t width = 1;
    /// The values are the scores before a final softmax, which the loss then includes: one pass,
    /// and no rounding of probabilities in between.
    bool logits = false;

    [[nodiscard]] std::int64_t rows() const {
        return static_cast<std::int64_t>(values.size()) / width;
    }
};

/// A loss with its arguments read. Values are means over all rows (Keras: sum_over_batch_size).
class Loss {
public:
    Loss() = default;
    Loss(const Loss&) = delete;
    Loss& operator=(const Loss&) = delete;
    virtual ~Loss() = default;

    /// The mean loss; writes its gradient with respect to the values given.
    virtual double valueAndGradient(const Outputs& outputs, const Targets& targets,
                                    std::span<float> gradient) const = 0;
    /// The mean loss alone.
    [[nodiscard]] virtual double value(const Outputs& outputs, const Targets& targets) const = 0;
    /// Whether it can take the scores before a softmax in place of the probabilities.
    [[nodiscard]] virtual bool takesLogits() const { return false; }
};

/// What a kind of loss is; form, checks and files come from it.
struct LossDef {
    std::string name = {}; ///< Keras' name: "sparse_categorical_crossentropy".
    std::string title = {};
    std::string help = {};
    std::vector<ParamSpec> params = {};
    bool wantsLabels = false; ///< Takes class indices; otherwise rows of values (one-hot).
    std::function<std::unique_ptr<const Loss>(const ParamMap&)> make = {};
};

[[nodiscard]] const std::vector<LossDef>& lossDefs();
/// The definition of a name or of one of Keras' short forms ("mse"), or nullptr.
[[nodiscard]] const LossDef* findLossDef(std::string_view name);

/// How many rows have their largest output where the target has its largest value.
[[nodiscard]] std::int64_t correctRows(const Outputs& outputs, const Targets& targets);

} // namespace nn
