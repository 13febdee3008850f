#include "app/banner.h"
#include "app/inspection/layer_views.h"
#include "app/pages/pages.h"
#include "app/session.h"
#include "app/training/curves.h"
#include "app/training/evaluation_view.h"
#include "app/training/run_header.h"
#include "app/training/training_form.h"

#include "widgets/params/help_strip.h"
#include "widgets/plots/training_plot.h"
#include "widgets/vertical_scroll_area.h"

#include <QSplitter>
#include <QTabWidget>
#include <QVBoxLayout>

namespace app {

namespace {

using Offered = std::shared_ptr<std::optional<TrainingOutcome>>;

/// Says that the last run can be gone on with, as long as it can.
void offerToGoOn(Session& session, Banner* banner, const Offered& offered) {
    auto isShown = std::make_shared<bool>(false);
    auto dismissed = std::make_shared<std::shared_ptr<const nn::Checkpoint>>();
    const auto refresh = [&session, banner, offered, isShown, dismissed] {
        const bool isFree = banner->isHidden() || *isShown;
        const bool wanted =
            session.canResume() && !*offered && *dismissed != session.document.project().checkpoint;
        if (wanted && isFree) {
            banner->showMessage(
                BannerKind::Info,
                Session::tr("The last run ended in %1. Going on gives the same weights as if it "
                            "had never stopped.")
                    .arg(session.resumePlace()),
                Session::tr("Go On"));
        } else if (!wanted && *isShown) {
            banner->hide();
        }
        *isShown = wanted && isFree;
    };
    QObject::connect(&session.document, &Document::projectChanged, banner, refresh);
    QObject::connect(banner, &Banner::dismissed, &session, [&session, isShown, dismissed] {
        if (std::exchange(*isShown, false)) {
            *dismissed = session.document.project().checkpoint;
        }
    });
    QObject::connect(&session, &Session::trainingEnded, banner, refresh);
    QObject::connect(&session.training, &TrainingController::started, banner,
                     [isShown] { *isShown = false; });
    refresh();
}

/// Refusals, divergence and weights whose network was changed meanwhile.
Banner* makeBanner(Session& session, QWidget* parent) {
    auto* banner = new Banner(parent);
    const Offered offered = std::make_shared<std::optional<TrainingOutcome>>();
    QObject::connect(&session, &Session::trainingRefused, banner, [=](const QString& reason) {
        offered->reset();
        banner->showMessage(BannerKind::Error, reason);
    });
    QObject::connect(&session.training, &TrainingController::started, banner, [=] {
        offered->reset();
        banner->hide();
    });
    QObject::connect(
        &session.training, &TrainingController::wentOn, banner,
        [banner](const QString& text) { banner->showMessage(BannerKind::Info, text); });
    QObject::connect(&session, &Session::trainingEnded, banner,
                     [=](const TrainingOutcome& outcome) {
                         if (outcome.outcome == nn::TrainOutcome::Diverged) {
                             banner->showMessage(BannerKind::Error, outcome.message);
                         }
                     });
    QObject::connect(&session, &Session::weightsOffered, banner,
                     [=](const TrainingOutcome& outcome) {
                         *offered = outcome;
                         banner->showMessage(
                             BannerKind::Warning,
                             Session::tr("The network was changed while it was trained. Keep the "
                                         "trained weights that still fit? The other layers begin "
                                         "with fresh ones."),
                             Session::tr("Keep Weights"));
                     });
    QObject::connect(banner, &Banner::actionTriggered, &session, [offered, &session] {
        if (*offered) {
            session.keepWeights(**offered);
            offered->reset();
        } else if (session.canResume()) {
            session.startTraining();
        }
    });
    offerToGoOn(session, banner, offered);
    return banner;
}

QWidget* makeSettingsColumn(Session& session, QWidget* parent) {
    auto* column = new QWidget(parent);
    auto* scroll = new widgets::VerticalScrollArea(column);
    scroll->setFocusPolicy(Qt::NoFocus);
    auto* form = new TrainingForm(session, scroll);
    scroll->setContent(form);
    auto* help = new widgets::HelpStrip(column);
    QObject::connect(form, &TrainingForm::helpChanged, help, &widgets::HelpStrip::showHelp);
    auto* layout = new QVBoxLayout(column);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(scroll, 1);
    layout->addWidget(help);
    return column;
}

/// What is looked at below the curves: inside the layers, or at the classes.
QWidget* makeViews(Session& session, QWidget* parent) {
    auto* tabs = new QTabWidget(parent);
    tabs->setObjectName("trainViews");
    tabs->setDocumentMode(true);
    tabs->addTab(new LayerViews(session, Qt::Horizontal, tabs), Session::tr("Layer"));
    tabs->addTab(new EvaluationView(session, tabs), Session::tr("Classes"));
    return tabs;
}

} // namespace

QWidget* makeTrainPage(Session& session, Actions& /*actions*/, QWidget* parent) {
    auto* page = new QWidget(parent);
    auto* plot = new widgets::TrainingPlot(page);
    new Curves(session, plot);
    auto* seen = new QSplitter(Qt::Vertical, page);
    seen->setChildrenCollapsible(false);
    seen->addWidget(plot);
    seen->addWidget(makeViews(session, seen));
    seen->setStretchFactor(0, 3);
    seen->setStretchFactor(1, 2);
    // The settings are long: they have the whole height.
    auto* parts = new QSplitter(Qt::Horizontal, page);
    parts->setChildrenCollapsible(false);
    parts->addWidget(seen);
    parts->addWidget(makeSettingsColumn(session, parts));
    parts->setStretchFactor(0, 1);
    constexpr int kSettingsWidth = 320;
    parts->setSizes({10 * kSettingsWidth, kSettingsWidth});

    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(new RunHeader(session, page));
    layout->addWidget(makeBanner(session, page));
    layout->addWidget(parts, 1);
    return page;
}

} // namespace app
