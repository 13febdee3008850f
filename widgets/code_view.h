#pragma once

#include "widgets/theme.h"

#include <QWidget>

class QPlainTextEdit;
class QToolButton;

namespace widgets {

class PythonColors;

/// A Python program to read, copy and save.
class CodeView : public QWidget {
    Q_OBJECT

public:
    explicit CodeView(QWidget* parent = nullptr);

    /// Shows another text; the place read stays where it is.
    void setCode(const QString& code);
    /// The name a saved file gets at first: "network.py".
    void setFileName(const QString& fileName);
    void setTheme(const Theme& theme);
    [[nodiscard]] QString code() const;

signals:
    /// A text for the status bar: what was just done.
    void hint(const QString& text);

protected:
    void changeEvent(QEvent* event) override;

private:
    void copy();
    void save();

    QPlainTextEdit* m_text = nullptr;
    PythonColors* m_colors = nullptr;
    QToolButton* m_copy = nullptr;
    QToolButton* m_save = nullptr;
    QString m_fileName = QStringLiteral("network.py");
};

} // namespace widgets
