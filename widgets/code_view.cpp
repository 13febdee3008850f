#include "widgets/code_view.h"

#include "widgets/icons.h"
#include "widgets/save_file.h"
#include "widgets/text_role.h"

#include <QClipboard>
#include <QEvent>
#include <QGuiApplication>
#include <QPlainTextEdit>
#include <QRegularExpression>
#include <QScrollBar>
#include <QSyntaxHighlighter>
#include <QToolButton>
#include <QVBoxLayout>

namespace widgets {

/// Comments, texts, numbers and words of Python in the theme's colours.
class PythonColors final : public QSyntaxHighlighter {
public:
    explicit PythonColors(QTextDocument* document) : QSyntaxHighlighter(document) {}

    void setTheme(const Theme& theme) {
        m_comment.setForeground(theme.mutedText);
        m_text.setForeground(theme.success);
        m_word.setForeground(theme.accent);
        m_word.setFontWeight(QFont::DemiBold);
        m_name.setForeground(theme.info);
        rehighlight();
    }

protected:
    void highlightBlock(const QString& line) override {
        static const QRegularExpression tokens(
            QStringLiteral("(?<comment>#.*$)|(?<text>\"\"\".*\"\"\"|'(?:[^'\\\\]|\\\\.)*')|"
                           "(?<word>\\b(?:import|from|as|with|def|return|None|True|False)\\b)|"
                           "(?<name>(?<=\\.)[A-Z][A-Za-z0-9]*(?=\\())"));
        auto it = tokens.globalMatch(line);
        while (it.hasNext()) {
            const QRegularExpressionMatch match = it.next();
            const QTextCharFormat& format =
                !match.captured(QStringLiteral("comment")).isEmpty() ? m_comment
                : !match.captured(QStringLiteral("text")).isEmpty()  ? m_text
                : !match.captured(QStringLiteral("word")).isEmpty()  ? m_word
                                                                     : m_name;
            setFormat(static_cast<int>(match.capturedStart()),
                      static_cast<int>(match.capturedLength()), format);
        }
    }

private:
    QTextCharFormat m_comment;
    QTextCharFormat m_text;
    QTextCharFormat m_word;
    QTextCharFormat m_name;
};

CodeView::CodeView(QWidget* parent)
    : QWidget(parent), m_text(new QPlainTextEdit(this)),
      m_colors(new PythonColors(m_text->document())), m_copy(new QToolButton(this)),
      m_save(new QToolButton(this)) {
    m_text->setObjectName(QStringLiteral("code-text"));
    m_text->setAccessibleName(tr("Keras code"));
    setTextRole(m_text, TextRole::Mono);
    m_text->setReadOnly(true);
    m_text->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_text->setTabChangesFocus(true);
    m_text->setFrameShape(QFrame::NoFrame);
    m_copy->setObjectName(QStringLiteral("code-copy"));
    m_copy->setText(tr("Copy"));
    m_copy->setToolTip(tr("Copy the whole program"));
    m_save->setObjectName(QStringLiteral("code-save"));
    m_save->setText(tr("Save As…"));
    m_save->setToolTip(tr("Save the program as a Python file"));
    auto* footer = new QHBoxLayout;
    footer->setContentsMargins(spacing::kUnit, spacing::kTight, spacing::kUnit, spacing::kTight);
    footer->addStretch(1);
    for (QToolButton* button : {m_copy, m_save}) {
        button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
        button->setAccessibleName(button->toolTip());
        footer->addWidget(button);
    }
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_text, 1);
    column->addLayout(footer);
    connect(m_copy, &QToolButton::clicked, this, &CodeView::copy);
    connect(m_save, &QToolButton::clicked, this, &CodeView::save);
    setFocusProxy(m_text);
    setTheme(Theme::of(this));
}

void CodeView::setCode(const QString& code) {
    if (code == this->code()) {
        return;
    }
    const int down = m_text->verticalScrollBar()->value();
    const int right = m_text->horizontalScrollBar()->value();
    m_text->setPlainText(code);
    m_text->verticalScrollBar()->setValue(down);
    m_text->horizontalScrollBar()->setValue(right);
}

void CodeView::setFileName(const QString& fileName) {
    m_fileName = fileName;
}

QString CodeView::code() const {
    return m_text->toPlainText();
}

void CodeView::copy() {
    QGuiApplication::clipboard()->setText(code());
    emit hint(tr("Copied the program."));
}

void CodeView::save() {
    saveBytes(this,
              {.title = tr("Save Keras Code"),
               .fileName = m_fileName,
               .filter = tr("Python program (*.py)")},
              code().toUtf8());
}

void CodeView::setTheme(const Theme& theme) {
    m_copy->setIcon(icon(u"copy", theme));
    m_save->setIcon(icon(u"save-as", theme));
    m_colors->setTheme(theme);
}

void CodeView::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_save != nullptr) {
        setTheme(Theme::of(this));
    }
}

} // namespace widgets
