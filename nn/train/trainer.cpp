#include "nn/train/trainer.h"

#include "nn/train/active_run.h"

#include <utility>

namespace nn {

Expected<TrainResult> train(const TrainJob& job, TrainControl& control, const TrainSink& sink) {
    const Expected<CheckedJob> checked = checkedJob(job, machineMemory());
    if (!checked) {
        return tl::unexpected(checked.error());
    }
    Expected<RunData> data = runDataOf(job);
    if (!data) {
        return tl::unexpected(data.error());
    }
    Expected<std::shared_ptr<const Network>> network =
        Network::compile(job.graph, checked->inference);
    if (!network) {
        return tl::unexpected(network.error());
    }
    if (job.resume != nullptr) {
        const auto same =
            checkCheckpoint(*job.resume, **network, job.settings, data->training.size());
        if (!same) {
            return tl::unexpected(same.error());
        }
    }
    ActiveRun run(job, *checked, *std::move(data), *std::move(network), control, sink);
    return run.finished();
}

} // namespace nn
