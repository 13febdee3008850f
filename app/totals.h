#pragma once

#include "nn/model/infer.h"

#include <QString>

namespace app {

/// The sums over a network for one image.
struct Totals {
    std::int64_t params = 0;
    std::int64_t trainableParams = 0;
    std::int64_t macs = 0;
    std::int64_t activationBytes = 0;
    int layers = 0;
    int errors = 0;
};
[[nodiscard]] Totals totalsOf(const nn::Inference& inference);

} // namespace app
