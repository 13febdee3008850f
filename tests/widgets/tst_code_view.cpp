#include "widgets/code_view.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>

class CodeViewTest : public QObject {
    Q_OBJECT

private slots:
    void copiesTheWholeProgram() {
        widgets::CodeView view;
        view.setCode(QStringLiteral("import keras\nmodel = None\n"));
        const QSignalSpy hints(&view, &widgets::CodeView::hint);
        view.findChild<QToolButton*>("code-copy")->click();
        QCOMPARE(QGuiApplication::clipboard()->text(), view.code());
        QCOMPARE(hints.size(), 1);
    }

    void staysWhereItIsReadWhenTheTextChanges() {
        widgets::CodeView view;
        view.resize(300, 120);
        view.show();
        view.setCode(QStringLiteral("line\n").repeated(100));
        auto* text = view.findChild<QPlainTextEdit*>("code-text");
        text->verticalScrollBar()->setValue(40);
        view.setCode(QStringLiteral("other\n").repeated(100));
        QCOMPARE(text->verticalScrollBar()->value(), 40);
    }

    void cannotBeTypedInto() {
        widgets::CodeView view;
        view.setCode(QStringLiteral("import keras"));
        QTest::keyClicks(view.findChild<QPlainTextEdit*>("code-text"), QStringLiteral("abc"));
        QCOMPARE(view.code(), QStringLiteral("import keras"));
    }
};

QTEST_MAIN(CodeViewTest)
#include "tst_code_view.moc"
