#pragma once

#include "nn/model/edit.h"

#include <string>
#include <vector>

namespace nn {

enum class Severity { Info, Warning, Error };

/// A concrete way to mend a problem: edits that can be applied (and undone) as one step.
struct Repair {
    std::string title = {}; ///< "Set padding to 'same'"
    std::vector<Edit> edits = {};
    bool operator==(const Repair&) const = default;
};

/// Something the user should know about the network drawn; shown at the node, never as a dialog.
struct Diagnostic {
    Severity severity = Severity::Error;
    NodeId node = kNoNode;    ///< `kNoNode`: the network as a whole.
    std::string param = {};   ///< The argument to blame, or empty.
    std::string message = {}; ///< What was expected, what was received, what to do.
    std::vector<Repair> repairs = {};
    bool operator==(const Diagnostic&) const = default;
};

} // namespace nn
