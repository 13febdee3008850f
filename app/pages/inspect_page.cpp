#include "app/inspection/layer_views.h"
#include "app/inspection/sample_chooser.h"
#include "app/pages/pages.h"
#include "app/session.h"

#include <QHBoxLayout>
#include <QScrollArea>

namespace app {

QWidget* makeInspectPage(Session& session, Actions& /*actions*/, QWidget* parent) {
    constexpr int kChooserWidth = 264;
    auto* page = new QWidget(parent);
    auto* layout = new QHBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto* scroll = new QScrollArea(page);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFixedWidth(kChooserWidth);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setWidget(new SampleChooser(session, scroll));
    layout->addWidget(new LayerViews(session, Qt::Vertical, page), 1);
    layout->addWidget(scroll);
    return page;
}

} // namespace app
