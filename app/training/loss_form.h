#pragma once

#include "nn/model/param.h"

#include <QWidget>
#include <map>

class QLabel;
class QPushButton;
class QVBoxLayout;

namespace widgets {
class ParamForm;
}

namespace app {

class Document;

/// The loss of a network with one output; with several, the loss of each and how much it counts.
class LossForm : public QWidget {
    Q_OBJECT

public:
    explicit LossForm(Document& document, QWidget* parent = nullptr);

signals:
    void helpChanged(const QString& text);

private:
    void refresh();
    void showOne();
    void showEach(const QStringList& outputs);
    void rebuild(const QStringList& outputs);
    [[nodiscard]] widgets::ParamForm* addForm(const QString& output);
    void change(const QString& output, const QString& name, const nn::ParamValue& value);
    void showLeftovers(const QStringList& outputs);
    void dropLeftovers();
    [[nodiscard]] QStringList outputNames() const;

    Document& m_document;
    QVBoxLayout* m_column;
    QStringList m_outputs; ///< Those there are forms for; empty: one for all.
    std::map<QString, widgets::ParamForm*> m_forms;
    std::vector<QLabel*> m_titles;
    QPushButton* m_leftovers;
};

} // namespace app
