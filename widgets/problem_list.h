#pragma once

#include "widgets/edit_wish.h"
#include "widgets/theme.h"

#include <QWidget>

namespace widgets {

/// Every diagnostic of the network with its layer and its repairs.
class ProblemList : public QWidget {
    Q_OBJECT

public:
    explicit ProblemList(QWidget* parent = nullptr);

    void setNetwork(const NetworkValues& network);
    void setTheme(const Theme& theme);
    [[nodiscard]] int errorCount() const;
    [[nodiscard]] int warningCount() const;

signals:
    /// A problem was chosen: select its layer.
    void nodeWished(nn::NodeId node);
    /// A repair was chosen.
    void wished(const widgets::EditWish& wish);
    void countsChanged(int errors, int warnings);
};

} // namespace widgets
