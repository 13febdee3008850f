#include "app/panels/network_binding.h"
#include "app/panels/panels.h"

#include "widgets/problem_list.h"

namespace app {

QWidget* makeProblemsPanel(Session& session, QWidget* parent) {
    using widgets::ProblemList;
    auto* problems = new ProblemList(parent);
    bindNetwork(session, problems);
    QObject::connect(problems, &ProblemList::wished, &session.editor, &Editor::carryOut);
    QObject::connect(problems, &ProblemList::nodeWished, &session.requests,
                     [&session](nn::NodeId node) {
                         session.selection.set({node});
                         emit session.requests.nodeWished(node);
                     });
    return problems;
}

} // namespace app
