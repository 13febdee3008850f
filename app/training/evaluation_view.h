#pragma once

#include <QWidget>

class QLabel;
class QTableView;

namespace widgets {
class ConfusionView;
}

namespace app {

class Session;
struct EvaluationReport;

/// How well each class is recognised: the confusion matrix and a table of the classes.
class EvaluationView : public QWidget {
    Q_OBJECT

public:
    explicit EvaluationView(Session& session, QWidget* parent = nullptr);

private:
    void refresh();
    void fillTable(const EvaluationReport& report);
    void showSample(int truth);

    Session& m_session;
    QLabel* m_summary;
    widgets::ConfusionView* m_matrix;
    QTableView* m_table;
};

} // namespace app
