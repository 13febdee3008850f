#pragma once

#include "nn/model/param.h"

#include <cstdint>
#include <string>

namespace nn {

/// How a network is trained; saved with the project. Defaults are Keras' `fit`, but for the
/// optimizer (Keras: rmsprop) and the epochs (Keras: 1).
struct TrainSettings {
    std::string optimizer = "Adam"; ///< Key of `optimizerDefs()`.
    ParamMap optimizerParams = {};  ///< Only what differs from the defaults.
    std::string loss = "auto";      ///< Key of `lossDefs()`, or "auto" from the output layer.
    ParamMap lossParams = {};
    std::int64_t batchSize = 32;
    std::int64_t epochs = 5;
    double validationSplit = 0.0; ///< Last fraction of the training data; 0: the data's test set.
    std::uint64_t seed = 1;
    int threads = 0; ///< 0: all cores.
    bool shuffle = true;

    bool operator==(const TrainSettings&) const = default;
};

} // namespace nn
