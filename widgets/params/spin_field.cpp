#include "widgets/params/spin_field.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QWheelEvent>

namespace widgets {

SpinField::SpinField(QWidget* parent) : QAbstractSpinBox(parent) {
    setFocusPolicy(Qt::StrongFocus); // scrolling a form must not change values
    connect(lineEdit(), &QLineEdit::textEdited, this, &SpinField::typed);
}

void SpinField::stepBy(int steps) {
    emit stepped(steps);
}

QValidator::State SpinField::validate(QString&, int&) const {
    return QValidator::Acceptable;
}

QAbstractSpinBox::StepEnabled SpinField::stepEnabled() const {
    return StepUpEnabled | StepDownEnabled;
}

QString SpinField::text() const {
    return lineEdit()->text();
}

void SpinField::setText(const QString& text) {
    if (text != lineEdit()->text()) {
        const QSignalBlocker quiet(lineEdit());
        lineEdit()->setText(text);
        if (!hasFocus()) {
            lineEdit()->setCursorPosition(0); // of a long number the beginning matters
        }
    }
}

void SpinField::setPlaceholder(const QString& text) {
    lineEdit()->setPlaceholderText(text);
}

QSize SpinField::sizeHint() const {
    const QSize edit = lineEdit()->sizeHint();
    return {fontMetrics().horizontalAdvance(QStringLiteral("0000000")) + 36, edit.height() + 4};
}

QSize SpinField::minimumSizeHint() const {
    return {fontMetrics().horizontalAdvance(QStringLiteral("000")) + 32, sizeHint().height()};
}

void SpinField::wheelEvent(QWheelEvent* event) {
    if (hasFocus()) {
        QAbstractSpinBox::wheelEvent(event);
    } else {
        event->ignore();
    }
}

void SpinField::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
        emit left();
        selectAll();
    } else if (event->key() == Qt::Key_Escape) {
        emit cancelled();
    } else {
        QAbstractSpinBox::keyPressEvent(event);
    }
}

void SpinField::focusOutEvent(QFocusEvent* event) {
    QAbstractSpinBox::focusOutEvent(event);
    emit left();
}

} // namespace widgets
