#pragma once

#include "nn/model/param.h"
#include "widgets/theme.h"

#include <QHash>
#include <QWidget>
#include <memory>
#include <vector>

class QLabel;
class QToolButton;

namespace widgets {

class ParamEditor;
class ParamLayout;

/// A form for the arguments of a layer, an optimizer, a loss…: one row for each ParamSpec. It edits
/// one or several objects at once; where they differ a row shows "—". Only valid values leave it.
class ParamForm : public QWidget {
    Q_OBJECT

public:
    explicit ParamForm(QWidget* parent = nullptr);
    ~ParamForm() override;

    /// Builds the rows; the same specs again change nothing.
    void setSpecs(const std::vector<nn::ParamSpec>& specs);
    /// One map for each object edited; emits nothing. A row being typed into keeps its text while
    /// its value stays the same.
    void setValues(const std::vector<nn::ParamMap>& values);
    /// Messages from elsewhere shown beneath their rows (argument → message).
    void setProblems(const QHash<QString, QString>& problems);
    /// Commits what is being typed or spun; call it before the objects edited change.
    void commitPending();
    void setTheme(const Theme& theme);
    void focusFirstField();

    /// The control of an argument, or nullptr.
    [[nodiscard]] QWidget* field(const QString& name) const;
    [[nodiscard]] QToolButton* resetButton(const QString& name) const;
    /// What is said beneath a row; empty: nothing.
    [[nodiscard]] QString message(const QString& name) const;
    [[nodiscard]] bool isShown(const QString& name) const;

signals:
    /// While a value is being spun or typed; not final.
    void valuePreviewed(const QString& name, const nn::ParamValue& value);
    /// The preview of this argument is over without a change.
    void previewCancelled(const QString& name);
    /// The value the user settled on: one undo step.
    void valueCommitted(const QString& name, const nn::ParamValue& value);
    /// What the row pointed at or typed into is about; empty: none is.
    void helpChanged(const QString& text);

protected:
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    struct Row {
        nn::ParamSpec spec;
        QLabel* label = nullptr;
        ParamEditor* editor = nullptr;
        QToolButton* reset = nullptr;
        QLabel* message = nullptr;
        QString typingProblem;
        bool isChanged = false; ///< It has another value than the default.
        QString problem;
    };

    void addRow(const nn::ParamSpec& spec);
    void removeRow(Row& row);
    void connectRow(Row& row);
    void showRow(Row& row);
    void showMessage(Row& row);
    void styleRow(Row& row);
    [[nodiscard]] std::optional<nn::ParamValue> commonValue(const nn::ParamSpec& spec) const;
    [[nodiscard]] bool isWanted(const nn::ParamSpec& spec) const;
    [[nodiscard]] const Row* rowOf(const QString& name) const;

    Theme m_theme;
    std::vector<nn::ParamSpec> m_specs;
    std::vector<nn::ParamMap> m_values;
    std::vector<std::unique_ptr<Row>> m_rows;
    ParamLayout* m_rowsLayout = nullptr;
};

} // namespace widgets
