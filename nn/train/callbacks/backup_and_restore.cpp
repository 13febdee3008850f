#include "nn/base/text.h"
#include "nn/train/callbacks/define_callback.h"

#include <filesystem>

namespace nn {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEveryEpoch = "epoch";

struct Options {
    std::string backupDir = "backup";
    std::string saveFreq = std::string(kEveryEpoch);
    bool doubleCheckpoint = false;
    bool deleteCheckpoint = true;
};

/// Keeps the run in a file while it goes on. Started again after it was cut off, the training goes
/// on from there, to the same bits as without the break.
class BackupAndRestore final : public Callback {
public:
    explicit BackupAndRestore(const Options& options)
        : m_options(options), m_everyBatches(parseInteger(options.saveFreq)) {}

    [[nodiscard]] bool writesFiles() const override { return true; }

    Expected<void> check(const TrainingRun& /*run*/) const override {
        if (m_options.backupDir.empty()) {
            return failure(ErrorCode::Usage,
                           "BackupAndRestore needs a folder of its own as backup_dir, but received "
                           "an empty one. Give a name, such as 'backup'.");
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
        m_folder = run.pathOf(m_options.backupDir);
        m_latest = m_folder / "latest.receptive";
        m_previous = m_folder / "previous.receptive";
        // The last state may be missing or damaged where the break came while it was written.
        std::error_code error;
        Expected<void> taken;
        for (const fs::path& path : {m_latest, m_previous}) {
            if (fs::exists(path, error)) {
                taken = run.goOnFrom(path.string());
                if (taken) {
                    return {};
                }
            }
        }
        if (!taken) {
            return failure(ErrorCode::InvalidFile,
                           "BackupAndRestore cannot go on with the run in " + m_folder.string() +
                               ": " + taken.error().message + " Delete the folder " +
                               m_folder.string() +
                               " to begin a new run, or give another backup_dir.");
        }
        return {};
    }

    Expected<void> batchEnd(std::int64_t /*epoch*/, std::int64_t /*batch*/, const Logs& /*logs*/,
                            TrainingRun& run) override {
        if (!m_everyBatches || ++m_batches < *m_everyBatches) {
            return {};
        }
        m_batches = 0;
        return save(run);
    }

    Expected<void> epochEnd(std::int64_t /*epoch*/, Logs& /*logs*/, TrainingRun& run) override {
        return m_everyBatches ? Expected<void>{} : save(run);
    }

    void trainEnd(TrainingRun& /*run*/) override {
        if (m_options.deleteCheckpoint) {
            // Only what is its own; the folder goes when nothing else is in it.
            std::error_code error;
            fs::remove(m_latest, error);
            fs::remove(m_previous, error);
            fs::remove(m_folder, error);
        }
    }

    [[nodiscard]] CallbackState state() const override {
        return {.values = {{"batches", m_batches}}, .weights = {}};
    }
    void restore(const CallbackState& state) override {
        m_batches = state.values.value("batches", m_batches);
    }

private:
    Expected<void> save(TrainingRun& run) const {
        std::error_code error;
        fs::create_directories(m_folder, error);
        if (!error && m_options.doubleCheckpoint && fs::exists(m_latest)) {
            fs::rename(m_latest, m_previous, error);
        }
        if (error) {
            return failure(ErrorCode::Io, "BackupAndRestore cannot write into the folder " +
                                              m_folder.string() + ": " + error.message() + ".");
        }
        run.backUp(m_latest.string());
        return {};
    }

    Options m_options;
    std::optional<std::int64_t> m_everyBatches;
    fs::path m_folder;
    fs::path m_latest;
    fs::path m_previous;
    std::int64_t m_batches = 0; ///< Since the last time it was saved.
};

} // namespace

void addBackupAndRestore(CallbackTable& table) {
    ParamTable<Options> params;
    params.add(&Options::backupDir, "backup_dir",
               {.help = "A folder for this run alone, made where it is missing; a relative path "
                        "begins beside the project (on the command line: where it runs).",
                .required = true});
    params.add(&Options::saveFreq, "save_freq",
               {.help = "'epoch', or after how many batches the run is kept."});
    params.add(&Options::doubleCheckpoint, "double_checkpoint",
               {.help = "Keeps the state before the last one too, in case the last cannot be read. "
                        "Takes twice as much space."});
    params.add(&Options::deleteCheckpoint, "delete_checkpoint",
               {.help = "Deletes the file when the training is finished. Otherwise the next "
                        "training goes on from it."});
    table.add<Options>({.type = "BackupAndRestore",
                        .aliases = {},
                        .title = "Go on after a break",
                        .help = "Keeps the run in a folder while it goes on; started again after "
                                "it was cut off, the training goes on there."},
                       std::move(params), [](const Options& options) -> std::unique_ptr<Callback> {
                           return std::make_unique<BackupAndRestore>(options);
                       });
}

} // namespace nn
