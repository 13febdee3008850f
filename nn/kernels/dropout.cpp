#include "nn/kernels/elementwise.h"

#include "nn/kernels/simd_dispatch.h"

#include <algorithm>
#include <array>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/dropout.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "nn/kernels/map-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

using Words = hn::RebindToUnsigned<Tag>;
using WordVector = hn::Vec<Words>;

struct WideProduct {
    WordVector low, high;
};

/// The 64-bit products of 32-bit lanes.
HWY_INLINE WideProduct multiplyWide(WordVector a, WordVector b) {
    const Words d;
#if HWY_TARGET == HWY_SCALAR
    const std::uint64_t wide = std::uint64_t{hn::GetLane(a)} * hn::GetLane(b);
    return {hn::Set(d, static_cast<std::uint32_t>(wide)),
            hn::Set(d, static_cast<std::uint32_t>(wide >> 32))};
#else
    const hn::RepartitionToWide<Words> wide;
    const auto even = hn::BitCast(d, hn::MulEven(a, b));
    const auto odd =
        hn::BitCast(d, hn::MulEven(hn::BitCast(d, hn::ShiftRight<32>(hn::BitCast(wide, a))),
                                   hn::BitCast(d, hn::ShiftRight<32>(hn::BitCast(wide, b)))));
    const auto evenHigh = hn::BitCast(d, hn::ShiftRight<32>(hn::BitCast(wide, even)));
    const auto oddLow = hn::BitCast(d, hn::ShiftLeft<32>(hn::BitCast(wide, odd)));
    return {hn::OddEven(oddLow, even), hn::OddEven(odd, evenHigh)};
#endif
}

/// What all blocks of a row share: the counter's upper words and the key.
struct RowKey {
    std::array<std::uint32_t, 3> counter;
    std::array<std::uint32_t, 2> key;
};

/// Blocks first, first + 1, … one per lane: words[i] holds word i of each.
HWY_INLINE void philoxBlocks(const RowKey& row, std::uint32_t first, WordVector (&words)[4]) {
    const Words d;
    words[0] = hn::Iota(d, first);
    words[1] = hn::Set(d, row.counter[0]);
    words[2] = hn::Set(d, row.counter[1]);
    words[3] = hn::Set(d, row.counter[2]);
    const WordVector multiplier0 = hn::Set(d, 0xD2511F53U);
    const WordVector multiplier1 = hn::Set(d, 0xCD9E8D57U);
    std::uint32_t key0 = row.key[0];
    std::uint32_t key1 = row.key[1];
    for (int round = 0; round < 10; ++round) {
        const WideProduct p0 = multiplyWide(words[0], multiplier0);
        const WideProduct p1 = multiplyWide(words[2], multiplier1);
        words[0] = hn::Xor(hn::Xor(p1.high, words[1]), hn::Set(d, key0));
        words[2] = hn::Xor(hn::Xor(p0.high, words[3]), hn::Set(d, key1));
        words[1] = p1.low;
        words[3] = p0.low;
        key0 += 0x9E3779B9U;
        key1 += 0xBB67AE85U;
    }
}

RowKey rowKey(const RandomKey& key, std::uint64_t row) {
    const std::uint32_t use = (static_cast<std::uint32_t>(key.purpose) << 24) ^ key.stream;
    return {{static_cast<std::uint32_t>(row), static_cast<std::uint32_t>(row >> 32), use},
            {static_cast<std::uint32_t>(key.seed), static_cast<std::uint32_t>(key.seed >> 32)}};
}

constexpr std::int64_t kBlockWords = 4 * kLanes;

/// The next kBlockWords words in the order of `RandomSequence`.
HWY_INLINE void nextWords(const RowKey& row, std::uint32_t firstBlock, std::uint32_t* to) {
    WordVector words[4];
    philoxBlocks(row, firstBlock, words);
    hn::StoreInterleaved4(words[0], words[1], words[2], words[3], Words(), to);
}

} // namespace

void randomWordsSimd(const RandomKey& key, std::uint64_t row, std::uint32_t firstBlock,
                     std::uint32_t* words, std::int64_t count) {
    const RowKey shared = rowKey(key, row);
    std::uint32_t buffer[kBlockWords];
    for (std::int64_t at = 0; at < count; at += kBlockWords) {
        nextWords(shared, firstBlock + static_cast<std::uint32_t>(at / 4), buffer);
        std::copy_n(buffer, std::min(kBlockWords, count - at), words + at);
    }
}

