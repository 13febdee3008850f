#pragma once

#include "app/training/settings_specs.h"

#include <QWidget>
#include <map>

namespace widgets {
class ParamForm;
}

namespace app {

class Document;

/// Everything that can be chosen about a run: forms made from the definitions.
class TrainingForm : public QWidget {
    Q_OBJECT

public:
    explicit TrainingForm(Document& document, QWidget* parent = nullptr);

signals:
    /// What the setting pointed at or typed into is about; empty: none is.
    void helpChanged(const QString& text);

private:
    void addGroup(SettingsGroup group, const QString& title);
    void showSettings();
    void change(SettingsGroup group, const QString& name, const nn::ParamValue& value);

    Document& m_document;
    std::map<SettingsGroup, widgets::ParamForm*> m_forms;
    std::map<SettingsGroup, std::vector<nn::ParamSpec>> m_shownSpecs;
};

} // namespace app
