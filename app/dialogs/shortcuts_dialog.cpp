#include "app/dialogs/shortcuts_dialog.h"

#include "app/actions.h"

#include "widgets/theme.h"

#include <QAction>
#include <QDialogButtonBox>
#include <QHeaderView>
#include <QTreeWidget>
#include <QVBoxLayout>

namespace app {

namespace {

QTreeWidgetItem* addGroup(QTreeWidget* tree, const QString& title) {
    auto* group = new QTreeWidgetItem(tree, {title});
    group->setFirstColumnSpanned(true);
    group->setFlags(Qt::ItemIsEnabled);
    QFont bold = tree->font();
    bold.setBold(true);
    group->setFont(0, bold);
    return group;
}

void addCanvasKeys(QTreeWidget* tree) {
    auto* group = addGroup(tree, ShortcutsDialog::tr("Canvas"));
    const auto add = [group](const QString& what, const QString& keys) {
        new QTreeWidgetItem(group, {what, keys});
    };
    add(ShortcutsDialog::tr("Go to the next layer"), ShortcutsDialog::tr("Arrow keys"));
    add(ShortcutsDialog::tr("Move the selected layers"), ShortcutsDialog::tr("Shift+Arrow keys"));
    add(ShortcutsDialog::tr("Edit the properties"), ShortcutsDialog::tr("Enter"));
    add(ShortcutsDialog::tr("Give up a drag or a connection"), ShortcutsDialog::tr("Esc"));
    add(ShortcutsDialog::tr("Pan"), ShortcutsDialog::tr("Middle button or Space and drag"));
    add(ShortcutsDialog::tr("Zoom"), ShortcutsDialog::tr("Ctrl+Wheel"));
}

} // namespace

ShortcutsDialog::ShortcutsDialog(const Actions& actions, QWidget* parent) : QDialog(parent) {
    setObjectName("shortcutsDialog");
    setWindowTitle(tr("Keyboard Shortcuts"));
    resize(520, 600);
    auto* tree = new QTreeWidget(this);
    tree->setAccessibleName(tr("Keyboard shortcuts"));
    tree->setColumnCount(2);
    tree->setHeaderLabels({tr("What"), tr("Keys")});
    tree->setRootIsDecorated(false);
    tree->setUniformRowHeights(true);
    for (const MenuId menu : kMenus) {
        auto* group = addGroup(tree, menuTitle(menu).remove('&'));
        for (const QAction* action : actions.ofMenu(menu)) {
            if (!action->shortcut().isEmpty()) {
                new QTreeWidgetItem(group, {action->statusTip(),
                                            action->shortcut().toString(QKeySequence::NativeText)});
            }
        }
    }
    addCanvasKeys(tree);
    tree->expandAll();
    tree->header()->setSectionResizeMode(0, QHeaderView::Stretch);
    tree->header()->setStretchLastSection(false);
    tree->header()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(tree, 1);
    layout->addWidget(buttons);
}

} // namespace app
