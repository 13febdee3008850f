#include "app/training/settings_change.h"

#include "app/document.h"

namespace app {

QString commitSettings(Document& document, nn::Expected<nn::TrainSettings> next,
                       const QString& text, const QString& mergeKey) {
    if (!next) {
        return QString::fromStdString(next.error().message);
    }
    nn::Project project = document.settled();
    project.training = *std::move(next);
    document.commit(std::move(project), text, mergeKey);
    return {};
}

} // namespace app
