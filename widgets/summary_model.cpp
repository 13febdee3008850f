#include "widgets/summary_model.h"

#include "nn/base/text.h"
#include "nn/model/cost.h"
#include "nn/model/receptive_field.h"
#include "nn/model/summary.h"
#include "widgets/text.h"

#include <algorithm>

namespace widgets {
namespace {

QString countOf(std::int64_t value) {
    return fromUtf8(nn::withThousands(value));
}

QString textOf(const SummaryRow& row, int column) {
    switch (column) {
    case SummaryModel::Layer:
        return row.layer;
    case SummaryModel::Type:
        return row.type;
    case SummaryModel::OutputShape:
        return row.outputShape;
    case SummaryModel::Params:
        return countOf(row.params);
    case SummaryModel::Macs:
        return countOf(row.macs);
    case SummaryModel::Memory:
        return fromUtf8(nn::byteText(row.activationBytes));
    case SummaryModel::ReceptiveField:
        return row.receptiveField;
    case SummaryModel::ConnectedTo:
        return row.connectedTo;
    }
    return {};
}

/// With one input image, what one output of each layer sees of it: "5×5".
QHash<nn::NodeId, QString> fieldTexts(const NetworkValues& network) {
    QHash<nn::NodeId, QString> texts;
    const nn::Inference& inference = *network.inference;
    if (inference.inputs.size() != 1) {
        return texts;
    }
    const auto fields = nn::receptiveFields(*network.graph, inference, inference.inputs.front());
    texts.reserve(static_cast<qsizetype>(fields.size()));
    for (const auto& [id, field] : fields) {
        texts.insert(id, field.global ? SummaryModel::tr("whole image")
                                      : QString::number(field.vertical.size) + u'×' +
                                            QString::number(field.horizontal.size));
    }
    return texts;
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

SummaryValues summaryValues(const NetworkValues& network) {
    const nn::Summary summary = nn::summaryOf(*network.graph, *network.inference);
    SummaryValues values;
    values.params = summary.totalParams;
    values.trainableParams = summary.trainableParams;
    const nn::NetworkCosts costs = nn::costsOf(*network.inference);
    values.macs = costs.total.macs;
    values.activationBytes = costs.total.activationBytes;
    QHash<nn::NodeId, const nn::LayerCosts*> costOf;
    costOf.reserve(static_cast<qsizetype>(costs.layers.size()));
    for (const nn::LayerCosts& cost : costs.layers) {
        costOf[cost.id] = &cost;
    }
    const QHash<nn::NodeId, QString> fields = fieldTexts(network);
    values.rows.reserve(summary.rows.size());
    for (const nn::SummaryRow& from : summary.rows) {
        SummaryRow row;
        row.node = from.id;
        row.layer = fromUtf8(from.name);
        row.type = fromUtf8(from.type);
        row.outputShape =
            from.output ? fromUtf8(nn::kerasShapeText(*from.output)) : QStringLiteral("?");
        row.params = from.params;
        row.connectedTo = fromUtf8(nn::join(nn::sourceNames(from), ", "));
        row.receptiveField = fields.value(from.id);
        if (const nn::LayerCosts* cost = costOf.value(from.id)) {
            row.macs = cost->macs;
            row.activationBytes = cost->activationBytes;
        }
        values.rows.push_back(std::move(row));
    }
    return values;
}

void SummaryModel::setRows(const std::vector<SummaryRow>& rows) {
    const auto before = static_cast<int>(m_rows.size());
    const auto after = static_cast<int>(rows.size());
    const int kept = std::min(before, after);
    if (after < before) {
        beginRemoveRows({}, after, before - 1);
        m_rows.resize(rows.size());
        endRemoveRows();
    }
    int first = -1;
    int last = -1;
    for (int i = 0; i < kept; ++i) {
        const auto at = static_cast<std::size_t>(i);
        if (m_rows[at] != rows[at]) {
            m_rows[at] = rows[at];
            first = first < 0 ? i : first;
            last = i;
        }
    }
    if (first >= 0) {
        emit dataChanged(index(first, 0), index(last, ColumnCount - 1));
    }
    if (after > before) {
        beginInsertRows({}, before, after - 1);
        m_rows.insert(m_rows.end(), rows.begin() + before, rows.end());
        endInsertRows();
    }
}

nn::NodeId SummaryModel::nodeAt(int row) const {
    return row >= 0 && row < rowCount() ? m_rows[static_cast<std::size_t>(row)].node : nn::kNoNode;
}

int SummaryModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int SummaryModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant SummaryModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const SummaryRow& row = m_rows[static_cast<std::size_t>(index.row())];
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
