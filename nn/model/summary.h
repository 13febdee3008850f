#pragma once

#include "nn/model/receptive_field.h"

namespace nn {

/// One line of Keras' `model.summary()`, and what the layer costs for one sample.
struct SummaryRow {
    NodeId id = kNoNode;
    std::string name;
    std::string type;                  ///< Keras' class name.
    std::optional<Shape> output;       ///< Without batch; nothing: not built.
    std::vector<Shape> furtherOutputs; ///< Of a model with several outputs.
    std::int64_t params = 0;
    /// What its inputs are, call by call: "conv2d[0][0]" is result 0 of call 0 of conv2d.
    std::vector<std::string> connectedTo;
    bool hasWeights = false;
    bool trainable = true;
    std::int64_t macs = 0;
    std::int64_t activationBytes = 0;    ///< Of its output.
    std::optional<ReceptiveField> field; ///< In the input image, when there is one input.
    std::vector<SummaryRow> inner;       ///< The layers of a model inside the model.
    bool operator==(const SummaryRow&) const = default;
};

/// The sources of a row for people: without "[0][0]", which says nothing.
[[nodiscard]] std::vector<std::string> sourceNames(const SummaryRow& row);

/// What `model.summary()` knows, in Keras' order of layers.
struct Summary {
    std::string modelName;
    bool showsConnections = false; ///< Not a plain chain: a column "Connected to".
    std::vector<SummaryRow> rows;
    std::int64_t totalParams = 0;
    std::int64_t trainableParams = 0;
    std::int64_t nonTrainableParams = 0;
    std::int64_t macs = 0;            ///< Of all calls, for one sample,
    std::int64_t activationBytes = 0; ///< and what they put out.
    bool operator==(const Summary&) const = default;
};

[[nodiscard]] Summary summaryOf(const Graph& graph, const Inference& inference);

enum class SummaryStyle { Keras3, Keras2 };

struct SummaryTextOptions {
    SummaryStyle style = SummaryStyle::Keras3;
    /// Keras' `line_length`; nothing: Keras' own default, clipped to the terminal.
    std::optional<int> lineLength = {};
    std::optional<int> terminalColumns = {};
    bool showTrainable = false;
    bool expandNested = false; ///< Keras' `expand_nested`: the layers of models inside the model.
    /// Variables of a built optimizer: Keras adds them to the total after training.
    std::optional<std::int64_t> optimizerParams = {};
};

/// The table as Keras prints it, every line ended by a line break.
[[nodiscard]] std::string summaryText(const Summary& summary, const SummaryTextOptions& options);

/// {"name", "layers": [{"name", "class", "output_shape", "params"}], "total_params", …}
[[nodiscard]] std::string summaryJson(const Summary& summary);

/// The rows with their costs as comma-separated values, after a line of headings.
[[nodiscard]] std::string summaryCsv(const Summary& summary);

} // namespace nn
