#include "app/training/class_weight_form.h"

#include "app/session.h"
#include "app/training/settings_change.h"
#include "app/training/settings_specs.h"

#include "widgets/params/param_form.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace app {

namespace {

constexpr std::size_t kMostRows = 60;
constexpr const char* kOneLine = "class_weight";

nn::ParamSpec oneLineSpec() {
    return {.name = kOneLine,
            .kind = nn::ParamKind::Text,
            .defaultValue = std::string(),
            .help = "CLASS: WEIGHT, … like 0: 1, 3: 2.5: how much each image of a class counts in "
                    "the loss. Classes that are not named count 1."};
}

} // namespace

ClassWeightForm::ClassWeightForm(Session& session, QWidget* parent)
    : QWidget(parent), m_session(session), m_form(new widgets::ParamForm(this)),
      m_balance(new QPushButton(tr("Balance"), this)),
      m_equal(new QPushButton(tr("All Equal"), this)), m_problem(new QLabel(this)) {
    m_form->setObjectName("classWeights");
    m_balance->setObjectName("balanceClasses");
    m_balance->setToolTip(tr("Rare classes count more, so that every class counts the same in "
                             "all: images ÷ (classes × images of the class)."));
    m_equal->setObjectName("equalClasses");
    m_equal->setToolTip(tr("Every image counts once."));
    m_problem->setWordWrap(true);
    m_problem->setTextFormat(Qt::PlainText);
    m_problem->setForegroundRole(QPalette::BrightText);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(widgets::spacing::kUnit);
    buttons->addWidget(m_balance);
    buttons->addWidget(m_equal);
    buttons->addStretch(1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(widgets::spacing::kUnit);
    column->addWidget(m_form);
    column->addWidget(m_problem);
    column->addLayout(buttons);
    connect(m_form, &widgets::ParamForm::helpChanged, this, &ClassWeightForm::helpChanged);
    connect(m_form, &widgets::ParamForm::valueCommitted, this, &ClassWeightForm::change);
    connect(m_equal, &QPushButton::clicked, this,
            [this] { commit(ClassWeights{}, tr("Let all classes count the same")); });
    connect(m_balance, &QPushButton::clicked, this, [this] {
        if (const auto source = m_session.data.source()) {
            commit(balancedWeights(source->train.labels()), tr("Balance the classes"));
        }
    });
    connect(&session.data, &DataStore::changed, this, &ClassWeightForm::refresh);
    connect(&session.document, &Document::projectChanged, this, [this](ProjectParts parts) {
        if (parts.testFlag(ProjectPart::Training)) {
            refresh();
        }
    });
    refresh();
}

std::vector<std::string> ClassWeightForm::classNames() const {
    const auto source = m_session.data.source();
    const ClassWeights& weights = m_session.document.project().training.classWeights;
    if (!source || source->train.classCount() == 0) {
        return {};
    }
    std::vector<std::string> names = source->train.classNames();
    const auto classes = static_cast<std::size_t>(source->train.classCount());
    for (std::size_t i = names.size(); i < classes; ++i) {
        names.push_back(tr("class").toStdString());
    }
    const bool isBeyond =
        !weights.empty() && weights.rbegin()->first >= static_cast<std::int64_t>(names.size());
    return names.size() > kMostRows || isBeyond ? std::vector<std::string>{} : names;
}

void ClassWeightForm::refresh() {
    const ClassWeights& weights = m_session.document.project().training.classWeights;
    m_names = classNames();
    const std::vector<nn::ParamSpec> specs =
        isOneLine() ? std::vector{oneLineSpec()} : classWeightSpecs(m_names);
    m_form->setSpecs(specs);
    nn::ParamMap values;
    if (isOneLine()) {
        values[kOneLine] = classWeightsText(weights);
    }
    for (const auto& [label, weight] : weights) {
        if (!isOneLine()) {
            values[specs[static_cast<std::size_t>(label)].name] = weight;
        }
    }
    m_form->setValues({values});
    m_problem->hide();
    m_balance->setEnabled(m_session.data.source() != nullptr);
    m_equal->setEnabled(!weights.empty());
}

void ClassWeightForm::change(const QString& name, const nn::ParamValue& value) {
    if (isOneLine()) {
        const auto* text = std::get_if<std::string>(&value);
        commit(parsedClassWeights(text == nullptr ? std::string() : *text), tr("Set class_weight"));
        return;
    }
    ClassWeights weights = m_session.document.settled().training.classWeights;
    const std::int64_t label = name.section(u' ', 0, 0).toLongLong();
    const double weight = std::get<double>(value);
    if (weight == 1.0) {
        weights.erase(label);
    } else {
        weights[label] = weight;
    }
    commit(weights, tr("Set the weight of class %1").arg(name),
           QString("training/class/%1").arg(label));
}

void ClassWeightForm::commit(const nn::Expected<ClassWeights>& weights, const QString& text,
                             const QString& mergeKey) {
    if (!weights) {
        m_problem->setText(QString::fromStdString(weights.error().message));
        m_problem->show();
        return;
    }
    nn::TrainSettings next = m_session.document.settled().training;
    next.classWeights = *weights;
    static_cast<void>(commitSettings(m_session.document, std::move(next), text, mergeKey));
}

} // namespace app
