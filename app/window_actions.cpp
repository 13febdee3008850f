#include "app/window_actions.h"

#include "app/actions.h"
#include "app/dialogs/about_dialog.h"
#include "app/dialogs/preferences_dialog.h"
#include "app/dialogs/shortcuts_dialog.h"
#include "app/dropped_file.h"
#include "app/file_actions.h"
#include "app/inspection/sample_chooser.h"
#include "app/session.h"

#include "widgets/canvas/canvas_view.h"
#include "widgets/summary_view.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QFileInfo>

namespace app {

WindowActions::WindowActions(Session& session, Actions& actions, QWidget* window)
    : QObject(window), m_session(session), m_actions(actions), m_window(window) {
    bindUndo();
    bindTraining();
    bindSelection();
    bindDialogs();
    connect(actions.at(ActionId::FindLayer), &QAction::triggered, &session.requests,
            &Requests::layerSearchWished);
    connect(actions.at(ActionId::LayerHelp), &QAction::triggered, this, &WindowActions::showHelp);
    connect(actions.at(ActionId::ShowKerasCode), &QAction::triggered, this,
            [this] { emit m_session.requests.panelWished(QStringLiteral("code")); });
    connect(actions.at(ActionId::FitNetworkToData), &QAction::triggered, &session,
            &Session::fitNetworkToData);
}

void WindowActions::showHelp() {
    const auto nodes = m_session.selection.nodes();
    const nn::Node* node =
        nodes.isEmpty() ? nullptr : nn::findNode(m_session.document.graph(), *nodes.begin());
    emit m_session.requests.helpWished(node == nullptr ? QString()
                                                       : QString::fromStdString(node->type));
}

void WindowActions::bindUndo() {
    QUndoStack& stack = m_session.document.undoStack();
    QAction* undo = m_actions.at(ActionId::Undo);
    QAction* redo = m_actions.at(ActionId::Redo);
    connect(undo, &QAction::triggered, this, [this] {
        m_session.document.rollbackPreview();
        m_session.document.undoStack().undo();
    });
    connect(redo, &QAction::triggered, this, [this] {
        m_session.document.rollbackPreview();
        m_session.document.undoStack().redo();
    });
    const auto name = [](QAction* action, const QString& plain, const QString& named) {
        return [action, plain, named](const QString& step) {
            action->setText(step.isEmpty() ? plain : named.arg(step));
        };
    };
    connect(&stack, &QUndoStack::undoTextChanged, undo, name(undo, tr("&Undo"), tr("&Undo %1")));
    connect(&stack, &QUndoStack::redoTextChanged, redo, name(redo, tr("&Redo"), tr("&Redo %1")));
    connect(&stack, &QUndoStack::canUndoChanged, undo, &QAction::setEnabled);
    connect(&stack, &QUndoStack::canRedoChanged, redo, &QAction::setEnabled);
    undo->setEnabled(stack.canUndo());
    redo->setEnabled(stack.canRedo());
}

void WindowActions::bindTraining() {
    const auto on = [this](ActionId id, auto method) {
        connect(m_actions.at(id), &QAction::triggered, this, method);
    };
    on(ActionId::StartTraining, [this] {
        emit m_session.requests.workspaceWished(Workspace::Train);
        m_session.startTraining();
    });
    on(ActionId::NewRun, [this] {
        emit m_session.requests.workspaceWished(Workspace::Train);
        m_session.startNewRun();
    });
    on(ActionId::RescueRun, [this] {
        m_isAskedForRuns = true;
        m_session.runs.lookForLeftovers();
    });
    connect(&m_session.runs, &RunKeeper::nothingFound, this, [this] {
        if (std::exchange(m_isAskedForRuns, false)) {
            emit m_session.requests.hint(tr("No training was cut off."));
        }
    });
    on(ActionId::StepTraining, [this] {
        emit m_session.requests.workspaceWished(Workspace::Train);
        m_session.stepTraining();
    });
    on(ActionId::PauseTraining, [this] {
        m_session.togglePause();
        showTrainingState();
    });
    on(ActionId::StopTraining, [this] { m_session.training.stop(); });
    on(ActionId::ResetWeights, [this] { m_session.resetWeights(); });
    connect(&m_session.training, &TrainingController::stateChanged, this,
            &WindowActions::showTrainingState);
    connect(&m_session.document, &Document::projectChanged, this,
            &WindowActions::showTrainingState);
    connect(&m_session.data, &DataStore::changed, this, &WindowActions::showTrainingState);
    showTrainingState();
}

void WindowActions::showTrainingState() {
    const TrainingState state = m_session.training.state();
    const bool isIdle = state == TrainingState::Idle;
    const bool isPaused = state == TrainingState::Paused;
    const bool isEnding = state == TrainingState::Stopping;
    QAction* start = m_actions.at(ActionId::StartTraining);
    start->setEnabled(isIdle || isPaused);
    const bool resumes = isIdle && m_session.canResume();
    start->setText(isPaused || resumes                    ? tr("&Go On")
                   : m_session.document.project().weights ? tr("&Train On")
                                                          : tr("&Train"));
    const QString tip = resumes ? tr("Go on with the last run in %1").arg(m_session.resumePlace())
                                : tr("Train the network on the chosen data");
    start->setStatusTip(tip);
    start->setToolTip(tr("%1 (%2)").arg(tip, start->shortcut().toString()));
    m_actions.at(ActionId::NewRun)->setEnabled(isIdle);
    m_actions.at(ActionId::RescueRun)->setEnabled(isIdle);
    m_actions.at(ActionId::PauseTraining)->setEnabled(!isIdle && !isEnding);
    m_actions.at(ActionId::PauseTraining)->setChecked(isPaused);
    m_actions.at(ActionId::StepTraining)->setEnabled(isIdle || isPaused);
    m_actions.at(ActionId::StopTraining)->setEnabled(!isIdle && !isEnding);
    m_actions.at(ActionId::ResetWeights)
        ->setEnabled(isIdle && m_session.document.project().weights != nullptr);
    m_actions.at(ActionId::FitNetworkToData)->setEnabled(!m_session.networkFitText().isEmpty());
}

void WindowActions::bindSelection() {
    connect(&m_session.selection, &Selection::changed, this, &WindowActions::showSelectionState);
    connect(QApplication::clipboard(), &QClipboard::dataChanged, this,
            &WindowActions::showSelectionState);
    showSelectionState();
}

void WindowActions::showSelectionState() {
    const bool hasNodes = !m_session.selection.nodes().isEmpty();
    for (const ActionId id : {ActionId::Cut, ActionId::Copy, ActionId::Duplicate}) {
        m_actions.at(id)->setEnabled(hasNodes);
    }
    m_actions.at(ActionId::Paste)->setEnabled(widgets::CanvasView::canPaste());
}

void WindowActions::bindDialogs() {
    const auto open = [](QDialog* dialog) {
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->open();
    };
    connect(m_actions.at(ActionId::Preferences), &QAction::triggered, this,
            [this, open] { open(new PreferencesDialog(m_session.settings, m_window)); });
    connect(m_actions.at(ActionId::Shortcuts), &QAction::triggered, this,
            [this, open] { open(new ShortcutsDialog(m_actions, m_window)); });
    connect(m_actions.at(ActionId::About), &QAction::triggered, this,
            [this, open] { open(new AboutDialog(m_window)); });
    const auto copy = [this](ActionId id, widgets::SummaryStyle style) {
        connect(m_actions.at(id), &QAction::triggered, this, [this, style] {
            const Document& document = m_session.document;
            QApplication::clipboard()->setText(
                widgets::summaryText(nn::summaryOf(document.graph(), document.inference()), style));
            emit m_session.requests.hint(tr("The summary is on the clipboard."));
        });
    };
    copy(ActionId::CopySummary, widgets::SummaryStyle::Keras3);
    copy(ActionId::CopySummaryKeras2, widgets::SummaryStyle::Keras2);
    copy(ActionId::CopySummaryCsv, widgets::SummaryStyle::Csv);
}

QString dropText(const QString& path) {
    const QString name = QFileInfo(path).fileName();
    switch (droppedKind(path)) {
    case DroppedKind::Project:
        return WindowActions::tr("Open the project “%1”").arg(name);
    case DroppedKind::Data:
        return WindowActions::tr("Use “%1” as data").arg(name);
    case DroppedKind::Picture:
        return WindowActions::tr("Send the picture “%1” through the network").arg(name);
    case DroppedKind::Unknown:
        return WindowActions::tr("“%1” is no project, no data set and no picture").arg(name);
    }
    return {};
}

void useDroppedFile(Session& session, FileActions& files, const QString& path) {
    switch (droppedKind(path)) {
    case DroppedKind::Project:
        files.openPath(path);
        break;
    case DroppedKind::Data:
        session.useData(path);
        emit session.requests.workspaceWished(Workspace::Data);
        break;
    case DroppedKind::Picture:
        SampleChooser::usePicture(session, path);
        emit session.requests.workspaceWished(Workspace::Inspect);
        break;
    case DroppedKind::Unknown: {
        const QString reason =
            WindowActions::tr("%1 cannot be used: a project (.receptive), IDX images, a folder of "
                              "images or a picture was expected.")
                .arg(path);
        session.log.warn(reason);
        emit session.requests.hint(reason);
        break;
    }
    }
}

} // namespace app
