#pragma once

#include "nn/base/random.h"
#include "nn/exec/kernel.h"
#include "nn/layers/support/shapes.h"

#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace nn {

/// What a random layer does to one image while training. Immutable; the random numbers come in,
/// the same ones for both directions.
class Augmentation {
public:
    Augmentation() = default;
    Augmentation(const Augmentation&) = delete;
    Augmentation& operator=(const Augmentation&) = delete;
    virtual ~Augmentation() = default;

    virtual void apply(RandomSequence& random, std::span<const float> image,
                       std::span<float> result) const = 0;
    /// The gradient with respect to the image from that with respect to the result.
    virtual void applyBackward(RandomSequence& random, std::span<const float> image,
                               std::span<const float> resultGradient,
                               std::span<float> imageGradient) const = 0;
    /// What it does when predicting; for most layers nothing.
    [[nodiscard]] virtual bool actsWhenPredicting() const { return false; }
    virtual void predict(std::span<const float> image, std::span<float> result) const;
    /// All images of a batch are treated alike.
    [[nodiscard]] virtual bool isSameForBatch() const { return false; }
};

/// The row whose random numbers are drawn once for all images of a batch.
inline constexpr std::uint64_t kBatchRow = std::numeric_limits<std::uint64_t>::max();
/// Where one image's random numbers come from in one training step. `layerSeed`, when given, takes
/// the place of the run's seed.
[[nodiscard]] RandomSequence augmentationNumbers(const StepKey& key,
                                                 std::optional<std::int64_t> layerSeed,
                                                 std::uint64_t sample);

/// Runs an augmentation on every image of a batch. Shapes are without batch.
[[nodiscard]] std::shared_ptr<const Kernel>
augmentationKernel(std::shared_ptr<const Augmentation> augmentation,
                   std::optional<std::int64_t> seed, const Shape& input, const Shape& output);
/// The same for one of which a part is drawn once for all images of a batch. Does nothing when
/// predicting.
using BatchAugmentation = std::function<std::shared_ptr<const Augmentation>(RandomSequence&)>;
[[nodiscard]] std::shared_ptr<const Kernel>
augmentationKernel(BatchAugmentation draw, std::optional<std::int64_t> seed, const Shape& image);

/// Where a factor is drawn from.
struct FactorRange {
    double lower = 0.0;
    double upper = 0.0;
    [[nodiscard]] double draw(RandomSequence& random) const {
        return lower + (upper - lower) * random.uniform();
    }
};
/// A factor as Keras reads it: two numbers are the bounds; one number f means from -f to f, but not
/// below `least`.
[[nodiscard]] FactorRange factorRange(const std::vector<double>& factor, double least = -1.0);

/// The smallest and the largest value that a pixel can have.
struct ValueRange {
    float least = 0.0F;
    float most = 255.0F;
    [[nodiscard]] float extent() const { return most - least; }
};
[[nodiscard]] ValueRange valueRange(const std::vector<double>& bounds);

/// The arguments that augmentation layers share.
[[nodiscard]] ParamDetail factorDetail(double least, double most, std::string help);
[[nodiscard]] ParamDetail valueRangeDetail();
[[nodiscard]] ParamDetail augmentationSeedDetail();

/// The output is as large as the input, which must be an image.
[[nodiscard]] tl::expected<Shape, LayerProblem> augmentedShape(std::string_view layer,
                                                               const Shape& input);
/// The same for layers that need red, green and blue.
[[nodiscard]] tl::expected<Shape, LayerProblem> colouredShape(std::string_view layer,
                                                              const Shape& input);
/// The same for layers that measure values by their range, which must not be empty.
[[nodiscard]] tl::expected<Shape, LayerProblem>
rangedShape(std::string_view layer, const Shape& input, const std::vector<double>& valueRange);

} // namespace nn
