#pragma once

#include "nn/kernels/strip.h"

namespace nn {

/// The strips of a convolution with one filter per channel, for two or three taps per row:
/// target[y][x][n] = activation(old + bias[n] +
///     Σ_i Σ_j source[y · sourceRow + i · kernelRowStep + (x + j) · sourcePixel + n] b[i][j][n])
/// for `columns` channels n; `bPanel` and `channels` are not read, nothing beyond `columns` is.
void multiplyChannelStrips(const StripRows& rows, const StripWeights& weights);

} // namespace nn
