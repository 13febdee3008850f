#include "app/data_view.h"
#include "app/pages/pages.h"
#include "app/session.h"

namespace app {

QWidget* makeDataPage(Session& session, Actions& actions, QWidget* parent) {
    return new DataView(session, actions, parent);
}

} // namespace app
