#include "app/editor.h"

#include "app/document.h"
#include "app/selection.h"

namespace app {

namespace {

Positions projectPositions(const widgets::Positions& positions) {
    Positions result;
    for (auto it = positions.begin(); it != positions.end(); ++it) {
        result[it.key()] = {it->x(), it->y()};
    }
    return result;
}

} // namespace

Editor::Editor(Document& document, Selection& selection, QObject* parent)
    : QObject(parent), m_document(document), m_selection(selection) {}

void Editor::carryOut(const widgets::EditWish& wish) {
    const auto done = m_document.apply(wish.edits, projectPositions(wish.positions), wish.text);
    if (!done) {
        emit refused(QString::fromStdString(done.error().message));
        return;
    }
    if (!wish.select.isEmpty()) {
        m_selection.set(wish.select);
    }
}

void Editor::preview(const widgets::EditWish& wish) {
    if (const auto shown = m_document.preview(wish.edits, projectPositions(wish.positions));
        !shown) {
        emit refused(QString::fromStdString(shown.error().message));
    }
}

void Editor::cancelPreview() {
    m_document.rollbackPreview();
}

widgets::NetworkValues Editor::network() const {
    return {m_document.project().graph, m_document.sharedInference()};
}

widgets::Positions Editor::positions() const {
    widgets::Positions result;
    for (const auto& [id, position] : m_document.project().positions) {
        result.insert(id, QPointF(position.x, position.y));
    }
    return result;
}

} // namespace app
