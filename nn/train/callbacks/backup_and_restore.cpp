#include "nn/base/text.h"
#include "nn/train/callbacks/define_callback.h"

namespace nn {
namespace {

constexpr std::string_view kEveryEpoch = "epoch";

struct Options {
    std::string backupDir = "backup";
    std::string saveFreq = std::string(kEveryEpoch);
    bool deleteCheckpoint = true;
};

/// Keeps a checkpoint so that a run that was torn off goes on where it was.
class BackupAndRestore final : public Callback {
public:
    explicit BackupAndRestore(const Options& options)
        : m_options(options), m_everyBatches(parseInteger(options.saveFreq)) {}

    Expected<void> check(const TrainingRun& /*run*/) const override {
        if (m_options.backupDir.empty()) {
            return failure(ErrorCode::Usage,
                           "BackupAndRestore: expected a folder as backup_dir, but it is empty.");
        }
        if (m_options.saveFreq != kEveryEpoch && m_everyBatches.value_or(0) < 1) {
            return failure(ErrorCode::Usage,
                           "BackupAndRestore: expected 'epoch' or a number of batches from 1 as "
                           "save_freq, but received \"" +
                               m_options.saveFreq + "\".");
        }
        return {};
    }

    Expected<void> trainBegin(TrainingRun& run) override {
        return run.restoreCheckpoint(m_options.backupDir);
    }

    Expected<void> batchEnd(std::int64_t /*epoch*/, std::int64_t /*batch*/, const Logs& /*logs*/,
                            TrainingRun& run) override {
        if (!m_everyBatches || ++m_batches < *m_everyBatches) {
            return {};
        }
        m_batches = 0;
        return run.saveCheckpoint(m_options.backupDir);
    }

    Expected<void> epochEnd(std::int64_t /*epoch*/, Logs& /*logs*/, TrainingRun& run) override {
        return m_everyBatches ? Expected<void>{} : run.saveCheckpoint(m_options.backupDir);
    }

    void trainEnd(TrainingRun& run) override {
        if (m_options.deleteCheckpoint) {
            run.removeCheckpoint(m_options.backupDir);
        }
    }

private:
    Options m_options;
    std::optional<std::int64_t> m_everyBatches;
    std::int64_t m_batches = 0; ///< Since the last time it was saved.
};

} // namespace

void addBackupAndRestore(CallbackTable& table) {
    ParamTable<Options> params;
    params.add(&Options::backupDir, "backup_dir",
               {.help = "The folder the checkpoint is kept in.", .required = true});
    params.add(&Options::saveFreq, "save_freq",
               {.help = "'epoch', or after how many batches the checkpoint is renewed."});
    params.add(&Options::deleteCheckpoint, "delete_checkpoint",
               {.help = "Remove the checkpoint when the run has finished."});
    table.add<Options>({.type = "BackupAndRestore",
                        .aliases = {},
                        .title = "Go on after a crash",
                        .help = "Keeps a checkpoint while training; a run that was torn off goes "
                                "on from it when it is started again."},
                       std::move(params), [](const Options& options) -> std::unique_ptr<Callback> {
                           return std::make_unique<BackupAndRestore>(options);
                       });
}

} // namespace nn
