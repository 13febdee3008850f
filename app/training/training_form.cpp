#include "app/training/training_form.h"

#include "app/session.h"
#include "app/training/class_weight_form.h"
#include "app/training/loss_form.h"
#include "app/training/planned_run.h"
#include "app/training/schedule_view.h"
#include "app/training/settings_change.h"

#include "nn/train/callback.h"
#include "nn/train/metric.h"
#include "nn/train/run_checks.h"

#include "widgets/params/form_section.h"
#include "widgets/params/object_list.h"
#include "widgets/params/param_form.h"
#include "widgets/theme.h"

#include <QLabel>
#include <QVBoxLayout>

namespace app {

TrainingForm::TrainingForm(Session& session, QWidget* parent)
    : QWidget(parent), m_session(session), m_column(new QVBoxLayout(this)),
      m_problem(new QLabel(this)) {
    constexpr int kMargin = 12;
    m_column->setContentsMargins(kMargin, kMargin, kMargin, kMargin);
    m_column->setSpacing(widgets::spacing::kUnit);
    m_problem->setObjectName("settingsProblem");
    m_problem->setWordWrap(true);
    m_problem->setTextFormat(Qt::PlainText);
    m_problem->setForegroundRole(QPalette::BrightText);
    m_column->addWidget(m_problem);
    m_forms[SettingsGroup::Run] = addForm(SettingsGroup::Run, addSection(tr("Run")));
    widgets::FormSection* optimizer = addSection(tr("Optimizer"));
    m_forms[SettingsGroup::Optimizer] = addForm(SettingsGroup::Optimizer, optimizer);
    m_schedule = new ScheduleView(session, optimizer);
    optimizer->add(m_schedule);
    addGoals();
    addCallbacks();
    m_column->addStretch(1);
    bind();
    showSettings();
}

widgets::FormSection* TrainingForm::addSection(const QString& title) {
    auto* section = new widgets::FormSection(title, this);
    m_column->addWidget(section);
    return section;
}

widgets::ParamForm* TrainingForm::addForm(SettingsGroup group, widgets::FormSection* section) {
    auto* form = new widgets::ParamForm(section);
    section->add(form);
    connect(form, &widgets::ParamForm::helpChanged, this, &TrainingForm::helpChanged);
    connect(form, &widgets::ParamForm::valueCommitted, this,
            [this, group](const QString& name, const nn::ParamValue& value) {
                change(group, name, value);
            });
    return form;
}

void TrainingForm::addGoals() {
    widgets::FormSection* loss = addSection(tr("Loss"));
    auto* losses = new LossForm(m_session.document, loss);
    loss->add(losses);
    connect(losses, &LossForm::helpChanged, this, &TrainingForm::helpChanged);

    m_classes = addSection(tr("Class weights"));
    m_classes->setOpen(!m_session.document.project().training.classWeights.empty());
    auto* weights = new ClassWeightForm(m_session, m_classes);
    m_classes->add(weights);
    connect(weights, &ClassWeightForm::helpChanged, this, &TrainingForm::helpChanged);

    widgets::FormSection* metrics = addSection(tr("Metrics"));
    m_metrics = new widgets::ObjectList(nn::metricFamily(), metrics);
    m_metrics->setObjectName("metrics");
    metrics->add(m_metrics);
    connect(m_metrics, &widgets::ObjectList::helpChanged, this, &TrainingForm::helpChanged);
    connect(m_metrics, &widgets::ObjectList::changed, this,
            [this](const std::vector<nn::ParamObject>& objects, const QString& what) {
                nn::TrainSettings next = m_session.document.settled().training;
                next.metrics = objects;
                static_cast<void>(commitSettings(m_session.document, std::move(next), what));
            });
}

void TrainingForm::addCallbacks() {
    widgets::FormSection* callbacks = addSection(tr("Callbacks"));
    m_callbacks = new widgets::ObjectList(nn::callbackFamily(), callbacks);
    m_callbacks->setObjectName("callbacks");
    callbacks->add(m_callbacks);
    connect(m_callbacks, &widgets::ObjectList::helpChanged, this, &TrainingForm::helpChanged);
    connect(m_callbacks, &widgets::ObjectList::changed, this,
            [this](const std::vector<nn::ParamObject>& objects, const QString& what) {
                nn::TrainSettings next = m_session.document.settled().training;
                next.callbacks = objects;
                static_cast<void>(commitSettings(m_session.document, std::move(next), what));
            });
}

void TrainingForm::bind() {
    widgets::ParamForm* optimizer = m_forms.at(SettingsGroup::Optimizer);
    connect(optimizer, &widgets::ParamForm::valuePreviewed, this, &TrainingForm::preview);
    connect(optimizer, &widgets::ParamForm::previewCancelled, this,
            [this] { m_schedule->showFor(m_session.document.project().training); });
    connect(&m_session.document, &Document::projectChanged, this, [this](ProjectParts parts) {
        if (parts.testFlag(ProjectPart::Training)) {
            showSettings();
        } else if (parts.testFlag(ProjectPart::Graph)) {
            showProblems();
        }
    });
    connect(&m_session.data, &DataStore::changed, this, &TrainingForm::showProblems);
}

void TrainingForm::showSettings() {
    const nn::TrainSettings& settings = m_session.document.project().training;
    for (const auto& [group, form] : m_forms) {
        form->setSpecs(settingsSpecs(group, settings));
        form->setValues({settingsValues(group, settings)});
    }
    m_metrics->setObjects(settings.metrics);
    m_callbacks->setObjects(settings.callbacks);
    m_classes->setNote(settings.classWeights.empty()
                           ? tr("all equal")
                           : tr("%n set", nullptr, static_cast<int>(settings.classWeights.size())));
    m_schedule->showFor(settings);
    showProblems();
}

void TrainingForm::showProblems() {
    const nn::TrainSettings& settings = m_session.document.project().training;
    const auto checked = nn::checkSettings(settings);
    m_problem->setText(checked ? QString() : QString::fromStdString(checked.error().message));
    m_problem->setVisible(!checked);
    const auto source = m_session.data.source();
    const bool hasValidation = settings.validationSplit > 0.0 || !source || source->test;
    QStringList problems;
    for (const std::string& problem : callbackProblems(
             settings, m_session.document.graph(), m_session.document.inference(), hasValidation)) {
        problems << QString::fromStdString(problem);
    }
    m_callbacks->setProblems(problems);
}

void TrainingForm::preview(const QString& name, const nn::ParamValue& value) {
    if (const auto next = withSetting(m_session.document.settled().training,
                                      SettingsGroup::Optimizer, name.toStdString(), value)) {
        m_schedule->showFor(*next);
    }
}

void TrainingForm::change(SettingsGroup group, const QString& name, const nn::ParamValue& value) {
    const QString problem = commitSettings(
        m_session.document,
        withSetting(m_session.document.settled().training, group, name.toStdString(), value),
        tr("Set %1").arg(name), "training/" + name);
    m_forms.at(group)->setProblems(problem.isEmpty() ? QHash<QString, QString>()
                                                     : QHash<QString, QString>{{name, problem}});
}

} // namespace app
