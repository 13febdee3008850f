#pragma once

#include "app/session.h"

namespace app {

/// Keeps a widget's network and selection those of the session, both ways.
template <typename Widget>
void bindNetwork(Session& session, Widget* widget) {
    const auto show = [&session, widget] { widget->setNetwork(session.editor.network()); };
    show();
    QObject::connect(&session.document, &Document::projectChanged, widget,
                     [show](ProjectParts parts) {
                         if (parts.testFlag(ProjectPart::Graph)) {
                             show();
                         }
                     });
}

template <typename Widget>
void followSelection(Session& session, Widget* widget) {
    widget->setSelection(session.selection.nodes());
    QObject::connect(&session.selection, &Selection::changed, widget, &Widget::setSelection);
}

template <typename Widget>
void bindSelection(Session& session, Widget* widget) {
    followSelection(session, widget);
    QObject::connect(widget, &Widget::selectionChanged, &session.selection, &Selection::set);
}

} // namespace app
