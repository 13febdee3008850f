#include "nn/train/losses/target_values.h"
#include "nn/train/metrics/define_metric.h"

#include <algorithm>

namespace nn {
namespace {

struct BinaryIoUOptions : MetricOptions {
    std::vector<std::int64_t> targetClassIds{0, 1};
    double threshold = 0.5;
};

struct MeanIoUOptions : MetricOptions {
    std::int64_t numClasses = 2;
    std::optional<std::int64_t> ignoreClass;
    bool sparseYTrue = true;
    bool sparseYPred = true;
};

/// How often class `truth` was called class `said`; what lies outside is left out.
class ClassTable {
public:
    explicit ClassTable(std::size_t classes) : m_classes(classes), m_cells(classes * classes) {}

    void reset() { std::ranges::fill(m_cells, 0.0); }
    void add(std::int64_t truth, std::int64_t said, double weight) {
        const auto size = static_cast<std::int64_t>(m_classes);
        if (truth >= 0 && truth < size && said >= 0 && said < size) {
            m_cells[static_cast<std::size_t>(truth * size + said)] += weight;
        }
    }
    /// The mean of both / (both + missed + wrong) over the classes that occur.
    [[nodiscard]] double overlap(const std::vector<std::int64_t>& ids) const {
        double sum = 0.0;
        double valid = 0.0;
        for (const std::int64_t id : ids) {
            const auto k = static_cast<std::size_t>(id);
            double all = -m_cells[k * m_classes + k];
            for (std::size_t j = 0; j < m_classes; ++j) {
                all += m_cells[k * m_classes + j] + m_cells[j * m_classes + k];
            }
            sum += m_cells[k * m_classes + k] / (all + kLossEpsilon);
            valid += all > 1e-9 ? 1.0 : 0.0;
        }
        return sum / (valid + kLossEpsilon);
    }

    [[nodiscard]] const std::vector<double>& cells() const { return m_cells; }
    [[nodiscard]] bool restore(std::span<const double> cells) {
        if (cells.size() != m_cells.size()) {
            return false;
        }
        m_cells.assign(cells.begin(), cells.end());
        return true;
    }

private:
    std::size_t m_classes;
    std::vector<double> m_cells; ///< [truth][said]
};

class BinaryIoU final : public Metric {
public:
    explicit BinaryIoU(BinaryIoUOptions options) : m_options(std::move(options)), m_table(2) {
        std::erase_if(m_options.targetClassIds, [](std::int64_t id) { return id < 0 || id > 1; });
    }

    void reset() override { m_table.reset(); }
    [[nodiscard]] std::vector<double> state() const override { return m_table.cells(); }
    [[nodiscard]] bool restore(std::span<const double> state) override {
        return m_table.restore(state);
    }
    [[nodiscard]] Direction direction() const override { return Direction::Up; }
    [[nodiscard]] double result() const override {
        return m_table.overlap(m_options.targetClassIds);
    }

    void add(const Outputs& outputs, const Targets& targets) override {
        const OutputWeight weight(targets, outputs.values.size());
        withTargets(outputs, targets, [&](const auto& target) {
            for (std::size_t i = 0; i < outputs.values.size(); ++i) {
                const bool said = outputs.values[i] >= static_cast<float>(m_options.threshold);
                m_table.add(static_cast<std::int64_t>(target(i)), said ? 1 : 0, weight(i));
            }
        });
    }

private:
    BinaryIoUOptions m_options;
    ClassTable m_table;
};

class MeanIoU final : public Metric {
public:
    explicit MeanIoU(const MeanIoUOptions& options)
        : m_options(options), m_table(static_cast<std::size_t>(options.numClasses)) {
        for (std::int64_t k = 0; k < options.numClasses; ++k) {
            m_ids.push_back(k);
        }
    }

    void reset() override { m_table.reset(); }
    [[nodiscard]] std::vector<double> state() const override { return m_table.cells(); }
    [[nodiscard]] bool restore(std::span<const double> state) override {
        return m_table.restore(state);
    }
    [[nodiscard]] Direction direction() const override { return Direction::Up; }
    [[nodiscard]] double result() const override { return m_table.overlap(m_ids); }

