#include "nn/layers/support/augmentation.h"

#include "nn/layers/support/copies.h"
#include "nn/layers/support/dropout_key.h"

#include <algorithm>
#include <cmath>

namespace nn {
namespace {

class AugmentationKernel final : public Kernel {
public:
    /// `predicting` is nullptr where predicting leaves images alone.
    AugmentationKernel(BatchAugmentation draw, std::shared_ptr<const Augmentation> predicting,
                       std::optional<std::int64_t> seed, std::int64_t inputs, std::int64_t outputs)
        : m_draw(std::move(draw)), m_predicting(std::move(predicting)), m_seed(seed),
          m_inputs(static_cast<std::size_t>(inputs)), m_outputs(static_cast<std::size_t>(outputs)) {
    }

    [[nodiscard]] KernelMemory memory(std::int64_t /*batch*/, Phase /*phase*/) const override {
        return {};
    }
    void forward(const ForwardArgs& args) const override {
        if (isIdentity(args.phase)) {
            copyValues(*args.parallel, args.inputs[0], args.output);
            return;
        }
        const auto used = args.phase == Phase::Inference ? m_predicting : drawn(args.key);
        args.parallel->run(args.batch, [&](std::int64_t sample, int /*worker*/) {
            const std::span<const float> image = part(args.inputs[0], m_inputs, sample);
            const std::span<float> result = part(args.output, m_outputs, sample);
            if (args.phase == Phase::Inference) {
                used->predict(image, result);
            } else {
                RandomSequence random = numbers(*used, args.key, sample);
                used->apply(random, image, result);
            }
        });
    }
    void backward(const BackwardArgs& args) const override {
        if (args.inputGradients[0].empty()) {
            return;
        }
        const auto used = drawn(args.key);
        args.parallel->run(args.batch, [&](std::int64_t sample, int /*worker*/) {
            RandomSequence random = numbers(*used, args.key, sample);
            used->applyBackward(
                random, part(args.inputs[0], m_inputs, sample),
                part(std::span<const float>(args.outputGradient), m_outputs, sample),
                part(args.inputGradients[0], m_inputs, sample));
        });
    }
    [[nodiscard]] bool backwardReadsOutput() const override { return false; }
    [[nodiscard]] bool isIdentity(Phase phase) const override {
        return phase == Phase::Inference && m_predicting == nullptr;
    }

private:
    template <typename T>
    static std::span<T> part(std::span<T> all, std::size_t length, std::int64_t sample) {
        return all.subspan(static_cast<std::size_t>(sample) * length, length);
    }
    /// What is done to the images of one batch.
    [[nodiscard]] std::shared_ptr<const Augmentation> drawn(const StepKey& key) const {
        RandomSequence random = augmentationNumbers(key, m_seed, kBatchRow);
        return m_draw(random);
    }
    [[nodiscard]] RandomSequence numbers(const Augmentation& used, const StepKey& key,
                                         std::int64_t sample) const {
        const std::uint64_t row =
            used.isSameForBatch() ? 0 : key.firstSample + static_cast<std::uint64_t>(sample);
        return augmentationNumbers(key, m_seed, row);
    }

    BatchAugmentation m_draw;
    std::shared_ptr<const Augmentation> m_predicting;
    std::optional<std::int64_t> m_seed;
    std::size_t m_inputs;
    std::size_t m_outputs;
};

} // namespace

void Augmentation::predict(std::span<const float> image, std::span<float> result) const {
    std::ranges::copy(image, result.begin());
}

RandomSequence augmentationNumbers(const StepKey& key, std::optional<std::int64_t> layerSeed,
                                   std::uint64_t sample) {
    RandomKey stream = dropoutKey(key, layerSeed).key;
    stream.purpose = RandomPurpose::Augment;
    return RandomSequence(stream, sample);
}

std::shared_ptr<const Kernel> augmentationKernel(std::shared_ptr<const Augmentation> augmentation,
                                                 std::optional<std::int64_t> seed,
                                                 const Shape& input, const Shape& output) {
    auto predicting = augmentation->actsWhenPredicting() ? augmentation : nullptr;
    return std::make_shared<AugmentationKernel>(
        [augmentation](RandomSequence&) { return augmentation; }, std::move(predicting), seed,
        input.count(), output.count());
}

std::shared_ptr<const Kernel>
augmentationKernel(BatchAugmentation draw, std::optional<std::int64_t> seed, const Shape& image) {
    return std::make_shared<AugmentationKernel>(std::move(draw), nullptr, seed, image.count(),
                                                image.count());
}

FactorRange factorRange(const std::vector<double>& factor, double least) {
    if (factor.size() == 2) {
        return {std::min(factor[0], factor[1]), std::max(factor[0], factor[1])};
    }
    const double size = factor.empty() ? 0.0 : std::abs(factor[0]);
    return {std::max(-size, least), size};
}

ValueRange valueRange(const std::vector<double>& bounds) {
    return {static_cast<float>(std::ranges::min(bounds)),
            static_cast<float>(std::ranges::max(bounds))};
}

ParamDetail factorDetail(double least, double most, std::string help) {
    return {.min = least,
            .max = most,
            .step = 0.05,
            .minCount = 1,
            .maxCount = 2,
            .help = std::move(help)};
}

ParamDetail valueRangeDetail() {
    return {.min = -1e6,
            .max = 1e6,
            .minCount = 2,
            .maxCount = 2,
            .help =
                "The smallest and the largest value a pixel can have: 0, 255 for images as they "
                "are, 0, 1 after Rescaling."};
}

ParamDetail augmentationSeedDetail() {
    return {.min = 0,
            .max = 2'147'483'647,
            .step = 1,
            .help = "Where this layer's random numbers start. None takes them from the training's "
                    "own seed."};
}

tl::expected<Shape, LayerProblem> augmentedShape(std::string_view layer, const Shape& input) {
    if (auto problem = imageProblem(layer, input)) {
        return tl::unexpected(*problem);
    }
    return input;
}

tl::expected<Shape, LayerProblem> colouredShape(std::string_view layer, const Shape& input) {
    auto shape = augmentedShape(layer, input);
    if (shape && input[2] != 3) {
        return layerProblem(std::string(layer) +
                            " needs a colour image with 3 channels (red, green, blue), but its "
                            "input has " +
                            std::to_string(input[2]) + ". Take colour images, or remove it.");
    }
    return shape;
}

tl::expected<Shape, LayerProblem> rangedShape(std::string_view layer, const Shape& input,
                                              const std::vector<double>& valueRange) {
    if (valueRange[0] == valueRange[1]) {
        return layerProblem(std::string(layer) +
                                " needs two different numbers for value_range, the smallest and "
                                "the largest value of a pixel, but both are " +
                                pythonText(ParamValue(valueRange[0])) + ".",
                            "value_range");
    }
    return augmentedShape(layer, input);
}

} // namespace nn
