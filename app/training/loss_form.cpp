#include "app/training/loss_form.h"

#include "app/document.h"
#include "app/training/settings_change.h"
#include "app/training/settings_specs.h"

#include "widgets/params/param_form.h"
#include "widgets/text.h"

#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace app {

LossForm::LossForm(Document& document, QWidget* parent)
    : QWidget(parent), m_document(document), m_column(new QVBoxLayout(this)),
      m_leftovers(new QPushButton(this)) {
    m_column->setContentsMargins(0, 0, 0, 0);
    m_column->setSpacing(widgets::spacing::kUnit);
    m_leftovers->setObjectName("forgetLosses");
    m_leftovers->setText(tr("Forget losses of outputs that are gone"));
    connect(m_leftovers, &QPushButton::clicked, this, &LossForm::dropLeftovers);
    connect(&document, &Document::projectChanged, this, [this](ProjectParts parts) {
        if (parts.testFlag(ProjectPart::Training) || parts.testFlag(ProjectPart::Graph)) {
            refresh();
        }
    });
    rebuild({});
    refresh();
}

QStringList LossForm::outputNames() const {
    QStringList names;
    for (const nn::NodeId id : m_document.inference().outputs) {
        if (const nn::Node* node = nn::findNode(m_document.graph(), id)) {
            names << widgets::fromUtf8(node->name);
        }
    }
    return names;
}

void LossForm::refresh() {
    QStringList outputs = outputNames();
    showLeftovers(outputs);
    if (outputs.size() < 2) {
        outputs.clear();
    }
    if (outputs != m_outputs) {
        rebuild(outputs);
    }
    if (outputs.isEmpty()) {
        showOne();
    } else {
        showEach(outputs);
    }
}

void LossForm::rebuild(const QStringList& outputs) {
    // Not deleted at once: a field in one of them may have led here.
    for (const auto& [name, form] : m_forms) {
        form->commitPending();
        form->disconnect(this);
        form->hide();
        form->deleteLater();
    }
    for (QLabel* title : m_titles) {
        title->hide();
        title->deleteLater();
    }
    m_forms.clear();
    m_titles.clear();
    m_outputs = outputs;
    m_column->removeWidget(m_leftovers);
    if (outputs.isEmpty()) {
        m_forms[QString()] = addForm({});
    }
    for (const QString& output : outputs) {
        auto* title = new QLabel(output, this);
        title->setTextFormat(Qt::PlainText);
        title->setWordWrap(true);
        m_titles.push_back(title);
        m_column->addWidget(title);
        m_forms[output] = addForm(output);
    }
    m_column->addWidget(m_leftovers);
}

widgets::ParamForm* LossForm::addForm(const QString& output) {
    auto* form = new widgets::ParamForm(this);
    m_column->addWidget(form);
    connect(form, &widgets::ParamForm::helpChanged, this, &LossForm::helpChanged);
    connect(form, &widgets::ParamForm::valueCommitted, this,
            [this, output](const QString& name, const nn::ParamValue& value) {
                change(output, name, value);
            });
    return form;
}

void LossForm::showOne() {
    const nn::TrainSettings& settings = m_document.project().training;
    widgets::ParamForm* form = m_forms.at(QString());
    form->setSpecs(settingsSpecs(SettingsGroup::Loss, settings));
    form->setValues({settingsValues(SettingsGroup::Loss, settings)});
}

void LossForm::showEach(const QStringList& outputs) {
    const nn::TrainSettings& settings = m_document.project().training;
    for (const QString& output : outputs) {
        widgets::ParamForm* form = m_forms.at(output);
        form->setSpecs(outputLossSpecs(settings, output.toStdString()));
        form->setValues({outputLossValues(settings, output.toStdString())});
    }
}

void LossForm::change(const QString& output, const QString& name, const nn::ParamValue& value) {
    const nn::TrainSettings& now = m_document.settled().training;
    auto next = output.isEmpty()
                    ? withSetting(now, SettingsGroup::Loss, name.toStdString(), value)
                    : withOutputLoss(now, output.toStdString(), name.toStdString(), value);
    const QString text =
        output.isEmpty() ? tr("Set %1").arg(name) : tr("Set %1 of %2").arg(name, output);
    const QString problem =
        commitSettings(m_document, std::move(next), text, "training/loss/" + output + "/" + name);
    m_forms.at(output)->setProblems(problem.isEmpty() ? QHash<QString, QString>()
                                                      : QHash<QString, QString>{{name, problem}});
}

void LossForm::showLeftovers(const QStringList& outputs) {
    QStringList gone;
    for (const auto& [name, loss] : m_document.project().training.outputLosses) {
        if (!outputs.contains(widgets::fromUtf8(name))) {
            gone << widgets::fromUtf8(name);
        }
    }
    m_leftovers->setVisible(!gone.isEmpty());
    m_leftovers->setToolTip(widgets::plainTip(
        tr("A loss is set for %1, which is no output of the network.").arg(gone.join(", "))));
}

void LossForm::dropLeftovers() {
    nn::TrainSettings next = m_document.settled().training;
    const QStringList outputs = outputNames();
    std::erase_if(next.outputLosses, [&](const auto& entry) {
        return !outputs.contains(widgets::fromUtf8(entry.first));
    });
    static_cast<void>(commitSettings(m_document, std::move(next), tr("Forget losses")));
}

} // namespace app