    void add(const Outputs& outputs, const Targets& targets) override {
        const auto width = static_cast<std::size_t>(outputs.width);
        const std::size_t step = m_options.sparseYPred ? 1 : width;
        const OutputWeight weight(targets, outputs.values.size());
        withTargets(outputs, targets, [&](const auto& target) {
            for (std::size_t i = 0; i < outputs.values.size(); i += step) {
                const std::int64_t said = m_options.sparseYPred
                                              ? static_cast<std::int64_t>(outputs.values[i])
                                              : largestOf(outputs.values.subspan(i, width));
                const std::int64_t truth = m_options.sparseYPred && !areClasses(outputs, targets)
                                               ? static_cast<std::int64_t>(target(i))
                                               : rightClass(outputs, targets, i / width);
                if (truth != m_options.ignoreClass) {
                    m_table.add(truth, said, weight(i));
                }
            }
        });
    }

private:
    static std::int64_t largestOf(std::span<const float> row) {
        return std::ranges::max_element(row) - row.begin();
    }
    static std::int64_t rightClass(const Outputs& outputs, const Targets& targets,
                                   std::size_t row) {
        if (outputs.width == 1 || areClasses(outputs, targets)) {
            return targets.values.empty() ? targets.labels[row]
                                          : static_cast<std::int64_t>(targets.values[row]);
        }
        const auto width = static_cast<std::size_t>(outputs.width);
        return largestOf(targets.values.subspan(row * width, width));
    }

    MeanIoUOptions m_options;
    ClassTable m_table;
    std::vector<std::int64_t> m_ids;
};

void addMeanIoU(MetricTable& table) {
    ParamTable<MeanIoUOptions> params;
    params.add(&MeanIoUOptions::numClasses, "num_classes",
               {.min = 1, .max = 100'000, .help = "How many classes there are.", .required = true});
    params.add(&MeanIoUOptions::ignoreClass, "ignore_class",
               {.min = -2147483648.0,
                .max = 2147483647.0,
                .help = "A class that does not count. None: all count."});
    params.add(&MeanIoUOptions::sparseYTrue, "sparse_y_true",
               {.help = "Targets are numbers of classes; off for one-hot rows."});
    params.add(&MeanIoUOptions::sparseYPred, "sparse_y_pred",
               {.help = "Outputs are numbers of classes; off for rows of probabilities, as after a "
                        "softmax."});
    addMetric<MeanIoUOptions>(table,
                              {.type = "MeanIoU",
                               .aliases = {"mean_io_u"},
                               .title = "Mean intersection over union",
                               .help = "How well the areas found and wanted cover each other: "
                                       "common area over joined area, mean of the classes."},
                              std::move(params),
                              [](const MeanIoUOptions& options) -> std::unique_ptr<Metric> {
                                  return std::make_unique<MeanIoU>(options);
                              });
}

} // namespace

void addOverlapMetrics(MetricTable& table) {
    ParamTable<BinaryIoUOptions> params;
    params.add(&BinaryIoUOptions::targetClassIds, "target_class_ids",
               {.help = "Which of the classes 0 (no) and 1 (yes) count."});
    params.add(&BinaryIoUOptions::threshold, "threshold",
               {.min = 0.0, .max = 1.0, .step = 0.05, .help = "Outputs from here on are a yes."});
    addMetric<BinaryIoUOptions>(table,
                                {.type = "BinaryIoU",
                                 .aliases = {"binary_io_u"},
                                 .title = "Binary intersection over union",
                                 .help = "How well the area found and the area wanted cover each "
                                         "other: common area over joined area."},
                                std::move(params),
                                [](const BinaryIoUOptions& options) -> std::unique_ptr<Metric> {
                                    return std::make_unique<BinaryIoU>(options);
                                });
    addMeanIoU(table);
}

} // namespace nn
