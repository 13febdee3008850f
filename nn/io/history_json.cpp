#include "nn/io/history_json.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace nn::io {
namespace {

/// One column of a table: its name, and how a row's number is read and written.
template <typename Row>
struct Column {
    const char* name;
    double (*get)(const Row&);
    void (*set)(Row&, double);
};

#define NN_COLUMN(Row, name, member)                                                               \
    Column<Row> {                                                                                  \
        name, [](const Row& row) { return static_cast<double>(row.member); },                      \
            [](Row& row, double value) { row.member = static_cast<decltype(row.member)>(value); }  \
    }

const std::array kBatchColumns{NN_COLUMN(BatchProgress, "step", step),
                               NN_COLUMN(BatchProgress, "epoch", epoch),
                               NN_COLUMN(BatchProgress, "batch", batch),
                               NN_COLUMN(BatchProgress, "batches_per_epoch", batchesPerEpoch),
                               NN_COLUMN(BatchProgress, "loss", loss),
                               NN_COLUMN(BatchProgress, "accuracy", accuracy),
                               NN_COLUMN(BatchProgress, "images_per_second", imagesPerSecond)};
const std::array kEpochColumns{NN_COLUMN(EpochResult, "epoch", epoch),
                               NN_COLUMN(EpochResult, "loss", loss),
                               NN_COLUMN(EpochResult, "accuracy", accuracy),
                               NN_COLUMN(EpochResult, "val_loss", valLoss),
                               NN_COLUMN(EpochResult, "val_accuracy", valAccuracy),
                               NN_COLUMN(EpochResult, "seconds", seconds),
                               NN_COLUMN(EpochResult, "images_per_second", imagesPerSecond)};
#undef NN_COLUMN

template <typename Row, typename Columns>
Json tableJson(const std::vector<Row>& rows, const Columns& columns) {
    Json table = Json::object();
    for (const Column<Row>& column : columns) {
        Json values = Json::array();
        for (const Row& row : rows) {
            const double value = column.get(row);
            values.push_back(std::isfinite(value) ? Json(value) : Json(nullptr));
        }
        table[column.name] = std::move(values);
    }
    return table;
}

template <typename Row, typename Columns>
Expected<std::vector<Row>> tableFromJson(const Json& json, const char* member,
                                         const Columns& columns) {
    const auto wrong = [member](const std::string& what) {
        return failure(ErrorCode::InvalidFile,
                       "History: expected " + what + " in \"" + member + "\".");
    };
    const auto table = json.find(member);
    if (table == json.end() || !table->is_object()) {
        return wrong("an object of columns");
    }
    std::vector<Row> rows;
    for (const Column<Row>& column : columns) {
        const auto values = table->find(column.name);
        if (values == table->end() || !values->is_array() || values->size() > 10'000'000 ||
            (&column != &columns.front() && values->size() != rows.size())) {
            return wrong("columns of equal length, \"" + std::string(column.name) +
                         "\" among them");
        }
        rows.resize(values->size());
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const Json& value = (*values)[i];
            if (!value.is_null() &&
                (!value.is_number() || std::abs(value.template get<double>()) > 9e15)) {
                return wrong("numbers");
            }
            if (!value.is_null()) {
                column.set(rows[i], value.template get<double>());
            }
        }
    }
    return rows;
}

/// The further figures of the epochs, a column for each name that occurs.
Json valuesJson(const std::vector<EpochResult>& epochs) {
    Json columns = Json::object();
    for (const EpochResult& epoch : epochs) {
        for (const NamedValue& value : epoch.values) {
            columns[value.name] = Json::array();
        }
    }
    for (auto& [name, column] : columns.items()) {
        for (const EpochResult& epoch : epochs) {
            const auto found = std::ranges::find(epoch.values, name, &NamedValue::name);
            const bool isKnown = found != epoch.values.end() && std::isfinite(found->value);
            column.push_back(isKnown ? Json(found->value) : Json(nullptr));
        }
    }
    return columns;
}

Expected<void> readValues(const Json& json, std::vector<EpochResult>& epochs) {
    const auto columns = json.find("values");
    if (columns == json.end()) {
        return {};
    }
    for (const auto& [name, column] : columns->items()) {
        if (!column.is_array() || column.size() != epochs.size()) {
            return failure(ErrorCode::InvalidFile,
                           "History: expected a number for every epoch in \"" + name + "\".");
        }
        for (std::size_t i = 0; i < epochs.size(); ++i) {
            if (!column[i].is_null() && !column[i].is_number()) {
                return failure(ErrorCode::InvalidFile,
                               "History: expected numbers in \"" + name + "\".");
            }
            epochs[i].values.push_back(
                {name, column[i].is_null() ? kNotMeasured : column[i].get<double>()});
        }
    }
    return {};
}

} // namespace

Json historyJson(const History& history) {
    Json json = {{"batches", tableJson(history.batches, kBatchColumns)},
                 {"epochs", tableJson(history.epochs, kEpochColumns)}};
    if (Json values = valuesJson(history.epochs); !values.empty()) {
        json["values"] = std::move(values);
    }
    return json;
}

Expected<History> historyFromJson(const Json& json) {
    auto batches = tableFromJson<BatchProgress>(json, "batches", kBatchColumns);
    auto epochs = tableFromJson<EpochResult>(json, "epochs", kEpochColumns);
    if (!batches || !epochs) {
        return tl::unexpected(!batches ? batches.error() : epochs.error());
    }
    if (auto read = readValues(json, *epochs); !read) {
        return tl::unexpected(read.error());
    }
    return History{*std::move(batches), *std::move(epochs)};
}

} // namespace nn::io
