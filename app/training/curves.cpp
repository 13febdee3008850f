#include "app/training/curves.h"

#include "app/session.h"

#include "widgets/plots/training_plot.h"

namespace app {

Curves::Curves(Session& session, widgets::TrainingPlot* plot)
    : QObject(plot), m_session(session), m_plot(plot) {
    plot->setEmptyText(tr("Press F5 to train. Loss and accuracy appear here."));
    const TrainingController& training = session.training;
    connect(&training, &TrainingController::started, this, &Curves::begin);
    connect(&training, &TrainingController::wentOn, this, &Curves::begin);
    connect(&training, &TrainingController::batchesDone, this,
            [this](std::vector<nn::BatchProgress> batches) {
                for (nn::BatchProgress& batch : batches) {
                    batch.epoch += m_session.training.status().firstEpoch;
                }
                m_plot->appendBatches(batches);
            });
    connect(&training, &TrainingController::epochDone, this, [this](nn::EpochResult epoch) {
        epoch.epoch += m_session.training.status().firstEpoch;
        m_plot->appendEpoch(epoch);
    });
    connect(&session.document, &Document::projectChanged, this, [this](ProjectParts parts) {
        if (parts.testFlag(ProjectPart::Weights)) {
            showHistory();
        }
    });
    if (training.isActive()) {
        plot->setHistory(training.historySoFar());
    } else {
        showHistory();
    }
}

void Curves::showHistory() {
    const auto history = m_session.document.project().history;
    if (m_session.training.isActive() || (history == m_shown && history)) {
        return;
    }
    m_shown = history;
    if (history) {
        m_plot->setHistory(*history);
    } else {
        m_plot->reset();
    }
}

void Curves::begin() {
    m_shown.reset();
    m_plot->setHistory(m_session.training.historySoFar());
}

} // namespace app
