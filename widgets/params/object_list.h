#pragma once

#include "nn/model/object_def.h"
#include "widgets/theme.h"

#include <QWidget>
#include <vector>

class QLabel;
class QMenu;
class QToolButton;
class QVBoxLayout;

namespace widgets {

class EntryButton;
class ParamForm;

/// Edits a list of objects of one family, such as the metrics or the callbacks of a run: add,
/// remove, move, and a form for the arguments of each.
class ObjectList : public QWidget {
    Q_OBJECT

public:
    /// `family` must outlive the widget.
    explicit ObjectList(const nn::ObjectFamily& family, QWidget* parent = nullptr);
    ~ObjectList() override;

    /// Shows a list; emits nothing. Entries that stay the same class keep their forms.
    void setObjects(const std::vector<nn::ParamObject>& objects);
    [[nodiscard]] const std::vector<nn::ParamObject>& objects() const { return m_objects; }
    /// What is wrong with the entries, by their place; empty: nothing.
    void setProblems(const QStringList& problems);
    /// The form of an entry, or nullptr.
    [[nodiscard]] ParamForm* form(int index) const;

signals:
    /// The user's next list; `what` names the change: "Add AUC".
    void changed(const std::vector<nn::ParamObject>& objects, const QString& what);
    void helpChanged(const QString& text);

protected:
    void changeEvent(QEvent* event) override;

private:
    struct Entry {
        std::string type;
        QWidget* box = nullptr;
        EntryButton* open = nullptr;
        QToolButton* up = nullptr;
        QToolButton* down = nullptr;
        QToolButton* remove = nullptr;
        ParamForm* form = nullptr; ///< Without arguments there is none.
        QLabel* problem = nullptr;
    };

    void rebuild();
    [[nodiscard]] Entry makeEntry(const nn::ParamObject& object, int index);
    void connectEntry(const Entry& entry, int index);
    void showValues();
    void add(const nn::ObjectDef& def);
    void move(int index, int by);
    void removeAt(int index);
    void change(int index, const QString& name, const nn::ParamValue& value);
    void restyle();
    void fillMenu(QMenu& menu);
    [[nodiscard]] const nn::ObjectDef* defOf(int index) const;

    const nn::ObjectFamily& m_family;
    std::vector<nn::ParamObject> m_objects;
    std::vector<Entry> m_entries;
    QVBoxLayout* m_column = nullptr;
    QToolButton* m_add = nullptr;
};

} // namespace widgets
