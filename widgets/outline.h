#pragma once

#include "widgets/edit_wish.h"
#include "widgets/theme.h"

#include <QWidget>

class QLabel;
class QListView;
class QMenu;

namespace widgets {

class OutlineModel;

/// The layers as a list, inputs first: the canvas for people who use no mouse or do not see it.
/// F2 renames, Delete removes, Enter shows the properties, the menu connects and repairs.
class Outline : public QWidget {
    Q_OBJECT

public:
    explicit Outline(QWidget* parent = nullptr);
    ~Outline() override;

    void setNetwork(const NetworkValues& network);
    void setSelection(const NodeSet& nodes);
    void setTheme(const Theme& theme);
    [[nodiscard]] QListView* list() const { return m_list; }
    /// What can be done with the selected layers; owned by the caller.
    [[nodiscard]] QMenu* makeMenu();

signals:
    void wished(const widgets::EditWish& wish);
    void selectionChanged(const widgets::NodeSet& nodes);
    /// Enter on a layer: show its properties.
    void propertiesWished(nn::NodeId node);

protected:
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void emitSelection();
    void applySelection();
    void addConnections(QMenu& menu, nn::NodeId node);
    void emitWish(const EditWish& wish);
    [[nodiscard]] NodeSet selectedNodes() const;

    NetworkValues m_network;
    NodeSet m_selection;
    OutlineModel* m_model = nullptr;
    QListView* m_list = nullptr;
    QLabel* m_nothing = nullptr;
    bool m_setting = false;
};

} // namespace widgets
