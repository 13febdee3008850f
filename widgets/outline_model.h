#pragma once

#include "widgets/edit_wish.h"
#include "widgets/theme.h"

#include <QAbstractListModel>
#include <QHash>
#include <QIcon>
#include <array>

namespace widgets {

/// The layers of a network, inputs first.
class OutlineModel : public QAbstractListModel {
    Q_OBJECT

public:
    using QAbstractListModel::QAbstractListModel;

    enum Role { TypeRole = Qt::UserRole, ShapeRole };

    void setNetwork(const NetworkValues& network);
    void setTheme(const Theme& theme);
    [[nodiscard]] nn::NodeId nodeAt(int row) const;
    [[nodiscard]] int rowOf(nn::NodeId node) const;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex& index) const override;
    /// Emits a wish; the name changes when the network does.
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;

signals:
    void renameWished(nn::NodeId node, const QString& name);

private:
    struct Row {
        nn::NodeId node = nn::kNoNode;
        QString name;
        QString type;
        nn::Category category = nn::Category::Core;
        std::optional<nn::Severity> severity = {};
        quint64 version = 0; ///< Grows whenever anything it says has changed.
    };
    using Problems = std::vector<const nn::Diagnostic*>;

    /// The row of a node; as it was when nothing it says has changed.
    [[nodiscard]] Row keptRow(const nn::Node& node, const NetworkValues& network,
                              const Problems& problems);
    /// For screen readers and tool tips.
    [[nodiscard]] QString sentenceOf(std::size_t row) const;
    void reportChanges(const std::vector<Row>& before);

    std::vector<Row> m_rows;
    NetworkValues m_network;                ///< What the rows were made from,
    std::vector<const nn::Node*> m_sources; ///< and its node for each row.
    QHash<nn::NodeId, std::size_t> m_index; ///< Where the row of a node is.
    quint64 m_version = 0;
    std::array<QIcon, nn::kCategoryCount> m_icons;
    QIcon m_errorIcon;
    QIcon m_warningIcon;
};

} // namespace widgets
