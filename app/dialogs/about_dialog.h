#pragma once

#include <QDialog>

namespace app {

/// Version, licences, and where data and libraries come from.
class AboutDialog : public QDialog {
    Q_OBJECT

public:
    explicit AboutDialog(QWidget* parent = nullptr);
};

} // namespace app
