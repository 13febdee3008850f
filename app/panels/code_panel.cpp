#include "app/panels/panels.h"
#include "app/session.h"

#include "nn/io/keras_code.h"

#include "widgets/code_view.h"

#include <QDockWidget>

namespace app {

namespace {

/// The project as Keras code, made anew only while somebody looks: a dock behind another one counts
/// as visible for Qt, so the dock itself is asked.
class CodePanel final : public widgets::CodeView {
public:
    CodePanel(Session& session, QWidget* parent) : CodeView(parent), m_session(session) {
        connect(&session.document, &Document::projectChanged, this, [this](ProjectParts parts) {
            m_isStale = m_isStale || parts.testFlag(ProjectPart::Graph) ||
                        parts.testFlag(ProjectPart::Training) || parts.testFlag(ProjectPart::Data);
            refresh();
        });
        connect(this, &CodeView::hint, &session.requests, &Requests::hint);
    }

    void setLookedAt(bool looked) {
        m_isLookedAt = looked;
        refresh();
    }

private:
    void refresh() {
        if (m_isStale && m_isLookedAt) {
            m_isStale = false;
            setCode(QString::fromStdString(nn::io::kerasCode(m_session.document.project())));
            setFileName(m_session.document.displayName() + QStringLiteral(".py"));
        }
    }

    Session& m_session;
    bool m_isStale = true;
    bool m_isLookedAt = false;
};

} // namespace

QWidget* makeCodePanel(Session& session, QWidget* parent) {
    auto* panel = new CodePanel(session, parent);
    if (auto* dock = qobject_cast<QDockWidget*>(parent)) {
        QObject::connect(dock, &QDockWidget::visibilityChanged, panel, &CodePanel::setLookedAt);
    }
    return panel;
}

} // namespace app
