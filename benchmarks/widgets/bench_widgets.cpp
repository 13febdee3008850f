// What live views cost the window: one replot of the curves, one refresh of filters and feature
// maps. Run with QT_QPA_PLATFORM=offscreen.
#include "widgets/images/feature_map_view.h"
#include "widgets/images/filter_view.h"
#include "widgets/plots/training_plot.h"
#include "widgets/theme.h"

#include <QApplication>
#include <benchmark/benchmark.h>
#include <cmath>
#include <qcustomplot.h>

namespace {

constexpr QSize kSize(800, 400);

std::vector<nn::BatchProgress> noisyLoss(std::int64_t count) {
    std::vector<nn::BatchProgress> batches;
    for (std::int64_t i = 1; i <= count; ++i) {
        const double t = static_cast<double>(i);
        batches.push_back({.step = i,
                           .epoch = (i - 1) / 500,
                           .batch = (i - 1) % 500 + 1,
                           .batchesPerEpoch = 500,
                           .loss = 2.0 / std::sqrt(t) + 0.05 * std::sin(t * 12.9898),
                           .accuracy = 1.0 - 0.8 / std::sqrt(t) + 0.02 * std::sin(t * 78.233)});
    }
    return batches;
}

nn::Tensor waves(const nn::Shape& shape) {
    nn::Tensor tensor(shape);
    float phase = 0.0F;
    for (float& value : tensor.values()) {
        value = std::sin(phase += 0.37F);
    }
    return tensor;
}

/// Loss and accuracy, each raw and smoothed: four curves of `range` points.
void replotCurves(benchmark::State& state) {
    widgets::TrainingPlot plot;
    plot.resize(kSize);
    plot.setSmoothing(0.9);
    plot.appendBatches(noisyLoss(state.range(0)));
    plot.refresh();
    plot.grab();
    for (auto _ : state) {
        plot.plot()->replot(QCustomPlot::rpImmediateRefresh);
    }
}
BENCHMARK(replotCurves)->Arg(1'000)->Arg(10'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

void refreshFilters(benchmark::State& state) {
    widgets::FilterView view;
    view.resize(kSize);
    const nn::Tensor kernel = waves({3, 3, 32, state.range(0)});
    view.setKernel(QStringLiteral("conv2d"), kernel);
    for (auto _ : state) {
        view.setKernel(QStringLiteral("conv2d"), kernel);
        benchmark::DoNotOptimize(view.grab());
    }
}
BENCHMARK(refreshFilters)->Arg(64)->Arg(512)->Unit(benchmark::kMillisecond);

void refreshMaps(benchmark::State& state) {
    widgets::FeatureMapView view;
    view.resize(kSize);
    const nn::Tensor maps = waves({state.range(0), state.range(0), 64});
    view.setMaps(QStringLiteral("conv2d"), maps);
    for (auto _ : state) {
        view.setMaps(QStringLiteral("conv2d"), maps);
        benchmark::DoNotOptimize(view.grab());
    }
}
BENCHMARK(refreshMaps)->Arg(26)->Arg(112)->Unit(benchmark::kMillisecond);

} // namespace

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    widgets::applyTheme(application, widgets::Theme::light());
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
