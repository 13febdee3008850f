#include "widgets/canvas/canvas_view.h"
#include "widgets/icons.h"

#include <QMenu>
#include <QPointer>

namespace widgets {

void CanvasView::showMenu(QPoint globalPosition) {
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    if (m_selectedWire) {
        fillWireMenu(*menu);
    } else if (!m_selection.isEmpty()) {
        fillCardMenu(*menu);
    }
    fillCanvasMenu(*menu);
    menu->popup(globalPosition);
}

void CanvasView::fillWireMenu(QMenu& menu) {
    menu.addAction(icon(u"delete", m_theme), tr("&Delete wire"), this,
                   &CanvasView::removeSelection);
    menu.addSeparator();
}

void CanvasView::fillCardMenu(QMenu& menu) {
    const bool single = m_selection.size() == 1;
    const Card* card = single ? m_scene.card(*m_selection.begin()) : nullptr;
    if (card != nullptr) {
        for (const nn::Repair& repair : card->repairs) {
            menu.addAction(icon(u"repair", m_theme.accent),
                           fromUtf8(repair.title).replace(u'&', QStringLiteral("&&")), this,
                           [this, repair] { emitWish(repairWish(repair)); });
        }
        if (!card->repairs.empty()) {
            menu.addSeparator();
        }
        menu.addAction(icon(u"properties", m_theme), tr("&Properties"), this,
                       [this, id = card->id] { emit propertiesWished(id); });
        menu.addAction(icon(u"help", m_theme), tr("&Help on %1").arg(card->type), this,
                       [this, type = card->type] { emit helpWished(type); });
        menu.addAction(icon(u"connect", m_theme), tr("Co&nnect to…"), this, [this, id = card->id] {
            setCurrentNode(id);
            beginConnect();
        });
    }
    bool allTrain = true;
    for (const nn::NodeId node : m_selection) {
        const Card* each = m_scene.card(node);
        allTrain = allTrain && (each == nullptr || each->trainable);
    }
    menu.addAction(
        allTrain ? tr("&Freeze (do not train)") : tr("&Unfreeze (train)"), this,
        [this, allTrain] { emitWish(trainableWish(m_scene.graph(), m_selection, !allTrain)); });
    menu.addSeparator();
    menu.addAction(icon(u"cut", m_theme), tr("Cu&t"), this, &CanvasView::cutSelection);
    menu.addAction(icon(u"copy", m_theme), tr("&Copy"), this, &CanvasView::copySelection);
    menu.addAction(icon(u"duplicate", m_theme), tr("D&uplicate"), this,
                   &CanvasView::duplicateSelection);
    menu.addAction(icon(u"delete", m_theme), tr("&Delete"), this, &CanvasView::removeSelection);
    menu.addAction(tr("Delete and close the &gap"), this,
                   [this] { emitWish(removeWish(m_scene.graph(), m_selection, Gap::Close)); });
    menu.addSeparator();
}

void CanvasView::fillCanvasMenu(QMenu& menu) {
    QAction* paste =
        menu.addAction(icon(u"paste", m_theme), tr("P&aste"), this, &CanvasView::paste);
    paste->setEnabled(canPaste());
    QAction* all = menu.addAction(tr("&Select all"), this, &CanvasView::selectAll);
    all->setEnabled(!isEmpty());
    menu.addSeparator();
    QAction* arrange =
        menu.addAction(icon(u"layout", m_theme), tr("A&rrange layers"), this, &CanvasView::arrange);
    arrange->setEnabled(!isEmpty());
    QAction* fit =
        menu.addAction(icon(u"fit", m_theme), tr("F&it in window"), this, &CanvasView::fit);
    fit->setEnabled(!isEmpty());
    menu.addAction(tr("&100 %"), this, [this] { zoomTo(1.0); });
}

} // namespace widgets
