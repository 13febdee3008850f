#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace nn {

/// Where the mean and Σ (x - mean)² of some channels go.
struct ChannelMoments {
    float* means = nullptr;
    float* squares = nullptr;
    std::int64_t channels = 0;
    std::ptrdiff_t pixel = 0; ///< Floats of x from one pixel to the next.
};

/// Adds Σ x of a run of pixels to the means, and Σ (x - mean)² to the squares.
void addToMeans(const ChannelMoments& to, const float* x, std::int64_t pixels);
void addToSquares(const ChannelMoments& to, const float* x, std::int64_t pixels);
void divideMeans(const ChannelMoments& to, std::int64_t pixels);

/// The moments of all pixels that `forEachRun` tells, run by run, to visit(x, pixels). It is asked
/// twice: while the pixels are in the first-level cache that costs less than a formula for one pass
/// that loses digits. Returns how many pixels there were.
template <typename ForEachRun>
std::int64_t gatherMoments(const ChannelMoments& to, const ForEachRun& forEachRun) {
    std::fill_n(to.means, to.channels, 0.0F);
    std::fill_n(to.squares, to.channels, 0.0F);
    std::int64_t total = 0;
    forEachRun([&](const float* x, std::int64_t pixels) {
        addToMeans(to, x, pixels);
        total += pixels;
    });
    divideMeans(to, total);
    forEachRun([&](const float* x, std::int64_t pixels) { addToSquares(to, x, pixels); });
    return total;
}

/// Moments of blocks of pixels, for all channels, one after the other: the number of pixels, at
/// the next multiple of 64 bytes the means, then the squares.
struct MomentBlocks {
    std::int64_t channels = 0;

    [[nodiscard]] std::int64_t floats() const { return (kHead + 2 * channels + 15) / 16 * 16; }
    [[nodiscard]] std::int64_t means(std::int64_t block) const { return block * floats() + kHead; }
    [[nodiscard]] std::int64_t squares(std::int64_t block) const { return means(block) + channels; }
    [[nodiscard]] std::int64_t pixels(std::int64_t block) const { return block * floats(); }

    static constexpr std::int64_t kHead = 16;
};

/// Sets those of channels from `first` on in a block, as `gatherMoments` does.
template <typename ForEachRun>
void gatherMoments(float* blocks, std::int64_t allChannels, std::int64_t block, std::int64_t first,
                   std::int64_t channels, const ForEachRun& forEachRun) {
    const MomentBlocks layout{allChannels};
    const std::int64_t pixels = gatherMoments({.means = blocks + layout.means(block) + first,
                                               .squares = blocks + layout.squares(block) + first,
                                               .channels = channels,
                                               .pixel = allChannels},
                                              forEachRun);
    if (first == 0) {
        blocks[layout.pixels(block)] = static_cast<float>(pixels);
    }
}

/// Joins the mean and Σ (x - mean)² of `countB` values to those of `countA` (Chan et al. 1979).
inline void joinMoments(double countA, double& meanA, double& squaresA, double countB, double meanB,
                        double squaresB) {
    const double share = countB / (countA + countB);
    const double difference = meanB - meanA;
    meanA += difference * share;
    squaresA += squaresB + difference * difference * countA * share;
}

} // namespace nn
