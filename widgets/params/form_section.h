#pragma once

#include <QWidget>

class QLabel;
class QToolButton;
class QVBoxLayout;

namespace widgets {

/// A part of a long form: a heading that opens and closes it, and what belongs beneath.
class FormSection : public QWidget {
    Q_OBJECT

public:
    explicit FormSection(const QString& title, QWidget* parent = nullptr);

    /// Takes a widget over, below those there are.
    void add(QWidget* content);
    [[nodiscard]] bool isOpen() const;
    void setOpen(bool open);
    /// A few words beside the heading: what is inside while it is closed.
    void setNote(const QString& text);

protected:
    void changeEvent(QEvent* event) override;

private:
    void restyle();

    QToolButton* m_heading;
    QLabel* m_note;
    QWidget* m_content;
    QVBoxLayout* m_column;
};

} // namespace widgets
