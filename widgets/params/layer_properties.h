#pragma once

#include "widgets/edit_wish.h"
#include "widgets/theme.h"

#include <QWidget>

namespace widgets {

/// What is known about the selected layers and what can be changed about them: name, trainable,
/// arguments, facts, problems with their repairs, help. Without a selection: the model as a whole.
class LayerProperties : public QWidget {
    Q_OBJECT

public:
    explicit LayerProperties(QWidget* parent = nullptr);

    void setNetwork(const NetworkValues& network);
    void setSelection(const NodeSet& nodes);
    void setTheme(const Theme& theme);
    /// Puts the keyboard into the first argument (Enter on a card).
    void focusFirstField();

signals:
    void wished(const widgets::EditWish& wish);
    /// While a value is being changed: show it, but make no undo step.
    void wishPreviewed(const widgets::EditWish& wish);
    void previewCancelled();
};

} // namespace widgets
