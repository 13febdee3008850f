#include "nn/kernels/conv_epilogue.h"

#include "nn/kernels/activation.h"
#include "nn/kernels/moments.h"

namespace nn {
namespace {

/// Calls visit(offset, pixels) for runs of neighbouring pixels; `offset` is that of the first
/// channel in question.
template <typename Visit>
void forEachRun(const WrittenTargets& written, const Visit& visit) {
    const ConvRegion& region = written.region;
    const TargetLayout layout = targetLayout(written.pass, region);
    const bool wholeRows = region.columns == written.pass.x.targets;
    for (std::int64_t image = 0; image < region.images; ++image) {
        const std::ptrdiff_t first = layout.first + image * layout.image + written.firstChannel;
        if (wholeRows) {
            visit(first, region.rows * region.columns);
            continue;
        }
        for (std::int64_t row = 0; row < region.rows; ++row) {
            visit(first + row * layout.row, region.columns);
        }
    }
}

} // namespace

void gatherTargetMoments(const WrittenTargets& written, float* moments, std::int64_t block) {
    gatherMoments(moments, written.pass.targetChannels, block, written.firstChannel,
                  written.channels, [&](const auto& visit) {
                      forEachRun(written, [&](std::ptrdiff_t offset, std::int64_t pixels) {
                          visit(written.target + offset, pixels);
                      });
                  });
}

void maskTargets(const WrittenTargets& written, const float* passed) {
    Parallel one(1);
    const auto mask = [&](std::ptrdiff_t offset, std::int64_t count) {
        const auto size = static_cast<std::size_t>(count);
        const std::span<float> dx(written.target + offset, size);
        activationBackward(one, {ActivationKind::Relu},
                           {.x = {}, .y = {passed + offset, size}, .dy = dx, .dx = dx});
    };
    const std::int64_t pixel = written.pass.targetChannels;
    forEachRun(written, [&](std::ptrdiff_t offset, std::int64_t pixels) {
        if (written.channels == pixel) {
            mask(offset, pixels * pixel);
            return;
        }
        for (std::int64_t i = 0; i < pixels; ++i) {
            mask(offset + i * pixel, written.channels);
        }
    });
}

} // namespace nn
