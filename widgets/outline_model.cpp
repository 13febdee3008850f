#include "widgets/outline_model.h"

#include "widgets/canvas/card.h"
#include "widgets/icons.h"
#include "widgets/text.h"

#include <algorithm>

namespace widgets {

OutlineModel::Row OutlineModel::keptRow(const nn::Node& node, const NetworkValues& network,
                                        const Problems& problems) const {
    const auto place = m_index.constFind(node.id);
    if (problems.empty() && place != m_index.constEnd() && !m_rows[*place].severity) {
        const auto now = network.inference->nodes.find(node.id);
        const auto then = m_network.inference->nodes.find(node.id);
        if (now != network.inference->nodes.end() && then != m_network.inference->nodes.end() &&
            now->second == then->second && *m_sources[*place] == node) {
            return m_rows[*place];
        }
    }
    const Card card = cardOf(node, *network.inference, problems);
    return {.node = node.id,
            .name = card.name,
            .type = card.type,
            .shape = card.shape,
            .sentence = card.sentence(),
            .category = card.category,
            .severity = card.severity};
}

void OutlineModel::setNetwork(const NetworkValues& network) {
    QHash<nn::NodeId, Problems> problems;
    for (const nn::Diagnostic& diagnostic : network.inference->diagnostics) {
        problems[diagnostic.node].push_back(&diagnostic);
    }
    QHash<nn::NodeId, const nn::Node*> nodes;
    nodes.reserve(static_cast<qsizetype>(network.graph->nodes.size()));
    for (const nn::Node& node : network.graph->nodes) {
        nodes[node.id] = &node;
    }
    std::vector<Row> rows;
    std::vector<const nn::Node*> sources;
    rows.reserve(network.inference->order.size());
    sources.reserve(network.inference->order.size());
    for (const nn::NodeId id : network.inference->order) {
        if (const nn::Node* node = nodes.value(id)) {
            rows.push_back(keptRow(*node, network, problems.value(id)));
            sources.push_back(node);
        }
    }
    m_network = network;
    m_sources = std::move(sources);
    m_index.clear();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        m_index[rows[i].node] = i;
    }
    const bool sameOrder = std::ranges::equal(rows, m_rows, {}, &Row::node, &Row::node);
    if (!sameOrder) {
        beginResetModel();
        m_rows = std::move(rows);
        endResetModel();
        return;
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows[i] != m_rows[i]) {
            m_rows[i] = std::move(rows[i]);
            emit dataChanged(index(static_cast<int>(i)), index(static_cast<int>(i)));
        }
    }
}

void OutlineModel::setTheme(const Theme& theme) {
    m_theme = theme;
    if (!m_rows.empty()) {
        emit dataChanged(index(0), index(rowCount() - 1), {Qt::DecorationRole, Qt::ForegroundRole});
    }
}

nn::NodeId OutlineModel::nodeAt(int row) const {
    return row >= 0 && row < rowCount() ? m_rows[static_cast<std::size_t>(row)].node : nn::kNoNode;
}

int OutlineModel::rowOf(nn::NodeId node) const {
    const auto found = std::ranges::find(m_rows, node, &Row::node);
    return found == m_rows.end() ? -1 : static_cast<int>(found - m_rows.begin());
}

int OutlineModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant OutlineModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const Row& row = m_rows[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
    case Qt::EditRole:
        return row.name;
    case TypeRole:
        return row.type;
    case ShapeRole:
        return row.shape;
    case Qt::AccessibleTextRole:
        return row.sentence;
    case Qt::ToolTipRole:
        return plainTip(row.sentence);
    case Qt::DecorationRole: {
        if (row.severity == nn::Severity::Error) {
            return icon(u"error", m_theme.error);
        }
        if (row.severity == nn::Severity::Warning) {
            return icon(u"warning", m_theme.warning);
        }
        const auto category = static_cast<std::size_t>(row.category);
        return icon(fromUtf8(kCategoryNames[category]), m_theme.categories[category]);
    }
    default:
        return {};
    }
}

Qt::ItemFlags OutlineModel::flags(const QModelIndex& index) const {
    const Qt::ItemFlags flags = QAbstractListModel::flags(index);
    return index.isValid() ? flags | Qt::ItemIsEditable | Qt::ItemNeverHasChildren : flags;
}

bool OutlineModel::setData(const QModelIndex& index, const QVariant& value, int role) {
    const QString name = value.toString().trimmed();
    if (role != Qt::EditRole || !index.isValid() || name.isEmpty()) {
        return false;
    }
    emit renameWished(nodeAt(index.row()), name);
    return true;
}

} // namespace widgets
