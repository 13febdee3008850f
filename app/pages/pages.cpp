#include "app/pages/pages.h"

namespace app {

QList<PageSpec> pageSpecs() {
    return {
        {Workspace::Design,
         "design",
         ActionId::Design,
         makeDesignPage,
         {"palette", "outline", "properties", "help", "summary", "problems", "code", "log"}},
        {Workspace::Data, "data", ActionId::Data, makeDataPage, {}},
        {Workspace::Train, "train", ActionId::Train, makeTrainPage, {}},
        {Workspace::Inspect, "inspect", ActionId::Inspect, makeInspectPage, {"outline"}},
    };
}

} // namespace app
