#pragma once

#include "nn/model/object_def.h"
#include "widgets/params/param_editor.h"

class QComboBox;

namespace widgets {

class ParamForm;

/// Edits an argument that is an object: a choice of classes and, beneath it, the arguments of the
/// chosen one. Where a number is allowed too, the choice begins with it.
class ObjectEditor final : public ParamEditor {
    Q_OBJECT

public:
    ObjectEditor(const nn::ParamSpec& spec, QWidget* parent);

    QWidget* field() override;
    QWidget* details() override { return m_details; }
    void commitPending() override;

    [[nodiscard]] QComboBox* choice() const { return m_choice; }
    /// The arguments of the chosen class.
    [[nodiscard]] ParamForm* form() const { return m_form; }

protected:
    void show(const std::optional<nn::ParamValue>& value) override;

private:
    void addChoices();
    void connectParts();
    /// What choosing an entry sets; nothing for what is there already.
    [[nodiscard]] std::optional<nn::ParamValue> valueOf(int index) const;
    [[nodiscard]] int indexOf(const nn::ParamValue& value) const;
    void showArguments(const nn::ParamObject* object);
    /// The chosen object with one argument changed.
    [[nodiscard]] std::optional<nn::ParamValue> changed(const QString& name,
                                                        const nn::ParamValue& value) const;

    const nn::ObjectFamily& m_family;
    QComboBox* m_choice;
    ParamEditor* m_number = nullptr; ///< Only where a number is allowed.
    QWidget* m_details;
    ParamForm* m_form;
};

} // namespace widgets
