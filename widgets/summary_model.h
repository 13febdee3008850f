#pragma once

#include "widgets/edit_wish.h"

#include <QAbstractTableModel>

namespace widgets {

/// One layer in the summary table; numbers for one sample.
struct SummaryRow {
    nn::NodeId node = nn::kNoNode;
    QString layer;
    QString type;
    QString outputShape; ///< As Keras prints it: "(None, 26, 26, 32)".
    std::int64_t params = 0;
    QString connectedTo;
    std::int64_t macs = 0;
    std::int64_t activationBytes = 0;
    QString receptiveField; ///< "5×5", or empty.
    bool operator==(const SummaryRow&) const = default;
};

struct SummaryValues {
    std::vector<SummaryRow> rows;
    std::int64_t params = 0;
    std::int64_t trainableParams = 0;
    std::int64_t macs = 0;
    std::int64_t activationBytes = 0;
    bool operator==(const SummaryValues&) const = default;
};

/// The rows of a network, in Keras' order.
[[nodiscard]] SummaryValues summaryValues(const NetworkValues& network);

/// The summary as a table; rows that stay the same are not touched.
class SummaryModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column {
        Layer,
        Type,
        OutputShape,
        Params,
        Macs,
        Memory,
        ReceptiveField,
        ConnectedTo,
        ColumnCount
    };
    using QAbstractTableModel::QAbstractTableModel;

    void setRows(const std::vector<SummaryRow>& rows);
    [[nodiscard]] const std::vector<SummaryRow>& rows() const { return m_rows; }
    [[nodiscard]] nn::NodeId nodeAt(int row) const;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role) const override;

private:
    std::vector<SummaryRow> m_rows;
};

} // namespace widgets
