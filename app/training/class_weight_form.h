#pragma once

#include "app/training/class_weights.h"

#include "nn/model/param.h"

#include <QWidget>

class QLabel;
class QPushButton;

namespace widgets {
class ParamForm;
}

namespace app {

class Session;

/// How much images of each class count: a number for every class, or one line where there are very
/// many.
class ClassWeightForm : public QWidget {
    Q_OBJECT

public:
    explicit ClassWeightForm(Session& session, QWidget* parent = nullptr);

signals:
    void helpChanged(const QString& text);

private:
    void refresh();
    void change(const QString& name, const nn::ParamValue& value);
    void commit(const nn::Expected<ClassWeights>& weights, const QString& text,
                const QString& mergeKey = {});
    [[nodiscard]] std::vector<std::string> classNames() const;
    [[nodiscard]] bool isOneLine() const { return m_names.empty(); }

    Session& m_session;
    std::vector<std::string> m_names; ///< Of the rows; empty: one line for all.
    widgets::ParamForm* m_form;
    QPushButton* m_balance;
    QPushButton* m_equal;
    QLabel* m_problem;
};

} // namespace app
