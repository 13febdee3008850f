#include "widgets/params/param_editor.h"

#include "widgets/text.h"

namespace widgets {
namespace {

constexpr int kRestMilliseconds = 500; // after the last step of a spin

} // namespace

ParamEditor::ParamEditor(nn::ParamSpec spec, QWidget* parent)
    : QWidget(parent), m_spec(std::move(spec)) {
    m_rest.setSingleShot(true);
    m_rest.setInterval(kRestMilliseconds);
    connect(&m_rest, &QTimer::timeout, this, &ParamEditor::commitPending);
}

void ParamEditor::setValue(const std::optional<nn::ParamValue>& value) {
    m_value = value;
    if (m_pending && value == m_pending) {
        return; // our own preview comes back
    }
    m_pending.reset();
    m_rest.stop();
    if (m_hasProblem && field()->hasFocus()) {
        return; // half a word stays until it is finished or left
    }
    show(value);
}

std::optional<nn::ParamValue> ParamEditor::current() const {
    return m_pending ? m_pending : m_value;
}

void ParamEditor::typed(const QString& text) {
    const nn::Expected<nn::ParamValue> parsed = nn::parsedValue(m_spec, text.toStdString());
    m_hasProblem = !parsed;
    emit problemChanged(parsed ? QString() : fromUtf8(parsed.error().message));
    if (parsed) {
        preview(*parsed);
    }
}

void ParamEditor::preview(const nn::ParamValue& value) {
    if (current() == value) {
        return;
    }
    if (!m_pending) {
        m_before = m_value;
    }
    m_pending = value;
    emit previewed(value);
}

void ParamEditor::spin(const nn::ParamValue& value) {
    const nn::Expected<nn::ParamValue> checked = nn::checkedValue(m_spec, value);
    if (!checked) {
        return;
    }
    m_hasProblem = false;
    emit problemChanged({});
    preview(*checked);
    show(checked.value());
    m_rest.start();
}

void ParamEditor::commit(const nn::ParamValue& value) {
    m_rest.stop();
    m_pending.reset();
    m_before.reset();
    emit committed(value);
}

void ParamEditor::commitPending() {
    m_rest.stop();
    if (m_pending) {
        const nn::ParamValue value = *m_pending;
        commit(value);
    }
}

void ParamEditor::cancel() {
    m_rest.stop();
    m_hasProblem = false;
    emit problemChanged({});
    if (m_pending) {
        m_pending.reset();
        m_value = m_before;
        m_before.reset();
        emit cancelled();
    }
    show(m_value);
}

void ParamEditor::leave() {
    if (m_hasProblem) {
        cancel();
        return;
    }
    commitPending();
    show(m_value);
}

void ParamEditor::describe(QWidget* control, const QString& part) const {
    const QString name = fromUtf8(m_spec.name);
    const QString help = fromUtf8(m_spec.help);
    const QString accepted = tr("Expects %1.").arg(fromUtf8(nn::acceptedText(m_spec)));
    control->setAccessibleName(part.isEmpty() ? name : name + u' ' + part);
    control->setAccessibleDescription(help.isEmpty() ? accepted : help + u' ' + accepted);
    control->setToolTip(plainTip(help.isEmpty() ? accepted : help + u'\n' + accepted));
    control->setObjectName(part.isEmpty() ? name : name + u'-' + part);
}

} // namespace widgets
