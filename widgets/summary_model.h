#pragma once

#include "nn/model/summary.h"

#include <QAbstractTableModel>

namespace widgets {

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

    void setSummary(nn::Summary summary);
    [[nodiscard]] const nn::Summary& summary() const { return m_summary; }
    [[nodiscard]] nn::NodeId nodeAt(int row) const;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role) const override;

private:
    nn::Summary m_summary;
};

} // namespace widgets
