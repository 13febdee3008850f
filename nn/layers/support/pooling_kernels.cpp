#include "nn/layers/support/pooling_kernels.h"

#include "nn/exec/part_kernel.h"
#include "nn/kernels/square_pooling.h"
#include "nn/layers/support/conv_pool.h"
#include "nn/layers/support/shapes.h"

namespace nn {

namespace {

class MaxPoolingKernel final : public PartKernel, public MaxPoolingSize {
public:
    explicit MaxPoolingKernel(const PoolGeometry& geometry) : m_geometry(geometry) {}

    [[nodiscard]] KernelMemory memory(std::int64_t batch, Phase phase) const override {
        return {.savedBytes =
                    phase == Phase::Training ? maxPoolPositionBytes(m_geometry, batch) : 0};
    }
    void forward(const ForwardArgs& args) const override {
        const bool keeps = args.phase == Phase::Training;
        maxPoolForward(
            *args.parallel, m_geometry,
            {.batch = args.batch,
             .x = args.inputs[0],
             .y = args.output,
             .positions = keeps ? positions(args.saved, args.batch) : std::span<std::byte>{}});
    }
    void backward(const BackwardArgs& args) const override {
        if (!args.inputGradients[0].empty()) {
            maxPoolBackward(*args.parallel, m_geometry,
                            {.batch = args.batch,
                             .dy = args.outputGradient,
                             .positions = positions(args.saved, args.batch),
                             .dx = args.inputGradients[0]});
        }
    }
    [[nodiscard]] const PoolGeometry& maxPooling() const override { return m_geometry; }
    [[nodiscard]] bool backwardReadsInputs() const override { return false; }
    [[nodiscard]] bool backwardReadsOutput() const override { return false; }

private:
    template <typename Byte>
    [[nodiscard]] std::span<Byte> positions(std::span<Byte> saved, std::int64_t batch) const {
        return saved.first(static_cast<std::size_t>(maxPoolPositionBytes(m_geometry, batch)));
    }

    PoolGeometry m_geometry;
};

class AveragePoolingKernel final : public PartKernel {
public:
    explicit AveragePoolingKernel(const PoolGeometry& geometry) : m_geometry(geometry) {}

    [[nodiscard]] KernelMemory memory(std::int64_t /*batch*/, Phase /*phase*/) const override {
        return {};
    }
    void forward(const ForwardArgs& args) const override {
        averagePoolForward(*args.parallel, m_geometry,
                           {.batch = args.batch, .x = args.inputs[0], .y = args.output});
    }
    void backward(const BackwardArgs& args) const override {
        if (!args.inputGradients[0].empty()) {
            averagePoolBackward(*args.parallel, m_geometry,
                                {.batch = args.batch,
                                 .dy = args.outputGradient,
                                 .dx = args.inputGradients[0],
                                 .activation = args.inputActivation,
                                 .outputs = args.inputs[0]});
        }
    }
    [[nodiscard]] bool doesGradientOf(const Activation& before) const override {
        return averagesAfter(m_geometry, before);
    }
    [[nodiscard]] bool backwardReadsInputs() const override { return false; }
    [[nodiscard]] bool backwardReadsOutput() const override { return false; }

private:
    PoolGeometry m_geometry;
};

class GlobalAverageKernel final : public Kernel {
public:
    GlobalAverageKernel(std::int64_t pixels, std::int64_t channels)
        : m_pixels(pixels), m_channels(channels) {}

    [[nodiscard]] KernelMemory memory(std::int64_t /*batch*/, Phase /*phase*/) const override {
        return {};
    }
    void forward(const ForwardArgs& args) const override {
        globalAverageForward(*args.parallel, {args.batch, m_pixels, m_channels}, args.inputs[0],
                             args.output);
    }
    void backward(const BackwardArgs& args) const override {
        if (!args.inputGradients[0].empty()) {
            globalAverageBackward(*args.parallel, {args.batch, m_pixels, m_channels},
                                  args.outputGradient, args.inputGradients[0]);
        }
    }
    [[nodiscard]] bool backwardReadsInputs() const override { return false; }
    [[nodiscard]] bool backwardReadsOutput() const override { return false; }

private:
    std::int64_t m_pixels;
    std::int64_t m_channels;
};

class GlobalMaxKernel final : public Kernel {
public:
    GlobalMaxKernel(std::int64_t pixels, std::int64_t channels)
        : m_pixels(pixels), m_channels(channels) {}

    [[nodiscard]] KernelMemory memory(std::int64_t batch, Phase phase) const override {
        const bool keeps = phase == Phase::Training;
        return {.savedBytes =
                    keeps ? saturatedProduct({batch, m_channels, sizeof(std::int32_t)}) : 0};
    }
    void forward(const ForwardArgs& args) const override {
        std::span<std::int32_t> positions;
        if (args.phase == Phase::Training) {
            // The memory begins at a multiple of 64 bytes.
            positions = {reinterpret_cast<std::int32_t*>(args.saved.data()), count(args.batch)};
        }
        globalMaxForward(*args.parallel, {args.batch, m_pixels, m_channels}, args.inputs[0],
                         args.output, positions);
    }
    void backward(const BackwardArgs& args) const override {
        if (!args.inputGradients[0].empty()) {
            globalMaxBackward(
                *args.parallel, {args.batch, m_pixels, m_channels}, args.outputGradient,
                {reinterpret_cast<const std::int32_t*>(args.saved.data()), count(args.batch)},
                args.inputGradients[0]);
        }
    }
    [[nodiscard]] bool backwardReadsInputs() const override { return false; }
    [[nodiscard]] bool backwardReadsOutput() const override { return false; }

private:
    [[nodiscard]] std::size_t count(std::int64_t batch) const {
        return static_cast<std::size_t>(batch * m_channels);
    }

    std::int64_t m_pixels;
    std::int64_t m_channels;
};

} // namespace

std::shared_ptr<const Kernel> poolingKernel(PoolKind kind, const PoolGeometry& geometry) {
    switch (kind) {
    case PoolKind::Maximum:
        return std::make_shared<MaxPoolingKernel>(geometry);
    case PoolKind::Average:
        return std::make_shared<AveragePoolingKernel>(geometry);
    }
    return nullptr;
}

std::shared_ptr<const Kernel> globalPoolingKernel(PoolKind kind, std::int64_t pixels,
                                                  std::int64_t channels) {
    switch (kind) {
    case PoolKind::Maximum:
        return std::make_shared<GlobalMaxKernel>(pixels, channels);
    case PoolKind::Average:
        return std::make_shared<GlobalAverageKernel>(pixels, channels);
    }
    return nullptr;
}

} // namespace nn
