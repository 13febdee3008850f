#include "app/banner.h"
#include "app/inspection/layer_views.h"
#include "app/pages/pages.h"
#include "app/session.h"
#include "app/training/curves.h"
#include "app/training/run_header.h"
#include "app/training/training_form.h"

#include "widgets/params/help_strip.h"
#include "widgets/plots/training_plot.h"
#include "widgets/vertical_scroll_area.h"

#include <QSplitter>
#include <QVBoxLayout>

namespace app {

namespace {

/// Refusals, divergence and weights whose network was changed meanwhile.
Banner* makeBanner(Session& session, QWidget* parent) {
    auto* banner = new Banner(parent);
    auto offered = std::make_shared<std::optional<TrainingOutcome>>();
    QObject::connect(&session, &Session::trainingRefused, banner, [=](const QString& reason) {
        offered->reset();
        banner->showMessage(BannerKind::Error, reason);
    });
    QObject::connect(&session.training, &TrainingController::started, banner, [=] {
        offered->reset();
        banner->hide();
    });
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
        }
    });
    return banner;
}

QWidget* makeSettingsColumn(Session& session, QWidget* parent) {
    auto* column = new QWidget(parent);
    auto* scroll = new widgets::VerticalScrollArea(column);
    scroll->setFocusPolicy(Qt::NoFocus);
    auto* form = new TrainingForm(session.document, scroll);
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

} // namespace

QWidget* makeTrainPage(Session& session, Actions& /*actions*/, QWidget* parent) {
    auto* page = new QWidget(parent);
    auto* plot = new widgets::TrainingPlot(page);
    new Curves(session, plot);
    auto* upper = new QSplitter(Qt::Horizontal, page);
    upper->setChildrenCollapsible(false);
    upper->addWidget(plot);
    upper->addWidget(makeSettingsColumn(session, upper));
    upper->setStretchFactor(0, 1);
    auto* parts = new QSplitter(Qt::Vertical, page);
    parts->setChildrenCollapsible(false);
    parts->addWidget(upper);
    parts->addWidget(new LayerViews(session, Qt::Horizontal, parts));
    parts->setStretchFactor(0, 3);
    parts->setStretchFactor(1, 2);

    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(new RunHeader(session, page));
    layout->addWidget(makeBanner(session, page));
    layout->addWidget(parts, 1);
    return page;
}

} // namespace app
