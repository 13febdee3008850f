#include "nn/kernels/pooling.h"

#include "nn/kernels/map.h"
#include "nn/kernels/rows.h"
#include "nn/kernels/simd_dispatch.h"
#include "nn/kernels/square_pooling.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#ifndef NN_KERNELS_POOLING_TYPES
#define NN_KERNELS_POOLING_TYPES
namespace nn {
namespace {

/// The output rows and channels of one image that a task handles.
struct PoolPart {
    const PoolGeometry& g;
    std::int64_t firstRow = 0, lastRow = 0;
    std::int64_t firstChannel = 0, lastChannel = 0;
};

/// The cells of a window that lie in the image, relative to the image; and in the window.
struct PoolWindow {
    std::int64_t top, left; ///< Of the whole window.
    std::int64_t firstRow, lastRow, firstColumn, lastColumn;

    PoolWindow(const PoolGeometry& g, std::int64_t row, std::int64_t column)
        : top(g.adaptive ? row * g.inHeight / g.outHeight : row * g.strideHeight - g.padTop),
          left(g.adaptive ? column * g.inWidth / g.outWidth : column * g.strideWidth - g.padLeft),
          firstRow(std::max<std::int64_t>(top, 0)),
          lastRow(g.adaptive ? partEnd(row, g.inHeight, g.outHeight)
                             : std::min(top + g.poolHeight, g.inHeight)),
          firstColumn(std::max<std::int64_t>(left, 0)),
          lastColumn(g.adaptive ? partEnd(column, g.inWidth, g.outWidth)
                                : std::min(left + g.poolWidth, g.inWidth)) {}

    /// Where part `part` of `parts` nearly equal parts of `extent` cells ends, rounded up.
    static std::int64_t partEnd(std::int64_t part, std::int64_t extent, std::int64_t parts) {
        return ((part + 1) * extent + parts - 1) / parts;
    }

    [[nodiscard]] std::int64_t cells() const {
        return (lastRow - firstRow) * (lastColumn - firstColumn);
    }
};

} // namespace
} // namespace nn
#endif

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/pooling.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "nn/kernels/map-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

constexpr Tag d;
using Indices = hn::RebindToSigned<Tag>;
using IndexVector = hn::Vec<Indices>;

/// Calls visit(cellOffset, positionInWindow).
template <typename Visit>
HWY_INLINE void forEachCell(const PoolGeometry& g, const PoolWindow& w, const Visit& visit) {
    for (std::int64_t y = w.firstRow; y < w.lastRow; ++y) {
        for (std::int64_t x = w.firstColumn; x < w.lastColumn; ++x) {
            visit((y * g.inWidth + x) * g.channels,
                  static_cast<std::int32_t>((y - w.top) * g.poolWidth + x - w.left));
        }
    }
}

/// Calls visit(window, outputOffset) for the outputs of a part.
template <typename Visit>
void forEachWindow(const PoolPart& part, const Visit& visit) {
    for (std::int64_t row = part.firstRow; row < part.lastRow; ++row) {
        for (std::int64_t column = 0; column < part.g.outWidth; ++column) {
            visit(PoolWindow(part.g, row, column),
                  (row * part.g.outWidth + column) * part.g.channels);
        }
    }
}

/// Calls body.template operator()<Whole>(channel, count) for the vectors of a part's channels.
template <typename Body>
HWY_INLINE void forEachChannels(const PoolPart& part, const Body& body) {
    forEachVector(part.lastChannel - part.firstChannel,
                  [&]<bool Whole>(std::int64_t at, std::int64_t count)
                      HWY_ATTR { body.template operator()<Whole>(part.firstChannel + at, count); });
}

template <typename Position>
HWY_INLINE void storePositions(IndexVector positions, std::int64_t count, Position* to) {
    alignas(64) std::int32_t lanes[kLanes];
    if constexpr (sizeof(Position) == sizeof(std::int32_t)) {
        hn::Store(positions, Indices(), lanes);
        std::memcpy(to, lanes, static_cast<std::size_t>(count) * sizeof(Position));
    } else {
        const hn::Rebind<std::uint8_t, Tag> bytes;
        alignas(64) std::uint8_t small[kLanes];
        hn::Store(hn::DemoteTo(bytes, positions), bytes, small);
        std::memcpy(to, small, static_cast<std::size_t>(count));
    }
}

