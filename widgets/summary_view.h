#pragma once

#include "widgets/edit_wish.h"
#include "widgets/summary_model.h"
#include "widgets/theme.h"

#include <QWidget>
#include <functional>

class QLabel;
class QMenu;
class QTableView;
class QToolButton;

namespace widgets {

enum class SummaryStyle { Keras3, Keras2, Csv };

/// The Keras table, live: rows by layer, totals below.
class SummaryView : public QWidget {
    Q_OBJECT

public:
    explicit SummaryView(QWidget* parent = nullptr);

    /// Shows a network: rows, totals and the texts to copy.
    void setNetwork(const NetworkValues& network);
    void setValues(const SummaryValues& values);
    /// Makes the text that "Copy as Keras …" puts on the clipboard; CSV is made here.
    void setTextSource(std::function<QString(SummaryStyle)> source);
    void setSelection(const NodeSet& nodes);
    void setTheme(const Theme& theme);
    [[nodiscard]] QString csv() const;
    void copyAs(SummaryStyle style) const;

    [[nodiscard]] QTableView* table() const { return m_table; }
    [[nodiscard]] QString totalsText() const;

signals:
    void selectionChanged(const widgets::NodeSet& nodes);
    void propertiesWished(nn::NodeId node);

protected:
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void fitColumns();
    /// Selects what `m_selected` names; the first row, or -1.
    int selectRows();
    void copySelectedRows() const;
    void emitSelection();
    [[nodiscard]] QMenu* copyMenu();

    SummaryModel* m_model = nullptr;
    QTableView* m_table = nullptr;
    QLabel* m_totals = nullptr;
    QToolButton* m_copy = nullptr;
    SummaryValues m_values;
    NodeSet m_selected;
    std::function<QString(SummaryStyle)> m_text;
    bool m_setting = false;
};

} // namespace widgets
