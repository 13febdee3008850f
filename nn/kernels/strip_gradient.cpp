#include "nn/kernels/strip_gradient.h"

#include "nn/kernels/product.h"
#include "nn/kernels/simd_dispatch.h"

#include <algorithm>
#include <array>
#include <utility>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/strip_gradient.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "nn/kernels/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

// Vectors of filters, and channels whose three taps fit into the registers beside the gradients.
#if HWY_TARGET == HWY_AVX3
constexpr int kVectors = 2;
#elif HWY_TARGET == HWY_NEON || HWY_TARGET == HWY_SCALAR
constexpr int kVectors = 4;
#else
constexpr int kVectors = 2;
#endif
constexpr int kMostChannels = HWY_TARGET == HWY_AVX3 ? 8 : 2;
template <int Vectors>
constexpr int tileChannels = HWY_TARGET == HWY_AVX3 ? 8 / Vectors : 2;

constexpr Tag d;
constexpr int kTaps = 3;
constexpr int kAhead = 6; // pixels that are fetched before they are needed

/// Where a tile reads and writes.
struct Tile {
    const float* x = nullptr;
    std::array<const float*, kVectors> dy{};
    float* dw = nullptr;
    int filters = 0;
};

template <int Channels, int Vectors>
using Sums = Vector[Channels * kTaps][Vectors];

/// What one source pixel adds to the taps from First to Last; the gradient of tap j is j pixels
/// before `at`.
template <int First, int Last, int Channels, int Vectors>
HWY_INLINE void addPixel(const float* x, const float* const* dy, std::ptrdiff_t at,
                         std::ptrdiff_t pixel, Sums<Channels, Vectors>& sums) {
    Vector gradient[kTaps][Vectors];
    HWY_UNROLL(4)
    for (int j = First; j <= Last; ++j) {
        HWY_UNROLL(4)
        for (int v = 0; v < Vectors; ++v) {
            gradient[j][v] = hn::LoadU(d, dy[v] + at - j * pixel);
        }
    }
    HWY_UNROLL(8)
    for (int c = 0; c < Channels; ++c) {
        const Vector value = hn::Set(d, x[c]);
        HWY_UNROLL(4)
        for (int j = First; j <= Last; ++j) {
            HWY_UNROLL(4)
            for (int v = 0; v < Vectors; ++v) {
                auto& sum = sums[c * kTaps + j][v];
                sum = hn::MulAdd(value, gradient[j][v], sum);
            }
        }
    }
}

/// All taps of some channels in one filter row.
template <int Channels, int Vectors>
void addTile(const StripGradient& g, const Tile& tile) {
    Sums<Channels, Vectors> sums;
    float* to[Channels * kTaps];
    HWY_UNROLL(24)
    for (int r = 0; r < Channels * kTaps; ++r) {
        to[r] = tile.dw + r / kTaps * g.dwChannel + r % kTaps * g.dwTap;
        HWY_UNROLL(4)
        for (int v = 0; v < Vectors; ++v) {
            sums[r][v] = hn::Zero(d);
        }
    }
    for (std::int64_t y = 0; y < g.rows; ++y) {
        const float* x = tile.x + y * g.xRow;
        const float* dy[Vectors];
        HWY_UNROLL(4)
        for (int v = 0; v < Vectors; ++v) {
            dy[v] = tile.dy[static_cast<std::size_t>(v)] + y * g.dyRow;
        }
        const std::ptrdiff_t pixel = g.dyPixel;
        const std::ptrdiff_t end = g.columns * pixel;
        addPixel<0, 0, Channels, Vectors>(x, dy, 0, pixel, sums);
        x += g.xPixel;
        if (end == pixel) {
            addPixel<1, 1, Channels, Vectors>(x, dy, pixel, pixel, sums);
        } else {
            addPixel<0, 1, Channels, Vectors>(x, dy, pixel, pixel, sums);
            x += g.xPixel;
            for (std::ptrdiff_t at = 2 * pixel; at < end; at += pixel) {
                __builtin_prefetch(x + kAhead * g.xPixel);
                HWY_UNROLL(4)
                for (int v = 0; v < Vectors; ++v) {
                    __builtin_prefetch(dy[v] + at + kAhead * pixel);
                }
                addPixel<0, 2, Channels, Vectors>(x, dy, at, pixel, sums);
                x += g.xPixel;
            }
            addPixel<1, 2, Channels, Vectors>(x, dy, end, pixel, sums);
        }
        addPixel<2, 2, Channels, Vectors>(x + g.xPixel, dy, end + pixel, pixel, sums);
    }
    storeTile<Tag, Channels * kTaps, Vectors>({.add = true}, sums, to, 0, tile.filters);
}

