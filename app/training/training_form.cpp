#include "app/training/training_form.h"

#include "app/document.h"

#include "widgets/params/param_form.h"
#include "widgets/theme.h"

#include <QLabel>
#include <QVBoxLayout>

namespace app {

TrainingForm::TrainingForm(Document& document, QWidget* parent)
    : QWidget(parent), m_document(document) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(widgets::spacing::kWide, widgets::spacing::kWide,
                               widgets::spacing::kWide, widgets::spacing::kWide);
    layout->setSpacing(widgets::spacing::kUnit);
    addGroup(SettingsGroup::Run, tr("Run"));
    addGroup(SettingsGroup::Optimizer, tr("Optimizer"));
    addGroup(SettingsGroup::Loss, tr("Loss"));
    layout->addStretch(1);
    connect(&document, &Document::projectChanged, this, [this](ProjectParts parts) {
        if (parts.testFlag(ProjectPart::Training)) {
            showSettings();
        }
    });
    showSettings();
}

void TrainingForm::addGroup(SettingsGroup group, const QString& title) {
    auto* heading = new QLabel(title, this);
    heading->setFont(widgets::Theme::of(this).font(widgets::TextRole::Heading, font()));
    auto* form = new widgets::ParamForm(this);
    m_forms[group] = form;
    auto* column = static_cast<QVBoxLayout*>(layout());
    if (m_forms.size() > 1) {
        column->addSpacing(widgets::spacing::kUnit);
    }
    column->addWidget(heading);
    column->addWidget(form);
    connect(form, &widgets::ParamForm::helpChanged, this, &TrainingForm::helpChanged);
    connect(form, &widgets::ParamForm::valueCommitted, this,
            [this, group](const QString& name, const nn::ParamValue& value) {
                change(group, name, value);
            });
}

void TrainingForm::showSettings() {
    const nn::TrainSettings& settings = m_document.project().training;
    for (const auto& [group, form] : m_forms) {
        auto specs = settingsSpecs(group, settings);
        if (m_shownSpecs[group] != specs) {
            form->setSpecs(specs);
            m_shownSpecs[group] = std::move(specs);
        }
        form->setValues({settingsValues(group, settings)});
    }
}

void TrainingForm::change(SettingsGroup group, const QString& name, const nn::ParamValue& value) {
    nn::Project next = m_document.settled();
    auto settings = withSetting(next.training, group, name.toStdString(), value);
    if (!settings) {
        m_forms[group]->setProblems({{name, QString::fromStdString(settings.error().message)}});
        return;
    }
    m_forms[group]->setProblems({});
    next.training = *std::move(settings);
    m_document.commit(std::move(next), tr("Set %1").arg(name), "training/" + name);
}

} // namespace app
