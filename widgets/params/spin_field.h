#pragma once

#include <QAbstractSpinBox>

namespace widgets {

/// A text field with up and down buttons that leaves the meaning of both to its owner.
class SpinField : public QAbstractSpinBox {
    Q_OBJECT

public:
    explicit SpinField(QWidget* parent = nullptr);

    void stepBy(int steps) override;
    QValidator::State validate(QString& input, int& position) const override;

    [[nodiscard]] QString text() const;
    /// Replaces the text without emitting.
    void setText(const QString& text);
    void setPlaceholder(const QString& text);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

signals:
    void stepped(int steps);
    void typed(const QString& text);
    void left();      ///< Enter, or the keyboard went elsewhere.
    void cancelled(); ///< Esc.

protected:
    StepEnabled stepEnabled() const override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
};

} // namespace widgets
