#pragma once

#include "widgets/edit_wish.h"
#include "widgets/theme.h"

#include <QWidget>

class QCheckBox;
class QGridLayout;
class QLabel;
class QLineEdit;
class QToolButton;
class QVBoxLayout;

namespace widgets {

class HelpStrip;
class ParamForm;

/// What is known about the selected layers and what can be changed about them: name, trainable,
/// arguments, facts, problems with their repairs, help. Without a selection: the model as a whole.
class LayerProperties : public QWidget {
    Q_OBJECT

public:
    explicit LayerProperties(QWidget* parent = nullptr);
    ~LayerProperties() override;

    void setNetwork(const NetworkValues& network);
    void setSelection(const NodeSet& nodes);
    void setTheme(const Theme& theme);
    /// Puts the keyboard into the first argument (Enter on a card).
    void focusFirstField();

    [[nodiscard]] ParamForm* form() const { return m_form; }
    [[nodiscard]] QLineEdit* nameField() const { return m_name; }
    [[nodiscard]] QCheckBox* trainableBox() const { return m_trainable; }
    /// The facts shown, label → value.
    [[nodiscard]] QHash<QString, QString> facts() const;

signals:
    void wished(const widgets::EditWish& wish);
    /// While a value is being changed: show it, but make no undo step.
    void wishPreviewed(const widgets::EditWish& wish);
    void previewCancelled();
    /// Explain this class of layers.
    void helpWished(const QString& type);

protected:
    void changeEvent(QEvent* event) override;

private:
    using Fact = std::pair<QString, QString>;

    void build();
    void connectFields();
    void refresh();
    void showTitle(const std::vector<const nn::Node*>& nodes);
    void showForm(const std::vector<const nn::Node*>& nodes);
    void showFacts(const std::vector<Fact>& facts);
    void showProblems();
    void showHelp(const std::vector<const nn::Node*>& nodes);
    void commitName();
    void emitParam(const QString& name, const nn::ParamValue& value, bool final);
    [[nodiscard]] std::vector<const nn::Node*> selectedNodes() const;
    [[nodiscard]] std::vector<Fact> factsOf(const nn::Node& node) const;
    [[nodiscard]] std::vector<Fact> factsOf(const std::vector<const nn::Node*>& nodes) const;

    Theme m_theme;
    NetworkValues m_network;
    NodeSet m_selection;
    QLabel* m_tile = nullptr;
    QLabel* m_title = nullptr;
    QLabel* m_summary = nullptr;
    QToolButton* m_explain = nullptr;
    HelpStrip* m_strip = nullptr;
    QString m_type; ///< Of the layers selected, when it is one.
    QLabel* m_nameLabel = nullptr;
    QLineEdit* m_name = nullptr;
    QLabel* m_nameProblem = nullptr;
    QCheckBox* m_trainable = nullptr;
    QWidget* m_problems = nullptr;
    QVBoxLayout* m_problemColumn = nullptr;
    std::vector<nn::Diagnostic> m_shownProblems;
    QLabel* m_argumentsTitle = nullptr;
    ParamForm* m_form = nullptr;
    QLabel* m_factsTitle = nullptr;
    QGridLayout* m_factsGrid = nullptr;
    std::vector<Fact> m_facts;
    QLabel* m_help = nullptr;
};

} // namespace widgets