/// One sample from value `first`, a multiple of 4, on: y = word < limit ? x · factor : 0.
void dropSimd(const RandomKey& key, std::uint64_t row, std::int64_t first, std::uint32_t limit,
              float factor, const float* x, float* y, std::int64_t total) {
    const RowKey shared = rowKey(key, row);
    const Words d;
    const WordVector limits = hn::Set(d, limit);
    const Vector factors = hn::Set(Tag(), factor);
    alignas(64) std::uint32_t words[kBlockWords];
    for (std::int64_t at = 0; at < total; at += kBlockWords) {
        nextWords(shared, static_cast<std::uint32_t>((first + at) / 4), words);
        const std::int64_t part = std::min(kBlockWords, total - at);
        forEachVector(part, [&]<bool Whole>(std::int64_t i, std::int64_t count) HWY_ATTR {
            const auto kept = hn::Lt(hn::Load(d, words + i), limits);
            const Vector v = hn::Mul(load<Whole>(count, x + at + i), factors);
            store<Whole>(hn::IfThenElseZero(hn::RebindMask(Tag(), kept), v), count, y + at + i);
        });
    }
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn {

HWY_EXPORT(randomWordsSimd);
HWY_EXPORT(dropSimd);

namespace {

/// Pixels of a sample that share their decisions: one row of factors, applied to all of them.
void dropChannels(const DropoutGeometry& g, const DropoutArgs& args, std::int64_t sample,
                  std::uint32_t limit, float factor) {
    constexpr std::int64_t maxFactors = 512;
    std::array<std::uint32_t, maxFactors> words;
    const float* const x = args.x.data() + sample * g.sampleFloats;
    float* const y = args.y.data() + sample * g.sampleFloats;
    for (std::int64_t first = 0; first < g.period; first += maxFactors) {
        const std::int64_t count = std::min(maxFactors, g.period - first);
        const std::uint64_t row = args.key.firstRow + static_cast<std::uint64_t>(sample);
        NN_SIMD(randomWordsSimd)
        (args.key.key, row, static_cast<std::uint32_t>(first / 4), words.data(), count);
        for (std::int64_t pixel = 0; pixel < g.sampleFloats; pixel += g.period) {
            for (std::int64_t i = 0; i < count; ++i) {
                const std::int64_t at = pixel + first + i;
                y[at] = words[static_cast<std::size_t>(i)] < limit ? x[at] * factor : 0.0F;
            }
        }
    }
}

} // namespace

void randomWords(const RandomKey& key, std::uint64_t row, std::uint64_t firstBlock,
                 std::span<std::uint32_t> words) {
    NN_SIMD(randomWordsSimd)
    (key, row, static_cast<std::uint32_t>(firstBlock), words.data(),
     static_cast<std::int64_t>(words.size()));
}

void dropout(Parallel& parallel, const DropoutGeometry& g, const DropoutArgs& args) {
    constexpr std::int64_t blockFloats = 16 * 1024;
    const double keep = 1.0 - static_cast<double>(args.rate);
    const auto limit = static_cast<std::uint32_t>(std::min(keep * 0x1p32, 0xFFFFFFFFp0));
    const auto factor = keep > 0.0 ? static_cast<float>(1.0 / keep) : 0.0F;
    if (args.rate <= 0.0F) {
        std::copy(args.x.begin(), args.x.end(), args.y.begin());
        return;
    }
    if (g.period < g.sampleFloats) {
        parallel.run(g.batch, [&](std::int64_t sample, int) {
            dropChannels(g, args, sample, limit, factor);
        });
        return;
    }
    const std::int64_t blocks = (g.sampleFloats + blockFloats - 1) / blockFloats;
    parallel.run(g.batch * blocks, [&](std::int64_t task, int) {
        const std::int64_t sample = task / blocks;
        const std::int64_t first = task % blocks * blockFloats;
        const std::int64_t at = sample * g.sampleFloats + first;
        NN_SIMD(dropSimd)
        (args.key.key, args.key.firstRow + static_cast<std::uint64_t>(sample), first, limit, factor,
         args.x.data() + at, args.y.data() + at, std::min(blockFloats, g.sampleFloats - first));
    });
}

} // namespace nn
#endif
