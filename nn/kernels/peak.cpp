#include "nn/kernels/peak.h"

#include "nn/kernels/simd_dispatch.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "nn/kernels/peak.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace nn::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// `count` rounds of 12 independent multiply-adds; returns how many floats each of them handles.
/// `sink` keeps the compiler from dropping the work.
int multiplyAddRounds(std::int64_t count, float* sink) {
    const hn::CappedTag<float, 16> d;
    constexpr int chains = 12;
    hn::Vec<decltype(d)> sums[chains];
    HWY_UNROLL(16)
    for (int i = 0; i < chains; ++i) {
        sums[i] = hn::Set(d, static_cast<float>(i));
    }
    const auto factor = hn::Set(d, *sink * 0.5F + 0.5F);
    const auto term = hn::Set(d, 0.25F);
    for (std::int64_t round = 0; round < count; ++round) {
        HWY_UNROLL(16)
        for (int i = 0; i < chains; ++i) {
            sums[i] = hn::MulAdd(sums[i], factor, term);
        }
    }
    auto total = sums[0];
    HWY_UNROLL(16)
    for (int i = 1; i < chains; ++i) {
        total = hn::Add(total, sums[i]);
    }
    *sink = hn::GetLane(total);
    return static_cast<int>(hn::Lanes(d)) * chains;
}

} // namespace nn::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nn {

HWY_EXPORT(multiplyAddRounds);

using Clock = std::chrono::steady_clock;

double peakGflopsNow(Parallel& parallel) {
    constexpr std::int64_t roundsPerTask = 20'000;
    constexpr int tasksPerThread = 32; // the last of them weighs little
    const int tasks = parallel.threads() * tasksPerThread;
    std::atomic<int> floatsPerRound{0};
    const Clock::time_point start = Clock::now();
    parallel.run(tasks, [&](std::int64_t, int) {
        float sink = 0.5F;
        floatsPerRound.store(NN_SIMD(multiplyAddRounds)(roundsPerTask, &sink),
                             std::memory_order_relaxed);
    });
    const std::chrono::duration<double> time = Clock::now() - start;
    return 2e-9 * floatsPerRound.load() * static_cast<double>(roundsPerTask) * tasks / time.count();
}

double bestPeakGflops(Parallel& parallel, double seconds) {
    const auto end = Clock::now() + std::chrono::duration<double>(seconds);
    double best = 0.0;
    do {
        best = std::max(best, peakGflopsNow(parallel));
    } while (Clock::now() < end);
    return best;
}

} // namespace nn
#endif
