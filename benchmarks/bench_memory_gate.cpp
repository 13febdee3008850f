// How long it takes to refuse what cannot fit into memory. What the machine has is given here, so
// that nothing large is allocated, whatever the computer has.
#include "nn/model/templates.h"
#include "nn/train/trainer.h"

#include <benchmark/benchmark.h>

namespace {

nn::TrainJob hugeJob() {
    const nn::data::ImageShape shape{256, 256, 3};
    nn::data::DatasetParts parts;
    parts.shape = shape;
    parts.pixels.resize(shape.bytes());
    parts.labels = {0};
    parts.classNames = {"nothing"};
    nn::TrainJob job;
    job.graph = nn::templateGraph(*nn::findTemplate("seed-c"));
    job.training = nn::data::Dataset::fromParts(std::move(parts)).value();
    job.settings.batchSize = 4096;
    return job;
}

/// The third network of the seed: 976 million weights, in batches of 4096.
void refuseSeedC(benchmark::State& state) {
    const nn::TrainJob job = hugeJob();
    const nn::MachineMemory machine{.availableBytes = std::int64_t{64} << 30,
                                    .limit = "free memory"};
    for (auto _ : state) {
        const auto checked = nn::checkTrainable(job, machine);
        if (checked || checked.error().code != nn::ErrorCode::TooLarge) {
            state.SkipWithError("was not refused for its memory");
        }
    }
}
BENCHMARK(refuseSeedC)->Unit(benchmark::kMillisecond);

} // namespace
