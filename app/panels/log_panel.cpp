#include "app/panels/panels.h"
#include "app/session.h"

#include "widgets/theme.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QListView>
#include <QStyledItemDelegate>
#include <QTimer>

namespace app {

namespace {

/// Colours a line by how serious it is.
class LogDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override {
        QStyledItemDelegate::initStyleOption(option, index);
        const widgets::Theme& theme = widgets::Theme::of(option->palette);
        switch (static_cast<nn::Severity>(index.data(Qt::UserRole).toInt())) {
        case nn::Severity::Info:
            break;
        case nn::Severity::Warning:
            option->palette.setColor(QPalette::Text, theme.warning);
            break;
        case nn::Severity::Error:
            option->palette.setColor(QPalette::Text, theme.error);
            break;
        }
    }
};

} // namespace

QWidget* makeLogPanel(Session& session, QWidget* parent) {
    auto* view = new QListView(parent);
    view->setModel(&session.log);
    view->setItemDelegate(new LogDelegate(view));
    view->setAccessibleName(QListView::tr("Log"));
    view->setFrameShape(QFrame::NoFrame);
    view->setWordWrap(true);
    view->setTextElideMode(Qt::ElideNone);
    view->setResizeMode(QListView::Adjust);
    view->setSelectionMode(QAbstractItemView::ExtendedSelection);
    auto* copy = new QAction(QListView::tr("Copy All Lines"), view);
    QObject::connect(copy, &QAction::triggered, view,
                     [&session] { QApplication::clipboard()->setText(session.log.plainText()); });
    view->addAction(copy);
    view->setContextMenuPolicy(Qt::ActionsContextMenu);
    // Scrolling lays out all lines: once for those that come together.
    auto* scroll = new QTimer(view);
    scroll->setSingleShot(true);
    scroll->setInterval(100);
    QObject::connect(scroll, &QTimer::timeout, view, &QListView::scrollToBottom);
    QObject::connect(&session.log, &QAbstractItemModel::rowsInserted, scroll, [scroll] {
        if (!scroll->isActive()) {
            scroll->start();
        }
    });
    return view;
}

} // namespace app