template <typename Position>
HWY_INLINE IndexVector loadPositions(std::int64_t count, const Position* from) {
    if constexpr (sizeof(Position) == sizeof(std::int32_t)) {
        alignas(64) std::int32_t lanes[kLanes] = {};
        std::memcpy(lanes, from, static_cast<std::size_t>(count) * sizeof(Position));
        return hn::Load(Indices(), lanes);
    } else {
        const hn::Rebind<std::uint8_t, Tag> bytes;
        alignas(64) std::uint8_t lanes[kLanes] = {};
        std::memcpy(lanes, from, static_cast<std::size_t>(count));
        return hn::PromoteTo(Indices(), hn::Load(bytes, lanes));
    }
}

template <typename Position>
void maxForward(const PoolPart& part, const float* x, float* y, Position* positions) {
    forEachWindow(part, [&](const PoolWindow& window, std::int64_t out) HWY_ATTR {
        const std::int64_t first =
            (window.firstRow * part.g.inWidth + window.firstColumn) * part.g.channels;
        const std::int64_t origin =
            (window.firstRow - window.top) * part.g.poolWidth + window.firstColumn - window.left;
        forEachChannels(part, [&]<bool Whole>(std::int64_t c, std::int64_t count) HWY_ATTR {
            Vector best = load<Whole>(count, x + first + c);
            IndexVector at = hn::Set(Indices(), static_cast<std::int32_t>(origin));
            forEachCell(part.g, window, [&](std::int64_t cell, std::int32_t position) HWY_ATTR {
                const Vector v = load<Whole>(count, x + cell + c);
                const auto wins = hn::Or(hn::Gt(v, best), hn::IsNaN(v));
                best = hn::IfThenElse(wins, v, best);
                at = hn::IfThenElse(hn::RebindMask(Indices(), wins), hn::Set(Indices(), position),
                                    at);
            });
            store<Whole>(best, count, y + out + c);
            if (positions != nullptr) {
                storePositions(at, count, positions + out + c);
            }
        });
    });
}

template <typename Position>
void maxBackward(const PoolPart& part, const float* dy, const Position* positions, float* dx) {
    forEachWindow(part, [&](const PoolWindow& window, std::int64_t out) HWY_ATTR {
        forEachChannels(part, [&]<bool Whole>(std::int64_t c, std::int64_t count) HWY_ATTR {
            const Vector gradient = load<Whole>(count, dy + out + c);
            const IndexVector at = loadPositions(count, positions + out + c);
            forEachCell(part.g, window, [&](std::int64_t cell, std::int32_t position) HWY_ATTR {
                const auto here = hn::Eq(at, hn::Set(Indices(), position));
                const Vector share = hn::IfThenElseZero(hn::RebindMask(d, here), gradient);
                float* const to = dx + cell + c;
                store<Whole>(hn::Add(load<Whole>(count, to), share), count, to);
            });
        });
    });
}

} // namespace

void maxForwardBytesSimd(const PoolPart& part, const float* x, float* y, std::uint8_t* positions) {
    maxForward(part, x, y, positions);
}
void maxForwardWordsSimd(const PoolPart& part, const float* x, float* y, std::int32_t* positions) {
    maxForward(part, x, y, positions);
}
void maxBackwardBytesSimd(const PoolPart& part, const float* dy, const std::uint8_t* positions,
                          float* dx) {
    maxBackward(part, dy, positions, dx);
}
void maxBackwardWordsSimd(const PoolPart& part, const float* dy, const std::int32_t* positions,
                          float* dx) {
    maxBackward(part, dy, positions, dx);
}

void averageForwardSimd(const PoolPart& part, const float* x, float* y) {
    forEachWindow(part, [&](const PoolWindow& window, std::int64_t out) HWY_ATTR {
        const Vector share = hn::Set(d, 1.0F / static_cast<float>(window.cells()));
        forEachChannels(part, [&]<bool Whole>(std::int64_t c, std::int64_t count) HWY_ATTR {
            Vector sum = hn::Zero(d);
            forEachCell(part.g, window, [&](std::int64_t cell, std::int32_t) HWY_ATTR {
                sum = hn::Add(sum, load<Whole>(count, x + cell + c));
            });
            store<Whole>(hn::Mul(sum, share), count, y + out + c);
        });
    });
}

