#include "nn/layers/support/resampling.h"

#include <algorithm>

namespace nn {

namespace {

class ResamplingKernel final : public Kernel {
public:
    explicit ResamplingKernel(const Resampling& resampling)
        : m_vertical(resampleAxis(resampling.vertical)),
          m_horizontal(resampleAxis(resampling.horizontal)),
          m_backVertical(transposedAxis(m_vertical)),
          m_backHorizontal(transposedAxis(m_horizontal)), m_channels(resampling.channels),
          m_fill(resampling.fill) {}

    [[nodiscard]] KernelMemory memory(std::int64_t /*batch*/, Phase phase) const override {
        const std::int64_t forward = resampleScratchFloats(m_horizontal, m_channels);
        const std::int64_t backward = resampleScratchFloats(m_backHorizontal, m_channels);
        return {.scratchFloats = phase == Phase::Training ? std::max(forward, backward) : forward};
    }
    void forward(const ForwardArgs& args) const override {
        resample(*args.parallel, m_vertical, m_horizontal,
                 {.batch = args.batch,
                  .channels = m_channels,
                  .source = args.inputs[0],
                  .target = args.output,
                  .fill = m_fill,
                  .scratch = args.scratch});
    }
    void backward(const BackwardArgs& args) const override {
        if (!args.inputGradients[0].empty()) {
            resample(*args.parallel, m_backVertical, m_backHorizontal,
                     {.batch = args.batch,
                      .channels = m_channels,
                      .source = args.outputGradient,
                      .target = args.inputGradients[0],
                      .scratch = args.scratch});
        }
    }
    [[nodiscard]] bool backwardReadsInputs() const override { return false; }
    [[nodiscard]] bool backwardReadsOutput() const override { return false; }

private:
    ResampleAxis m_vertical;
    ResampleAxis m_horizontal;
    ResampleAxis m_backVertical;
    ResampleAxis m_backHorizontal;
    std::int64_t m_channels;
    float m_fill;
};

class FramingKernel final : public Kernel {
public:
    explicit FramingKernel(const BorderGeometry& geometry) : m_geometry(geometry) {}

    [[nodiscard]] KernelMemory memory(std::int64_t /*batch*/, Phase /*phase*/) const override {
        return {};
    }
    void forward(const ForwardArgs& args) const override {
        copyFramed(*args.parallel, m_geometry, args.batch, args.inputs[0], args.output);
    }
    void backward(const BackwardArgs& args) const override {
        if (!args.inputGradients[0].empty()) {
            copyFramed(*args.parallel, opposite(m_geometry), args.batch, args.outputGradient,
                       args.inputGradients[0]);
        }
    }
    [[nodiscard]] bool backwardReadsInputs() const override { return false; }
    [[nodiscard]] bool backwardReadsOutput() const override { return false; }

private:
    BorderGeometry m_geometry;
};

/// ⌊a · b / c⌋ as Keras computes it.
std::int64_t scaled(std::int64_t a, std::int64_t b, std::int64_t c) {
    return static_cast<std::int64_t>(static_cast<double>(a) * static_cast<double>(b) /
                                     static_cast<double>(c));
}

} // namespace

ParamDetail interpolationDetail() {
    return {.help = "How values between the pixels are found: nearest repeats pixels, bilinear "
                    "blends the four around, bicubic and lanczos look further and keep edges "
                    "sharper."};
}

std::int64_t resamplingReach(Interpolation interpolation) {
    switch (interpolation) {
    case Interpolation::Nearest:
        return 0;
    case Interpolation::Bilinear:
        return 1;
    case Interpolation::Bicubic:
        return 2;
    case Interpolation::Lanczos3:
        return 3;
    case Interpolation::Lanczos5:
        return 5;
    }
    return 0;
}

LayerCost resamplingCost(Interpolation interpolation, const Shape& output) {
    // One pass down, one across, each over 1, 2, 4, 6 or 10 pixels.
    const std::int64_t taps = std::max<std::int64_t>(2 * resamplingReach(interpolation), 1);
    return {.otherOperations = saturatedProduct({2, taps, elementsOrZero(output)})};
}

std::shared_ptr<const Kernel> resamplingKernel(const Resampling& resampling) {
    return std::make_shared<ResamplingKernel>(resampling);
}

std::shared_ptr<const Kernel> framingKernel(const BorderGeometry& geometry) {
    return std::make_shared<FramingKernel>(geometry);
}

Size2 partOfRatio(const Size2& image, const Size2& target) {
    const std::int64_t height = scaled(image.width, target.height, target.width);
    const std::int64_t width = scaled(image.height, target.width, target.height);
    return {std::max<std::int64_t>(std::min(image.height, height), 1),
            std::max<std::int64_t>(std::min(image.width, width), 1)};
}

Size2 frameOfRatio(const Size2& image, const Size2& target) {
    return {std::max(image.height, scaled(image.width, target.height, target.width)),
            std::max(image.width, scaled(image.height, target.width, target.height))};
}

ResampleSpan croppedSpan(std::int64_t sources, std::int64_t length, std::int64_t targets,
                         Interpolation interpolation) {
    return {.sources = sources,
            .targets = targets,
            .begin = (sources - length) / 2,
            .length = length,
            .interpolation = interpolation};
}

} // namespace nn