using TileFunction = void (*)(const StripGradient&, const Tile&);
/// Tiles of one width by number of channels.
struct TileTable {
    int channels = 0; ///< Of the highest.
    std::array<TileFunction, kMostChannels + 1> functions{};
};

template <int Vectors, int... Index>
constexpr TileTable tableOf(std::integer_sequence<int, Index...>) {
    return {sizeof...(Index), {nullptr, &addTile<Index + 1, Vectors>...}};
}
template <int Vectors>
constexpr TileTable
    table = tableOf<Vectors>(std::make_integer_sequence<int, tileChannels<Vectors>>());

/// All channels for the filters of a tile, 16 at a time: their cells stay in the first-level cache
/// for all filter rows.
void addChannels(const StripGradient& g, Tile tile) {
    constexpr std::int64_t line = 16;
    const TileTable& tiles =
        tile.filters > kVectors / 2 * kLanes ? table<kVectors> : table<kVectors / 2>;
    const float* const x = tile.x;
    float* const dw = tile.dw;
    for (std::int64_t block = 0; block < g.channels; block += line) {
        const std::int64_t count = std::min(line, g.channels - block);
        const std::int64_t parts = (count + tiles.channels - 1) / tiles.channels;
        for (std::int64_t row = 0; row < g.kernelRows; ++row) {
            for (std::int64_t part = 0; part < parts; ++part) {
                const std::int64_t first = block + count * part / parts;
                const std::int64_t last = block + count * (part + 1) / parts;
                tile.x = x + row * g.kernelRowStep + first;
                tile.dw = dw + row * g.dwRow + first * g.dwChannel;
                tiles.functions[static_cast<std::size_t>(last - first)](g, tile);
            }
        }
    }
}

} // namespace

bool gradientStripsPaySimd(std::int64_t taps, std::int64_t channels, std::int64_t filters) {
    // With fewer channels too few results share what is loaded.
    constexpr bool wideRegisters = HWY_TARGET == HWY_AVX3;
    return wideRegisters && taps == kTaps && channels > 3 && filters > kLanes / 2;
}

void addStripGradientSimd(const StripGradient& g) {
    constexpr std::int64_t width = kVectors * kLanes;
    for (std::int64_t filter = 0; filter < g.filters; filter += width) {
        Tile tile{.x = g.x,
                  .dw = g.dw + filter,
                  .filters = static_cast<int>(std::min(width, g.filters - filter))};
        for (int v = 0; v < kVectors; ++v) {
            const std::int64_t at = filter + v * kLanes;
            tile.dy[static_cast<std::size_t>(v)] =
                g.dy + at / panelColumns * g.dyPanel + at % panelColumns;
        }
        addChannels(g, tile);
    }
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn {

HWY_EXPORT(gradientStripsPaySimd);
HWY_EXPORT(addStripGradientSimd);

bool gradientStripsPay(std::int64_t taps, std::int64_t channels, std::int64_t filters) {
    return NN_SIMD(gradientStripsPaySimd)(taps, channels, filters);
}

void addStripGradient(const StripGradient& gradient) {
    NN_SIMD(addStripGradientSimd)(gradient);
}

} // namespace nn
#endif
