#pragma once

#include "widgets/edit_wish.h"
#include "widgets/theme.h"

#include <QWidget>

class QLabel;
class QScrollArea;
class QVBoxLayout;

namespace widgets {

/// Every diagnostic of the network with its layer and its repairs.
class ProblemList : public QWidget {
    Q_OBJECT

public:
    explicit ProblemList(QWidget* parent = nullptr);

    void setNetwork(const NetworkValues& network);
    void setTheme(const Theme& theme);
    [[nodiscard]] int errorCount() const { return m_errors; }
    [[nodiscard]] int warningCount() const { return m_warnings; }

signals:
    /// A problem was chosen: select its layer.
    void nodeWished(nn::NodeId node);
    /// A repair was chosen.
    void wished(const widgets::EditWish& wish);
    void countsChanged(int errors, int warnings);

protected:
    void changeEvent(QEvent* event) override;

private:
    void rebuild(const nn::Graph& graph);
    void showCounts();
    [[nodiscard]] QWidget* card(const nn::Diagnostic& diagnostic, const nn::Graph& graph);

    std::vector<nn::Diagnostic> m_diagnostics;
    QHash<nn::NodeId, QString> m_names;
    int m_errors = 0;
    int m_warnings = 0;
    QScrollArea* m_area = nullptr;
    QVBoxLayout* m_column = nullptr;
    QLabel* m_nothing = nullptr;
};

} // namespace widgets
