#pragma once

#include "nn/io/json.h"
#include "nn/model/graph.h"

#include <unordered_set>

namespace nn::io {

/// Where a Keras model has the channels of its images: (height, width, channels) or
/// (channels, height, width).
enum class ChannelOrder { Last, First };

/// First when any layer of the model, or of one inside, says so.
[[nodiscard]] ChannelOrder channelOrderIn(const Json& model);

/// The same network with the channels last: shapes of Input layers and arguments that name an axis
/// are turned. `channelsFirst`: the layers whose 'data_format' was channels_first. Refused with the
/// layer and the reason where the order cannot be changed without changing the result. Flatten
/// needs nothing: Keras itself moves the channels last before it flattens.
[[nodiscard]] Expected<Graph> channelsMovedLast(Graph graph,
                                                const std::unordered_set<NodeId>& channelsFirst);

} // namespace nn::io
