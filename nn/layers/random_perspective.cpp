#include "nn/layers/support/warp.h"

#include <Eigen/LU>
#include <array>

namespace nn::layers {

namespace {

struct RandomPerspective {
    std::vector<double> factor{1.0};
    double scale = 1.0;
    WarpInterpolation interpolation = WarpInterpolation::Bilinear;
    double fillValue = 0.0;
    std::optional<std::int64_t> seed;
};
using Definition = DefineLayer<RandomPerspective>;

using Corners = std::array<PixelPosition, 4>;

/// The map that takes the moved corners back to where they were: two linear equations for each of
/// the four, in the eight numbers of the map. Nothing where they have no solution.
std::optional<PlaneMap> mapBetween(const Corners& moved, const Corners& original) {
    Eigen::Matrix<double, 8, 8> equations;
    Eigen::Matrix<double, 8, 1> places;
    for (std::size_t i = 0; i < 4; ++i) {
        const auto [x, y] = moved[i];
        const auto [u, v] = original[i];
        const auto row = static_cast<Eigen::Index>(2 * i);
        equations.row(row) << x, y, 1.0, 0.0, 0.0, 0.0, -u * x, -u * y;
        equations.row(row + 1) << 0.0, 0.0, 0.0, x, y, 1.0, -v * x, -v * y;
        places(row) = u;
        places(row + 1) = v;
    }
    const Eigen::Matrix<double, 8, 1> map = equations.partialPivLu().solve(places);
    if (!map.allFinite()) {
        return std::nullopt;
    }
    return PlaneMap{map(0), map(1), map(2), map(3), map(4), map(5), map(6), map(7)};
}

std::shared_ptr<const Kernel> kernelOf(const RandomPerspective& options, Definition::Inputs inputs,
                                       const Shape& output) {
    const Shape& image = inputs[0];
    const auto right = static_cast<double>(image[1] - 1);
    const auto bottom = static_cast<double>(image[0] - 1);
    const Corners corners{{{0.0, 0.0}, {right, 0.0}, {0.0, bottom}, {right, bottom}}};
    const FactorRange probability = factorRange(options.factor, 0.0);
    const FactorRange shift{-0.5 * options.scale, 0.5 * options.scale};
    const auto draw = [=](RandomSequence& random) {
        const double least = probability.draw(random);
        const bool applies = random.uniform() < least;
        Corners moved = corners;
        for (PixelPosition& corner : moved) {
            corner.column += corner.column * shift.draw(random);
            corner.row += corner.row * shift.draw(random);
        }
        return applies ? mapBetween(moved, corners).value_or(PlaneMap{}) : PlaneMap{};
    };
    const WarpOptions fill{.fillMode = FillMode::Constant,
                           .interpolation = options.interpolation,
                           .fillValue = options.fillValue};
    return augmentationKernel(std::make_shared<Warp>(fill, image, image, draw), options.seed, image,
                              output);
}

} // namespace

LayerDef random_perspective() {
    return Definition("RandomPerspective", Category::Augmentation,
                      "Shows each image as if from another side, at random while training.")
        .help("While training, the corners of an image are moved by random parts of their distance "
              "from the upper left one, and the image follows, as a picture on a wall that is seen "
              "from the side. What is left empty becomes fill_value. When predicting, it does "
              "nothing.")
        .param(
            &RandomPerspective::factor, "factor",
            factorDetail(0.0, 1.0,
                         "How probable it is: two bounds from which the probability is drawn for "
                         "each image, or one number for a probability from 0 to it."))
        .param(&RandomPerspective::scale, "scale",
               {.min = 0.0,
                .max = 1.0,
                .step = 0.05,
                .help = "How far corners move: up to half of this part of the width and height."})
        .param(&RandomPerspective::interpolation, "interpolation",
               {.help = "Whether a pixel is a mixture of the four it falls between, or the nearest "
                        "of them."})
        .param(&RandomPerspective::fillValue, "fill_value",
               {.min = -1e6, .max = 1e6, .help = "What fills the gaps beside the moved image."})
        .param(&RandomPerspective::seed, "seed", augmentationSeedDetail())
        .randomWhenTraining()
        .shape([](const RandomPerspective&, Definition::Inputs inputs) {
            return augmentedShape("RandomPerspective", inputs[0]);
        })
        .kernel(kernelOf)
        .formulas("as the input")
        .example({{6, 5, 3}}, {{"factor", std::vector<double>{0.7, 1.0}}, {"scale", 0.6}});
}

} // namespace nn::layers
