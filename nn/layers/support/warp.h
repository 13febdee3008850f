#pragma once

#include "nn/layers/support/augmentation.h"

#include <array>
#include <functional>

namespace nn {

/// What lies outside of an image.
enum class FillMode { Constant, Nearest, Wrap, Reflect };
template <>
struct ChoiceNames<FillMode> {
    static constexpr std::array<std::string_view, 4> names{"constant", "nearest", "wrap",
                                                           "reflect"};
};

/// How a value between pixels is found.
enum class WarpInterpolation { Nearest, Bilinear };
template <>
struct ChoiceNames<WarpInterpolation> {
    static constexpr std::array<std::string_view, 2> names{"nearest", "bilinear"};
};

/// Where an output pixel (x, y) comes from: column ax·x + ay·y + a, row bx·x + by·y + b.
struct AffineMap {
    double ax = 1.0;
    double ay = 0.0;
    double a = 0.0;
    double bx = 0.0;
    double by = 1.0;
    double b = 0.0;
};

/// How a warped image is filled.
struct WarpOptions {
    FillMode fillMode = FillMode::Reflect;
    WarpInterpolation interpolation = WarpInterpolation::Bilinear;
    double fillValue = 0.0;
};

/// Moves the pixels of an image by a map that is drawn anew for each one.
class Warp final : public Augmentation {
public:
    using Draw = std::function<AffineMap(RandomSequence&)>;

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
    void usePredicting(const AffineMap& map) { m_predicting = map; }
    void useSameForBatch() { m_sameForBatch = true; }

private:
    void move(const AffineMap& map, std::span<const float> image, std::span<float> result) const;
    template <typename Visit>
    void eachTap(const AffineMap& map, const Visit& visit) const;

    WarpOptions m_options;
    std::int64_t m_height;
    std::int64_t m_width;
    std::size_t m_channels;
    std::int64_t m_outHeight;
    std::int64_t m_outWidth;
    Draw m_draw;
    std::optional<AffineMap> m_predicting;
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

} // namespace nn
