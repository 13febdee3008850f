#pragma once

#include "nn/model/graph.h"

namespace nn {

/// A network to start from, and how it is trained well.
struct Template {
    std::string name; ///< As in "template:mnist-cnn".
    std::string title;
    std::string summary; ///< One line for the list.
    std::string text;    ///< See nn/model/text_graph.h.
    std::string data = "fashion-mini";
    std::string optimizer = "Adam";
    ParamMap optimizerParams = {}; ///< What differs from the defaults.
    std::int64_t batchSize = 128;
    std::int64_t epochs = 5;
};

/// All built-in networks, the one to start with first.
[[nodiscard]] const std::vector<Template>& templates();
[[nodiscard]] const Template* findTemplate(std::string_view name);
[[nodiscard]] Graph templateGraph(const Template& entry);

} // namespace nn
