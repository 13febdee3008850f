#pragma once

#include "nn/model/param.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace nn {

/// The loss of one output of a network that has several, and how much it counts.
struct OutputLoss {
    std::string loss = "auto";
    ParamMap lossParams = {};
    double weight = 1.0;
    bool operator==(const OutputLoss&) const = default;
};

/// How a network is trained; saved with the project. Defaults are Keras' `fit`, but for the
/// optimizer (Keras: rmsprop) and the epochs (Keras: 1).
struct TrainSettings {
    std::string optimizer = "Adam"; ///< Key of `optimizerDefs()`.
    ParamMap optimizerParams = {};  ///< Only what differs from the defaults.
    std::string loss = "auto";      ///< Key of `lossDefs()`, or "auto" from the output layer.
    ParamMap lossParams = {};
    /// For networks with several outputs, by the name of the layer; the others take `loss`.
    std::map<std::string, OutputLoss, std::less<>> outputLosses = {};
    std::vector<ParamObject> metrics = {ParamObject("accuracy")}; ///< Of `metricFamily()`.
    std::vector<ParamObject> callbacks = {};                      ///< Of `callbackFamily()`.
    std::map<std::int64_t, double> classWeights = {};             ///< By class; the others count 1.
    std::int64_t batchSize = 32;
    std::int64_t epochs = 5;
    double validationSplit = 0.0; ///< Fraction of the training data; 0: the data's test set.
    bool stratified = false;      ///< That fraction of every class, not the last of the data.
    std::uint64_t seed = 1;
    int threads = 0; ///< 0: all cores.
    bool shuffle = true;

    bool operator==(const TrainSettings&) const = default;
};

} // namespace nn
