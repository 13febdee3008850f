#pragma once

#include "nn/io/project.h"

#include <QDialog>

class QLabel;
class QListWidget;
class QPlainTextEdit;

namespace app {

/// The gallery of networks to start from, and the empty canvas.
class NewDialog : public QDialog {
    Q_OBJECT

public:
    explicit NewDialog(QWidget* parent = nullptr);

    void accept() override;

signals:
    void chosen(const nn::Project& project);

private:
    void fillList();
    void showEntry(int row);
    [[nodiscard]] nn::Project project(int row) const;

    QListWidget* m_list = nullptr;
    QLabel* m_title = nullptr;
    QLabel* m_summary = nullptr;
    QLabel* m_facts = nullptr;
    QPlainTextEdit* m_layers = nullptr;
};

} // namespace app
