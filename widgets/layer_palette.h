#pragma once

#include "widgets/theme.h"

#include <QWidget>

class QLabel;
class QAction;
class QLineEdit;
class QTreeWidget;
class QTreeWidgetItem;

namespace widgets {

/// All kinds of layers by category, searchable; drag, double click or Enter adds one.
class LayerPalette : public QWidget {
    Q_OBJECT

public:
    explicit LayerPalette(QWidget* parent = nullptr);

    void setTheme(const Theme& theme);
    /// The class names shown now, in order.
    [[nodiscard]] QStringList shownTypes() const;
    void setSearch(const QString& text);
    void focusSearch();

signals:
    void addWished(const QString& type);
    /// Explain this class of layers.
    void helpWished(const QString& type);

protected:
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void fill();
    void filter();
    void addCurrent();
    void showIcons();
    void showMenu(const QString& type, QPoint globalPosition);
    [[nodiscard]] QList<QTreeWidgetItem*> shownItems() const;

    Theme m_theme;
    QLineEdit* m_search = nullptr;
    QAction* m_lens = nullptr;
    QTreeWidget* m_tree = nullptr;
    QLabel* m_nothing = nullptr;
};

/// How well a layer fits what was typed: 0 not at all, higher is better.
[[nodiscard]] int searchScore(const QString& typed, const QString& type, const QString& summary);

} // namespace widgets
