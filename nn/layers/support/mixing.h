#pragma once

#include "nn/layers/support/augmentation.h"

#include <functional>
#include <memory>

namespace nn {

/// A number of the beta distribution with two equal parameters above 0.
[[nodiscard]] double betaNumber(RandomSequence& random, double parameter);
/// Numbers of the Dirichlet distribution with equal parameters; their sum is 1.
[[nodiscard]] std::vector<double> dirichletNumbers(RandomSequence& random, std::size_t count,
                                                   double parameter);

/// How an image is mixed with another of its batch: `share` of itself, and none of it in the pixels
/// from `left` to before `right`, from `top` to before `bottom`.
struct Mix {
    float share = 1.0F;
    std::int64_t left = 0;
    std::int64_t right = 0;
    std::int64_t top = 0;
    std::int64_t bottom = 0;
};
/// Draws it for one image.
using MixDraw = std::function<Mix(RandomSequence&)>;
/// Draws what is the same for all images of a batch.
using BatchMixDraw = std::function<MixDraw(RandomSequence&)>;

/// While training, mixes every image with another one of its batch, in an order that is drawn anew
/// for each batch.
[[nodiscard]] std::shared_ptr<const Kernel>
mixingKernel(BatchMixDraw draw, std::optional<std::int64_t> seed, const Shape& image);

} // namespace nn
