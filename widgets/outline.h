#pragma once

#include "widgets/edit_wish.h"
#include "widgets/theme.h"

#include <QWidget>

namespace widgets {

/// The layers as a list, inputs first: the canvas for people who use no mouse or do not see it.
class Outline : public QWidget {
    Q_OBJECT

public:
    explicit Outline(QWidget* parent = nullptr);

    void setNetwork(const NetworkValues& network);
    void setSelection(const NodeSet& nodes);
    void setTheme(const Theme& theme);

signals:
    void wished(const widgets::EditWish& wish);
    void selectionChanged(const widgets::NodeSet& nodes);
    /// Enter on a layer: show its properties.
    void propertiesWished(nn::NodeId node);
};

} // namespace widgets
