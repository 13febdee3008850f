#include "nn/kernels/noise.h"

#include "nn/kernels/simd_dispatch.h"

#include <algorithm>
#include <array>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/noise.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "nn/kernels/map-inl.h"
#include "nn/kernels/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

constexpr std::int64_t kPairs = 16;
constexpr std::int64_t kGroup = 2 * kPairs;

/// The 24 upper bits as a number in [0, 1).
HWY_INLINE Vector unitFloats(const std::uint32_t* words) {
    const hn::RebindToSigned<Tag> whole;
    const hn::RebindToUnsigned<Tag> bits;
    const auto upper = hn::ShiftRight<8>(hn::LoadU(bits, words));
    return hn::Mul(hn::ConvertTo(Tag(), hn::BitCast(whole, upper)), constant(0x1p-24F));
}

/// normals[j] and normals[16 + j] from words[j] and words[16 + j].
void normals(const std::uint32_t* words, float* to) {
    const Tag d;
    for (std::int64_t j = 0; j < kPairs; j += kLanes) {
        // In (0, 1], so that the logarithm is finite.
        const Vector first = hn::Add(unitFloats(words + j), constant(0x1p-24F));
        const Vector angle = hn::Mul(unitFloats(words + kPairs + j), constant(6.283185307F));
        const Vector length = hn::Sqrt(hn::Mul(constant(-2.0F), hn::Log(d, first)));
        hn::StoreU(hn::Mul(length, hn::Cos(d, angle)), d, to + j);
        hn::StoreU(hn::Mul(length, hn::Sin(d, angle)), d, to + kPairs + j);
    }
}

} // namespace

/// `count` values of a sample; `words` has 32 for every begun group of 32.
void addNoiseSimd(NoiseUse use, float deviation, const std::uint32_t* words, const float* x,
                  float* y, std::int64_t count) {
    const Vector size = constant(deviation);
    alignas(64) float noise[kGroup];
    for (std::int64_t at = 0; at < count; at += kGroup) {
        normals(words + at, noise);
        const std::int64_t part = std::min(kGroup, count - at);
        if (use == NoiseUse::Add) {
            map(x + at, noise, y + at, part,
                [size](Vector v, Vector n) HWY_ATTR { return hn::MulAdd(n, size, v); });
        } else {
            map(x + at, noise, y + at, part,
                [size](Vector v, Vector n) HWY_ATTR { return hn::MulAdd(hn::Mul(n, size), v, v); });
        }
    }
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn {

HWY_EXPORT(addNoiseSimd);

void normalNoise(Parallel& parallel, const NoiseGeometry& g, const NoiseArgs& args) {
    constexpr std::int64_t block = 1024; // Values of one sample per task: a multiple of 32.
    const std::int64_t blocks = (g.sampleFloats + block - 1) / block;
    parallel.run(g.batch * blocks, [&](std::int64_t task, int /*worker*/) {
        const std::int64_t sample = task / blocks;
        const std::int64_t first = task % blocks * block;
        const std::int64_t count = std::min(block, g.sampleFloats - first);
        std::array<std::uint32_t, block> words{};
        const auto used = static_cast<std::size_t>((count + 31) / 32 * 32);
        randomWords(args.key.key, args.key.firstRow + static_cast<std::uint64_t>(sample),
                    static_cast<std::uint64_t>(first / 4), std::span(words).first(used));
        const std::int64_t at = sample * g.sampleFloats + first;
        NN_SIMD(addNoiseSimd)
        (args.use, args.deviation, words.data(), args.x.data() + at, args.y.data() + at, count);
    });
}

} // namespace nn
#endif
