// The convolutions of bench_kernels.cpp with oneDNN, to be read beside them: done directly, and by
// the method of its choice, which is Winograd's F(4×4, 3×3) for many filters with AVX-512. Its
// layouts are left to its choice; what reordering them would cost is not counted. OMP_NUM_THREADS
// sets its threads.
#include "benchmarks/conv_shapes.h"

#include <benchmark/benchmark.h>
#include <dnnl.hpp>

#include <algorithm>
#include <string>
#include <unordered_map>

namespace {

using dnnl::memory;

enum class Pass { Forward, BackwardData, BackwardWeights };

memory::desc anyLayout(const memory::dims& dims) {
    return {dims, memory::data_type::f32, memory::format_tag::any};
}

/// Descriptions of a convolution's tensors and paddings.
struct Problem {
    dnnl::algorithm method;
    memory::dims x, weights, y, strides, before, after;

    Problem(const nn::ConvGeometry& g, std::int64_t batch, dnnl::algorithm how)
        : method(how), x{batch, g.inChannels, g.inHeight, g.inWidth}, weights{g.outChannels,
                                                                              g.inChannels,
                                                                              g.kernelHeight,
                                                                              g.kernelWidth},
          y{batch, g.outChannels, g.outHeight, g.outWidth}, strides{g.strideHeight, g.strideWidth},
          before{g.padTop, g.padLeft}, after{(g.outHeight - 1) * g.strideHeight + g.kernelHeight -
                                                 g.inHeight - g.padTop,
                                             (g.outWidth - 1) * g.strideWidth + g.kernelWidth -
                                                 g.inWidth - g.padLeft} {
        if (g.groups > 1) {
            weights = {g.groups, g.outChannels / g.groups, g.inChannels / g.groups, g.kernelHeight,
                       g.kernelWidth};
        }
    }
};

dnnl::convolution_forward::primitive_desc forwardOf(const Problem& p, const dnnl::engine& engine) {
    return {{dnnl::prop_kind::forward_training, p.method, anyLayout(p.x), anyLayout(p.weights),
             anyLayout(p.y), p.strides, p.before, p.after},
            engine};
}

/// A primitive and the memory it works on.
struct Work {
    dnnl::primitive primitive;
    std::unordered_map<int, memory> arguments;
};

Work workOf(const Problem& p, Pass pass, const dnnl::engine& engine) {
    const auto forward = forwardOf(p, engine);
    const auto make = [&](const memory::desc& desc) { return memory(desc, engine); };
    switch (pass) {
    case Pass::Forward:
        break;
    case Pass::BackwardData: {
        const dnnl::convolution_backward_data::primitive_desc desc(
            {p.method, anyLayout(p.x), anyLayout(p.weights), anyLayout(p.y), p.strides, p.before,
             p.after},
            engine, forward);
        return {dnnl::convolution_backward_data(desc),
                {{DNNL_ARG_DIFF_SRC, make(desc.diff_src_desc())},
                 {DNNL_ARG_WEIGHTS, make(desc.weights_desc())},
                 {DNNL_ARG_DIFF_DST, make(desc.diff_dst_desc())}}};
    }
    case Pass::BackwardWeights: {
        const dnnl::convolution_backward_weights::primitive_desc desc(
            {p.method, anyLayout(p.x), anyLayout(p.weights), anyLayout(p.y), p.strides, p.before,
             p.after},
            engine, forward);
        return {dnnl::convolution_backward_weights(desc),
                {{DNNL_ARG_SRC, make(desc.src_desc())},
                 {DNNL_ARG_DIFF_WEIGHTS, make(desc.diff_weights_desc())},
                 {DNNL_ARG_DIFF_DST, make(desc.diff_dst_desc())}}};
    }
    }
    return {dnnl::convolution_forward(forward),
            {{DNNL_ARG_SRC, make(forward.src_desc())},
             {DNNL_ARG_WEIGHTS, make(forward.weights_desc())},
             {DNNL_ARG_DST, make(forward.dst_desc())}}};
}

void benchConvolution(benchmark::State& state, const nn::ConvGeometry& g, Pass pass,
                      dnnl::algorithm method) {
    const std::int64_t batch = state.range(0);
    const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    dnnl::stream stream(engine);
    Work work = workOf(Problem(g, batch, method), pass, engine);
    for (auto& [index, tensor] : work.arguments) {
        auto* const values = static_cast<float*>(tensor.get_data_handle());
        std::fill_n(values, tensor.get_desc().get_size() / sizeof(float), 0.25F);
    }
    for (auto _ : state) {
        work.primitive.execute(stream, work.arguments);
        stream.wait();
    }
    state.counters["GFLOP/s"] = benchmark::Counter(
        2e-9 * static_cast<double>(batch * g.multiplyAdds() * state.iterations()),
        benchmark::Counter::kIsRate);
}

[[maybe_unused]] const bool registered = [] {
    const std::pair<const char*, Pass> passes[] = {
        {"forward", Pass::Forward}, {"dx", Pass::BackwardData}, {"dw", Pass::BackwardWeights}};
    const std::pair<const char*, dnnl::algorithm> methods[] = {
        {"direct", dnnl::algorithm::convolution_direct},
        {"auto", dnnl::algorithm::convolution_auto}};
    for (const ConvShape& shape : convShapes()) {
        for (const auto& [name, pass] : passes) {
            for (const auto& [how, method] : methods) {
                const std::string full =
                    std::string("onednn/conv/") + shape.name + "/" + name + "/" + how;
                benchmark::RegisterBenchmark(full.c_str(), benchConvolution, shape.g, pass, method)
                    ->ArgName("batch")
                    ->Arg(64)
                    ->UseRealTime();
            }
        }
    }
    return true;
}();

} // namespace
