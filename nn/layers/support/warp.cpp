#include "nn/layers/support/warp.h"

#include <cmath>
#include <numbers>

namespace nn {
namespace {

/// Turns the content counter-clockwise around the middle of the image.
PlaneMap rotation(double angle, double lastColumn, double lastRow) {
    const double cosine = std::cos(angle);
    const double sine = std::sin(angle);
    return {.ax = cosine,
            .ay = -sine,
            .a = (lastColumn - (cosine * lastColumn - sine * lastRow)) / 2.0,
            .bx = sine,
            .by = cosine,
            .b = (lastRow - (sine * lastColumn + cosine * lastRow)) / 2.0};
}

} // namespace

Warp::Warp(const WarpOptions& options, const Shape& input, const Shape& output, Draw draw)
    : m_sampler(options, input, output), m_draw(std::move(draw)) {}

void Warp::apply(RandomSequence& random, std::span<const float> image,
                 std::span<float> result) const {
    m_sampler.read(m_draw(random), image, result);
}

void Warp::applyBackward(RandomSequence& random, std::span<const float> /*image*/,
                         std::span<const float> resultGradient,
                         std::span<float> imageGradient) const {
    m_sampler.readBackward(m_draw(random), resultGradient, imageGradient);
}

void Warp::predict(std::span<const float> image, std::span<float> result) const {
    m_sampler.read(*m_predicting, image, result);
}

std::shared_ptr<const Kernel> warpKernel(const WarpArguments& options, const Shape& image,
                                         Warp::Draw draw) {
    return augmentationKernel(std::make_shared<Warp>(options, image, image, std::move(draw)),
                              options.seed, image, image);
}

Warp::Draw shearDraw(const FactorRange& across, const FactorRange& down) {
    return [=](RandomSequence& random) {
        const double sign = random.uniform() > 0.5 ? -1.0 : 1.0;
        PlaneMap map;
        map.ay = sign * across.draw(random);
        map.bx = sign * down.draw(random);
        return map;
    };
}

Warp::Draw translationDraw(const FactorRange& down, const FactorRange& across, const Shape& image) {
    const auto height = static_cast<double>(image[0]);
    const auto width = static_cast<double>(image[1]);
    return [=](RandomSequence& random) {
        PlaneMap map;
        map.b = -height * down.draw(random);
        map.a = -width * across.draw(random);
        return map;
    };
}

Warp::Draw rotationDraw(const FactorRange& turns, const Shape& image) {
    const auto lastColumn = static_cast<double>(image[1] - 1);
    const auto lastRow = static_cast<double>(image[0] - 1);
    return [=](RandomSequence& random) {
        const double angle = 2.0 * std::numbers::pi * turns.draw(random);
        return rotation(angle, lastColumn, lastRow);
    };
}

} // namespace nn
