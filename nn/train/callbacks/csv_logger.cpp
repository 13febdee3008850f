#include "nn/base/text.h"
#include "nn/train/callbacks/define_callback.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace nn {
namespace {

struct Options {
    std::string filename = "training.csv";
    std::string separator = ",";
    bool append = false;
};

/// Writes a line of figures per epoch, as Keras does: names sorted, lines ending as in RFC 4180.
class CsvLogger final : public Callback {
public:
    explicit CsvLogger(const Options& options) : m_options(options) {}

    [[nodiscard]] bool writesFiles() const override { return true; }

    Expected<void> check(const TrainingRun& run) const override {
        const std::string file = run.pathOf(m_options.filename);
        const std::filesystem::path folder = std::filesystem::path(file).parent_path();
        std::error_code error;
        if (m_options.filename.empty() ||
            (!folder.empty() && !std::filesystem::is_directory(folder, error))) {
            return failure(ErrorCode::Io, "CSVLogger: the folder of \"" + file +
                                              "\" does not exist. Make it first.");
        }
        return {};
    }

    Expected<void> epochEnd(std::int64_t epoch, Logs& logs, TrainingRun& run) override {
        const std::string path = run.pathOf(m_options.filename);
        std::string text;
        if (m_keys.empty()) {
            std::ranges::transform(logs, std::back_inserter(m_keys), &NamedValue::name);
            std::ranges::sort(m_keys);
            std::error_code error;
            const auto size = std::filesystem::file_size(path, error);
            m_adds = m_options.append && !error;
            if (!m_adds || size == 0) {
                text = "epoch";
                for (const std::string& key : m_keys) {
                    text += m_options.separator + key;
                }
                text += "\r\n";
            }
        }
        text += std::to_string(epoch);
        for (const std::string& key : m_keys) {
            const std::optional<double> value = logged(logs, key);
            text += m_options.separator + (value ? numberText(*value) : "NA");
        }
        const auto mode = m_adds ? std::ios::app : std::ios::trunc;
        m_adds = true;
        return write(path, text + "\r\n", mode);
    }

    [[nodiscard]] CallbackState state() const override {
        return {.values = {{"keys", m_keys}}, .weights = {}};
    }
    /// A run that goes on adds to the file it began.
    void restore(const CallbackState& state) override {
        m_keys = state.values.value("keys", m_keys);
        m_adds = !m_keys.empty();
    }

private:
    [[nodiscard]] static Expected<void> write(const std::string& path, const std::string& text,
                                              std::ios::openmode mode) {
        std::ofstream file(path, std::ios::binary | mode);
        file << text << std::flush;
        if (!file) {
            return failure(ErrorCode::Io, "CSVLogger cannot write to \"" + path +
                                              "\". Check folder, rights and free space.");
        }
        return {};
    }

    Options m_options;
    std::vector<std::string> m_keys;
    bool m_adds = false; ///< To what is in the file.
};

} // namespace

void addCsvLogger(CallbackTable& table) {
    ParamTable<Options> params;
    params.add(&Options::filename, "filename",
               {.help = "The file the figures are written to; a relative path begins beside the "
                        "project (on the command line: where it runs).",
                .required = true});
    params.add(&Options::separator, "separator", {.help = "What stands between two figures."});
    params.add(&Options::append, "append",
               {.help = "Add to a file that exists instead of replacing it."});
    table.add<Options>({.type = "CSVLogger",
                        .aliases = {},
                        .title = "Figures to a file",
                        .help = "Writes the figures of every epoch as a line of a CSV file, for "
                                "spreadsheets and scripts."},
                       std::move(params), [](const Options& options) -> std::unique_ptr<Callback> {
                           return std::make_unique<CsvLogger>(options);
                       });
}

} // namespace nn
