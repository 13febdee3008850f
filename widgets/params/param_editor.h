#pragma once

#include "nn/model/param.h"

#include <QTimer>
#include <QWidget>
#include <optional>

namespace widgets {

/// Edits the value of one argument. Only values that fit the spec leave it. A value that is being
/// typed or spun is previewed; it is committed by Enter, by leaving the field, or when the spinning
/// has come to rest.
class ParamEditor : public QWidget {
    Q_OBJECT

public:
    ParamEditor(nn::ParamSpec spec, QWidget* parent);

    /// Shows a value without emitting; nothing: the objects edited differ ("—"). What is being
    /// typed stays when it means the same.
    void setValue(const std::optional<nn::ParamValue>& value);
    /// Commits what is being changed now: call it before the objects edited change.
    virtual void commitPending();
    [[nodiscard]] const nn::ParamSpec& spec() const { return m_spec; }
    /// The control that takes the keyboard.
    [[nodiscard]] virtual QWidget* field() = 0;
    /// What belongs beneath the row, or nullptr. A sibling of the editor.
    [[nodiscard]] virtual QWidget* details() { return nullptr; }

signals:
    void previewed(const nn::ParamValue& value);
    void committed(const nn::ParamValue& value);
    void cancelled();
    /// What is wrong with the text typed; empty: nothing.
    void problemChanged(const QString& message);
    /// What is to be said about the part of the editor that is used now.
    void helpChanged(const QString& text);

protected:
    /// Puts a value into the controls; must not emit.
    virtual void show(const std::optional<nn::ParamValue>& value) = 0;
    /// The text typed so far: previewed when it fits, explained when it does not.
    void typed(const QString& text);
    void preview(const nn::ParamValue& value);
    /// Like `preview`, and committed when nothing follows for a moment.
    void spin(const nn::ParamValue& value);
    void commit(const nn::ParamValue& value);
    /// Back to the value from before.
    void cancel();
    /// Leaves the field: commits what fits, forgets what does not.
    void leave();
    /// Gives a control the name, description and tool tip of the argument.
    void describe(QWidget* control, const QString& part = {}) const;
    /// The value shown, as far as it is one.
    [[nodiscard]] std::optional<nn::ParamValue> current() const;

private:
    nn::ParamSpec m_spec;
    std::optional<nn::ParamValue> m_value;   ///< What the object has.
    std::optional<nn::ParamValue> m_pending; ///< What was previewed but not committed.
    std::optional<nn::ParamValue> m_before;  ///< What the object had before the preview.
    bool m_hasProblem = false;
    QTimer m_rest;
};

/// The right editor for the kind of an argument.
[[nodiscard]] ParamEditor* makeParamEditor(const nn::ParamSpec& spec, QWidget* parent);

} // namespace widgets
