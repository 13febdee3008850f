#include "nn/train/run_data.h"

#include "nn/data/split.h"

namespace nn {
namespace {

/// The classes of the samples; empty where they have none.
std::span<const std::int32_t> classesOf(const TrainData& data) {
    if (data.images() != nullptr) {
        return data.images()->labels();
    }
    const std::vector<TargetArray>& targets = data.arrays()->targets;
    return targets.empty() ? std::span<const std::int32_t>{} : targets.front().labels;
}

Expected<data::Split> splitOf(const TrainJob& job) {
    const double fraction = job.settings.validationSplit;
    if (!job.settings.stratified) {
        return data::lastFraction(job.training.size(), fraction);
    }
    const std::span<const std::int32_t> classes = classesOf(job.training);
    if (static_cast<std::int64_t>(classes.size()) != job.training.size()) {
        return failure(ErrorCode::Usage,
                       "A stratified validation split needs a class for every sample, but these "
                       "data have none. Take the last part of them instead.");
    }
    return data::stratifiedSplit(classes, fraction, job.settings.seed);
}

} // namespace

Expected<RunData> runDataOf(const TrainJob& job) {
    if (job.settings.validationSplit <= 0.0) {
        return RunData{job.training, job.validation};
    }
    const Expected<data::Split> split = splitOf(job);
    if (!split) {
        return tl::unexpected(split.error());
    }
    return RunData{job.training.subset(split->train), job.training.subset(split->validation)};
}

} // namespace nn
