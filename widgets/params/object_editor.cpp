#include "widgets/params/object_editor.h"

#include "widgets/params/calm_combo_box.h"
#include "widgets/params/param_form.h"
#include "widgets/text.h"

#include <QHBoxLayout>
#include <algorithm>

namespace widgets {
namespace {

constexpr int kIndent = 12;
constexpr int kSpinButtons = 36;

/// The same argument where only a number is allowed.
nn::ParamSpec numberSpec(nn::ParamSpec spec) {
    spec.family = nullptr;
    if (!std::holds_alternative<double>(spec.defaultValue)) {
        spec.defaultValue = std::clamp(0.001, spec.min, spec.max);
    }
    spec.optional = false;
    return spec;
}

/// What an entry of the choice stands for.
enum class Entry { None, Number, Class };

} // namespace

ObjectEditor::ObjectEditor(const nn::ParamSpec& spec, QWidget* parent)
    : ParamEditor(spec, parent), m_family(*spec.family), m_choice(new CalmComboBox(this)),
      m_details(new QWidget(parent)), m_form(new ParamForm(m_details)) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(4);
    if (spec.kind == nn::ParamKind::Real) {
        m_number = makeParamEditor(numberSpec(spec), this);
        m_number->setMinimumWidth(fontMetrics().horizontalAdvance("0.00025") + kSpinButtons);
        row->addWidget(m_number, 1);
        describe(m_choice, QStringLiteral("kind"));
    } else {
        describe(m_choice);
    }
    row->addWidget(m_choice, 1);
    auto* indented = new QHBoxLayout(m_details);
    indented->setContentsMargins(kIndent, 0, 0, 4);
    indented->addWidget(m_form, 1);
    m_details->hide();
    addChoices();
    connectParts();
}

void ObjectEditor::addChoices() {
    const auto add = [this](const QString& text, Entry entry, const QString& tip) {
        m_choice->addItem(text);
        const int at = m_choice->count() - 1;
        m_choice->setItemData(at, static_cast<int>(entry));
        m_choice->setItemData(at, plainTip(tip), Qt::ToolTipRole);
    };
    if (spec().optional) {
        add(QStringLiteral("None"), Entry::None, tr("Nothing."));
    }
    if (m_number != nullptr) {
        add(tr("constant"), Entry::Number, tr("The same number all the time."));
    }
    for (const nn::ObjectDef& def : m_family.defs()) {
        add(fromUtf8(nn::shortName(def)), Entry::Class,
            fromUtf8(def.title) + u'\n' + fromUtf8(def.help));
    }
    m_choice->setPlaceholderText(QStringLiteral("—"));
    m_choice->setMinimumContentsLength(m_number == nullptr ? 8 : 5);
    m_choice->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
}

void ObjectEditor::connectParts() {
    connect(m_choice, &QComboBox::activated, this, [this](int index) {
        if (const auto value = valueOf(index); value && current() != value) {
            commit(*value);
        }
    });
    if (m_number != nullptr) {
        connect(m_number, &ParamEditor::previewed, this, &ParamEditor::previewed);
        connect(m_number, &ParamEditor::committed, this, &ParamEditor::committed);
        connect(m_number, &ParamEditor::cancelled, this, &ParamEditor::cancelled);
        connect(m_number, &ParamEditor::problemChanged, this, &ParamEditor::problemChanged);
    }
    connect(m_form, &ParamForm::valuePreviewed, this,
            [this](const QString& name, const nn::ParamValue& value) {
                if (const auto whole = changed(name, value)) {
                    emit previewed(*whole);
                }
            });
    connect(m_form, &ParamForm::valueCommitted, this,
            [this](const QString& name, const nn::ParamValue& value) {
                if (const auto whole = changed(name, value)) {
                    emit committed(*whole);
                }
            });
    connect(m_form, &ParamForm::previewCancelled, this, [this] { emit cancelled(); });
    connect(m_form, &ParamForm::helpChanged, this, [this](const QString& text) {
        if (!text.isEmpty()) { // new arguments beneath do not take away what is said of the choice
            emit helpChanged(text);
        }
    });
}

QWidget* ObjectEditor::field() {
    return m_number != nullptr ? m_number->field() : m_choice;
}

void ObjectEditor::commitPending() {
    ParamEditor::commitPending();
    if (m_number != nullptr) {
        m_number->commitPending();
    }
    m_form->commitPending();
}

std::optional<nn::ParamValue> ObjectEditor::valueOf(int index) const {
    const auto entry = static_cast<Entry>(m_choice->itemData(index).toInt());
    const auto shown = current();
    switch (entry) {
    case Entry::None:
        return nn::None{};
    case Entry::Number:
        return shown && std::holds_alternative<double>(*shown) ? *shown
                                                               : m_number->spec().defaultValue;
    case Entry::Class:
        break;
    }
    if (shown && indexOf(*shown) == index) {
        return std::nullopt;
    }
    const std::string name = m_choice->itemText(index).toStdString();
    return nn::defaultObject(*nn::findObjectDef(m_family, name));
}

int ObjectEditor::indexOf(const nn::ParamValue& value) const {
    if (const auto* object = std::get_if<nn::ParamObject>(&value)) {
        const nn::ObjectDef* def = nn::findObjectDef(m_family, object->type());
        return def == nullptr ? -1 : m_choice->findText(fromUtf8(nn::shortName(*def)));
    }
    const bool isNone = std::holds_alternative<nn::None>(value);
    return m_choice->findData(static_cast<int>(isNone ? Entry::None : Entry::Number));
}

void ObjectEditor::show(const std::optional<nn::ParamValue>& value) {
    m_choice->setCurrentIndex(value ? indexOf(*value) : -1);
    const auto* object = value ? std::get_if<nn::ParamObject>(&*value) : nullptr;
    if (m_number != nullptr) {
        const bool isNumber = !value || std::holds_alternative<double>(*value);
        m_number->setVisible(isNumber);
        m_number->setValue(isNumber ? value : std::nullopt);
    }
    showArguments(object);
}

void ObjectEditor::showArguments(const nn::ParamObject* object) {
    const nn::ObjectDef* def =
        object == nullptr ? nullptr : nn::findObjectDef(m_family, object->type());
    const QString general = fromUtf8(spec().help);
    m_choice->setAccessibleDescription(
        def == nullptr ? general
                       : fromUtf8(nn::shortName(*def) + ": " + def->help + " ") + general);
    m_form->setSpecs(def == nullptr ? std::vector<nn::ParamSpec>{} : def->params);
    if (def == nullptr) {
        m_details->hide();
        return;
    }
    for (const nn::ParamSpec& argument : def->params) {
        QWidget* control = m_form->field(fromUtf8(argument.name));
        control->setAccessibleName(fromUtf8(spec().name + " " + argument.name));
        control->setObjectName(fromUtf8(spec().name + "-" + argument.name));
    }
    m_form->setValues({object->params()});
    m_details->setVisible(!def->params.empty() && isVisibleTo(parentWidget()));
}

std::optional<nn::ParamValue> ObjectEditor::changed(const QString& name,
                                                    const nn::ParamValue& value) const {
    const auto shown = current();
    const auto* object = shown ? std::get_if<nn::ParamObject>(&*shown) : nullptr;
    if (object == nullptr) {
        return std::nullopt;
    }
    nn::ParamMap params = object->params();
    params.insert_or_assign(name.toStdString(), value);
    const auto checked =
        nn::checkedObject(m_family, nn::ParamObject(object->type(), std::move(params)));
    return checked ? std::optional<nn::ParamValue>(*checked) : std::nullopt;
}

} // namespace widgets
