// Keys, mouse, menu and tooltips of the tile grid.
#include "widgets/images/tile_grid.h"

#include "widgets/save_file.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QToolTip>
#include <algorithm>

namespace widgets {

void TileGrid::keyPressEvent(QKeyEvent* event) {
    const int page =
        m_columns * std::max(1, viewport()->height() / std::max(1, pictureSize().height()));
    switch (event->key()) {
    case Qt::Key_Left:
        return setCurrentTile(m_current - 1);
    case Qt::Key_Right:
        return setCurrentTile(m_current + 1);
    case Qt::Key_Up:
        return setCurrentTile(m_current < m_columns ? m_current : m_current - m_columns);
    case Qt::Key_Down:
        return setCurrentTile(m_current + m_columns < count() ? m_current + m_columns : m_current);
    case Qt::Key_PageUp:
        return setCurrentTile(m_current - page);
    case Qt::Key_PageDown:
        return setCurrentTile(m_current + page);
    case Qt::Key_Home:
        return setCurrentTile(0);
    case Qt::Key_End:
        return setCurrentTile(count() - 1);
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
        if (m_current >= 0) {
            emit tileActivated(m_current);
            return;
        }
        break;
    default:
        break;
    }
    if (event->matches(QKeySequence::Copy) && m_current >= 0) {
        QApplication::clipboard()->setImage(tile(m_current));
        return;
    }
    QAbstractScrollArea::keyPressEvent(event);
}

void TileGrid::setHovered(int index) {
    if (index != m_hovered) {
        m_hovered = index;
        viewport()->update();
        emit tileHovered(index);
    }
}

void TileGrid::mouseMoveEvent(QMouseEvent* event) {
    setHovered(tileAt(event->position().toPoint()));
}

void TileGrid::mousePressEvent(QMouseEvent* event) {
    const int index = tileAt(event->position().toPoint());
    if (index >= 0) {
        setCurrentTile(index);
    }
}

void TileGrid::mouseDoubleClickEvent(QMouseEvent* event) {
    const int index = tileAt(event->position().toPoint());
    if (index >= 0) {
        emit tileActivated(index);
    }
}

void TileGrid::addMenuActions(QMenu& menu, int index) {
    if (index >= 0) {
        menu.addAction(tr("&Copy Image"), this,
                       [image = tile(index)] { QApplication::clipboard()->setImage(image); });
        menu.addAction(tr("&Save Image…"), this, [this, index, image = tile(index)] {
            saveImage(this, QStringLiteral("%1-%2.png").arg(m_exportName).arg(index), image);
        });
        menu.addSeparator();
    }
    menu.addAction(tr("Copy &All as One Image"), this,
                   [this] { QApplication::clipboard()->setImage(sheet()); });
    menu.addAction(tr("Save All as &One Image…"), this,
                   [this] { saveImage(this, m_exportName + QStringLiteral(".png"), sheet()); });
}

void TileGrid::contextMenuEvent(QContextMenuEvent* event) {
    if (m_tiles.empty()) {
        return;
    }
    const bool isByKey = event->reason() == QContextMenuEvent::Keyboard;
    const int index = isByKey ? m_current : tileAt(viewport()->mapFrom(this, event->pos()));
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    addMenuActions(*menu, index);
    const QPoint place = isByKey && index >= 0 ? viewport()->mapToGlobal(tileRect(index).center())
                                               : event->globalPos();
    menu->popup(place);
}

bool TileGrid::viewportEvent(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const int index = tileAt(help->pos());
        const QString text = index >= 0 ? tipOf(index) : QString();
        if (text.isEmpty()) {
            QToolTip::hideText();
        } else {
            QToolTip::showText(help->globalPos(), text, viewport(), tileRect(index));
        }
        return true;
    }
    if (event->type() == QEvent::Leave) {
        setHovered(-1);
    }
    return QAbstractScrollArea::viewportEvent(event);
}

} // namespace widgets
