#pragma once

#include "widgets/edit_wish.h"
#include "widgets/theme.h"

#include <QWidget>
#include <functional>

namespace widgets {

/// One layer in the summary table; numbers for one sample.
struct SummaryRow {
    nn::NodeId node = nn::kNoNode;
    QString layer;
    QString type;
    QString outputShape; ///< As Keras prints it: "(None, 26, 26, 32)".
    std::int64_t params = 0;
    QString connectedTo;
    std::int64_t macs = 0;
    std::int64_t activationBytes = 0;
    QString receptiveField; ///< "5×5", or empty.
    bool operator==(const SummaryRow&) const = default;
};

struct SummaryValues {
    std::vector<SummaryRow> rows;
    std::int64_t params = 0;
    std::int64_t trainableParams = 0;
    std::int64_t macs = 0;
    std::int64_t activationBytes = 0;
    bool operator==(const SummaryValues&) const = default;
};

enum class SummaryStyle { Keras3, Keras2, Csv };

/// The Keras table, live: rows by layer, totals below.
class SummaryView : public QWidget {
    Q_OBJECT

public:
    explicit SummaryView(QWidget* parent = nullptr);

    void setValues(const SummaryValues& values);
    /// Makes the text that "Copy as Keras …" puts on the clipboard; CSV is made here.
    void setTextSource(std::function<QString(SummaryStyle)> source);
    void setSelection(const NodeSet& nodes);
    void setTheme(const Theme& theme);
    [[nodiscard]] QString csv() const;
    void copyAs(SummaryStyle style) const;

signals:
    void selectionChanged(const widgets::NodeSet& nodes);
    void propertiesWished(nn::NodeId node);
};

} // namespace widgets
