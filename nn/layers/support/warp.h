#pragma once

#include "nn/layers/support/augmentation.h"
#include "nn/layers/support/sampler.h"

#include <functional>

namespace nn {

/// Where an output pixel (x, y) comes from: column ax·x + ay·y + a, row bx·x + by·y + b, both
/// divided by cx·x + cy·y + 1, which is 1 where straight lines stay parallel.
struct PlaneMap {
    double ax = 1.0;
    double ay = 0.0;
    double a = 0.0;
    double bx = 0.0;
    double by = 1.0;
    double b = 0.0;
    double cx = 0.0;
    double cy = 0.0;

    PixelPosition operator()(double x, double y) const {
        const double distance = cx * x + cy * y + 1.0;
        return {(ax * x + ay * y + a) / distance, (bx * x + by * y + b) / distance};
    }
};

/// Moves the pixels of an image by a map that is drawn anew for each one.
class Warp final : public Augmentation {
public:
    using Draw = std::function<PlaneMap(RandomSequence&)>;

    /// Shapes (height, width, channels).
    Warp(const WarpOptions& options, const Shape& input, const Shape& output, Draw draw);

    void apply(RandomSequence& random, std::span<const float> image,
               std::span<float> result) const override;
    void applyBackward(RandomSequence& random, std::span<const float> image,
                       std::span<const float> resultGradient,
                       std::span<float> imageGradient) const override;
    [[nodiscard]] bool actsWhenPredicting() const override { return m_predicting.has_value(); }
    void predict(std::span<const float> image, std::span<float> result) const override;
    [[nodiscard]] bool isSameForBatch() const override { return m_sameForBatch; }

    /// The map used when predicting, and one drawn map for all images of a batch.
    void usePredicting(const PlaneMap& map) { m_predicting = map; }
    void useSameForBatch() { m_sameForBatch = true; }

private:
    ImageSampler m_sampler;
    Draw m_draw;
    std::optional<PlaneMap> m_predicting;
    bool m_sameForBatch = false;
};

/// The arguments fill_mode, interpolation, seed and fill_value; options derive from it.
struct WarpArguments : WarpOptions {
    std::optional<std::int64_t> seed;
};
template <typename Options>
void addWarpArguments(DefineLayer<Options>& layer) {
    layer
        .param([](auto& options) -> auto& { return options.fillMode; }, "fill_mode",
               {.help = "What stands where the moved image leaves a gap: its mirror image "
                        "(reflect), its other side (wrap), its border pixels (nearest) or "
                        "fill_value (constant)."})
        .param([](auto& options) -> auto& { return options.interpolation; }, "interpolation",
               {.help = "Whether a pixel is a mixture of the four it falls between, or the nearest "
                        "of them."})
        .param(
            [](auto& options) -> auto& { return options.seed; }, "seed", augmentationSeedDetail())
        .param([](auto& options) -> auto& { return options.fillValue; }, "fill_value",
               {.min = -1e6, .max = 1e6, .help = "What fills gaps when fill_mode is constant."});
}

/// A layer that warps images: the kernel of a map drawn for each image.
[[nodiscard]] std::shared_ptr<const Kernel> warpKernel(const WarpArguments& options,
                                                       const Shape& image, Warp::Draw draw);

/// Maps of layers: a slant of up to `across` pixels per row and `down` per column, a shift by parts
/// of the size, and a turn around the middle, counter-clockwise in whole turns.
[[nodiscard]] Warp::Draw shearDraw(const FactorRange& across, const FactorRange& down);
[[nodiscard]] Warp::Draw translationDraw(const FactorRange& down, const FactorRange& across,
                                         const Shape& image);
[[nodiscard]] Warp::Draw rotationDraw(const FactorRange& turns, const Shape& image);

} // namespace nn
