#pragma once

#include "nn/data/dataset.h"

#include <QtGlobal>
#include <vector>

namespace app {

/// Which images of a data set are shown: the first ones of a class, or, for -1, some of every class
/// in turn. At most 240.
[[nodiscard]] std::vector<qint64> shownSamples(const nn::data::Dataset& dataset, int label);

} // namespace app
