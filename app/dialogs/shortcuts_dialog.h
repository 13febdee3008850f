#pragma once

#include <QDialog>

namespace app {

class Actions;

/// Every key of the window, by menu, and those of the canvas.
class ShortcutsDialog : public QDialog {
    Q_OBJECT

public:
    explicit ShortcutsDialog(const Actions& actions, QWidget* parent = nullptr);
};

} // namespace app
