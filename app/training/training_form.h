#pragma once

#include "app/training/settings_specs.h"

#include <QWidget>
#include <map>

class QLabel;
class QVBoxLayout;

namespace widgets {
class FormSection;
class ObjectList;
class ParamForm;
} // namespace widgets

namespace app {

class ScheduleView;
class Session;

/// Everything that can be chosen about a run: forms made from the definitions.
class TrainingForm : public QWidget {
    Q_OBJECT

public:
    explicit TrainingForm(Session& session, QWidget* parent = nullptr);

signals:
    /// What the setting pointed at or typed into is about; empty: none is.
    void helpChanged(const QString& text);

private:
    [[nodiscard]] widgets::FormSection* addSection(const QString& title);
    [[nodiscard]] widgets::ParamForm* addForm(SettingsGroup group, widgets::FormSection* section);
    void addGoals();
    void addCallbacks();
    void bind();
    void showSettings();
    void showProblems();
    void change(SettingsGroup group, const QString& name, const nn::ParamValue& value);
    void preview(const QString& name, const nn::ParamValue& value);

    Session& m_session;
    QVBoxLayout* m_column;
    QLabel* m_problem = nullptr; ///< What is wrong with the settings as a whole.
    std::map<SettingsGroup, widgets::ParamForm*> m_forms;
    ScheduleView* m_schedule = nullptr;
    widgets::ObjectList* m_metrics = nullptr;
    widgets::ObjectList* m_callbacks = nullptr;
    widgets::FormSection* m_classes = nullptr;
};

} // namespace app
