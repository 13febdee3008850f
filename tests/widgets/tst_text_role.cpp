#include "widgets/text_role.h"

#include <QApplication>
#include <QLabel>
#include <QPlainTextEdit>
#include <QTest>
#include <QToolButton>
#include <QVBoxLayout>

using namespace widgets;

namespace {

/// A page with a part of every kind for every role.
class Page : public QWidget {
public:
    Page() {
        auto* column = new QVBoxLayout(this);
        for (const TextRole role : {TextRole::Title, TextRole::Heading, TextRole::Body,
                                    TextRole::Small, TextRole::Mono}) {
            for (QWidget* part : std::initializer_list<QWidget*>{
                     new QLabel("text", this), new QToolButton(this), new QPlainTextEdit(this)}) {
                setTextRole(part, role);
                column->addWidget(part);
                m_parts.append({part, role});
            }
        }
    }

    void check() const {
        for (const auto& [part, role] : m_parts) {
            const QFont wanted = Theme::of(this).font(role, QApplication::font());
            const QFont found = part->font();
            QCOMPARE(found.pointSizeF(), wanted.pointSizeF());
            QCOMPARE(found.weight(), wanted.weight());
            QCOMPARE(found.families(), wanted.families());
        }
    }

private:
    QList<std::pair<QWidget*, TextRole>> m_parts;
};

} // namespace

/// Fonts of roles, which come with the theme's style sheet.
class TextRoleTest : public QObject {
    Q_OBJECT

private slots:
    void init() { applyTheme(*qApp, Theme::light()); }

    void fontsStayInEveryTheme() {
        Page page;
        page.show();
        page.check();
        for (const Theme* theme : {&Theme::dark(), &Theme::highContrast(), &Theme::light()}) {
            applyTheme(*qApp, *theme);
            page.check();
        }
    }

    void fontsAreThereWhenAPageIsShownInTheNextTheme() {
        Page page;
        applyTheme(*qApp, Theme::dark());
        page.show();
        page.check();
        page.hide();
        applyTheme(*qApp, Theme::light());
        page.show();
        page.check();
    }

    void anotherRoleIsAnotherFont() {
        QLabel label("text");
        label.show();
        setTextRole(&label, TextRole::Heading);
        QVERIFY(label.font().weight() > QFont::Normal);
        setTextRole(&label, TextRole::Body);
        QCOMPARE(label.font().weight(), int(QFont::Normal));
    }
};

QTEST_MAIN(TextRoleTest)
#include "tst_text_role.moc"
