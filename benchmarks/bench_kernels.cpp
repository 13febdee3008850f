#include "benchmarks/conv_shapes.h"
#include "nn/kernels/activation.h"
#include "nn/kernels/convolution.h"
#include "nn/kernels/dense.h"
#include "nn/kernels/elementwise.h"
#include "nn/kernels/normalization.h"
#include "nn/kernels/optimizer.h"
#include "nn/kernels/peak.h"
#include "nn/kernels/pooling.h"
#include "nn/kernels/simd.h"

#include <benchmark/benchmark.h>

#include <array>
#include <new>
#include <string>
#include <vector>

namespace {

using nn::ConvGeometry;
using nn::DenseGeometry;
using nn::Parallel;

enum class Pass { Forward, BackwardData, BackwardWeights };

/// Memory that begins at a cache line, as that of an executor does.
template <typename T>
struct LineAllocator {
    using value_type = T;
    LineAllocator() = default;
    template <typename Other>
    explicit LineAllocator(const LineAllocator<Other>& /*other*/) {}
    static constexpr std::align_val_t line{64};
    T* allocate(std::size_t count) {
        return static_cast<T*>(::operator new(count * sizeof(T), line));
    }
    void deallocate(T* memory, std::size_t /*count*/) { ::operator delete(memory, line); }
    bool operator==(const LineAllocator&) const = default;
};
using Floats = std::vector<float, LineAllocator<float>>;

Floats values(std::int64_t count) {
    Floats result(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < result.size(); ++i) {
        result[i] = static_cast<float>(i % 17) * 0.1F - 0.8F;
    }
    return result;
}

/// Measured once per number of threads.
double peakGflops(Parallel& parallel) {
    static std::array<double, Parallel::maxThreads + 1> peaks{};
    double& peak = peaks[static_cast<std::size_t>(parallel.threads())];
    if (peak == 0.0) {
        peak = nn::bestPeakGflops(parallel, 0.5);
    }
    return peak;
}

/// The rate of multiply-adds, and its share of the peak that all threads reach now.
void report(benchmark::State& state, Parallel& parallel, std::int64_t multiplyAdds) {
    const double flops = 2.0 * static_cast<double>(multiplyAdds);
    const double peak = peakGflops(parallel);
    const auto rounds = static_cast<double>(state.iterations());
    state.counters["GFLOP/s"] =
        benchmark::Counter(flops * rounds * 1e-9, benchmark::Counter::kIsRate);
    state.counters["peak_share"] =
        benchmark::Counter(flops * rounds * 1e-9 / peak, benchmark::Counter::kIsRate);
    state.SetLabel(nn::simdName());
}

void benchConvolution(benchmark::State& state, const ConvGeometry& g, Pass pass) {
    const std::int64_t batch = state.range(0);
    Parallel parallel(static_cast<int>(state.range(1)));
    auto x = values(batch * g.inputFloats());
    auto weights = values(g.weightFloats());
    auto y = values(batch * g.outputFloats());
    auto bias = values(g.outChannels);
    Floats scratch(static_cast<std::size_t>(
        pass == Pass::Forward        ? nn::convForwardScratchFloats(g, batch)
        : pass == Pass::BackwardData ? nn::convBackwardDataScratchFloats(g, batch)
                                     : nn::convBackwardWeightsScratchFloats(g, batch)));
    for (auto _ : state) {
        switch (pass) {
        case Pass::Forward:
            nn::convForward(parallel, g,
                            {.batch = batch,
                             .x = x,
                             .weights = weights,
                             .bias = bias,
                             .activation = nn::FusedActivation::Relu,
                             .y = y,
                             .scratch = scratch});
            break;
        case Pass::BackwardData:
            nn::convBackwardData(
                parallel, g,
                {.batch = batch, .dy = y, .weights = weights, .dx = x, .scratch = scratch});
            break;
        case Pass::BackwardWeights:
            nn::convBackwardWeights(
                parallel, g,
                {.batch = batch, .x = x, .dy = y, .dw = weights, .db = bias, .scratch = scratch});
            break;
        }
    }
    report(state, parallel, batch * g.multiplyAdds());
}

void benchDense(benchmark::State& state, const DenseGeometry& g, Pass pass) {
    Parallel parallel(static_cast<int>(state.range(0)));
    auto x = values(g.rows * g.inputs);
    auto weights = values(g.inputs * g.units);
    auto y = values(g.rows * g.units);
    auto bias = values(g.units);
    Floats scratch(static_cast<std::size_t>(pass == Pass::Forward ? nn::denseForwardScratchFloats(g)
                                            : pass == Pass::BackwardData
                                                ? nn::denseBackwardDataScratchFloats(g)
                                                : nn::denseBackwardWeightsScratchFloats(g)));
    for (auto _ : state) {
        switch (pass) {
        case Pass::Forward:
            nn::denseForward(
                parallel, g,
                {.x = x, .weights = weights, .bias = bias, .y = y, .scratch = scratch});
            break;
        case Pass::BackwardData:
            nn::denseBackwardData(parallel, g,
                                  {.dy = y, .weights = weights, .dx = x, .scratch = scratch});
            break;
        case Pass::BackwardWeights:
            nn::denseBackwardWeights(
                parallel, g, {.x = x, .dy = y, .dw = weights, .db = bias, .scratch = scratch});
            break;
        }
    }
    report(state, parallel, g.rows * g.inputs * g.units);
    state.counters["weight_GB/s"] = benchmark::Counter(
        static_cast<double>(g.inputs * g.units) * 4e-9 * static_cast<double>(state.iterations()),
        benchmark::Counter::kIsRate);
}

/// A kernel that is bound by memory: `floats` values read or written per call.
template <typename Call>
void benchStream(benchmark::State& state, std::int64_t floats, const Call& call) {
    Parallel parallel(static_cast<int>(state.range(0)));
    for (auto _ : state) {
        call(parallel);
    }
    state.counters["GB/s"] = benchmark::Counter(static_cast<double>(floats) * 4e-9 *
                                                    static_cast<double>(state.iterations()),
                                                benchmark::Counter::kIsRate);
}

void benchMaxPool(benchmark::State& state) {
    const nn::PoolGeometry g{.inHeight = 26,
                             .inWidth = 26,
                             .channels = 32,
                             .outHeight = 13,
                             .outWidth = 13,
                             .poolHeight = 2,
                             .poolWidth = 2,
                             .strideHeight = 2,
                             .strideWidth = 2};
    auto x = values(64 * g.inputFloats());
    auto y = values(64 * g.outputFloats());
    std::vector<std::byte> positions(static_cast<std::size_t>(nn::maxPoolPositionBytes(g, 64)));
    benchStream(state, 64 * (g.inputFloats() + g.outputFloats()), [&](Parallel& parallel) {
        nn::maxPoolForward(parallel, g, {.batch = 64, .x = x, .y = y, .positions = positions});
    });
}

void benchMaxPoolBackward(benchmark::State& state) {
    const nn::PoolGeometry g{.inHeight = 26,
                             .inWidth = 26,
                             .channels = 32,
                             .outHeight = 13,
                             .outWidth = 13,
                             .poolHeight = 2,
                             .poolWidth = 2,
                             .strideHeight = 2,
                             .strideWidth = 2};
    auto x = values(64 * g.inputFloats());
    auto y = values(64 * g.outputFloats());
    std::vector<std::byte> positions(static_cast<std::size_t>(nn::maxPoolPositionBytes(g, 64)));
    benchStream(state, 64 * (g.inputFloats() + g.outputFloats()), [&](Parallel& parallel) {
        nn::maxPoolBackward(parallel, g, {.batch = 64, .dy = y, .positions = positions, .dx = x});
    });
}

void benchBatchNorm(benchmark::State& state) {
    const nn::BatchNormGeometry g{128 * 16 * 16, 32};
    auto x = values(g.rows * g.channels);
    auto y = values(g.rows * g.channels);
    auto mean = values(g.channels);
    auto inverseStd = values(g.channels);
    Floats scratch(static_cast<std::size_t>(nn::batchNormScratchFloats(g)));
    benchStream(state, 3 * g.rows * g.channels, [&](Parallel& parallel) {
        nn::batchNormTraining(parallel, g,
                              {.x = x,
                               .gamma = {},
                               .beta = {},
                               .y = y,
                               .mean = mean,
                               .inverseStd = inverseStd,
                               .variance = {},
                               .scratch = scratch});
    });
}

void benchActivation(benchmark::State& state, nn::ActivationKind kind) {
    auto x = values(1 << 18);
    benchStream(state, 2 << 18, [&](Parallel& parallel) {
        Floats& y = x;
        nn::activationForward(parallel, {.kind = kind}, x, y);
    });
}

void benchAdam(benchmark::State& state) {
    auto weights = values(1 << 20);
    auto gradient = values(1 << 20);
    auto m = values(1 << 20);
    Floats v(1 << 20, 1.0F);
    benchStream(state, 7 << 20, [&](Parallel& parallel) {
        nn::adamStep(parallel, {}, gradient, weights, {.m = m, .v = v, .maximumV = {}});
    });
}

void benchDropout(benchmark::State& state) {
    auto x = values(1 << 18);
    auto y = values(1 << 18);
    benchStream(state, 2 << 18, [&](Parallel& parallel) {
        nn::dropout(parallel, {64, 1 << 12, 1 << 12}, {.rate = 0.5F, .key = {}, .x = x, .y = y});
    });
}

/// What handing two empty tasks to the pool costs.
void benchTickets(benchmark::State& state) {
    Parallel parallel(static_cast<int>(state.range(0)));
    for (auto _ : state) {
        parallel.run(2, [](std::int64_t task, int) { benchmark::DoNotOptimize(task); });
    }
}

void registerConvolutions() {
    const struct {
        const char* name;
        Pass pass;
    } passes[] = {
        {"forward", Pass::Forward}, {"dx", Pass::BackwardData}, {"dw", Pass::BackwardWeights}};
    for (const ConvShape& layer : convShapes()) {
        for (const auto& pass : passes) {
            const std::string name = std::string("conv/") + layer.name + "/" + pass.name;
            benchmark::RegisterBenchmark(name.c_str(), benchConvolution, layer.g, pass.pass)
                ->ArgNames({"batch", "threads"})
                ->Args({64, 1})
                ->Args({64, 2})
                ->UseRealTime();
        }
    }
}

void registerDense() {
    const struct {
        const char* name;
        DenseGeometry g;
    } layers[] = {{"128x5408x10", {128, 5408, 10}},
                  {"128x1600x512", {128, 1600, 512}},
                  {"32x20000x1000", {32, 20'000, 1000}},
                  {"1x40000x1024", {1, 40'000, 1024}}};
    const struct {
        const char* name;
        Pass pass;
    } passes[] = {
        {"forward", Pass::Forward}, {"dx", Pass::BackwardData}, {"dw", Pass::BackwardWeights}};
    for (const auto& layer : layers) {
        for (const auto& pass : passes) {
            const std::string name = std::string("dense/") + layer.name + "/" + pass.name;
            benchmark::RegisterBenchmark(name.c_str(), benchDense, layer.g, pass.pass)
                ->ArgName("threads")
                ->Arg(1)
                ->Arg(2)
                ->UseRealTime();
        }
    }
}

[[maybe_unused]] const bool registered = [] {
    registerConvolutions();
    registerDense();
    return true;
}();

BENCHMARK(benchMaxPool)->Arg(1)->Arg(2)->UseRealTime();
BENCHMARK(benchMaxPoolBackward)->Arg(1)->Arg(2)->UseRealTime();
BENCHMARK(benchBatchNorm)->Arg(1)->Arg(2)->UseRealTime();
BENCHMARK_CAPTURE(benchActivation, tanh, nn::ActivationKind::Tanh)->Arg(1)->UseRealTime();
BENCHMARK_CAPTURE(benchActivation, gelu, nn::ActivationKind::Gelu)->Arg(1)->UseRealTime();
BENCHMARK(benchAdam)->Arg(1)->Arg(2)->UseRealTime();
BENCHMARK(benchDropout)->Arg(1)->UseRealTime();
BENCHMARK(benchTickets)->Arg(1)->Arg(2)->UseRealTime();

} // namespace
