#include "widgets/outline_model.h"

#include "widgets/canvas/card.h"
#include "widgets/icons.h"
#include "widgets/text.h"

#include <algorithm>

namespace widgets {

OutlineModel::Row OutlineModel::keptRow(const nn::Node& node, const NetworkValues& network,
                                        const Problems& problems) {
    const nn::NodeInference* known = network.inference->find(node.id);
    const auto place = m_index.constFind(node.id);
    if (problems.empty() && place != m_index.constEnd() && !m_rows[*place].severity &&
        *m_sources[*place] == node) {
        Row row = m_rows[*place];
        if (known != m_network.inference->find(node.id)) {
            row.version = ++m_version;
        }
        return row;
    }
    Row row{.node = node.id,
            .name = fromUtf8(node.name),
            .type = fromUtf8(node.type),
            .version = ++m_version};
    if (const nn::LayerDef* def = definitionOf(node)) {
        row.category = def->category;
    }
    for (const nn::Diagnostic* problem : problems) {
        row.severity = std::max(row.severity.value_or(nn::Severity::Info), problem->severity);
    }
    return row;
}

QString OutlineModel::sentenceOf(std::size_t row) const {
    Problems problems;
    for (const nn::Diagnostic& diagnostic : m_network.inference->diagnostics) {
        if (diagnostic.node == m_rows[row].node) {
            problems.push_back(&diagnostic);
        }
    }
    return cardOf(*m_sources[row], *m_network.inference, problems).sentence();
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
    const bool isReset = !std::ranges::equal(rows, m_rows, {}, &Row::node, &Row::node);
    if (isReset) {
        beginResetModel();
    }
    m_network = network;
    m_sources = std::move(sources);
    m_rows.swap(rows);
    if (isReset) {
        m_index.clear();
        for (std::size_t i = 0; i < m_rows.size(); ++i) {
            m_index[m_rows[i].node] = i;
        }
        endResetModel();
    } else {
        reportChanges(rows);
    }
}

/// All at once: an edit of the input changes the shape of every layer behind it.
void OutlineModel::reportChanges(const std::vector<Row>& before) {
    const auto isChanged = [&](std::size_t i) { return m_rows[i].version != before[i].version; };
    std::size_t first = 0;
    std::size_t end = m_rows.size();
    while (first < end && !isChanged(first)) {
        ++first;
    }
    while (end > first && !isChanged(end - 1)) {
        --end;
    }
    if (first < end) {
        emit dataChanged(index(static_cast<int>(first)), index(static_cast<int>(end - 1)));
    }
}

void OutlineModel::setTheme(const Theme& theme) {
    // Once for all rows: making one reads its file.
    for (std::size_t i = 0; i < m_icons.size(); ++i) {
        m_icons[i] = icon(fromUtf8(kCategoryNames[i]), theme.categories[i]);
    }
    m_errorIcon = icon(u"error", theme.error);
    m_warningIcon = icon(u"warning", theme.warning);
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
        return outputText(m_network.inference->find(row.node));
    case Qt::AccessibleTextRole:
        return sentenceOf(static_cast<std::size_t>(index.row()));
    case Qt::ToolTipRole:
        return plainTip(sentenceOf(static_cast<std::size_t>(index.row())));
    case Qt::DecorationRole:
        return row.severity == nn::Severity::Error ? m_errorIcon
               : row.severity == nn::Severity::Warning
                   ? m_warningIcon
                   : m_icons[static_cast<std::size_t>(row.category)];
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
