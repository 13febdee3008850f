#include "app/actions.h"

#include <QAction>
#include <QSet>
#include <QTest>

using app::Actions;
using app::ActionSpec;
using app::MenuId;

/// The table of all actions.
class ActionsTest : public QObject {
    Q_OBJECT

private slots:
    void everyActionIsInAMenuOnceWithNameTipAndMnemonic();
    void mnemonicsAreUniqueInTheirMenu();
    void menusHaveUniqueMnemonics();
    void shortcutsAreUnique();
    void iconsExist();
};

namespace {

QChar mnemonic(const QString& text) {
    for (qsizetype i = 0; i + 1 < text.size(); ++i) {
        if (text[i] == '&' && text[i + 1] != '&') {
            return text[i + 1].toLower();
        }
    }
    return {};
}

} // namespace

void ActionsTest::everyActionIsInAMenuOnceWithNameTipAndMnemonic() {
    const Actions actions;
    QSet<QString> names;
    for (const ActionSpec& spec : app::actionSpecs()) {
        const QAction* action = actions.at(spec.id);
        QVERIFY2(!names.contains(action->objectName()), spec.name);
        names.insert(action->objectName());
        QVERIFY2(actions.ofMenu(spec.menu).contains(action), spec.name);
        QVERIFY2(!action->statusTip().isEmpty(), spec.name);
        QVERIFY2(!mnemonic(action->text()).isNull(), spec.name);
    }
}

void ActionsTest::mnemonicsAreUniqueInTheirMenu() {
    const Actions actions;
    for (const MenuId menu : app::kMenus) {
        QSet<QChar> used;
        if (menu == MenuId::File) {
            used.insert('r'); // Open Recent
        } else if (menu == MenuId::View) {
            used.insert('p'); // Panels
        }
        for (const QAction* action : actions.ofMenu(menu)) {
            if (!action->isSeparator()) {
                QVERIFY2(!used.contains(mnemonic(action->text())), qPrintable(action->text()));
                used.insert(mnemonic(action->text()));
            }
        }
    }
}

void ActionsTest::menusHaveUniqueMnemonics() {
    QSet<QChar> used;
    for (const MenuId menu : app::kMenus) {
        const QChar key = mnemonic(app::menuTitle(menu));
        QVERIFY2(!used.contains(key), qPrintable(app::menuTitle(menu)));
        used.insert(key);
    }
}

void ActionsTest::shortcutsAreUnique() {
    const Actions actions;
    QSet<QString> used;
    for (const ActionSpec& spec : app::actionSpecs()) {
        for (const QKeySequence& key : actions.at(spec.id)->shortcuts()) {
            QVERIFY2(!used.contains(key.toString()), spec.name);
            used.insert(key.toString());
        }
        if (spec.shortcut[0] != '\0') {
            QVERIFY2(!actions.at(spec.id)->shortcut().isEmpty(), spec.name);
        }
    }
}

void ActionsTest::iconsExist() {
    Actions actions;
    actions.setTheme(widgets::Theme::dark());
    for (const ActionSpec& spec : app::actionSpecs()) {
        if (spec.icon[0] != '\0') {
            QVERIFY2(!actions.at(spec.id)->icon().isNull(), spec.name);
        }
    }
}

QTEST_MAIN(ActionsTest)
#include "tst_actions.moc"
