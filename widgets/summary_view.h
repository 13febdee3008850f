#pragma once

#include "widgets/edit_wish.h"
#include "widgets/summary_model.h"
#include "widgets/theme.h"

#include <QWidget>

class QLabel;
class QMenu;
class QTableView;
class QToolButton;

namespace widgets {

enum class SummaryStyle { Keras3, Keras2, Csv };

/// The table as text, as Keras prints it or for a spreadsheet.
[[nodiscard]] QString summaryText(const nn::Summary& summary, SummaryStyle style);

/// The Keras table, live: rows by layer, totals below.
class SummaryView : public QWidget {
    Q_OBJECT

public:
    explicit SummaryView(QWidget* parent = nullptr);

    void setNetwork(const NetworkValues& network);
    void setSelection(const NodeSet& nodes);
    void setTheme(const Theme& theme);
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
    void setSummary(nn::Summary summary);
    void showTotals(const nn::Summary& summary);
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
    NodeSet m_selected;
    bool m_setting = false;
};

} // namespace widgets
