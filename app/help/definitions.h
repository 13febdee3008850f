#pragma once

#include "nn/model/object_def.h"

#include <QString>
#include <vector>

namespace app {

/// One thing whose arguments a form shows.
struct Definition {
    QString kind; ///< "layer", "optimizer", "loss", or the name of a family: "metric".
    QString name;
    std::vector<nn::ParamSpec> params;
};

/// Layers, optimizers, losses, metrics, callbacks, and every object that one of their arguments
/// accepts.
[[nodiscard]] std::vector<Definition> everyDefinition();

/// Arguments with an object wherever one is accepted, so that its own arguments are shown, too.
[[nodiscard]] nn::ParamMap withObjects(const std::vector<nn::ParamSpec>& params);

/// Draws the forms of all definitions at a width into pictures of a folder; returns what went
/// wrong, or nothing.
[[nodiscard]] QString writeFormSheets(const QString& folder, int width);

} // namespace app