void averageBackwardSimd(const PoolPart& part, const float* dy, float* dx) {
    forEachWindow(part, [&](const PoolWindow& window, std::int64_t out) HWY_ATTR {
        const Vector share = hn::Set(d, 1.0F / static_cast<float>(window.cells()));
        forEachChannels(part, [&]<bool Whole>(std::int64_t c, std::int64_t count) HWY_ATTR {
            const Vector gradient = hn::Mul(share, load<Whole>(count, dy + out + c));
            forEachCell(part.g, window, [&](std::int64_t cell, std::int32_t) HWY_ATTR {
                float* const to = dx + cell + c;
                store<Whole>(hn::Add(load<Whole>(count, to), gradient), count, to);
            });
        });
    });
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn {

HWY_EXPORT(maxForwardBytesSimd);
HWY_EXPORT(maxForwardWordsSimd);
HWY_EXPORT(maxBackwardBytesSimd);
HWY_EXPORT(maxBackwardWordsSimd);
HWY_EXPORT(averageForwardSimd);
HWY_EXPORT(averageBackwardSimd);

namespace {

constexpr std::int64_t kTaskFloats = 16 * 1024;
constexpr std::int64_t kTaskChannels = 64;

bool hasSmallWindow(const PoolGeometry& g) {
    return g.poolHeight * g.poolWidth <= 256;
}

/// Calls body(part, image) for blocks of output rows of all images.
template <typename Body>
void forEachRows(Parallel& parallel, const PoolGeometry& g, std::int64_t batch, const Body& body) {
    const std::int64_t rowFloats = std::max<std::int64_t>(1, g.outWidth * g.channels);
    const std::int64_t rows = std::clamp<std::int64_t>(kTaskFloats / rowFloats, 1, g.outHeight);
    const std::int64_t blocks = (g.outHeight + rows - 1) / rows;
    parallel.run(batch * blocks, [&](std::int64_t task, int) {
        const std::int64_t first = task % blocks * rows;
        body(PoolPart{g, first, std::min(first + rows, g.outHeight), 0, g.channels}, task / blocks);
    });
}

/// Calls body(part, image) for blocks of channels of all images, whose windows may overlap; dx is
/// cleared first if it is to be replaced.
template <typename Body>
void forEachGradient(Parallel& parallel, const PoolGeometry& g, std::int64_t batch,
                     std::span<float> dx, Write write, const Body& body) {
    const std::int64_t blocks = (g.channels + kTaskChannels - 1) / kTaskChannels;
    parallel.run(batch * blocks, [&](std::int64_t task, int) {
        const std::int64_t first = task % blocks * kTaskChannels;
        const std::int64_t last = std::min(first + kTaskChannels, g.channels);
        float* const image = dx.data() + task / blocks * g.inputFloats();
        for (std::int64_t at = first; write == Write::Assign && at < g.inputFloats();
             at += g.channels) {
            std::fill_n(image + at, last - first, 0.0F);
        }
        body(PoolPart{g, 0, g.outHeight, first, last}, task / blocks);
    });
}

template <typename Position>
Position* positionsOf(std::span<std::byte> bytes) {
    return bytes.empty() ? nullptr : reinterpret_cast<Position*>(bytes.data());
}

PoolGeometry asPool(const GlobalPoolGeometry& g) {
    return {.inHeight = g.pixels, .channels = g.channels, .poolHeight = g.pixels};
}

} // namespace

std::int64_t maxPoolPositionBytes(const PoolGeometry& g, std::int64_t batch) {
    const std::int64_t size =
        hasSmallWindow(g) ? 1 : static_cast<std::int64_t>(sizeof(std::int32_t));
    return batch * g.outputFloats() * size;
}

void maxPoolForward(Parallel& parallel, const PoolGeometry& g, const MaxPoolForwardArgs& args) {
    if (isSquare(g)) {
        maxSquaresForward(parallel, g, args);
        return;
    }
    const std::int64_t out = g.outputFloats();
    auto* const bytes = positionsOf<std::uint8_t>(args.positions);
    auto* const words = positionsOf<std::int32_t>(args.positions);
    forEachRows(parallel, g, args.batch, [&](const PoolPart& part, std::int64_t image) {
        const float* const x = args.x.data() + image * g.inputFloats();
        float* const y = args.y.data() + image * out;
        if (hasSmallWindow(g)) {
            NN_SIMD(maxForwardBytesSimd)(part, x, y, bytes ? bytes + image * out : nullptr);
        } else {
            NN_SIMD(maxForwardWordsSimd)(part, x, y, words ? words + image * out : nullptr);
        }
    });
}

void maxPoolBackward(Parallel& parallel, const PoolGeometry& g, const MaxPoolBackwardArgs& args) {
    if (isSquare(g) && args.write == Write::Assign) {
        maxSquaresBackward(parallel, g, args);
        return;
    }
    const std::int64_t out = g.outputFloats();
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(args.positions.data());
    const auto* const words = reinterpret_cast<const std::int32_t*>(args.positions.data());
    forEachGradient(parallel, g, args.batch, args.dx, args.write,
                    [&](const PoolPart& part, std::int64_t image) {
                        const float* const dy = args.dy.data() + image * out;
                        float* const dx = args.dx.data() + image * g.inputFloats();
                        if (hasSmallWindow(g)) {
                            NN_SIMD(maxBackwardBytesSimd)(part, dy, bytes + image * out, dx);
                        } else {
                            NN_SIMD(maxBackwardWordsSimd)(part, dy, words + image * out, dx);
                        }
                    });
}

void averagePoolForward(Parallel& parallel, const PoolGeometry& g,
                        const AveragePoolForwardArgs& args) {
    if (isSquare(g)) {
        averageSquaresForward(parallel, g, args);
        return;
    }
    forEachRows(parallel, g, args.batch, [&](const PoolPart& part, std::int64_t image) {
        NN_SIMD(averageForwardSimd)
        (part, args.x.data() + image * g.inputFloats(), args.y.data() + image * g.outputFloats());
    });
}

void averagePoolBackward(Parallel& parallel, const PoolGeometry& g,
                         const AveragePoolBackwardArgs& args) {
    if (isSquare(g) && args.write == Write::Assign) {
        averageSquaresBackward(parallel, g, args);
        return;
    }
    assert(args.activation.kind == ActivationKind::Linear);
    forEachGradient(parallel, g, args.batch, args.dx, args.write,
                    [&](const PoolPart& part, std::int64_t image) {
                        NN_SIMD(averageBackwardSimd)
                        (part, args.dy.data() + image * g.outputFloats(),
                         args.dx.data() + image * g.inputFloats());
                    });
}

void globalAverageForward(Parallel& parallel, const GlobalPoolGeometry& g, std::span<const float> x,
                          std::span<float> y) {
    const float share = 1.0F / static_cast<float>(g.pixels);
    parallel.run(g.batch, [&](std::int64_t image, int) {
        float* const to = y.data() + image * g.channels;
        sumRows({.x = x.data() + image * g.pixels * g.channels,
                 .count = g.pixels,
                 .stride = g.channels,
                 .columns = g.channels,
                 .totals = to});
        std::transform(to, to + g.channels, to, [share](float sum) { return sum * share; });
    });
}

void globalAverageBackward(Parallel& parallel, const GlobalPoolGeometry& g,
                           std::span<const float> dy, std::span<float> dx) {
    const float share = 1.0F / static_cast<float>(g.pixels);
    parallel.run(g.batch, [&](std::int64_t image, int) {
        const float* const from = dy.data() + image * g.channels;
        float* const to = dx.data() + image * g.pixels * g.channels;
        std::transform(from, from + g.channels, to, [share](float v) { return v * share; });
        for (std::int64_t pixel = 1; pixel < g.pixels; ++pixel) {
            std::copy_n(to, g.channels, to + pixel * g.channels);
        }
    });
}

void globalMaxForward(Parallel& parallel, const GlobalPoolGeometry& g, std::span<const float> x,
                      std::span<float> y, std::span<std::int32_t> positions) {
    const PoolGeometry pool = asPool(g);
    forEachRows(parallel, pool, g.batch, [&](const PoolPart& part, std::int64_t image) {
        NN_SIMD(maxForwardWordsSimd)
        (part, x.data() + image * pool.inputFloats(), y.data() + image * g.channels,
         positions.empty() ? nullptr : positions.data() + image * g.channels);
    });
}

void globalMaxBackward(Parallel& parallel, const GlobalPoolGeometry& g, std::span<const float> dy,
                       std::span<const std::int32_t> positions, std::span<float> dx) {
    parallel.run(g.batch, [&](std::int64_t image, int) {
        float* const to = dx.data() + image * g.pixels * g.channels;
        std::fill_n(to, g.pixels * g.channels, 0.0F);
        for (std::int64_t c = 0; c < g.channels; ++c) {
            const auto at = static_cast<std::size_t>(image * g.channels + c);
            to[positions[at] * g.channels + c] = dy[at];
        }
    });
}

} // namespace nn
#endif
