#include "app/panels/panels.h"
#include "app/session.h"

#include "widgets/problem_list.h"

namespace app {

namespace {

using widgets::ProblemList;

/// The network with what went wrong in its last run.
widgets::NetworkValues networkWithRunProblems(const Session& session) {
    widgets::NetworkValues network = session.editor.network();
    if (!session.runProblems().empty()) {
        nn::Inference inference = *network.inference;
        inference.diagnostics.insert(inference.diagnostics.end(), session.runProblems().begin(),
                                     session.runProblems().end());
        network.inference = std::make_shared<const nn::Inference>(std::move(inference));
    }
    return network;
}

void nameByCount(ProblemList* problems, int count) {
    problems->setWindowTitle(count == 0 ? ProblemList::tr("Problems")
                                        : ProblemList::tr("Problems (%1)").arg(count));
}

} // namespace

QWidget* makeProblemsPanel(Session& session, QWidget* parent) {
    auto* problems = new ProblemList(parent);
    const auto show = [&session, problems] {
        problems->setNetwork(networkWithRunProblems(session));
    };
    QObject::connect(
        problems, &ProblemList::countsChanged, problems,
        [problems](int errors, int warnings) { nameByCount(problems, errors + warnings); });
    show();
    QObject::connect(&session.document, &Document::projectChanged, problems,
                     [show](ProjectParts parts) {
                         if (parts.testFlag(ProjectPart::Graph)) {
                             show();
                         }
                     });
    QObject::connect(&session, &Session::runProblemsChanged, problems, show);
    QObject::connect(problems, &ProblemList::wished, &session.editor, &Editor::carryOut);
    QObject::connect(problems, &ProblemList::nodeWished, &session.requests,
                     [&session](nn::NodeId node) {
                         session.selection.set({node});
                         emit session.requests.nodeWished(node);
                     });
    return problems;
}

} // namespace app
