#include "widgets/summary_model.h"

#include "nn/base/text.h"
#include "widgets/text.h"

#include <algorithm>
#include <iterator>

namespace widgets {
namespace {

QString countOf(std::int64_t value) {
    return fromUtf8(nn::withThousands(value));
}

QString fieldTextOf(const nn::SummaryRow& row) {
    if (!row.field) {
        return {};
    }
    return row.field->global ? SummaryModel::tr("whole image")
                             : fromUtf8(nn::fieldText(*row.field));
}

QString textOf(const nn::SummaryRow& row, int column) {
    switch (column) {
    case SummaryModel::Layer:
        return fromUtf8(row.name);
    case SummaryModel::Type:
        return fromUtf8(row.type);
    case SummaryModel::OutputShape:
        return row.output ? fromUtf8(nn::kerasShapeText(*row.output)) : QStringLiteral("?");
    case SummaryModel::Params:
        return countOf(row.params);
    case SummaryModel::Macs:
        return countOf(row.macs);
    case SummaryModel::Memory:
        return fromUtf8(nn::byteText(row.activationBytes));
    case SummaryModel::ReceptiveField:
        return fieldTextOf(row);
    case SummaryModel::ConnectedTo:
        return fromUtf8(nn::join(nn::sourceNames(row), ", "));
    }
    return {};
}

QString headerTip(int column) {
    switch (column) {
    case SummaryModel::OutputShape:
        return SummaryModel::tr("As Keras prints it; None is the batch.");
    case SummaryModel::Params:
        return SummaryModel::tr("Weights, trained and not trained.");
    case SummaryModel::Macs:
        return SummaryModel::tr("Multiplications with addition for one image, forwards.");
    case SummaryModel::Memory:
        return SummaryModel::tr("What the output of the layer takes for one image.");
    case SummaryModel::ReceptiveField:
        return SummaryModel::tr("The part of the input image one output value sees.");
    }
    return {};
}

} // namespace

void SummaryModel::setSummary(nn::Summary summary) {
    // Everything but the rows; these follow one by one.
    std::swap(summary.rows, m_summary.rows);
    std::swap(summary, m_summary);
    std::vector<nn::SummaryRow>& rows = m_summary.rows;
    std::vector<nn::SummaryRow>& next = summary.rows;
    const auto before = static_cast<int>(rows.size());
    const auto after = static_cast<int>(next.size());
    const int kept = std::min(before, after);
    if (after < before) {
        beginRemoveRows({}, after, before - 1);
        rows.resize(next.size());
        endRemoveRows();
    }
    int first = -1;
    int last = -1;
    for (int i = 0; i < kept; ++i) {
        const auto at = static_cast<std::size_t>(i);
        if (rows[at] != next[at]) {
            rows[at] = std::move(next[at]);
            first = first < 0 ? i : first;
            last = i;
        }
    }
    if (first >= 0) {
        emit dataChanged(index(first, 0), index(last, ColumnCount - 1));
    }
    if (after > before) {
        beginInsertRows({}, before, after - 1);
        std::move(next.begin() + before, next.end(), std::back_inserter(rows));
        endInsertRows();
    }
}

nn::NodeId SummaryModel::nodeAt(int row) const {
    return row >= 0 && row < rowCount() ? m_summary.rows[static_cast<std::size_t>(row)].id
                                        : nn::kNoNode;
}

int SummaryModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_summary.rows.size());
}

int SummaryModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant SummaryModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const nn::SummaryRow& row = m_summary.rows[static_cast<std::size_t>(index.row())];
    const bool isNumber = index.column() >= Params && index.column() <= Memory;
    if (role == Qt::DisplayRole) {
        return textOf(row, index.column());
    }
    if (role == Qt::TextAlignmentRole) {
        return QVariant::fromValue(Qt::Alignment(Qt::AlignVCenter) |
                                   (isNumber ? Qt::AlignRight : Qt::AlignLeft));
    }
    if (role == Qt::ToolTipRole) {
        return plainTip(textOf(row, index.column()));
    }
    return {};
}

QVariant SummaryModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) {
        return {};
    }
    const bool isNumber = section >= Params && section <= Memory;
    if (role == Qt::TextAlignmentRole) {
        return QVariant::fromValue(Qt::Alignment(Qt::AlignVCenter) |
                                   (isNumber ? Qt::AlignRight : Qt::AlignLeft));
    }
    if (role == Qt::ToolTipRole) {
        return headerTip(section);
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case Layer:
        return tr("Layer");
    case Type:
        return tr("Type");
    case OutputShape:
        return tr("Output shape");
    case Params:
        return tr("Param #");
    case Macs:
        return tr("MACs");
    case Memory:
        return tr("Memory");
    case ReceptiveField:
        return tr("Receptive field");
    case ConnectedTo:
        return tr("Connected to");
    }
    return {};
}

} // namespace widgets
